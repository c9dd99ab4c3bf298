package dev.belfry.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Directories of {@code file:} queues, as they are named on the command line. */
final class Directories {
    private Directories() {}

    /** This queue; or those in this directory, if it is none. */
    static List<Queue> queuesOf(Queue named) {
        Path directory = Path.of(named.name());
        if (isQueue(named.name()) || !Files.isDirectory(directory)) return List.of(named);
        try (Stream<Path> all = Files.list(directory)) {
            List<Queue> found = all.map(Path::toString)
                    .filter(Directories::isQueue)
                    .sorted()
                    .map(each -> Queue.at(Queue.FILES, each))
                    .toList();
            return found.isEmpty() ? List.of(named) : found;
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    static boolean isQueue(String path) {
        return Files.exists(Path.of(path, "queue"));
    }
}
