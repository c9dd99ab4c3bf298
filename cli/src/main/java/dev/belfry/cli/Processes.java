package dev.belfry.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * What /proc tells about processes. For people only: a process id of another namespace means
 * nothing here, or another process.
 */
final class Processes {
    private static final double TICKS_PER_SECOND = 100; // USER_HZ, the same on every architecture that Belfry knows
    private static final int PAGE = 4096;

    /** Options of java whose value may be the next word. */
    private static final Set<String> TWO_WORDS = Set.of(
            "-cp",
            "-classpath",
            "--class-path",
            "-p",
            "--module-path",
            "--upgrade-module-path",
            "--add-modules",
            "--limit-modules",
            "--add-opens",
            "--add-exports",
            "--add-reads",
            "--patch-module",
            "--enable-native-access",
            "--source");

    private record Used(double cpuSeconds, long nanos) {}

    private Map<Long, Used> before = Map.of();
    private Map<Long, Used> now = Map.of();

    /** Reads these processes, and forgets all others. */
    void look(Set<Long> pids) {
        before = now;
        now = new HashMap<>();
        for (long pid : pids)
            try {
                now.put(pid, used(pid));
            } catch (IOException | RuntimeException gone) {
                continue;
            }
    }

    private static Used used(long pid) throws IOException {
        String stat = Files.readString(proc(pid, "stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return new Used(
                (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND, System.nanoTime());
    }

    /**
     * Percent of one core between the last two readings; 0 at the first, -1 if it cannot be seen.
     */
    double cpu(long pid) {
        Used last = now.get(pid);
        if (last == null) return -1;
        Used first = before.get(pid);
        return first == null ? 0 : 100e9 * (last.cpuSeconds - first.cpuSeconds) / (last.nanos - first.nanos);
    }

    /** Resident bytes, -1 if it cannot be seen. Shared memory counts for each process. */
    static long memory(long pid) {
        try {
            return Long.parseLong(Files.readString(proc(pid, "statm")).split(" ")[1]) * PAGE;
        } catch (IOException | RuntimeException gone) {
            return -1;
        }
    }

    /** A Java program's main class or jar, any other's first word; "?" if it cannot be seen. */
    static String command(long pid) {
        try {
            return command(Files.readString(proc(pid, "cmdline")).split("\0"));
        } catch (IOException | RuntimeException gone) {
            return "?";
        }
    }

    static String command(String... words) {
        String first = fileOf(words[0]);
        if (!first.equals("java")) return first;
        for (int i = 1; i < words.length; i++) {
            String word = words[i];
            boolean last = i + 1 == words.length;
            if (word.equals("-jar") && !last) return fileOf(words[i + 1]);
            if ((word.equals("-m") || word.equals("--module")) && !last) return mainOf(words[i + 1]);
            if (word.startsWith("--module=")) return mainOf(word.substring("--module=".length()));
            if (TWO_WORDS.contains(word)) i++;
            else if (!word.startsWith("-") && !word.startsWith("@"))
                return word.endsWith(".java") ? fileOf(word) : classOf(word);
        }
        return first;
    }

    /** Of MODULE or MODULE/CLASS. */
    private static String mainOf(String module) {
        return module.contains("/") ? classOf(module) : module;
    }

    private static String classOf(String name) {
        return name.substring(name.lastIndexOf('.') + 1);
    }

    private static String fileOf(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private static Path proc(long pid, String file) {
        return Path.of("/proc", Long.toString(pid), file);
    }
}
