package dev.belfry.shm.posix;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** What the tests of this package share: the real C library, fresh names, and reads of what the kernel holds for us. */
final class Kernel {
    static final LibC C = RealLibC.load();
    static final Path SHM = Path.of(SharedMemory.DIRECTORY);

    private static final AtomicInteger NEXT = new AtomicInteger();

    /** A name that nobody else uses, with the slash. */
    static String freshName() {
        return "/" + prefix() + NEXT.incrementAndGet();
    }

    static String prefix() {
        return "belfry-posix-test." + ProcessHandle.current().pid() + ".";
    }

    static Path file(String name) {
        return SHM.resolve(name.substring(1));
    }

    static Path semaphoreFile(String name) {
        return SHM.resolve("sem." + name.substring(1));
    }

    /** Our names in /dev/shm. */
    static List<String> names() {
        try (Stream<Path> files = Files.list(SHM)) {
            return files.map(f -> f.getFileName().toString())
                    .filter(f -> f.contains(prefix()))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How many of our descriptors lead into /dev/shm. */
    static long descriptors() {
        try (Stream<Path> fds = Files.list(Path.of("/proc/self/fd"))) {
            return fds.filter(Kernel::leadsToSharedMemory).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean leadsToSharedMemory(Path fd) {
        try {
            return Files.readSymbolicLink(fd).startsWith(SHM);
        } catch (IOException gone) {
            return false;
        }
    }

    /** Lines of /proc/self/maps that lie in the range. */
    static List<String> maps(long address, long length) {
        return maps().stream()
                .filter(line -> {
                    long start = Long.parseUnsignedLong(line.substring(0, line.indexOf('-')), 16);
                    return start >= address && start < address + length;
                })
                .toList();
    }

    /** How many maps show files of /dev/shm. */
    static long sharedMaps() {
        return maps().stream().filter(line -> line.contains(" /dev/shm/")).count();
    }

    private static List<String> maps() {
        try {
            return Files.readAllLines(Path.of("/proc/self/maps"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An object of that many bytes without a name. */
    static SharedMemory unnamed(long size) {
        SharedMemory object = SharedMemory.createUnnamed(C, 0600, -1);
        if (size > 0) object.allocate(0, size);
        return object;
    }

    /** Calls a C function that the package itself does not need. */
    static int call(String function, Object... arguments) {
        return NativeLibrary.getProcess().getFunction(function).invokeInt(arguments);
    }

    /** Runs the command, and skips the test, saying why, if it cannot do what is asked of it here. */
    static void assumePermitted(String... command) throws IOException, InterruptedException {
        String output;
        int exit;
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            exit = process.waitFor();
        } catch (IOException missing) {
            output = missing.getMessage();
            exit = -1;
        }
        String reason = String.join(" ", command) + ": " + output.strip();
        if (exit != 0) System.err.println("skipped: " + reason);
        assumeTrue(exit == 0, reason);
    }

    private Kernel() {}
}
