package dev.belfry.jakarta.wire;

import dev.belfry.spi.Bytes;
import java.util.Arrays;

/** Reads a PUT: runs of messages, then the views that are done with some of them, then what is not simply available. */
public final class Put {
    private static final int FEW = 64;

    private long[] mids = new long[FEW];
    private int count;

    /** Is told what a PUT says, in its order. */
    public interface Visitor {
        void message(long author, long mid, int at);

        /** This view needs the message no longer. */
        void done(long view, long mid);

        /** Holder 0: available, from notBefore on. */
        void state(long view, long mid, long holder, int redelivered, long notBefore);
    }

    /** The cursor is after the operation's head and ends with the operation. */
    public void read(Bytes record, Cursor in, Visitor visitor) {
        count = 0;
        for (long author = in.varint(); author != 0; author = in.varint()) run(record, in, author, visitor);
        for (long view = in.varint(); view != 0; view = in.varint()) done(record, in, view, visitor);
        for (long view = in.varint(); view != 0; view = in.varint()) state(in, view, visitor);
        in.expectEnd();
    }

    private void run(Bytes record, Cursor in, long author, Visitor visitor) {
        long first = in.varint();
        int n = in.count();
        if (first < 0 || first + n < 0) throw new Malformed("mid");
        in.align();
        for (int i = 0; i < n; i++) {
            int at = in.at();
            in.skipBlock(RecordCheck.message(record, at, at + in.remaining()));
            if (count == mids.length) mids = Arrays.copyOf(mids, 2 * count);
            mids[count++] = first + i;
            visitor.message(author, first + i, at);
        }
    }

    private void done(Bytes record, Cursor in, long view, Visitor visitor) {
        int bits = in.skipBlock((count + 7) / 8);
        for (int i = 0; i < count; i++)
            if ((record.getByte(bits + i / 8) >> (i & 7) & 1) != 0) visitor.done(view, mids[i]);
    }

    private static void state(Cursor in, long view, Visitor visitor) {
        long holder = in.varint();
        int redelivered = in.count();
        long notBefore = in.varint();
        int n = in.count();
        long mid = -1;
        for (int i = 0; i < n; i++) {
            mid = Mids.read(in, mid);
            visitor.state(view, mid, holder, redelivered, notBefore);
        }
    }
}
