package dev.belfry.cli.command;

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
import java.util.TreeSet;

/** A file of properties, {@code ROUTE.KEY=VALUE}. All of it is refused for one wrong line, which is named. */
final class Routes {
    private static final String BYTE_ORDER_MARK = "\uFEFF"; // some editors write one

    private final String file;
    private final Map<String, Map<String, String>> found = new LinkedHashMap<>(); // by route
    private final Map<String, Integer> lines = new HashMap<>(); // of what may be there once

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
        if (!lines.isEmpty() && lines.get(0).startsWith(BYTE_ORDER_MARK))
            lines.set(0, lines.get(0).substring(1));
        String whole = "";
        for (int i = 0, first = 1; i < lines.size(); i++) {
            whole += lines.get(i) + "\n";
            if (goesOn(lines.get(i)) && i + 1 < lines.size()) continue;
            routes.add(whole, first);
            whole = "";
            first = i + 2;
        }
        return routes.all();
    }

    /** A comment has no second line. */
    private static boolean goesOn(String line) {
        return !line.matches("\\s*[#!].*")
                && (line.length() - line.replaceAll("\\\\+$", "").length()) % 2 == 1;
    }

    private void add(String text, int line) {
        Properties one = new Properties();
        try {
            one.load(new StringReader(text));
            for (String key : one.stringPropertyNames())
                add(key, one.getProperty(key).strip(), line);
        } catch (IOException | IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ", line " + line + ": " + e.getMessage(), e);
        }
    }

    private void add(String key, String value, int line) {
        int dot = key.lastIndexOf('.');
        String last = key.substring(dot + 1);
        if (dot < 1 || !Route.KEYS.contains(last))
            throw new IllegalArgumentException(
                    "'" + key + "' is no key; write ROUTE. and one of " + new TreeSet<>(Route.KEYS));
        if (value.isEmpty()) throw new IllegalArgumentException("'" + key + "' has no value");
        once("'" + key + "'", line);
        Route.check("'" + key + "'", last, value);
        found.computeIfAbsent(key.substring(0, dot), route -> new HashMap<>()).put(last, value);
    }

    private void once(String what, int line) {
        Integer before = lines.putIfAbsent(what, line);
        if (before != null) throw new IllegalArgumentException(what + " is in line " + before + " already");
    }

    private List<Route> all() {
        List<Route> all = new ArrayList<>();
        found.forEach((name, values) -> {
            for (String key : List.of(Route.FROM, Route.TO))
                if (!values.containsKey(key))
                    throw new IllegalArgumentException(file + " has no '" + name + "." + key + "'");
            Route route = new Route(values);
            int line = lines.get("'" + name + "." + Route.FROM + "'");
            try {
                for (String each : route.alone()) once(each, line);
            } catch (IllegalArgumentException second) {
                throw new IllegalArgumentException(file + ", line " + line + ": " + second.getMessage(), second);
            }
            all.add(route);
        });
        if (all.isEmpty()) throw new IllegalArgumentException(file + " has no route; write ROUTE.from and ROUTE.to");
        return all;
    }
}
