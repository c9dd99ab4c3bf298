package dev.belfry.tests;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.testing.Patience;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A control group of a test's own, of the first version of the interface or the second; the
 * processes in it must have ended before it is closed.
 */
final class Cgroup implements AutoCloseable {
    private static final Path ROOT = Path.of("/sys/fs/cgroup");
    private static int number;

    private final Path directory;
    private final boolean first;

    private Cgroup(Path directory, boolean first) {
        this.directory = directory;
        this.first = first;
    }

    /** With this controller; skips the test, saying why, where none can be made. */
    static Cgroup create(String controller) {
        boolean first = Files.isDirectory(ROOT.resolve(controller));
        Path directory = (first ? ROOT.resolve(controller) : ROOT)
                .resolve("belfry-test-" + ProcessHandle.current().pid() + "-" + ++number);
        try {
            Files.createDirectory(directory);
        } catch (IOException notPermitted) {
            System.err.println("skipped: " + notPermitted);
            assumeTrue(false, "no control group can be made here: " + notPermitted);
        }
        Cgroup group = new Cgroup(directory, first);
        boolean there = first || controller.equals("freezer") || Files.exists(directory.resolve(controller + ".max"));
        if (!there) group.close();
        assumeTrue(there, "the controller " + controller + " is not given to children of " + ROOT);
        return group;
    }

    void add(long pid) throws IOException {
        Files.writeString(directory.resolve("cgroup.procs"), "" + pid);
    }

    /** Starts a process as a member of it: what that takes from then on is charged to it. */
    List<String> launcher() {
        return List.of("sh", "-c", "echo $$ > " + directory + "/cgroup.procs && exec \"$@\"", "sh");
    }

    /** A file that holds a number. */
    long number(String nameInFirst, String nameInSecond) throws IOException {
        return Long.parseLong(Files.readString(directory.resolve(first ? nameInFirst : nameInSecond))
                .strip());
    }

    /** A file has one name in the first version and another in the second. */
    void set(String nameInFirst, String nameInSecond, String value) throws IOException {
        Files.writeString(directory.resolve(first ? nameInFirst : nameInSecond), value);
    }

    /** All processes of it stand still, or go on; returns when they do. */
    void freeze(boolean frozen) throws IOException {
        if (first) set("freezer.state", "", frozen ? "FROZEN" : "THAWED");
        else set("", "cgroup.freeze", frozen ? "1" : "0");
        String expected = first ? (frozen ? "FROZEN" : "THAWED") : "frozen " + (frozen ? 1 : 0);
        Path state = directory.resolve(first ? "freezer.state" : "cgroup.events");
        Patience.until(state + " says " + expected, () -> {
            try {
                return Files.readString(state).contains(expected);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    @Override
    public void close() {
        Patience.until("the group can be removed: its processes have ended", () -> {
            try {
                Files.deleteIfExists(directory);
                return true;
            } catch (IOException busy) {
                return false;
            }
        });
    }
}
