package dev.belfry.spi;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Reads the files of one process in /proc. A process that has ended in between, one that this user may not see, and a
 * machine without /proc are the same: nothing is there. A number is that of this pid namespace. One that a process of
 * another namespace gave is another process's here, or nobody's: for people only.
 */
public record Proc(Path directory) {
    private static final Path ALL = Path.of("/proc");

    /** This process, whatever its number is here. */
    public static final Proc SELF = new Proc(ALL.resolve("self"));

    public static Proc of(long pid) {
        return new Proc(ALL.resolve(Long.toString(pid)));
    }

    /** Lists the processes of this namespace, with this one. */
    public static List<Long> pids() {
        return entries(ALL).stream()
                .map(entry -> entry.getFileName().toString())
                .filter(name -> name.matches("[1-9]\\d*"))
                .map(Long::valueOf)
                .toList();
    }

    /** Tells whether such a process lives, also one whose files this user may not read. */
    public boolean exists() {
        return Files.exists(directory);
    }

    /** Reads a file; a name in it that ends inside a character, as the kernel cuts them, does not hide the others. */
    public Optional<String> text(String file) {
        try {
            return Optional.of(new String(Files.readAllBytes(directory.resolve(file)), UTF_8));
        } catch (IOException | RuntimeException goneOrNotToBeSeen) {
            return Optional.empty();
        }
    }

    public Stream<String> lines(String file) {
        return text(file).stream().flatMap(String::lines);
    }

    /** Reads a value of a file whose lines begin with a name and a colon, such as status. */
    public Optional<String> field(String file, String name) {
        return lines(file)
                .filter(line -> line.startsWith(name + ":"))
                .map(line -> line.substring(name.length() + 1).strip())
                .findFirst();
    }

    /** Reads a soft limit; MAX_VALUE: there is none, or none that is seen. It has 64 bits, without a sign. */
    public long limit(String name) {
        return lines("limits")
                .filter(line -> line.startsWith(name + " "))
                .map(line -> line.substring(26).strip().split("\\s+")[0]) // names have a column of 26
                .filter(soft -> !soft.equals("unlimited"))
                .map(Long::parseUnsignedLong)
                .filter(limit -> limit >= 0)
                .findFirst()
                .orElse(Long.MAX_VALUE);
    }

    public Path descriptor(int number) {
        return directory.resolve("fd").resolve(Integer.toString(number));
    }

    /** Lists its open files. Each may be closed before it is read. */
    public List<Path> descriptors() {
        return entries(directory.resolve("fd"));
    }

    /** Tells what a descriptor is open on, such as "pipe:[812]" or "/dev/shm/a (deleted)"; empty: it is closed. */
    public static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException | RuntimeException goneOrNotToBeSeen) {
            return "";
        }
    }

    private static List<Path> entries(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.toList();
        } catch (IOException | RuntimeException goneOrNotToBeSeen) {
            return List.of();
        }
    }
}
