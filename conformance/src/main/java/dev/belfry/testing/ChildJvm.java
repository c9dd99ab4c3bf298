package dev.belfry.testing;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A child process, mostly a JVM that a {@link JavaCommand} starts: lines to and fro, signals, and its cost so far. Each
 * failure of it is an AssertionError whose message has the child's {@link #report}. One thread at a time uses it.
 */
public final class ChildJvm implements AutoCloseable {
    private static final List<String> UNWANTED = List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "NO_COLOR");
    private static final Pattern SLEEPS = Pattern.compile("(?m)^voluntary_ctxt_switches:\\s*(\\d+)");

    /** A file that gets a character for each child: a build says at its end how many there were. */
    private static final String COUNTED = System.getProperty("belfry.children");

    private static final Duration MOMENT = Duration.ofSeconds(2);

    private final String title;
    private final Process process;
    private final PrintStream input;
    private final Output output;
    private final Output errors;
    private String told = "";

    private ChildJvm(String title, Process process) {
        this.title = title;
        this.process = process;
        input = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        output = new Output("stdout of " + process.pid(), process.getInputStream());
        errors = new Output("stderr of " + process.pid(), process.getErrorStream());
    }

    /** Any command; {@code title} is its name in failures. */
    public static ChildJvm start(String title, List<String> command) {
        return start(title, new ProcessBuilder(command));
    }

    /** With its errors among its output, in the order in which it prints them. */
    public static ChildJvm startMerged(String title, List<String> command) {
        return start(title, new ProcessBuilder(command).redirectErrorStream(true));
    }

    /** The same in this directory. */
    public static ChildJvm startMerged(String title, Path directory, List<String> command) {
        return start(
                title, new ProcessBuilder(command).redirectErrorStream(true).directory(directory.toFile()));
    }

    private static ChildJvm start(String title, ProcessBuilder builder) {
        builder.environment().keySet().removeAll(UNWANTED);
        try {
            ChildJvm started = new ChildJvm(title, builder.start());
            if (COUNTED != null) Files.writeString(Path.of(COUNTED), ".", CREATE, APPEND);
            return started;
        } catch (IOException e) {
            throw new AssertionError("Cannot start " + builder.command(), e);
        }
    }

    // ---- lines

    public void tell(String text) {
        told = text;
        input.println(text);
    }

    /** The last text for the child: its input ends after it. */
    public void endInput(String text) {
        told = text;
        input.print(text);
        input.close();
    }

    /** The next line that it prints. */
    public String line() {
        return line(Patience.limit());
    }

    public String line(Duration patience) {
        Optional<String> line = next(patience);
        if (line == null) throw failure("No output within " + patience + afterWhat());
        return line.orElseThrow(() -> failure("It has ended" + afterWhat()));
    }

    private Optional<String> next(Duration patience) {
        try {
            return output.next(patience);
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private String afterWhat() {
        return told.isEmpty() ? "" : " after '" + ChildReport.shortened(told.strip()) + "'";
    }

    /** The next line must begin with these words; returns the rest of it. */
    public String expect(String words) {
        return expect(words, Patience.limit());
    }

    public String expect(String words, Duration patience) {
        String line = line(patience);
        if (line.equals(words)) return "";
        if (line.startsWith(words + " ")) return line.substring(words.length() + 1);
        throw failure("Expected '" + words + "'" + afterWhat() + ", but it printed: " + ChildReport.shortened(line));
    }

    /** Sends it a line; returns the next line that it prints. */
    public String ask(String text) {
        tell(text);
        return line();
    }

    /** Sends it a line; its answer must begin with these words, and the rest of it is returned. */
    public String ask(String text, String words) {
        tell(text);
        return expect(words);
    }

    /** Whether it has printed a line that was not read yet, or has ended. */
    public boolean hasSpoken() {
        return output.hasNext();
    }

    /** All further lines, and "exit" with the exit value as the last. Waits as long as the test may take. */
    public List<String> rest() {
        List<String> lines = new ArrayList<>();
        for (Optional<String> line; (line = next(Duration.ofDays(1))) != null && line.isPresent(); )
            lines.add(line.get());
        lines.add("exit " + awaitExit());
        return lines;
    }

    /** All that it has printed so far. */
    public String output() {
        return output.text();
    }

    /** All that it has printed on stderr so far. */
    public String errors() {
        return errors.text();
    }

    // ---- life and death

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Waits until it has ended by itself, without an error. */
    public void awaitEnd() {
        awaitEnd(Patience.limit());
    }

    public void awaitEnd(Duration patience) {
        if (awaitExit(patience) != 0) throw failure("It failed");
    }

    /** Waits for its end, and for all that it has printed; returns the exit value, which is 128 + n after signal n. */
    public int awaitExit() {
        return awaitExit(Patience.limit());
    }

    private int awaitExit(Duration patience) {
        awaitDeath(patience);
        awaitOutput();
        return process.exitValue();
    }

    private void awaitDeath(Duration patience) {
        try {
            if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS))
                throw failure("It does not end within " + patience);
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    /** The end comes later only if a child of its own still has the pipe. */
    private void awaitOutput() {
        try {
            output.awaitEnd(MOMENT);
            errors.awaitEnd(MOMENT);
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    /** SIGKILL, without waiting for the end. {@link Process#destroyForcibly} would throw away unread output. */
    public void killSoon() {
        process.toHandle().destroyForcibly();
    }

    /** SIGKILL; returns when it and all processes that it started are gone. */
    public void kill() {
        List<ProcessHandle> family = process.descendants().toList();
        killSoon();
        family.forEach(ProcessHandle::destroyForcibly); // before a wait that may be interrupted
        awaitDeath(Patience.limit());
        for (ProcessHandle one : family)
            Patience.until("process " + one.pid() + " is dead", () -> Tasks.isDead(one.pid()));
        awaitOutput();
    }

    /** SIGTERM, without waiting for the end. */
    public void terminate() {
        process.toHandle().destroy();
    }

    /** SIGSTOP; returns when all its threads stand still. */
    public void pause() {
        signal("STOP");
        Patience.until("all its threads stand still", this, () -> !isAlive() || Tasks.standStill(pid()));
        if (!isAlive()) throw failure("It is gone");
    }

    /** SIGCONT. */
    public void proceed() {
        signal("CONT");
    }

    private void signal(String name) {
        try {
            ChildReport.signal(name, pid());
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    /** Kills it if it still runs. */
    @Override
    public void close() {
        if (process.isAlive()) kill();
        input.close();
    }

    // ---- cost

    /** Processor time of each of its threads so far, in ns. */
    public Map<String, Long> cpuNanos() {
        Map<String, Long> nanos = new HashMap<>();
        threadFiles("schedstat").forEach((thread, stat) -> nanos.put(thread, Long.parseLong(stat.split(" ")[0])));
        return nanos;
    }

    /** How often each of its threads has gone to sleep by itself so far. */
    public Map<String, Long> sleeps() {
        Map<String, Long> sleeps = new HashMap<>();
        threadFiles("status").forEach((thread, status) -> {
            Matcher line = SLEEPS.matcher(status);
            if (line.find()) sleeps.put(thread, Long.parseLong(line.group(1)));
        });
        return sleeps;
    }

    /** The sum of all threads; the share of a thread that has ended meanwhile is not known. */
    public static long sum(Map<String, Long> before, Map<String, Long> after) {
        long sum = 0;
        for (Map.Entry<String, Long> thread : after.entrySet())
            sum += thread.getValue() - before.getOrDefault(thread.getKey(), 0L);
        return sum;
    }

    /** The kernel's number of the thread of this name. */
    public long thread(String name) {
        String[] found = new String[1];
        Patience.until("it has a thread " + name, this, () -> {
            threadFiles("comm").forEach((thread, comm) -> {
                if (comm.strip().equals(name)) found[0] = thread;
            });
            return found[0] != null;
        });
        return Long.parseLong(found[0]);
    }

    /** The names of its threads, or the first 15 characters of them. */
    public List<String> threads() {
        return threadFiles("comm").values().stream().map(String::strip).toList();
    }

    private Map<String, String> threadFiles(String name) {
        Map<String, String> files = Tasks.files(pid(), name);
        if (files.isEmpty()) throw failure("It is gone");
        return files;
    }

    // ---- failures

    /** For a failure's message: how it ended or stands, the ends of its output, its threads, the names in /dev/shm. */
    public String report() {
        return report(ChildReport.MOST_LINES);
    }

    private String report(int lines) {
        boolean interrupted = Thread.interrupted();
        try {
            if (output.awaitEnd(Duration.ofMillis(100)) && process.waitFor(MOMENT.toMillis(), TimeUnit.MILLISECONDS))
                errors.awaitEnd(MOMENT);
            return "\n" + ChildReport.of(title, process, output, errors, lines);
        } catch (InterruptedException e) {
            interrupted = true;
            return "\n--- " + title + ", pid " + pid() + ": interrupted while its report was made";
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
    }

    /** Adds its report to a failure with another cause. */
    public void reportTo(Throwable failure) {
        reportTo(failure, List.of(this));
    }

    /** The same of several, which share the lines of a report. */
    public static void reportTo(Throwable failure, Collection<ChildJvm> children) {
        for (ChildJvm child : children) {
            String report = child.report(ChildReport.MOST_LINES / children.size());
            AssertionError beside = new AssertionError("one of the children:" + report);
            beside.setStackTrace(new StackTraceElement[0]);
            failure.addSuppressed(beside);
        }
    }

    private AssertionError failure(String what) {
        return new AssertionError(what + report());
    }

    private AssertionError interrupted() {
        AssertionError failure = failure("The test was interrupted, perhaps by its time limit" + afterWhat());
        Thread.currentThread().interrupt();
        return failure;
    }
}
