package dev.belfry.shm.posix;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Another JVM that runs one of the mains below and speaks line by line; killed if it still runs at close. */
public final class Child implements AutoCloseable {
    private final Process process;
    private final BufferedReader output;

    private Child(Process process) {
        this.process = process;
        this.output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    public static Child start(List<String> jvmOptions, Class<?> main, String... arguments) {
        return start(command(jvmOptions, System.getProperty("java.class.path"), main, arguments));
    }

    public static Child start(List<String> command) {
        return start(command, ProcessBuilder.Redirect.INHERIT);
    }

    static Child startQuietly(List<String> command) {
        return start(command, ProcessBuilder.Redirect.DISCARD);
    }

    private static Child start(List<String> command, ProcessBuilder.Redirect errors) {
        try {
            return new Child(new ProcessBuilder(command).redirectError(errors).start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<String> command(List<String> jvmOptions, String classPath, Class<?> main, String... arguments) {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        return command(java, jvmOptions, classPath, main, arguments);
    }

    /** With another JDK's {@code java}. */
    public static List<String> command(
            Path java, List<String> jvmOptions, String classPath, Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(java.toString());
        command.addAll(List.of(
                "-XX:+UseSerialGC", "-Xmx64m", "-XX:-CreateCoredumpOnCrash", "-XX:+IgnoreUnrecognizedVMOptions"));
        command.add("-XX:ErrorFile=/dev/null");
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(jvmOptions);
        command.addAll(List.of("-cp", classPath, main.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    /** The next line, null at the end. */
    public String line() throws IOException {
        return output.readLine();
    }

    /** All lines to the end, and the exit code as the last. */
    public List<String> rest() throws IOException, InterruptedException {
        List<String> lines = new ArrayList<>(output.lines().toList());
        lines.add("exit " + process.waitFor());
        return lines;
    }

    public void tell(String line) throws IOException {
        process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
    }

    public long pid() {
        return process.pid();
    }

    /** SIGKILL, and waits until it is gone. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
