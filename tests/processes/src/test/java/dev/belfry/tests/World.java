package dev.belfry.tests;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A mount namespace with a /dev/shm of its own, in which children live: small, without inodes, made
 * of huge pages. It goes with the last process in it.
 */
final class World implements AutoCloseable {
    private static final String FILLER = "filler";
    private final Process keeper;

    private World(Process keeper) {
        this.keeper = keeper;
    }

    /** With a tmpfs of these options over /dev/shm; skips the test, saying why, where that is not permitted. */
    static World withShm(String options) throws IOException {
        String unshare = isRoot() ? "-m" : "-Urm";
        Process keeper = new ProcessBuilder(
                        "unshare",
                        unshare,
                        "sh",
                        "-c",
                        "mount -t tmpfs -o " + options + " none /dev/shm && echo here && exec cat >/dev/null")
                .redirectErrorStream(true)
                .start();
        BufferedReader output =
                new BufferedReader(new InputStreamReader(keeper.getInputStream(), StandardCharsets.UTF_8));
        String said = output.readLine();
        if (!"here".equals(said))
            System.err.println("skipped: unshare " + unshare + ", mount -o " + options + ": " + said);
        assumeTrue("here".equals(said), "a mount namespace with a tmpfs is not to be had: " + said);
        return new World(keeper);
    }

    static boolean isRoot() {
        try {
            return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The launcher of processes that live here. */
    List<String> launcher() {
        List<String> command = new ArrayList<>(List.of("nsenter", "-t", "" + keeper.pid(), "-m"));
        if (!isRoot()) command.addAll(List.of("-U", "--preserve-credentials"));
        return command;
    }

    /** Its state as seen from outside. */
    Path shm() {
        return Path.of("/proc/" + keeper.pid() + "/root/dev/shm");
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
        keeper.destroyForcibly();
    }
}
