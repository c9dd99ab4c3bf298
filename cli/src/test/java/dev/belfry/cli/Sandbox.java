package dev.belfry.cli;

import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.OwnMount;
import dev.belfry.testing.Patience;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A /dev/shm of its own, in a mount namespace; everything here runs inside. One that is closed, and
 * has nothing left in it, is the next one, with its warm process: a test finds it as a new one.
 */
final class Sandbox implements AutoCloseable {
    static final boolean ROOT = OwnMount.isRoot();

    private static final String USUAL = "size=256m";
    private static final Deque<Place> FREE = new ArrayDeque<>();

    /** How a command ended. */
    record Result(int code, String out, String err) {
        /** Parsed. */
        Object json() {
            return JsonText.parse(out);
        }

        /** The objects of a list in it. */
        List<Map<String, Object>> list(String key) {
            return JsonText.list(json(), key);
        }
    }

    /** What one after the other has. */
    private static final class Place {
        final OwnMount mount;
        ChildJvm warm; // null: no command was run yet

        Place(OwnMount mount) {
            this.mount = mount;
        }

        void destroy() {
            if (warm != null) warm.close();
            mount.close();
        }
    }

    private final Place place;
    private final boolean usual;
    private final List<ChildJvm> started = new ArrayList<>();

    Sandbox() {
        usual = true;
        Place free;
        synchronized (FREE) {
            free = FREE.poll();
        }
        place = free == null ? new Place(OwnMount.ofShm(USUAL)) : free;
    }

    /** {@code options} of the mount. It is new, and none comes after it. */
    Sandbox(String options) {
        usual = false;
        place = new Place(OwnMount.ofShm(options));
    }

    /** Of a file in its /dev/shm, as seen from here. */
    Path file(String name) {
        return place.mount.root().resolve(name);
    }

    List<String> files() {
        String[] names = file("").toFile().list();
        return names == null ? List.of() : List.of(names).stream().sorted().toList();
    }

    static JavaCommand java(Class<?> main, String... args) {
        return JavaCommand.of(main, args).flags(JavaCommand.QUICK).flags(JavaCommand.QUIET);
    }

    /** {@code belfry ARGS}, to its end, in the process of {@link WarmCommands}; it has no input. */
    synchronized Result belfry(String... args) {
        if (place.warm == null) {
            place.warm =
                    java(WarmCommands.class).through(place.mount.launcher()).start();
            place.warm.expect("ready");
        }
        return WarmCommands.result(place.warm.ask(WarmCommands.request(args)));
    }

    /** The names of those of {@link #belfry}'s process. */
    List<String> threads() {
        return place.warm.threads();
    }

    /** {@code belfry ARGS}, to its end, in a process of its own. */
    Result freshBelfry(String... args) {
        return belfryWithInput("", args);
    }

    /** The same. */
    Result belfryWithInput(String input, String... args) {
        return finish(startBelfry(args), input);
    }

    ChildJvm startBelfry(String... args) {
        return start(java(Belfry.class, args));
    }

    ChildJvm start(JavaCommand command) {
        return added(command.through(place.mount.launcher()).start());
    }

    /** Of a shell and the like. */
    ChildJvm start(List<String> command) {
        List<String> all = place.mount.launcher();
        all.addAll(command);
        return added(ChildJvm.start(command.get(0), all));
    }

    private ChildJvm added(ChildJvm child) {
        synchronized (started) {
            started.add(child);
        }
        return child;
    }

    /** Gives it its whole input and waits for its end. */
    static Result finish(ChildJvm child, String input) {
        child.endInput(input);
        int code = child.awaitExit();
        return new Result(code, child.output(), child.errors());
    }

    /** An {@link Actor}, when it has said "ready". */
    ChildJvm actor(String... args) {
        ChildJvm actor = start(java(Actor.class, args));
        actor.expect("ready");
        return actor;
    }

    byte[] bytes(String queue) {
        try {
            return Files.readAllBytes(file("belfry." + queue));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Waits until some subscription of the queue exists. */
    void awaitSubscribers(String queue, int number) {
        Patience.until(number + " subscriber(s)", () -> {
            Result info = belfry("info", queue, "--json");
            return info.code() == 0 && subscribers(info).size() == number;
        });
    }

    static List<Map<String, Object>> subscribers(Result info) {
        return JsonText.list(((Map<?, ?>) info.json()).get("stats"), "subscribers");
    }

    @Override
    public void close() {
        synchronized (started) {
            started.forEach(ChildJvm::close);
        }
        if (!usual || !emptied()) {
            place.destroy();
            return;
        }
        synchronized (FREE) {
            FREE.push(place);
        }
    }

    /** Removes all that is there; whether that went well, and both processes are ready for the next. */
    private boolean emptied() {
        Path root = file("");
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList())
                if (!file.equals(root)) Files.delete(file);
        } catch (IOException | UncheckedIOException e) {
            return false;
        }
        return place.mount.isThere()
                && (place.warm == null || place.warm.isAlive() && !place.warm.hasSpoken())
                && files().isEmpty();
    }
}
