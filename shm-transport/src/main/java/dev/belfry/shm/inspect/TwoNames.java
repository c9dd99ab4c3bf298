package dev.belfry.shm.inspect;

import dev.belfry.shm.posix.FileStatus;
import dev.belfry.shm.posix.SharedMemory;
import dev.belfry.shm.segment.QueueFile;
import dev.belfry.spi.Finding;
import dev.belfry.spi.ShellWords;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.TreeSet;

/** A queue's file that has another name, too, which is not opened: says which of them can be the queue. */
record TwoNames(String queue, String file) {
    Finding finding(FileStatus status) {
        TreeSet<String> others = others(status);
        return remedy(others)
                .problem(
                        "shm:" + queue,
                        file + " has other names as well: "
                                + (others.isEmpty()
                                        ? "that are not in " + SharedMemory.DIRECTORY
                                        : String.join(", ", others)),
                        "FILE",
                        ShellWords.of(file),
                        "OTHER",
                        others.isEmpty() ? "OTHER" : ShellWords.of(others.first()));
    }

    private static Remedy remedy(TreeSet<String> others) {
        if (others.isEmpty()) return Remedy.KEEP_OTHER;
        return others.stream().anyMatch(each -> each.startsWith(QueueFile.pathOf("")))
                ? Remedy.KEEP_ONE
                : Remedy.KEEP_THIS;
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
}
