package dev.belfry.shm.inspect;

import static dev.belfry.spi.Finding.ok;

import dev.belfry.shm.memory.RealMemory;
import dev.belfry.shm.posix.Errno;
import dev.belfry.shm.posix.FileSystem;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.shm.posix.SelfTest;
import dev.belfry.shm.posix.SharedMemory;
import dev.belfry.shm.segment.Machine;
import dev.belfry.spi.Finding;
import dev.belfry.spi.Proc;
import dev.belfry.spi.Units;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Whether this machine or container has what queues need, and enough of it. */
final class MachineCheckup {
    /** Docker gives a container 64 MiB; one queue of default size grows to twice that. */
    private static final long SMALL = 128L << 20;

    private static final long NO_LIMIT = Long.MAX_VALUE;
    private static final String SHM = SharedMemory.DIRECTORY;
    private final Machine machine;
    private final List<Finding> found = new ArrayList<>();

    MachineCheckup(Machine machine) {
        this.machine = machine;
    }

    List<Finding> run() {
        String kernel = "Linux " + System.getProperty("os.version") + ", " + System.getProperty("os.arch");
        String reason = SelfTest.check(machine.libC());
        if (reason == null) reason = RealMemory.unavailableReason();
        found.add(
                reason == null
                        ? ok("kernel", "machine", kernel + ": all system calls that are needed work")
                        : Remedy.KERNEL.problem("machine", reason));
        mount();
        space();
        limits();
        surroundings();
        jdk();
        return found;
    }

    private void mount() {
        String mount = null;
        for (String line : lines("/proc/self/mounts")) {
            String[] fields = line.split(" ");
            if (fields.length > 3 && fields[1].equals(SHM)) mount = fields[2] + " (" + fields[3] + ")";
        }
        if (mount == null) {
            found.add(Remedy.NO_TMPFS.information(SHM, "it is not a mount of its own"));
        } else if (!mount.startsWith("tmpfs ")) {
            found.add(Remedy.NO_TMPFS.problem(SHM, "it is a " + mount + ", not a tmpfs"));
        } else if (mount.contains("(ro,") || mount.contains("(ro)")) {
            found.add(Remedy.READ_ONLY.problem(SHM, "it is mounted read-only"));
        } else {
            found.add(ok("mount", SHM, mount));
        }
        if (Files.isDirectory(Path.of(SHM)) && !Files.isWritable(Path.of(SHM)))
            found.add(Remedy.NOT_STICKY.problem(
                    SHM, "uid " + Integer.toUnsignedString(machine.libC().geteuid()) + " may not create files there"));
        int mode = modeOf(SHM);
        if ((mode & 01002) == 0002)
            found.add(Remedy.NOT_STICKY.problem(
                    SHM,
                    String.format(
                            "its mode is %04o: every user may remove and replace the queues of all others", mode)));
    }

    /** 0 if it cannot be seen. */
    private static int modeOf(String path) {
        try {
            return (int) Files.getAttribute(Path.of(path), "unix:mode") & 07777;
        } catch (IOException | UnsupportedOperationException unknown) {
            return 0;
        }
    }

    private void space() {
        try (SharedMemory probe = SharedMemory.createUnnamed(machine.libC(), 0600, -1);
                SharedMemory another = SharedMemory.createUnnamed(machine.libC(), 0600, -1)) {
            space(FileSystem.of(another).totalBytes(), FileSystem.of(probe).freeBytes());
        } catch (PosixException failed) {
            String what = "two empty files, as a subscriber needs, cannot be created: " + failed.getMessage();
            if (failed.errno == Errno.EDQUOT) full(what, 0);
            if (failed.errno == Errno.ENOSPC) found.add(Remedy.NO_INODES.problem(SHM, what)); // it takes no bytes
        }
    }

    private void space(long total, long free) {
        if (total == NO_LIMIT) {
            found.add(ok("shm-size", SHM, "no limit but the memory's"));
            return;
        }
        String sizes = mebibytes(total) + ", " + mebibytes(free) + " free";
        if (total < SMALL)
            found.add(Remedy.SMALL.information(
                    SHM, "it is small: " + sizes + "; one queue can grow to 129 MiB", "SIZE", larger(total)));
        else found.add(ok("shm-size", SHM, sizes));
        if (free < Math.min(1 << 20, total / 16))
            full((free == 0 ? "nothing" : "only " + mebibytes(free)) + " is left of " + mebibytes(total), total);
    }

    private void full(String what, long total) {
        found.add(Remedy.FULL.problem(SHM, what, "SIZE", larger(total)));
    }

    /** Twice the size, as a mount takes it. */
    static String larger(long total) {
        return Math.max(2, 2 * ((total + (1 << 30) - 1) >> 30)) + "g";
    }

    private static String mebibytes(long bytes) {
        return bytes < 1 << 20 ? Units.number(bytes / 1024) + " KiB" : Units.number(bytes >> 20) + " MiB";
    }

    private void limits() {
        long files = Proc.SELF.limit("Max open files");
        long size = Proc.SELF.limit("Max file size");
        long space = Proc.SELF.limit("Max address space");
        if (size != NO_LIMIT)
            found.add(Remedy.FILE_SIZE.problem(
                    "this process", "files may not exceed " + Units.number(size) + " bytes, a queue's neither"));
        if (space != NO_LIMIT)
            found.add(Remedy.ADDRESS_SPACE.information(
                    "this process",
                    "its address space is limited to " + Units.number(space)
                            + " bytes; each ring takes twice its size"));
        if (files < 256)
            found.add(Remedy.OPEN_FILES.problem(
                    "this process", "it may open only " + files + " files; a queue takes three"));
        else
            found.add(ok(
                    "limits",
                    "this process",
                    "it may open " + (files == NO_LIMIT ? "any number of" : Units.number(files)) + " files"));
    }

    private void surroundings() {
        boolean container = Files.exists(Path.of("/.dockerenv"))
                || Files.exists(Path.of("/run/.containerenv"))
                || lines("/proc/1/cgroup").stream().anyMatch(l -> l.matches(".*(docker|kubepods|containerd|lxc).*"));
        if (container)
            found.add(Remedy.CONTAINER.information(
                    "machine", "this is a container: others see its queues only if they share /dev/shm"));
        else found.add(ok("container", "machine", "none that one can see"));
        int uid = machine.libC().geteuid();
        boolean kept = lines("/etc/systemd/logind.conf").stream()
                .anyMatch(l -> l.strip().equals("RemoveIPC=no"));
        if (uid >= 1000 && !kept && Files.isDirectory(Path.of("/run/systemd/system")))
            found.add(Remedy.LOGIND.information(
                    "machine", "systemd removes this user's queues as soon as it has logged out everywhere"));
    }

    private void jdk() {
        found.add(ok(
                "jdk",
                "this process",
                System.getProperty("java.vm.name") + " " + Runtime.version()
                        + (Runtime.version().feature() >= 24 ? ": prints warnings of its own, see the README" : "")));
    }

    private static List<String> lines(String file) {
        try {
            return Files.readAllLines(Path.of(file));
        } catch (IOException | RuntimeException notThere) {
            return List.of();
        }
    }
}
