package dev.belfry.tests;

import dev.belfry.testing.OwnMount;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A mount namespace with a /dev/shm of its own, in which children live: small, without inodes, made
 * of huge pages. It goes with the last process in it.
 */
final class World implements AutoCloseable {
    private static final String FILLER = "filler";
    private final OwnMount mount;

    private World(OwnMount mount) {
        this.mount = mount;
    }

    /** With a tmpfs of these options over /dev/shm; skips the test where that is not permitted. */
    static World withShm(String options) {
        return new World(OwnMount.ofShm(options));
    }

    /** The launcher of processes that live here. */
    List<String> launcher() {
        return mount.launcher();
    }

    /** Its state as seen from outside. */
    Path shm() {
        return mount.root();
    }

    List<String> names() {
        try (Stream<Path> files = Files.list(shm())) {
            return files.map(file -> file.getFileName().toString())
                    .filter(file -> !file.equals(FILLER))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    long freeBytes() throws IOException {
        return Files.getFileStore(shm()).getUsableSpace();
    }

    /** A stranger takes all space but this. */
    void fill(long left) throws IOException {
        byte[] page = new byte[4096];
        try (OutputStream filler = Files.newOutputStream(shm().resolve(FILLER))) {
            while (freeBytes() > left) filler.write(page);
        }
    }

    void empty() throws IOException {
        Files.delete(shm().resolve(FILLER));
    }

    @Override
    public void close() {
        mount.close();
    }
}
