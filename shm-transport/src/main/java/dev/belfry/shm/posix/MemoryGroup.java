package dev.belfry.shm.posix;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * The memory cgroup of this process, and those above it that can be seen from here: each may have a
 * limit, and a process that goes beyond one is killed. No call refuses memory before, so a caller
 * that is to take much of it asks first. Both versions of the interface are read where they are mounted by
 * convention. A container without a namespace of its own for cgroups finds its group at the mount.
 * {@code root}: the directory that has {@code proc} and {@code sys}; "/" but in tests.
 */
public record MemoryGroup(Path root) {
    /**
     * A version of the interface. {@code line}: how a line of /proc/self/cgroup begins after its
     * number, up to the path.
     */
    private record Version(String line, String mount, String limit, String usage, String inactiveFile) {}

    private static final List<Version> VERSIONS = List.of(
            new Version("::/", "sys/fs/cgroup", "memory.max", "memory.current", "inactive_file"),
            new Version(
                    ":memory:/",
                    "sys/fs/cgroup/memory",
                    "memory.limit_in_bytes",
                    "memory.usage_in_bytes",
                    "total_inactive_file"));

    private static final Left UNLIMITED = new Left(null, Long.MAX_VALUE, Long.MAX_VALUE);

    /**
     * The bytes that a group leaves of its limit. Without any limit the group is null and the numbers Long.MAX_VALUE.
     */
    public record Left(Path group, long limit, long bytes) {}

    /**
     * The bytes that the group with the least leaves. An estimate: the kernel frees pages of files
     * that were not used lately before it kills, perhaps others too; and others take memory
     * meanwhile. A file that cannot be read sets no limit.
     */
    public Left left() {
        Left least = UNLIMITED;
        for (String line : read(root.resolve("proc/self/cgroup")).split("\n"))
            for (Version version : VERSIONS) {
                int at = line.indexOf(version.line);
                if (at < 1 || at != line.indexOf(':')) continue;
                least = least(version, line.substring(at + version.line.length()), least);
            }
        return least;
    }

    /** A path that does not exist below the mount is not its own here, but the parent that does is. */
    private Left least(Version version, String path, Left least) {
        Path mount = root.resolve(version.mount);
        Path group = mount.resolve(path).normalize();
        if (!group.startsWith(mount)) group = mount; // the path begins with "..": outside this namespace
        for (; group.startsWith(mount); group = group.getParent()) {
            long limit = number(read(group.resolve(version.limit)));
            if (limit == Long.MAX_VALUE) continue;
            long usage = number(read(group.resolve(version.usage)));
            if (usage == Long.MAX_VALUE) continue;
            long used = Math.max(0, usage - inactive(version, read(group.resolve("memory.stat"))));
            long left = limit - used;
            if (left < least.bytes) least = new Left(group, limit, Math.max(0, left));
        }
        return least;
    }

    private static long inactive(Version version, String stat) {
        for (String line : stat.split("\n"))
            if (line.startsWith(version.inactiveFile + " ")) {
                long bytes = number(line.substring(version.inactiveFile.length() + 1));
                return bytes == Long.MAX_VALUE ? 0 : bytes;
            }
        return 0;
    }

    /** Long.MAX_VALUE for "max", and for what is no number. */
    private static long number(String text) {
        try {
            return Long.parseLong(text.strip());
        } catch (NumberFormatException none) {
            return Long.MAX_VALUE;
        }
    }

    /** Empty if it cannot be read. Not by a channel, which an interrupted thread could not read. */
    static String read(Path file) {
        try (FileInputStream in = new FileInputStream(file.toFile())) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException unreadable) {
            return "";
        }
    }
}
