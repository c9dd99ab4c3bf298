package dev.belfry.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Names that nobody else on this machine uses. */
final class Channels {
    private static int number;

    private Channels() {}

    /** Whether shared memory has so much left; a container's often has little. */
    static boolean haveRoom(long bytes) {
        try {
            return Files.getFileStore(Path.of("/dev/shm")).getUsableSpace() >= bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String next() {
        return "bench-" + ProcessHandle.current().pid() + "-single-" + number++;
    }

    /** A queue's URI; it goes with its last user. */
    static String queue(String parameters) {
        return "shm:" + next() + "?deleteOnLastClose=true&" + parameters;
    }
}
