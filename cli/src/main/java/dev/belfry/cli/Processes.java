package dev.belfry.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** What /proc says of processes. For people only: a process id of another namespace means nothing here, or somebody else. */
final class Processes {
    private static final double TICKS_PER_SECOND = 100; // USER_HZ, the same on every architecture that Belfry knows
    private static final int PAGE = 4096;

    private record Used(double cpuSeconds, long nanos) {}

    private final Map<Long, Used> before = new HashMap<>();

    /** Percent of one core since the last call for it; 0 at the first, -1 if it cannot be seen. */
    double cpu(long pid) {
        try {
            String stat = Files.readString(proc(pid, "stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            Used now = new Used(
                    (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND, System.nanoTime());
            Used earlier = before.put(pid, now);
            return earlier == null ? 0 : 100e9 * (now.cpuSeconds - earlier.cpuSeconds) / (now.nanos - earlier.nanos);
        } catch (IOException | RuntimeException gone) {
            return -1;
        }
    }

    /** Resident bytes, -1 if it cannot be seen. What it shares with others counts for each. */
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
            String[] words = Files.readString(proc(pid, "cmdline")).split("\0");
            String first = words[0].substring(words[0].lastIndexOf('/') + 1);
            if (!first.equals("java")) return first;
            for (int i = 1; i < words.length; i++) {
                if (words[i].equals("-cp")
                        || words[i].equals("-classpath")
                        || words[i].equals("--module-path")
                        || words[i].equals("-p")
                        || words[i].equals("--add-modules")) i++;
                else if (words[i].equals("-jar") && i + 1 < words.length)
                    return words[i + 1].substring(words[i + 1].lastIndexOf('/') + 1);
                else if (!words[i].startsWith("-")) return words[i].substring(words[i].lastIndexOf('.') + 1);
            }
            return first;
        } catch (IOException | RuntimeException gone) {
            return "?";
        }
    }

    private static Path proc(long pid, String file) {
        return Path.of("/proc", Long.toString(pid), file);
    }
}
