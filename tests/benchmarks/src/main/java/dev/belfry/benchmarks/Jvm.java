package dev.belfry.benchmarks;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A child process that answers lines with lines, and what it has cost so far. */
final class Jvm implements AutoCloseable {
    private static final ScheduledExecutorService WATCH = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "watch");
        thread.setDaemon(true);
        return thread;
    });

    /** Without threads, unless one is asked for. */
    static final String COLLECTOR = System.getProperty("belfry.collector", "Serial");

    private static final long PATIENCE_MILLIS = TimeUnit.MINUTES.toMillis(10);

    /**
     * The same for every contestant: those that the peers need, the collector, and patience. By default
     * Aeron's processes give each other up after ten seconds, and its driver unblocks after a few more.
     */
    static final List<String> FLAGS = List.of(
            "-Xmx512m",
            "-XX:+Use" + COLLECTOR + "GC",
            "-XX:TieredStopAtLevel=" + System.getProperty("belfry.tier", "4"),
            "-XX:+IgnoreUnrecognizedVMOptions",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
            "--add-opens=java.base/java.io=ALL-UNNAMED",
            "--add-opens=java.base/java.util=ALL-UNNAMED",
            "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
            "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED",
            "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
            "-Daeron.driver.timeout=" + PATIENCE_MILLIS,
            "-Daeron.client.liveness.timeout=" + PATIENCE_MILLIS + "ms",
            "-Daeron.publication.unblock.timeout=" + 2 * PATIENCE_MILLIS + "ms",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=error");

    private final Process process;
    private final PrintStream commands;
    private final BufferedReader answers;

    private Jvm(List<String> command) {
        try {
            process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** Another program, with the same lines. */
    static Jvm program(String... command) {
        return new Jvm(List.of(command));
    }

    /** With this JVM's Java and class path, and {@link #FLAGS}. */
    static Jvm start(Class<?> main, String... arguments) {
        return startWith(List.of(), main, arguments);
    }

    /** The same, with flags of its own after those. */
    static Jvm startWith(List<String> more, Class<?> main, String... arguments) {
        return start(more, main, System.getProperty("java.class.path"), arguments);
    }

    /**
     * With no more on its class path than an application of the contestant's has: a JVM that starts
     * looks through it.
     */
    static Jvm startLean(Class<?> main, String... arguments) {
        return start(List.of(), main, Lean.CLASS_PATH, arguments);
    }

    /** Copies, because a jar's manifest may name neighbours, which are there for other peers. */
    private static final class Lean {
        private static final String NEEDED =
                ".*(benchmarks.*classes|belfry-|chronicle-(bytes|core)-|jna-\\d|slf4j-|aeron-).*";
        static final String CLASS_PATH = copies();

        private static String copies() {
            try {
                Path directory = Files.createTempDirectory("belfry-lean");
                directory.toFile().deleteOnExit();
                List<String> entries = new ArrayList<>();
                for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
                    if (!entry.matches(NEEDED)) continue;
                    Path from = Path.of(entry);
                    Path to = Files.isDirectory(from) ? from : Files.copy(from, directory.resolve(from.getFileName()));
                    if (to != from) to.toFile().deleteOnExit();
                    entries.add(to.toString());
                }
                return String.join(File.pathSeparator, entries);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static Jvm start(List<String> more, Class<?> main, String classPath, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(FLAGS);
        command.addAll(more);
        command.addAll(List.of("-cp", classPath, main.getName()));
        command.addAll(List.of(arguments));
        return new Jvm(command);
    }

    long pid() {
        return process.pid();
    }

    void tell(String line) {
        commands.println(line);
    }

    /** Tells it something; the numbers of its answer, which begins with that word. */
    long[] ask(String line, String begin) {
        tell(line);
        return numbers(begin);
    }

    /** The numbers in its next line, which begins with that word. */
    long[] numbers(String begin) {
        return numbers(begin, 0);
    }

    /** Of one that has so many milliseconds of work first. */
    long[] numbers(String begin, long millis) {
        return Arrays.stream(expect(begin, millis).split(" "))
                .skip(1)
                .mapToLong(Long::parseLong)
                .toArray();
    }

    /** Its next line, which begins like that. A process that says nothing for ten minutes is killed. */
    String expect(String begin) {
        return expect(begin, 0);
    }

    private String expect(String begin, long millis) {
        Future<?> limit = WATCH.schedule(process::destroyForcibly, PATIENCE_MILLIS + millis, TimeUnit.MILLISECONDS);
        try {
            String line = answers.readLine();
            if (line == null || !line.startsWith(begin))
                throw new IllegalStateException(
                        "process " + process.pid() + " said '" + line + "', not '" + begin + "'");
            return line;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            limit.cancel(false);
        }
    }

    /** Nanoseconds on a processor, of all its threads that live. */
    long cpuNanos() {
        return cpuNanos(process.pid());
    }

    static long cpuNanos(long pid) {
        try (Stream<Path> threads = Files.list(Path.of("/proc/" + pid + "/task"))) {
            return threads.mapToLong(Jvm::threadNanos).sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Nanoseconds on a processor, of each of its threads: threads that end leave the others' sum as it is. */
    Map<Path, Long> cpuOfThreads() {
        try (Stream<Path> threads = Files.list(Path.of("/proc/" + process.pid() + "/task"))) {
            return threads.collect(Collectors.toMap(thread -> thread, Jvm::threadNanos));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Nanoseconds on a processor since {@link #cpuOfThreads} was asked. */
    long cpuNanosSince(Map<Path, Long> before) {
        long sum = 0;
        for (var thread : cpuOfThreads().entrySet())
            sum += Math.max(0, thread.getValue() - before.getOrDefault(thread.getKey(), 0L));
        return sum;
    }

    private static long threadNanos(Path thread) {
        try {
            return Long.parseLong(Files.readString(thread.resolve("schedstat")).split(" ")[0]);
        } catch (IOException e) {
            return 0; // ended since
        }
    }

    @Override
    public void close() {
        commands.close();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS))
                process.destroyForcibly().waitFor();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
