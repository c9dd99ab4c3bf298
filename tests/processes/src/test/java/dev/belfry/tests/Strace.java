package dev.belfry.tests;

import dev.belfry.testing.Patience;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** strace of one thread of a child. */
final class Strace implements AutoCloseable {
    private final Process process;
    private final Path output;

    private Strace(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /** Null if it works here; else why not. */
    static String isMissing() {
        try {
            Process probe = new ProcessBuilder("strace", "-o", "/dev/null", "-e", "inject=getppid:error=EPERM", "true")
                    .redirectErrorStream(true)
                    .start();
            String said = new String(probe.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            if (probe.waitFor() == 0) return null;
            return "strace does not work here: " + said;
        } catch (IOException e) {
            return "strace is not installed";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }

    /** Returns once it is attached: by then the thread may have ended, or have been killed as the options say. */
    static Strace attach(long thread, String... options) throws IOException {
        Path output = Files.createTempFile("strace", ".txt");
        Path said = Files.createTempFile("strace", ".err");
        List<String> command = new ArrayList<>(List.of("strace", "-o", output.toString(), "-p", "" + thread));
        command.addAll(List.of(options));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        Strace strace = new Strace(process, output);
        Patience.until("strace is attached: " + thread, () -> {
            boolean lives = process.isAlive();
            if (read(said).contains("attached")) return true;
            if (!lives) throw new AssertionError("strace ended: " + read(said));
            return false;
        });
        Files.delete(said);
        return strace;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Detaches; then the output is complete. */
    String detach() {
        if (!process.isAlive())
            throw new AssertionError("strace has ended by itself: what came later is not in its output");
        process.destroy(); // SIGTERM: it detaches, and prints its summary
        try {
            if (!process.waitFor(Patience.limit().toMillis(), TimeUnit.MILLISECONDS))
                throw new AssertionError("strace does not end");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("The test itself was interrupted", e);
        }
        return output();
    }

    String output() {
        return read(output);
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        Files.deleteIfExists(output);
    }
}
