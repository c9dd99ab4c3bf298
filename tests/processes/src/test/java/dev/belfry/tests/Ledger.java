package dev.belfry.tests;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Accounts for every message of one queue, from what publishers and subscribers wrote into their
 * {@link Journal}s. The log's positions are the witness: each must have been published exactly
 * once, by whom it says, and each subscriber must have got there exactly that message. A position
 * is settled once somebody received it and it is known who published it: who was killed inside
 * publish may have published that one message, or not. What was settled is kept for a while, for
 * those who join late and look back, and then forgotten.
 */
final class Ledger {
    /** Positions that are kept; the older half at least is settled, as journals that are further ahead have to wait. */
    private static final int WINDOW = 1 << 20;

    private static final int MOST_VIOLATIONS = 20;
    private static final int MOST_REFUSALS = 10_000; // that are remembered, for the text of a violation
    private static final int AT_ONCE = 2000;

    /** A message that a process killed in the middle of it may have published. */
    private record Unknown(String who, long fingerprint, int length, long after) {}

    private final long[] fingerprints = new long[WINDOW];
    private final int[] lengths = new int[WINDOW];
    private final long[] begun = new long[WINDOW]; // when its publish began; 0: not known who published it
    private final long[] returned = new long[WINDOW];

    private final Map<String, ReadingBook.Subscription> subscriptions = new HashMap<>();
    private final List<Book> books = new ArrayList<>();
    private final List<ReadingBook> recentJoins = new ArrayList<>();
    private final List<Unknown> unknown = new ArrayList<>();
    private final List<String> violations = new ArrayList<>();
    private final Map<Long, String> refusals = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, String> eldest) {
            return size() > MOST_REFUSALS;
        }
    };
    private long unsettled = 1;
    private long newest; // that anybody has told of
    private long latestBegun; // of the settled

    // Counted.
    long bytes;
    long deliveries;
    long refused;
    long joins;
    long redelivered;
    long lost;
    long ended;
    long finishedForTheDead;
    long neverHappened;

    final Recovery recovery = new Recovery();

    /** Follows a journal from its beginning. */
    abstract static class Book {
        final String who;
        final Journal journal;
        final Ledger ledger;
        volatile boolean dying;
        volatile boolean hasBegun; // has written something

        Book(String who, Journal journal, Ledger ledger) {
            this.who = who;
            this.journal = journal;
            this.ledger = ledger;
        }

        /** The event in the journal; false: not yet, it is too far ahead of the others. */
        abstract boolean read();

        /** There will be no more. */
        abstract void end();

        void violated(String what) {
            ledger.violated(who + ": " + what);
        }
    }

    /** Of a process that neither publishes nor reads to the end. */
    static final class EmptyBook extends Book {
        EmptyBook(String who, Journal journal, Ledger ledger) {
            super(who, journal, ledger);
        }

        @Override
        boolean read() {
            violated("has nothing to say");
            return true;
        }

        @Override
        void end() {}
    }

    synchronized <B extends Book> B follow(B book) {
        books.add(book);
        return book;
    }

    /** Reads what is there, of each a little; false: there was nothing. */
    synchronized boolean read() {
        boolean any = false;
        for (Book book : books) any |= read(book, AT_ONCE);
        settle();
        return any;
    }

    private boolean read(Book book, int limit) {
        int n = 0;
        while (n < limit && book.journal.look() && book.read()) {
            book.journal.take();
            n++;
        }
        if (n > 0) book.hasBegun = true;
        return n > 0;
    }

    /**
     * Their writers have ended, one way or the other; false: they are too far ahead of others who
     * have to be read first.
     */
    synchronized boolean close(Collection<? extends Book> ended) {
        for (Book book : ended) {
            if (!books.contains(book)) continue;
            read(book, Integer.MAX_VALUE);
            settle();
            if (book.journal.look()) return false;
            book.end();
            books.remove(book);
            recentJoins.remove(book);
        }
        return true;
    }

    synchronized void violated(String what) {
        if (violations.size() < MOST_VIOLATIONS) violations.add(what);
    }

    synchronized List<String> violations() {
        return List.copyOf(violations);
    }

    /** Everything up to here must have been published and received; what the dead left undone never happened. */
    synchronized void requireSettled(long newestOfTheQueue) {
        settle();
        if (newest > newestOfTheQueue) violated("position " + newest + " is beyond the newest, " + newestOfTheQueue);
        if (unsettled != newestOfTheQueue + 1)
            violated("position " + unsettled + " of " + newestOfTheQueue + " is not accounted for: "
                    + (unsettled > newest ? "nobody told of it" : describe(unsettled)) + "; killed while publishing: "
                    + unknown);
        neverHappened += unknown.size();
        unknown.clear();
    }

    private String describe(long position) {
        int at = (int) (position % WINDOW);
        String what = Math.abs(lengths[at]) + " bytes with fingerprint " + fingerprints[at];
        if (lengths[at] < 0) return what + " published, but nobody received it";
        if (begun[at] != 0) return what;
        return what + " received, but nobody published it but "
                + refusals.getOrDefault(fingerprints[at], "perhaps one of the killed");
    }

    /** All that are subscribed now have received all up to here. */
    synchronized List<String> behind(long position) {
        return books.stream()
                .filter(b -> b instanceof ReadingBook r && !r.hasReached(position))
                .map(b -> ((ReadingBook) b).describe())
                .toList();
    }

    synchronized long settled() {
        return unsettled - 1;
    }

    // For the books

    /** All that its writer, which is gone or this book's own, has written. */
    boolean isRead(Book predecessor) {
        read(predecessor, Integer.MAX_VALUE);
        return !predecessor.journal.look();
    }

    boolean mayTake(long position) {
        if (position < unsettled + WINDOW / 2) return true;
        settle();
        return position < unsettled + WINDOW / 2;
    }

    /** A subscriber got this there. */
    void received(ReadingBook by, long position, long fingerprint, int length, long nanos) {
        deliveries++;
        if (!by.dying) recovery.read(nanos);
        int at = slot(by, position);
        if (at < 0) return;
        if (lengths[at] == 0 && begun[at] == 0) {
            fingerprints[at] = fingerprint;
            lengths[at] = length;
        } else if (fingerprints[at] != fingerprint || Math.abs(lengths[at]) != length) {
            by.violated("at position " + position + " it received " + length + " bytes with fingerprint " + fingerprint
                    + ", but others say: " + describe(position));
        } else {
            lengths[at] = length;
        }
    }

    /** A publish returned this position. */
    void published(Book by, long position, long fingerprint, int length, long beganAt, long returnedAt) {
        bytes += length;
        if (!by.dying) recovery.published(returnedAt);
        int at = slot(by, position);
        if (at < 0) return;
        if (begun[at] < 0) giveBack(at);
        if (begun[at] != 0) by.violated("published at position " + position + ", where another publisher did");
        if (lengths[at] != 0 && (fingerprints[at] != fingerprint || lengths[at] != length))
            by.violated("published " + length + " bytes with fingerprint " + fingerprint + " at position " + position
                    + ", but there: " + describe(position));
        if (lengths[at] == 0) lengths[at] = -length; // published, not yet received
        fingerprints[at] = fingerprint;
        begun[at] = Math.max(1, beganAt);
        returned[at] = returnedAt;
        for (ReadingBook reader : recentJoins)
            if (reader.joinedAt < beganAt && position < reader.start) startsTooLate(reader, position);
    }

    private void startsTooLate(ReadingBook reader, long position) {
        reader.violated("starts at " + reader.start + " and misses position " + position
                + ", whose publish began after it had joined");
    }

    void refused(Book by, long sequence, long fingerprint) {
        refused++;
        refusals.put(fingerprint, by.who + ", which was told that number " + sequence + " was not published");
    }

    /** It was killed inside publish. */
    void unknown(Book by, long fingerprint, int length, long after) {
        unknown.add(new Unknown(by.who, fingerprint, length, after));
    }

    void joined(ReadingBook reader) {
        joins++;
        for (long p = reader.start - 1; p >= Math.max(1, Math.max(reader.start, newest) - 2_000); p--)
            if (p <= newest && begun[(int) (p % WINDOW)] > reader.joinedAt) startsTooLate(reader, p);
        recentJoins.remove(reader);
        recentJoins.add(reader);
        if (recentJoins.size() > 32) recentJoins.remove(0);
    }

    ReadingBook.Subscription subscription(String name) {
        return subscriptions.computeIfAbsent(name, n -> new ReadingBook.Subscription());
    }

    /** -1: it cannot be that, or not any more. */
    private int slot(Book by, long position) {
        while (newest < position) { // what stood there is older than anybody may still need
            int at = (int) (++newest % WINDOW);
            lengths[at] = 0;
            begun[at] = 0;
        }
        if (position >= 1 && position > newest - WINDOW) return (int) (position % WINDOW);
        by.violated("position " + position + " cannot be, the newest is " + newest);
        return -1;
    }

    private void settle() {
        for (; unsettled <= newest; unsettled++) {
            int at = (int) (unsettled % WINDOW);
            if (lengths[at] <= 0) return;
            if (begun[at] == 0 && !isOfTheDead(at)) return;
            if (begun[at] < 0) continue; // of the dead: nobody knows when it began
            if (returned[at] < latestBegun)
                violated("position " + unsettled + " had been published when another that comes before it was begun");
            latestBegun = Math.max(latestBegun, begun[at]);
        }
    }

    /**
     * Of those who were killed inside publish one may have meant this; of several it does not
     * matter which, if they look the same.
     */
    private boolean isOfTheDead(int at) {
        for (Iterator<Unknown> all = unknown.iterator(); all.hasNext(); ) {
            Unknown one = all.next();
            if (one.fingerprint != fingerprints[at] || one.length != lengths[at] || one.after >= unsettled) continue;
            all.remove();
            finishedForTheDead++;
            bytes += one.length;
            begun[at] = -1;
            return true;
        }
        return false;
    }

    /** It was a message of a living publisher with the same content: that happens with very short ones. */
    private void giveBack(int at) {
        unknown.add(new Unknown("somebody", fingerprints[at], lengths[at], 0));
        finishedForTheDead--;
        bytes -= lengths[at];
        begun[at] = 0;
    }
}
