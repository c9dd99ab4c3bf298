package dev.belfry.cli.reading;

import java.util.List;
import java.util.stream.Stream;

/** The queues that a command was asked about: those that are named, or all that can be found. */
public record Scope(List<Queue> named, List<String> directories) {
    /** A directory that is no queue names those in it; no word: all. */
    public static Scope of(List<String> words) {
        return new Scope(Queue.all(words), List.of());
    }

    /** All, and those in these directories, which may come and go. */
    public static Scope allAndIn(List<String> directories) {
        return new Scope(List.of(), directories);
    }

    public boolean isAll() {
        return named.isEmpty();
    }

    /** As they are there now. */
    public List<Queue> queues() {
        if (!isAll()) return named;
        Stream<Queue> known = Stream.of(Queue.SCHEME, Queue.FILES)
                .flatMap(scheme -> Transports.inspector(scheme).names().stream().map(name -> Queue.at(scheme, name)));
        return Stream.concat(known, directories.stream().flatMap(each -> Queue.of(each).inIt().stream()))
                .distinct()
                .toList();
    }
}
