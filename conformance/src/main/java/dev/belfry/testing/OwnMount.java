package dev.belfry.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A mount namespace with a mount of its own, over /dev/shm or another directory, for those children
 * only that live in it. It goes with the last process in it. Its first one ends with this JVM.
 */
public final class OwnMount implements AutoCloseable {
    private final Path directory;
    private final ChildJvm first;

    private OwnMount(Path directory, ChildJvm first) {
        this.directory = directory;
        this.first = first;
    }

    /** Over /dev/shm, with these options of the mount. */
    public static OwnMount ofShm(String options) {
        return of(Held.SHM, options);
    }

    /**
     * Without privileges a user namespace gives them. Where that is forbidden the test is skipped,
     * with the reason.
     */
    public static OwnMount of(Path directory, String options) {
        return mounted(directory, "mount -t tmpfs -o " + options + " none " + directory);
    }

    /** A directory that can be read there, and not be written. */
    public static OwnMount readOnly(Path directory) {
        String mount = "mount --bind " + directory + " " + directory;
        return mounted(directory, mount + " && mount -o remount,bind,ro " + directory);
    }

    /** An ext4 of so many MiB in this file, which is made. Root may do that; else the test is skipped. */
    public static OwnMount ofExt4(Path image, int size, Path directory) {
        assumeTrue(isRoot(), "only root may mount a file system that lies in a file");
        String make = "truncate -s " + size + "M " + image + " && mkfs.ext4 -q " + image;
        return mounted(
                directory,
                make + " && mount -o loop " + image + " " + directory + " && rmdir " + directory + "/lost+found");
    }

    private static OwnMount mounted(Path directory, String mount) {
        ChildJvm first = ChildJvm.startMerged(
                "the first process beside " + mount,
                List.of("unshare", unshare(), "sh", "-c", mount + " && echo here && exec cat >/dev/null"));
        String answer = first.line();
        boolean permitted = answer.equals("here");
        if (!permitted) {
            first.close();
            System.err.println("skipped: unshare " + unshare() + ", " + mount + ": " + answer);
        }
        assumeTrue(permitted, "a mount namespace is not to be had: " + answer);
        return new OwnMount(directory, first);
    }

    private static String unshare() {
        return isRoot() ? "-m" : "-Urm";
    }

    public static boolean isRoot() {
        try {
            return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The launcher of processes that live here: see {@link JavaCommand#through}. */
    public List<String> launcher() {
        String here = "--wd=" + Path.of("").toAbsolutePath(); // else they begin in /
        List<String> command = new ArrayList<>(List.of("nsenter", "-t", Long.toString(first.pid()), "-m", here));
        if (!isRoot()) command.addAll(List.of("-U", "--preserve-credentials"));
        // A process that enters a mount namespace stands in its root.
        command.addAll(List.of("sh", "-c", "cd \"$0\" && exec \"$@\"", System.getProperty("user.dir")));
        return command;
    }

    /** Its files as seen from outside. */
    public Path root() {
        return Path.of("/proc/" + first.pid() + "/root" + directory);
    }

    public boolean isThere() {
        return first.isAlive();
    }

    @Override
    public void close() {
        first.close();
    }
}
