package dev.belfry.tests;

/**
 * What is known of one subscriber: it gets position after position, none twice but what it had not
 * acknowledged, and none left out but with notice.
 */
final class ReadingBook extends Ledger.Book {
    /** Of a named subscription, whoever has it. */
    static final class Subscription {
        private long acknowledged; // at least
        private long seen;
        private ReadingBook holder;
    }

    private final Subscription named; // null: anonymous
    long joinedAt;
    long start;
    private boolean joined;
    private boolean gates;
    private boolean overruns;
    private long expected;
    private long seen;
    private long acknowledged;
    private long givenBefore;
    private long lost;
    private long lostBefore;

    ReadingBook(String who, String name, Journal journal, Ledger ledger) {
        super(who, journal, ledger);
        named = name == null ? null : ledger.subscription(name);
    }

    @Override
    boolean read() {
        switch (journal.kind) {
            case JOINED -> {
                // What the one before wrote comes first.
                if (named != null && named.holder != this && named.holder != null && !ledger.isRead(named.holder))
                    return false;
                join();
            }
            case LOST -> lost = journal.a;
            case RECEIVED -> {
                if (!ledger.mayTake(journal.a)) return false;
                receive(journal.a);
            }
            case ACKNOWLEDGED -> {
                acknowledged = Math.max(acknowledged, journal.a);
                if (named != null) named.acknowledged = acknowledged;
            }
            case WENT_BACK -> {
                expected = acknowledged + 1;
                givenBefore = seen;
            }
            case ENDED -> {
                if (joined && (gates || overruns))
                    violated("was disconnected, but it gates, or is overrun: " + describe());
                ledger.ended++;
                leave();
            }
            case LEFT -> leave();
            default -> violated("a subscriber does not say " + journal.kind);
        }
        return true;
    }

    private void join() {
        joined = true;
        gates = (journal.length & 1) != 0;
        overruns = (journal.length & 2) != 0;
        start = expected = journal.a;
        joinedAt = journal.c;
        if (!dying) ledger.recovery.read(joinedAt);
        long wanted = journal.b;
        lostBefore = wanted == 0 ? 0 : start - wanted; // what the count of the lost has to say
        if (lostBefore < 0) violated("asked for " + wanted + ", but starts at " + start);
        ledger.lost += Math.max(0, lostBefore);
        lost = 0;
        seen = acknowledged = givenBefore = start - 1;
        if (named == null) {
            ledger.joined(this);
            return;
        }
        ledger.joins++;
        if (start <= named.acknowledged || start > named.seen + 1)
            violated("continues at " + start + ", though " + named.acknowledged + " was acknowledged and " + named.seen
                    + " seen");
        named.acknowledged = acknowledged;
        named.holder = this;
        givenBefore = seen = named.seen;
    }

    private void receive(long position) {
        if (!joined) violated("received " + position + " before it joined");
        long missed = position - Math.max(expected, seen + 1);
        if (position < expected || position > expected && !overruns)
            violated("received position " + position + " instead of " + expected + ": " + describe());
        if (overruns && missed > 0) {
            lostBefore += missed;
            ledger.lost += missed;
        }
        boolean mayHaveEnded =
                !gates && !overruns && lost > lostBefore; // then the rest is lost, and the next call says so
        if (lost != lostBefore && !mayHaveEnded)
            violated("says that it lost " + lost + " at position " + position + ", it was " + lostBefore);
        boolean again = position <= givenBefore;
        boolean maybe = named != null && position == givenBefore + 1; // given, but not written down
        boolean saysAgain = (journal.c & 1) != 0;
        if (again != saysAgain && !maybe)
            violated("position " + position + " is " + (again ? "not " : "") + "said to be redelivered: " + describe());
        if (saysAgain) ledger.redelivered++;
        expected = position + 1;
        seen = Math.max(seen, position);
        if (named != null) named.seen = seen;
        ledger.received(this, position, journal.b, journal.length, journal.c >> 1);
    }

    private void leave() {
        joined = false;
    }

    boolean hasReached(long position) {
        return joined && expected > position;
    }

    String describe() {
        return who + (joined ? " since " + start : " not joined") + ", next " + expected + ", acknowledged "
                + acknowledged + ", seen " + seen + ", given before " + givenBefore + (gates ? ", gates" : "")
                + (overruns ? ", overruns" : "");
    }

    @Override
    void end() {
        leave();
        if (named != null && named.holder == this) named.holder = null;
    }
}
