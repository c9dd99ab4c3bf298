package dev.belfry.cli.reading;

import dev.belfry.spi.Proc;
import dev.belfry.spi.ProgramName;
import dev.belfry.spi.QueueReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Facts about processes, for people only: a process id of another namespace means nothing here, or
 * another process.
 */
public final class Processes {
    private static final int PAGE = 4096;
    private static final String ELSEWHERE = "in another pid namespace";

    private record Used(long cpuNanos, long nanos) {}

    private Map<Long, Used> before = Map.of();
    private Map<Long, Used> now = Map.of();

    /** Reads these processes, and forgets all others. */
    public void look(Set<Long> pids) {
        before = now;
        now = new HashMap<>();
        for (long pid : pids)
            ProcessHandle.of(pid)
                    .flatMap(one -> one.info().totalCpuDuration())
                    .ifPresent(cpu -> now.put(pid, new Used(cpu.toNanos(), System.nanoTime())));
    }

    /** Percent of one core between the last two readings; 0 at the first, -1 if it cannot be seen. */
    public double cpu(long pid) {
        Used last = now.get(pid);
        if (last == null) return -1;
        Used first = before.get(pid);
        return first == null ? 0 : 100.0 * (last.cpuNanos - first.cpuNanos) / (last.nanos - first.nanos);
    }

    /** Resident bytes, -1 if it cannot be seen. Shared memory counts for each process. */
    public static long memory(long pid) {
        return Proc.of(pid)
                .text("statm")
                .map(pages -> Long.parseLong(pages.split(" ")[1]) * PAGE)
                .orElse(-1L);
    }

    /** "?" if it cannot be seen. */
    public static String command(long pid) {
        String name = ProgramName.of(pid);
        return name == null ? "?" : name;
    }

    /** The command of a member. A number of another pid namespace is another process's here, which has no such file. */
    public static String command(long pid, QueueReport report) {
        if (!(report.properties().get("file") instanceof String file)) return command(pid);
        try {
            String inode = " " + Files.getAttribute(Path.of(file), "unix:ino") + " ";
            Proc process = Proc.of(pid);
            return process.text("maps").map(maps -> maps.contains(inode)).orElseGet(process::exists)
                    ? command(pid)
                    : ELSEWHERE;
        } catch (IOException | RuntimeException noFile) {
            return command(pid);
        }
    }
}
