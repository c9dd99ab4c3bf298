package dev.belfry.shm.ring;

import dev.belfry.shm.layout.JournalWords;
import dev.belfry.shm.layout.SegmentHeader;
import java.util.function.LongSupplier;

/**
 * For readers that see a message when it is durable: the word that says so, read again only where a reader comes to it.
 */
public final class DurableLimit {
    private final JournalWords journal;
    private long durable;

    private DurableLimit(JournalWords journal) {
        this.journal = journal;
    }

    private boolean isBelow(long offset) {
        return offset < durable || offset < (durable = journal.durableAcquire());
    }

    /** As {@link InPlaceReader}. */
    public static InPlaceReader inPlace(Regions regions, int longestFrame, JournalWords journal) {
        DurableLimit limit = new DurableLimit(journal);
        return new InPlaceReader(regions, longestFrame) {
            @Override
            public boolean mayRead() {
                return limit.isBelow(cursor);
            }
        };
    }

    /** As {@link PassableReader}. */
    public static PassableReader passable(
            Regions regions, int longestFrame, SegmentHeader header, LongSupplier needed, JournalWords journal) {
        DurableLimit limit = new DurableLimit(journal);
        return new PassableReader(regions, longestFrame, header, needed) {
            @Override
            public boolean mayRead() {
                return limit.isBelow(cursor);
            }
        };
    }
}
