package dev.belfry.examples;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * How often this thread calls the kernel while it sends, counted from outside by strace. Without
 * strace it is what the kernel reports: how much processor time the thread had in the kernel.
 */
final class SystemCalls implements AutoCloseable {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final Path output;
    private Process strace;
    private final String missing;
    private final long cpu;
    private final long user;

    /** Counts from now on. */
    SystemCalls() throws IOException {
        output = Files.createTempFile("strace", ".txt");
        missing = attach();
        cpu = THREADS.getCurrentThreadCpuTime();
        user = THREADS.getCurrentThreadUserTime();
    }

    /** Returns why it does not count, or null. */
    private String attach() throws IOException {
        Path thread = Files.readSymbolicLink(Path.of("/proc/thread-self")).getFileName();
        try {
            strace = new ProcessBuilder("strace", "-o", output.toString(), "-p", thread.toString()).start();
        } catch (IOException e) {
            return "strace is not installed";
        }
        BufferedReader said = strace.errorReader();
        String line = said.readLine();
        if (line == null) return "strace ended at once";
        return line.endsWith("attached") ? null : line;
    }

    /** In words, for so many messages. */
    String in(long messages) throws IOException, InterruptedException {
        if (missing != null) return timeInTheKernel();
        strace.destroy(); // SIGTERM: it detaches, and has written everything
        strace.waitFor();
        List<String> calls = Files.readAllLines(output).stream()
                .filter(line -> line.contains("("))
                .toList();
        long futexes = calls.stream().filter(line -> line.startsWith("futex")).count();
        return String.format(
                Locale.ROOT,
                "%,d in %,d messages, %.4f each (strace counted; %,d of them futex, to wake or to wait for room)",
                calls.size(),
                messages,
                calls.size() / (double) messages,
                futexes);
    }

    private String timeInTheKernel() {
        double all = (THREADS.getCurrentThreadCpuTime() - cpu) / 1e9;
        double ours = (THREADS.getCurrentThreadUserTime() - user) / 1e9;
        return String.format(
                Locale.ROOT,
                "not counted (%s); of %.2f s CPU time the kernel had %.2f",
                missing,
                all,
                Math.max(0, all - ours));
    }

    @Override
    public void close() throws IOException {
        if (strace != null) strace.destroyForcibly();
        Files.deleteIfExists(output);
    }
}
