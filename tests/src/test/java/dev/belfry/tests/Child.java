package dev.belfry.tests;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A child JVM that plays a {@link Role}, as its parent sees it: lines to and fro, signals, what it costs. */
final class Child implements AutoCloseable {
    /** How long anything may take before a test gives up: generous, for machines that are busy with something else. */
    static final Duration PATIENCE = Duration.ofSeconds(60);

    /** For children that live a second; nothing in Belfry needs a flag. */
    static final List<String> QUICK = List.of("-Xmx96m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto");

    /** For children that move millions of messages. */
    static final List<String> HOT = List.of("-Xmx128m", "-XX:+UseSerialGC");

    private static final Optional<String> END = Optional.empty();
    private static final Pattern SLEEPS = Pattern.compile("(?m)^voluntary_ctxt_switches:\\s*(\\d+)");

    private final String title;
    private final Process process;
    private final PrintStream commands;
    private final BlockingQueue<Optional<String>> lines = new LinkedBlockingQueue<>();
    private final StringBuffer errors = new StringBuffer();
    private final Thread errorReader;

    private Child(String title, Process process) {
        this.title = title;
        this.process = process;
        commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        daemon("lines of " + process.pid(), () -> {
            read(process.getInputStream(), l -> lines.add(Optional.of(l)));
            lines.add(END);
        });
        errorReader = daemon(
                "errors of " + process.pid(),
                () -> read(process.getErrorStream(), l -> errors.append(l).append('\n')));
    }

    /** With this JVM's Java and class path. */
    static Child start(List<String> flags, Class<? extends Role> role, String... args) {
        return start(role.getSimpleName(), command(flags, role, args));
    }

