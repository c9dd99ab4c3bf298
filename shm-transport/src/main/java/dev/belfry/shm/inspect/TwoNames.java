package dev.belfry.shm.inspect;

import dev.belfry.shm.posix.FileStatus;
import dev.belfry.shm.posix.SharedMemory;
import dev.belfry.shm.segment.QueueFile;
import dev.belfry.spi.Finding;
import dev.belfry.spi.ShellWords;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/** A queue's file that has another name, too, which is not opened: says which of them is the queue. */
final class TwoNames {
    private final String queue;
    private final String file;

    TwoNames(String queue) {
        this.queue = queue;
        this.file = QueueFile.pathOf(queue);
    }

    Finding finding(FileStatus status) {
        TreeSet<String> others = others(status);
        String which = others.isEmpty() ? "that are not in " + SharedMemory.DIRECTORY : String.join(", ", others);
        TreeSet<String> names = new TreeSet<>(others);
        names.add(file);
        Set<String> opened = opened(names, " " + status.inode() + " ");
        return remedy(others, opened)
                .problem(
                        "shm:" + queue,
                        file + " has other names as well: " + which
                                + (opened.isEmpty() ? "" : "; processes have opened " + String.join(", ", opened)),
                        "FILE",
                        ShellWords.of(file),
                        "OTHER",
                        others.isEmpty() ? "OTHER" : ShellWords.of(others.first()));
    }

    private static boolean isQueues(String path) {
        return path.startsWith(QueueFile.pathOf(""));
    }

    /** By the name that processes opened; if there are none, the only one that a queue can have. */
    private Remedy remedy(TreeSet<String> others, Set<String> opened) {
        if (opened.contains(file)) return Remedy.KEEP_THIS;
        if (!opened.isEmpty() || others.isEmpty()) return Remedy.KEEP_OTHER;
        return others.stream().anyMatch(TwoNames::isQueues) ? Remedy.KEEP_ONE : Remedy.KEEP_THIS;
    }

    private TreeSet<String> others(FileStatus status) {
        TreeSet<String> all = new TreeSet<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(Path.of(SharedMemory.DIRECTORY))) {
            for (Path each : files)
                if (inode(each) == status.inode()) all.add(each.toString()); // one directory, one file system
        } catch (IOException | RuntimeException notToBeListed) {
            return new TreeSet<>();
        }
        all.remove(file);
        return all;
    }

    /** 0 if it has gone. */
    private static long inode(Path path) {
        try {
            return (long) Files.getAttribute(path, "unix:ino", LinkOption.NOFOLLOW_LINKS);
        } catch (IOException | UnsupportedOperationException gone) {
            return 0;
        }
    }

    /** Those of these names by which a process has mapped it; not of one that this user may not see. */
    private static Set<String> opened(Set<String> names, String inode) {
        Set<String> all = new TreeSet<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[1-9]*")) {
            for (Path process : processes) {
                String maps = maps(process);
                for (String name : names)
                    if (maps.lines().anyMatch(line -> line.endsWith(" " + name) && line.contains(inode))) all.add(name);
            }
        } catch (IOException | RuntimeException noProc) {
            return all;
        }
        return all;
    }

    private static String maps(Path process) {
        try {
            return new String(Files.readAllBytes(process.resolve("maps")), StandardCharsets.UTF_8);
        } catch (IOException | RuntimeException goneOrNotToBeSeen) {
            return "";
        }
    }
}
