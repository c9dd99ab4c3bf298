package dev.belfry.jakarta.client;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * Planted where the product syncs: keeps what the disk has for sure. A file is what it was at its last sync, and a
 * directory has the names of its last sync; all else may be lost with the power.
 */
public final class SyncedDisk {
    /** Names the directory for what was synced. */
    static final String PROPERTY = "belfry.syncedDisk";

    private static final String NAMES = "names-";

    private SyncedDisk() {}

    /** The product calls it after a sync. */
    public static void synced(int descriptor) {
        String kept = System.getProperty(PROPERTY);
        if (kept == null) return;
        try {
            Path file = Path.of("/proc/self/fd", "" + descriptor);
            if (Files.isDirectory(file)) keepNames(file, Path.of(kept));
            else keep(file, Path.of(kept));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String inode(Path file) throws IOException {
        return Files.getAttribute(file, "unix:ino").toString();
    }

    /** Of a segment, which is made long before it is written, only what was written. */
    private static void keep(Path file, Path kept) throws IOException {
        Path part = Files.createTempFile(kept, "part", null);
        try {
            int failed = new ProcessBuilder(
                            "cp",
                            "--sparse=auto",
                            "/proc/" + ProcessHandle.current().pid() + "/fd/" + file.getFileName(),
                            part.toString())
                    .inheritIO()
                    .start()
                    .waitFor();
            if (failed != 0) throw new IOException("cp has failed: " + failed);
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        Files.move(part, kept.resolve(inode(file)), StandardCopyOption.ATOMIC_MOVE);
    }

    private static void keepNames(Path directory, Path kept) throws IOException {
        StringBuilder names = new StringBuilder();
        try (Stream<Path> files = Files.list(directory.toRealPath())) {
            for (Path each : files.toList())
                names.append(each.getFileName()).append(' ').append(inode(each)).append('\n');
        }
        Path part = Files.createTempFile(kept, "part", null);
        Files.writeString(part, names);
        Files.move(part, kept.resolve(NAMES + inode(directory)), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Makes a directory as it is after the power was lost. Directories in it are left out. */
    static void lose(Path directory, Path kept, Path made) throws IOException {
        Files.createDirectories(made);
        Path names = kept.resolve(NAMES + inode(directory));
        List<String> all = Files.exists(names) ? Files.readAllLines(names) : List.of();
        for (String line : all) {
            String[] words = line.split(" ");
            Path was = directory.resolve(words[0]);
            if (Files.isDirectory(was)) continue;
            Path synced = kept.resolve(words[1]);
            if (Files.exists(synced)) Files.copy(synced, made.resolve(words[0]));
            else Files.createFile(made.resolve(words[0]));
        }
    }
}
