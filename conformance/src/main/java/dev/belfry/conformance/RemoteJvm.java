package dev.belfry.conformance;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A second JVM with this one's class path, driven by a line a command (see {@link RemoteMain}); it can be killed, stopped
 * and continued. It ends when this one does, and at {@link #close}.
 */
public final class RemoteJvm implements AutoCloseable {
    /** For children that live a second; nothing in Belfry needs a flag. */
    public static final List<String> QUICK_START =
            List.of("-Xmx64m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto");

    private static final Pattern SLEEPS = Pattern.compile("(?m)^voluntary_ctxt_switches:\\s*(\\d+)");
    private static final Optional<String> END = Optional.empty();

    private final Process process;
    private final PrintStream commands;
    private final BlockingQueue<Optional<String>> answers = new LinkedBlockingQueue<>();
    private final StringBuffer errors = new StringBuffer();
    private final Thread errorReader;

    private RemoteJvm(Process process) {
        this.process = process;
        commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        daemon("answers of " + process.pid(), () -> lines(process.getInputStream(), l -> answers.add(Optional.of(l))));
        errorReader = daemon(
                "errors of " + process.pid(),
                () -> lines(process.getErrorStream(), l -> errors.append(l).append('\n')));
    }

    /** Starts it and waits until it listens. */
    public static RemoteJvm start(List<String> flags) {
        List<String> line = new ArrayList<>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        line.addAll(flags);
        line.addAll(List.of("-cp", System.getProperty("java.class.path"), RemoteMain.class.getName()));
        try {
            ProcessBuilder builder = new ProcessBuilder(line);
            builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
            RemoteJvm jvm = new RemoteJvm(builder.start());
            jvm.answer();
            return jvm;
        } catch (IOException e) {
            throw new AssertionError("Cannot start " + line, e);
        }
    }

    /** Sends a command and returns its answer; an error of the command is an AssertionError. */
    public String ask(String command) {
        send(command);
        return answer();
    }

    /** Sends a command that must fail; returns "SimpleName: message". */
    public String askForError(String command) {
        send(command);
        String line = line();
        if (!line.startsWith("error ")) throw new AssertionError(command + " did not fail but answered: " + line);
        return line.substring(6);
    }

    /** Sends a command that takes its time; {@link #answer} fetches the answer. */
    public void send(String command) {
        commands.println(command);
    }

    public String answer() {
        String line = line();
        if (line.equals("ok")) return "";
        if (line.startsWith("ok ")) return line.substring(3);
        throw new AssertionError("Remote JVM: " + line + report());
    }

    /** Whether a command that was sent has been answered by now. */
    public boolean hasAnswered() {
        return !answers.isEmpty();
    }

    private String line() {
        try {
            Optional<String> line = answers.poll(Call.patience().toMillis(), TimeUnit.MILLISECONDS);
            if (line == null) throw new AssertionError("No answer within " + Call.patience() + report());
            return line.orElseThrow(() -> new AssertionError("The JVM has ended" + report()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("The test itself was interrupted", e);
        }
    }

    public long pid() {
        return process.pid();
    }

    /** SIGKILL; returns when the process is gone. */
    public void kill() {
        process.destroyForcibly();
        try {
            if (!process.waitFor(Call.patience().toMillis(), TimeUnit.MILLISECONDS))
                throw new AssertionError("Process " + pid() + " survives SIGKILL");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("The test itself was interrupted", e);
        }
    }

    /** SIGSTOP; returns when all its threads stand still. */
    public void pause() {
        signal("STOP");
        ConformanceSuite.until("process " + pid() + " is stopped", () -> threadFiles("stat")
                .allMatch(stat -> stat.replaceFirst("(?s)^.*\\) ", "").startsWith("T")));
    }

    /** SIGCONT. */
    public void proceed() {
        signal("CONT");
    }

    private void signal(String name) {
        try {
            int result = new ProcessBuilder("sh", "-c", "kill -" + name + " " + pid())
                    .inheritIO()
                    .start()
                    .waitFor();
            if (result != 0) throw new AssertionError("kill -" + name + " " + pid() + " ended with " + result);
        } catch (IOException | InterruptedException e) {
            throw new AssertionError("kill -" + name + " failed", e);
        }
    }

    /** Processor time of all its threads so far. */
    Duration cpuTime() {
        return Duration.ofNanos(threadFiles("schedstat")
                .mapToLong(s -> Long.parseLong(s.split(" ")[0]))
                .sum());
    }

    /** How often all its threads have gone to sleep of themselves so far. */
    long sleeps() {
        return threadFiles("status").mapToLong(RemoteJvm::sleepsIn).sum();
    }

    private static long sleepsIn(String status) {
        Matcher line = SLEEPS.matcher(status);
        return line.find() ? Long.parseLong(line.group(1)) : 0;
    }

    private Stream<String> threadFiles(String name) {
        try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(pid()), "task"))) {
            List<String> contents = new ArrayList<>();
            for (Path thread : threads.toList())
                try {
                    contents.add(Files.readString(thread.resolve(name)));
                } catch (IOException e) {
                    continue; // that thread has just ended
                }
            return contents.stream();
        } catch (IOException e) {
            throw new AssertionError("Process " + pid() + " is gone", e);
        }
    }

    /** Lets it end by itself; returns everything it wrote to stderr. */
    public String exit() throws InterruptedException {
        send("exit");
        if (!process.waitFor(Call.patience().toMillis(), TimeUnit.MILLISECONDS))
            throw new AssertionError("The JVM does not exit" + report());
        errorReader.join(Call.patience().toMillis());
        return errors.toString();
    }

    /** What to show beside a failure. */
    public String report() {
        return "\n--- stderr of JVM " + pid() + (process.isAlive() ? "" : " (ended: " + process.exitValue() + ")")
                + ":\n" + errors;
    }

    @Override
    public void close() {
        if (process.isAlive()) kill();
        commands.close();
    }

    private void lines(InputStream stream, java.util.function.Consumer<String> sink) {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            reader.lines().forEach(sink);
        } catch (IOException | java.io.UncheckedIOException e) {
            errors.append(""); // closed under the reader: the process was killed
        }
        if (stream == process.getInputStream()) answers.add(END);
    }

    private static Thread daemon(String name, Runnable body) {
        Thread thread = new Thread(body, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }
}
