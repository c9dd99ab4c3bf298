package dev.belfry.tests;

/** What is known of one publisher: its numbers are dense and its positions rise. */
final class PublishingBook extends Ledger.Book {
    private boolean inside;
    private long sequence;
    private long fingerprint;
    private int length;
    private long beganAt;
    private long lastPosition;

    PublishingBook(String who, Journal journal, Ledger ledger) {
        super(who, journal, ledger);
    }

    @Override
    boolean read() {
        switch (journal.kind) {
            case PUBLISHING -> {
                if (inside || journal.a != sequence + 1) violated("number " + journal.a + " after " + sequence);
                inside = true;
                sequence = journal.a;
                fingerprint = journal.b;
                length = journal.length;
                beganAt = journal.c;
            }
            case PUBLISHED -> {
                if (!ledger.mayTake(journal.b)) return false;
                requireInside();
                if (journal.b <= lastPosition)
                    violated("number " + sequence + " is at position " + journal.b + ", the one before it at "
                            + lastPosition);
                lastPosition = journal.b;
                ledger.published(this, lastPosition, fingerprint, length, beganAt, journal.c);
            }
            case REFUSED -> {
                requireInside();
                ledger.refused(this, sequence, fingerprint);
            }
            default -> violated("a publisher does not say " + journal.kind);
        }
        return true;
    }

    private void requireInside() {
        if (!inside || journal.a != sequence) violated("tells of number " + journal.a + " instead of " + sequence);
        inside = false;
    }

    @Override
    void end() {
        if (inside) ledger.unknown(this, fingerprint, length, lastPosition);
    }
}
