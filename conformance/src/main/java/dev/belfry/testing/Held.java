package dev.belfry.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The shared memory that this process holds, as the kernel shows it in /proc/self: descriptors of
 * it, their locks, and mappings, each by the path of its file; several of one file are listed as
 * often. A lock that outlives its descriptor lives in a mapping. Empty where there is no /proc.
 */
public record Held(List<String> descriptors, List<String> locks, List<String> maps) {
    static final Path SHM = Path.of("/dev/shm");
    private static final Path SELF = Path.of("/proc/self");

    /** At this moment. */
    public static Held now() {
        if (!Files.isDirectory(SELF)) return new Held(List.of(), List.of(), List.of());
        List<String> locks = new ArrayList<>();
        List<String> descriptors = each(SELF.resolve("fd"), fd -> {
            String file = link(fd);
            if (!file.startsWith(SHM + "/")) return null;
            for (String line : lines(SELF.resolve("fdinfo").resolve(fd.getFileName())))
                if (line.startsWith("lock:")) locks.add(file);
            return file;
        });
        List<String> maps = lines(SELF.resolve("maps")).stream()
                .filter(line -> line.contains(" " + SHM + "/"))
                .map(line -> line.substring(line.indexOf(SHM + "/")))
                .sorted()
                .toList();
        return new Held(descriptors, locks.stream().sorted().toList(), maps);
    }

    /** The things that were added since then, as text. */
    List<String> beyond(Held before) {
        List<String> more = new ArrayList<>();
        without(descriptors, before.descriptors).forEach(file -> more.add("a descriptor of " + file));
        without(locks, before.locks).forEach(file -> more.add("a lock on " + file));
        without(maps, before.maps).forEach(file -> more.add("a mapping of " + file));
        return more;
    }

    private static List<String> without(List<String> all, List<String> some) {
        List<String> rest = new ArrayList<>(all);
        some.forEach(rest::remove);
        return rest;
    }

    /** One value for each file in the directory that still exists, if it is not null, sorted. */
    static List<String> each(Path directory, Function<Path, String> look) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(look).filter(seen -> seen != null).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String link(Path file) {
        try {
            return Files.readSymbolicLink(file).toString();
        } catch (IOException goneMeanwhile) {
            return "";
        }
    }

    /** Empty if the file went meanwhile, or may not be read. */
    static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException goneMeanwhile) {
            return List.of();
        }
    }
}
