package dev.belfry.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/** The threads of a process, as the kernel shows them in /proc/PID/task. */
final class Tasks {
    private Tasks() {}

    static Path process(long pid) {
        return Path.of("/proc", Long.toString(pid));
    }

    /** The content of such a file of each thread; none of a process that is gone. */
    static Map<String, String> files(long pid, String name) {
        Map<String, String> contents = new HashMap<>();
        try (var threads = Files.newDirectoryStream(process(pid).resolve("task"))) {
            for (Path thread : threads) {
                try {
                    contents.put(thread.getFileName().toString(), Files.readString(thread.resolve(name)));
                } catch (IOException e) {
                    continue; // that thread has just ended
                }
            }
        } catch (IOException gone) {
            return Map.of();
        }
        return contents;
    }

    /** The letter after the name, which may have blanks and brackets of its own. */
    static char state(String stat) {
        return stat.charAt(stat.lastIndexOf(") ") + 2);
    }

    /** The state of the whole process; X if it is gone. */
    static char state(long pid) {
        try {
            return state(Files.readString(process(pid).resolve("stat")));
        } catch (IOException gone) {
            return 'X';
        }
    }

    static boolean standStill(long pid) {
        return files(pid, "stat").values().stream().allMatch(stat -> state(stat) == 'T');
    }

    /**
     * Gone, or a zombie without other threads: that holds nothing, and its new parent may reap it
     * late.
     */
    static boolean isDead(long pid) {
        try (Stream<Path> threads = Files.list(process(pid).resolve("task"))) {
            boolean last = threads.count() <= 1; // the first is a zombie before the others have closed what all share
            return last && "ZX".indexOf(state(pid)) >= 0;
        } catch (IOException | UncheckedIOException gone) {
            return true;
        }
    }
}
