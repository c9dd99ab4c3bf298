package dev.belfry.kafka;

import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.OwnMount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A file system of some MiB at a directory, for those only that run in its mount namespace. The
 * files outlive a broker in it. Half of it is taken by a file of a stranger, which can be removed.
 */
final class SmallDisk implements AutoCloseable {
    private final Path filler;
    private final OwnMount mount;
    private final ChildJvm shell;

    /** Skips the test where this is not permitted. */
    SmallDisk(Path directory, int mib) throws IOException {
        Files.createDirectories(directory);
        filler = directory.resolve("filler");
        mount = OwnMount.of(directory, "size=" + mib + "m");
        List<String> command = command();
        command.add("sh");
        shell = ChildJvm.start("a shell beside a small disk", command);
        shell.ask("head -c " + mib / 2 + "m /dev/zero > " + filler + " && echo filled", "filled");
    }

    /** Runs what follows in its namespace. */
    List<String> command() {
        return mount.launcher();
    }

    /** In KiB. */
    long free() {
        return Long.parseLong(shell.ask("df -k --output=avail " + filler.getParent() + " | tail -1")
                .strip());
    }

    void makeRoom() {
        shell.ask("rm " + filler + " && echo removed", "removed");
    }

    @Override
    public void close() {
        shell.close();
        mount.close();
    }
}
