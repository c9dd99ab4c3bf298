package dev.belfry.cli.command;

import dev.belfry.cli.reading.Queue;
import dev.belfry.cli.text.Exit;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;

/**
 * A file of properties: {@code ROUTE.from} and {@code ROUTE.to} name the queues of a bridge, the other keys are those
 * of {@link #KEYS}. All of it is refused for one wrong line, which is named.
 */
final class Routes {
    /** One bridge. {@code name}: of the subscription, or null. */
    record Route(Queue source, Queue target, String name) {
        /** A second one like this would bring each message twice. */
        private List<String> pair() {
            return List.of(whole(source), whole(target));
        }

        /** A second one like this would wait for the first one without end. */
        private List<String> subscription() {
            return List.of(whole(source), "named " + name);
        }

        /** Elsewhere the parameters say where it is. */
        private static String whole(Queue queue) {
            return queue.isOfThisMachine() ? queue.toString() : queue.uri();
        }
    }

    private record Value(String text, int line) {}

    private static final String FROM = "from";
    private static final String TO = "to";
    private static final String NAME = "name";
    private static final Set<String> KEYS = Set.of(FROM, TO, NAME);

    private final String file;
    private final Map<String, Map<String, Value>> found = new LinkedHashMap<>(); // by route

    private Routes(String file) {
        this.file = file;
    }

    static List<Route> read(String file) {
        Routes routes = new Routes(file);
        List<String> lines;
        try {
            lines = Files.readAllLines(Path.of(file));
        } catch (IOException | InvalidPathException e) {
            throw new Exit.Problem("cannot read the routes in '" + file + "': " + e);
        }
        StringBuilder whole = new StringBuilder();
        for (int i = 0, first = 0; i < lines.size(); i++) {
            whole.append(lines.get(i)).append('\n');
            if (goesOn(lines.get(i)) && i + 1 < lines.size()) continue;
            routes.add(whole.toString(), first + 1);
            whole.setLength(0);
            first = i + 1;
        }
        return routes.all();
    }

    /** A comment has no second line. */
    private static boolean goesOn(String line) {
        if (line.strip().startsWith("#") || line.strip().startsWith("!")) return false;
        int end = line.length();
        while (end > 0 && line.charAt(end - 1) == '\\') end--;
        return (line.length() - end) % 2 == 1;
    }

    private void add(String text, int line) {
        Properties one = new Properties();
        try {
            one.load(new StringReader(text));
        } catch (IOException | IllegalArgumentException e) {
            throw wrong(line, e.getMessage());
        }
        for (String key : one.stringPropertyNames()) {
            int dot = key.lastIndexOf('.');
            String route = key.substring(0, Math.max(0, dot));
            String last = key.substring(dot + 1);
            if (route.isEmpty() || !KEYS.contains(last))
                throw wrong(line, "'" + key + "' is no key; write ROUTE.from, ROUTE.to or ROUTE.name");
            if (one.getProperty(key).isBlank()) throw wrong(line, "'" + key + "' has no value");
            Value value = new Value(one.getProperty(key).strip(), line);
            Value before = found.computeIfAbsent(route, r -> new HashMap<>()).put(last, value);
            if (before != null) throw wrong(line, "'" + key + "' is in line " + before.line + " already");
        }
    }

    private IllegalArgumentException wrong(int line, String what) {
        return new IllegalArgumentException(file + ", line " + line + ": " + what);
    }

    private List<Route> all() {
        List<Route> all = new ArrayList<>();
        Map<List<String>, Integer> lines = new HashMap<>(); // by what only one route may have
        found.forEach((name, values) -> {
            Route route = route(name, values);
            int line = values.get(FROM).line;
            refuseSecond(lines.put(route.pair(), line), line, "carry one queue into another twice");
            if (route.name != null)
                refuseSecond(lines.put(route.subscription(), line), line, "have one name and one source");
            all.add(route);
        });
        if (all.isEmpty()) throw new IllegalArgumentException(file + " has no route; write ROUTE.from and ROUTE.to");
        return all;
    }

    private void refuseSecond(Integer before, int line, String what) {
        if (before != null) throw wrong(line, "this route and the one of line " + before + " " + what);
    }

    private Route route(String name, Map<String, Value> values) {
        for (String key : List.of(FROM, TO))
            if (!values.containsKey(key))
                throw wrong(values.values().iterator().next().line, "the route has no '" + name + "." + key + "'");
        Value own = values.get(NAME);
        return new Route(queue(values.get(FROM)), queue(values.get(TO)), own == null ? null : own.text);
    }

    private Queue queue(Value value) {
        try {
            return Queue.of(value.text);
        } catch (IllegalArgumentException noQueue) {
            throw wrong(value.line, noQueue.getMessage());
        }
    }
}
