package dev.belfry.benchmarks;

import dev.belfry.api.MessageQueues;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * {@code Suite MODE FILE [SCENARIO...]}: runs the scenarios whose names begin so, or all;
 * {@code Suite list} names them.
 */
final class Suite {
    private Suite() {}

    public static void main(String[] arguments) throws IOException {
        if (arguments[0].equals("list")) {
            for (Scenario scenario : Scenarios.named()) System.out.println(scenario.name());
            return;
        }
        Mode mode = Mode.valueOf(arguments[0].toUpperCase(Locale.ROOT));
        List<Scenario> chosen = choose(mode, Arrays.asList(arguments).subList(2, arguments.length));
        MessageQueues.delete("shm:" + ours()); // loads what it takes: a JVM that is ending could not
        Runtime.getRuntime().addShutdownHook(new Thread(Suite::clearUp));
        run(mode, Path.of(arguments[1]), chosen);
        if (Failures.any()) System.exit(1);
    }

    /** A scenario that was named runs, also in a mode that leaves it out. */
    private static List<Scenario> choose(Mode mode, List<String> begins) {
        if (begins.isEmpty()) return Scenarios.all(mode);
        List<Scenario> chosen = Scenarios.named().stream()
                .filter(s -> begins.stream().anyMatch(s.name()::startsWith))
                .toList();
        if (chosen.isEmpty()) {
            System.err.println(
                    "No scenario begins like one of " + begins + "; 'tests/benchmarks/run list' names them.");
            System.exit(2);
        }
        return chosen;
    }

    private static void run(Mode mode, Path file, List<Scenario> scenarios) throws IOException {
        String first = Machine.json(Machine.run(mode));
        System.out.println(first);
        long begin = System.nanoTime();
        try (Report report = new Report(file, first)) {
            for (Scenario scenario : scenarios) {
                System.out.println("\n" + scenario.name());
                long since = System.nanoTime();
                List<Result> results = List.of();
                try {
                    results = scenario.run(mode);
                } catch (RuntimeException | LinkageError e) {
                    Failures.add(scenario.name(), "all", true, e);
                }
                report.add(results);
                System.out.println("  " + seconds(since) + " s");
            }
        }
        System.out.printf("%n%d s; results are in %s%n", seconds(begin), file);
    }

    private static long seconds(long since) {
        return (System.nanoTime() - since) / 1_000_000_000;
    }

    /** A run that was interrupted, or failed, leaves processes that wait for ever, and their shared memory. */
    private static void clearUp() {
        killAll();
        try (Stream<Path> all = Files.walk(Path.of("/dev/shm"))) {
            for (Path path : all.filter(p -> p.toString().contains(ours()))
                    .sorted(Comparator.reverseOrder())
                    .toList()) remove(path);
        } catch (IOException e) {
            System.err.println("left in /dev/shm: " + e);
        }
        killAll(); // those that were started meanwhile
    }

    private static void killAll() {
        List<ProcessHandle> all = ProcessHandle.current().descendants().toList();
        all.forEach(ProcessHandle::destroyForcibly);
        all.forEach(process -> process.onExit().join());
    }

    /** With this begin the names of all channels. */
    private static String ours() {
        return "bench-" + ProcessHandle.current().pid() + "-";
    }

    /** A queue has more files than the one with its name. */
    private static void remove(Path path) throws IOException {
        String name = path.getFileName().toString();
        if (name.startsWith("belfry.")) MessageQueues.delete("shm:" + name.substring("belfry.".length()));
        else Files.deleteIfExists(path);
    }
}
