package dev.belfry.tests;

import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Patience;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;

/**
 * The players of a soak: the child JVMs with their parts on the queue of the moment, and the books
 * that the ledger keeps of them.
 */
final class Cast implements AutoCloseable {
    private static final List<String> VETERANS = List.of("publisher", "subscriber");

    private static final List<List<String>> TROUPES = List.of(
            List.of("publisher", "named witness"),
            List.of("publisher", "subscriber"),
            List.of("publisher", "admin"),
            List.of("named audit", "subscriber"),
            List.of("subscriber", "subscriber", "admin"));

    /** A child and what it is to play; without books it is idle. */
    record Troop(ChildJvm child, List<String> parts, List<Ledger.Book> books) {
        Troop(ChildJvm child, List<String> parts) {
            this(child, parts, new ArrayList<>());
        }

        boolean hasNamed() {
            return parts.stream().anyMatch(part -> part.startsWith("named"));
        }

        /** It has come so far; others are still loading classes. */
        boolean publishes() {
            return books.stream().anyMatch(book -> book instanceof PublishingBook && book.hasBegun);
        }

        /** A named subscription holds space until somebody has attached to it. */
        boolean lacksNamed() {
            return hasNamed() && books.stream().anyMatch(book -> book instanceof ReadingBook && !book.hasBegun);
        }
    }

    final Troop veteran; // never killed, so that it can be seen to grow
    final List<Troop> mortals = new ArrayList<>();

    private final Random random;
    private final Path files;
    private final Spares spares;
    private final Deque<Path> idleJournals = new ArrayDeque<>();
    private int journals;
    private long players;

    // Of the moment.
    private Ledger ledger;
    private String uri;
    private boolean exclusive;

    /** {@code replaced}: some will be. {@code defect}: classes that come before ours in the children; or null. */
    Cast(Random random, Path files, boolean replaced, Path defect) {
        this.random = random;
        this.files = files;
        spares = new Spares(replaced ? Integer.MAX_VALUE : 1 + TROUPES.size(), defect);
        veteran = new Troop(spares.take(), VETERANS);
        for (List<String> parts : TROUPES) mortals.add(new Troop(spares.take(), parts));
    }

    /** From now on all play on this queue. */
    void on(String newUri, boolean exclusively, Ledger newLedger) {
        uri = newUri;
        exclusive = exclusively;
        ledger = newLedger;
    }

    void play(Troop troop) throws IOException {
        for (String part : troop.parts) {
            String[] words = part.split(" ");
            String kind = words[0].equals("publisher") && exclusive ? "exclusive" : words[0];
            String name = words.length > 1 ? words[1] : "" + ++players;
            if (idleJournals.isEmpty()) idleJournals.add(files.resolve("journal-" + ++journals));
            Journal journal = new Journal(idleJournals.poll());
            journal.reuse();
            String who = kind + " " + name + " of " + troop.child.pid();
            troop.books.add(ledger.follow(
                    switch (words[0]) {
                        case "publisher" -> new PublishingBook(who, journal, ledger);
                        case "admin" -> new Ledger.EmptyBook(who, journal, ledger);
                        default -> new ReadingBook(who, words.length > 1 ? name : null, journal, ledger);
                    }));
            troop.child.tell("play " + kind + " " + journal.file + " " + random.nextLong() + " " + uri + " " + name);
        }
    }

    /** In place of these, which are dead or will be in a moment. */
    void replace(List<Troop> victims) throws IOException {
        mortals.removeAll(victims);
        for (Troop victim : victims) {
            Troop heir = new Troop(spares.take(), victim.parts);
            mortals.add(heir);
            play(heir);
        }
    }

    List<Troop> playing() {
        List<Troop> playing = new ArrayList<>(mortals);
        playing.add(veteran);
        playing.removeIf(troop -> troop.books.isEmpty());
        return playing;
    }

    void requireAlive() {
        for (Troop troop : playing())
            if (!troop.child.isAlive()) throw new AssertionError("It ended by itself" + troop.child.report());
    }

    /** In order. */
    void leave(List<Troop> leaving) {
        leaving.forEach(troop -> troop.child.tell("leave"));
        leaving.forEach(troop -> troop.child.expect("left"));
        leaving.forEach(this::closeBooks);
    }

    /** They were killed. */
    void bury(List<Troop> victims) {
        for (Troop victim : victims) {
            victim.child.kill();
            closeBooks(victim);
        }
    }

    private void closeBooks(Troop troop) {
        Patience.until("the ledger is up to date", () -> ledger.close(troop.books));
        troop.books.forEach(book -> idleJournals.add(book.journal.file));
        troop.books.clear();
    }

    @Override
    public void close() {
        spares.close();
        mortals.forEach(troop -> troop.child.close());
        veteran.child.close();
    }
}
