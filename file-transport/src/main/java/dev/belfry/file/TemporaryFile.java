package dev.belfry.file;

import dev.belfry.shm.posix.Directory;
import dev.belfry.shm.posix.DiskFile;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/** A file that is filled and synced before it has the name by which others find it. */
final class TemporaryFile {
    static final String PREFIX = "next.";

    private TemporaryFile() {}

    /** Fills a file and links it as {@code name}; false if that is taken. The caller syncs the directory. */
    static boolean link(Directory directory, String name, Consumer<DiskFile> filler) {
        String temporary = fill(directory, filler);
        try {
            return directory.link(temporary, name);
        } finally {
            directory.unlink(temporary);
        }
    }

    /** The same, in place of the file that has the name. */
    static void replace(Directory directory, String name, Consumer<DiskFile> filler) {
        String temporary = fill(directory, filler);
        try {
            directory.rename(temporary, name);
        } catch (Throwable failed) {
            directory.unlink(temporary);
            throw failed;
        }
    }

    private static String fill(Directory directory, Consumer<DiskFile> filler) {
        String temporary = PREFIX + Long.toHexString(ThreadLocalRandom.current().nextLong());
        try (DiskFile file = directory.create(temporary)) {
            filler.accept(file);
            return temporary;
        } catch (Throwable failed) {
            directory.unlink(temporary);
            throw failed;
        }
    }
}
