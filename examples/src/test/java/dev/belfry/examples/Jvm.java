package dev.belfry.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** A program in a JVM of its own, and what it prints. */
final class Jvm implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 90;

    private static final Pattern FLAG = Pattern.compile("(?<=    )-XX:\\S+|(?<= )--[a-z-]+=\\S+");

    private final Process process;
    private final BlockingQueue<String> coming = new LinkedBlockingQueue<>();
    private final List<String> lines = new ArrayList<>();
    private final Thread reader;

    private Jvm(Process process) {
        this.process = process;
        this.reader = new Thread(this::read, "output of " + process.pid());
        reader.setDaemon(true);
        reader.start();
    }

    /** With this JVM's class path behind {@code classes}; the JDK may warn. */
    static Jvm start(Path classes, String main, String... args) throws IOException {
        return new Jvm(builder(List.of(), classes + ":", main, args)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    /** An example, as ./hello starts it; what it prints on standard error is among its lines, and wrong there. */
    static Jvm start(Class<?> main, String... args) throws IOException {
        List<String> flags = FLAG.matcher(Files.readString(ReadmeTest.root().resolve("hello")))
                .results()
                .map(MatchResult::group)
                .toList();
        assertThat(flags).hasSize(3);
        return new Jvm(builder(flags, "", main.getName(), args)
                .redirectErrorStream(true)
                .start());
    }

    private static ProcessBuilder builder(List<String> flags, String classes, String main, String... args) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        command.addAll(List.of("-cp", classes + System.getProperty("java.class.path"), main));
        command.addAll(Arrays.asList(args));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
        return builder;
    }

    private void read() {
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            out.lines().forEach(coming::add);
        } catch (IOException | java.io.UncheckedIOException e) {
            coming.add("(cut off: " + e + ")");
        }
    }

    long pid() {
        return process.pid();
    }

    /** Until it has said this. */
    void awaitLine(String wanted) throws InterruptedException {
        for (String line = ""; !line.equals(wanted); lines.add(line)) {
            line = coming.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertThat(line).as("next line after " + lines).isNotNull();
        }
    }

    /** All that it has printed, when it has ended well. */
    List<String> end() throws InterruptedException {
        boolean ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (ended) reader.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
        coming.drainTo(lines);
        assertThat(ended).as("ended by itself, after " + lines).isTrue();
        assertThat(process.exitValue()).as("exit code, after " + lines).isZero();
        return lines;
    }

    /** Its children, too. */
    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