    /** To be started as it is, or by another program. */
    static List<String> command(List<String> flags, Class<? extends Role> role, String... args) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Line.class.getName(), role.getName()));
        command.addAll(List.of(args));
        return command;
    }

    static Child start(String title, List<String> command) {
        try {
            ProcessBuilder builder = new ProcessBuilder(command);
            builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
            return new Child(title, builder.start());
        } catch (IOException e) {
            throw new AssertionError("Cannot start " + command, e);
        }
    }

    void tell(String text) {
        commands.println(text);
    }

    /** The next line it says. */
    String line() {
        return line(PATIENCE);
    }

    String line(Duration patience) {
        try {
            Optional<String> line = lines.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
            if (line == null) throw new AssertionError("Nothing said within " + patience + report());
            if (line.isEmpty()) lines.add(END);
            return line.orElseThrow(() -> new AssertionError("The JVM has ended" + report()));
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** The next line must begin with these words; returns what follows them. */
    String expect(String words) {
        return expect(words, PATIENCE);
    }

    String expect(String words, Duration patience) {
        String line = line(patience);
        if (line.equals(words)) return "";
        if (line.startsWith(words + " ")) return line.substring(words.length() + 1);
        throw new AssertionError("Expected '" + words + "', but it said: " + line + report());
    }

    String ask(String text) {
        tell(text);
        return line();
    }

    String ask(String text, String words) {
        tell(text);
        return expect(words);
    }

    /** Whether it has said something that was not yet asked for. */
    boolean hasSpoken() {
        return !lines.isEmpty();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    /** SIGKILL, without waiting for the end. */
    void killSoon() {
        process.destroyForcibly();
    }

    /** SIGKILL; returns when it is gone, and whomever it started: who is only told of its parent's death dies later than that. */
    void kill() {
        List<ProcessHandle> family = process.descendants().toList();
        killSoon();
        awaitExit();
        for (ProcessHandle one : family) {
            one.destroyForcibly();
            Stage.until("process " + one.pid() + " is dead", () -> isDead(one.pid()));
        }
    }

    /** Gone, or a zombie with no other thread left, which holds nothing any more: whoever adopts it may take its time to bury it. */
    private static boolean isDead(long pid) {
        try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            boolean last =
                    threads.count() <= 1; // the first one is a zombie before the others have closed what all share
            return last && state(Files.readString(Path.of("/proc", Long.toString(pid), "stat"))) == 'Z';
        } catch (IOException | UncheckedIOException gone) {
            return true;
        }
    }

    /** Waits until it has ended by itself, without an error. */
    void awaitEnd() {
        if (awaitExit() != 0) throw new AssertionError("It failed" + report());
    }

    private int awaitExit() {
        try {
            if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS))
                throw new AssertionError("It does not end" + report());
            errorReader.join(PATIENCE.toMillis());
            return process.exitValue();
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** SIGSTOP; returns when all its threads stand still. */
    void pause() {
        signal("STOP");
        Stage.until("process " + pid() + " is stopped", () -> threadFiles("stat").values().stream()
                .allMatch(stat -> state(stat) == 'T'));
    }

    /** Behind the name, which may have blanks and brackets of its own. */
    private static char state(String stat) {
        return stat.charAt(stat.lastIndexOf(") ") + 2);
    }

    /** SIGCONT. */
    void proceed() {
        signal("CONT");
    }

    private void signal(String name) {
        try {
            Process kill = new ProcessBuilder("sh", "-c", "kill -" + name + " " + pid())
                    .inheritIO()
                    .start();
            if (kill.waitFor() != 0) throw new AssertionError("kill -" + name + " " + pid() + " failed");
        } catch (IOException e) {
            throw new AssertionError("kill -" + name + " failed", e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** Processor time of each of its threads so far, in ns. */
    Map<String, Long> cpuNanos() {
        Map<String, Long> nanos = new HashMap<>();
        threadFiles("schedstat").forEach((thread, stat) -> nanos.put(thread, Long.parseLong(stat.split(" ")[0])));
        return nanos;
    }

    /** How often each of its threads has gone to sleep of itself so far. */
    Map<String, Long> sleeps() {
        Map<String, Long> sleeps = new HashMap<>();
        threadFiles("status").forEach((thread, status) -> {
            Matcher line = SLEEPS.matcher(status);
            if (line.find()) sleeps.put(thread, Long.parseLong(line.group(1)));
        });
        return sleeps;
    }

    /** Of all threads together; what happened in a thread that has ended meanwhile is not known. */
    static long sum(Map<String, Long> before, Map<String, Long> after) {
        long sum = 0;
        for (Map.Entry<String, Long> thread : after.entrySet())
            sum += thread.getValue() - before.getOrDefault(thread.getKey(), 0L);
        return sum;
    }

    private Map<String, String> threadFiles(String name) {
        Path tasks = Path.of("/proc", Long.toString(pid()), "task");
        Map<String, String> contents = new HashMap<>();
        try (var threads = Files.newDirectoryStream(tasks)) {
            for (Path thread : threads) {
                try {
                    contents.put(thread.getFileName().toString(), Files.readString(thread.resolve(name)));
                } catch (IOException e) {
                    continue; // that thread has just ended
                }
            }
        } catch (IOException e) {
            throw new AssertionError("It is gone" + report(), e);
        }
        return contents;
    }

    /** The kernel's number of the thread of this name. */
    long thread(String name) {
        String[] found = new String[1];
        Stage.until("there is a thread " + name, () -> {
            threadFiles("comm").forEach((thread, comm) -> {
                if (comm.strip().equals(name)) found[0] = thread;
            });
            return found[0] != null;
        });
        return Long.parseLong(found[0]);
    }

    String errors() {
        return errors.toString();
    }

    /** What to show beside a failure. */
    String report() {
        return "\n--- stderr of " + title + " " + pid()
                + (process.isAlive() ? "" : " (ended: " + process.exitValue() + ")") + ":\n" + errors;
    }

    @Override
    public void close() {
        if (process.isAlive()) kill();
        commands.close();
    }

    private void read(InputStream stream, Consumer<String> sink) {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            for (String text; (text = reader.readLine()) != null; ) sink.accept(text);
        } catch (IOException closedUnderTheReader) {
            sink.accept("(" + closedUnderTheReader + ")"); // the process was killed
        }
    }

    private static Thread daemon(String name, Runnable body) {
        Thread thread = new Thread(body, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static IllegalStateException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new IllegalStateException("The test itself was interrupted", e);
    }
}
