package dev.belfry.jakarta.domain;

import dev.belfry.jakarta.wire.RecordWriter;
import dev.belfry.spi.Log;
import dev.belfry.spi.Reserve;
import java.time.Duration;
import java.util.Arrays;

/**
 * The messages of a plain subscription that were read and are not done, in the order of the log; and what is to be told
 * of the others. They are told by one number, up to which all are done, and those beyond it by a list. One thread at a
 * time.
 */
final class Unsettled {
    /** In one list. */
    private static final int MOST = 4_000;

    private static final int LENGTH = 10;

    private final long view;
    private final RecordWriter writer = new RecordWriter();
    private Taken first;
    private Taken last;
    /** All of the topic up to here was read. */
    private long read;
    /** All up to here are done, and that was told. */
    private long told;
    /** Done, and not told: how many, and those that were not the first when they were done. */
    private int untold;

    private long[] beyond = new long[16];
    private int size;

    Unsettled(long view) {
        this.view = view;
        read = told = view;
    }

    /** It was read after all others. */
    void add(Taken one) {
        read = one.mid;
        one.before = last;
        if (last == null) first = one;
        else last.after = one;
        last = one;
    }

    /** It was read after all others, and is not for this subscription. */
    void skip(long mid) {
        read = mid;
        untold++;
        if (first != null) note(mid);
    }

    /** {@code isTold}: to the others, too. Twice is nothing. */
    void done(Taken one, boolean isTold) {
        if (one != first && one.before == null) return;
        if (one.before == null) first = one.after;
        else one.before.after = one.after;
        if (one.after == null) last = one.before;
        else one.after.before = one.before;
        if (!isTold) {
            untold++;
            if (one.before != null) note(one.mid);
        }
        one.before = one.after = null;
    }

    private void note(long mid) {
        if (size == beyond.length) beyond = Arrays.copyOf(beyond, 2 * size);
        beyond[size++] = mid;
    }

    /** Whether nothing is done that was not told. */
    boolean isTold() {
        return untold == 0;
    }

    private long upTo() {
        return first == null ? read : first.mid - 1;
    }

    /** False: some of it was refused. */
    boolean tell(Log log) {
        long upTo = upTo();
        int kept = 0;
        for (int i = 0; i < size; i++) if (beyond[i] > upTo) beyond[kept++] = beyond[i];
        size = kept;
        Arrays.sort(beyond, 0, size);
        int most = (int) Math.min(MOST, log.maxRingBytes() / 32 / LENGTH);
        do {
            int some = Math.min(size, most);
            writer.begin(log.self());
            if (upTo > told) writer.ackUpTo(view, upTo);
            if (some > 0) writer.ack(view, Arrays.copyOf(beyond, some));
            if (writer.operations() > 0 && log.append(writer.end(), Reserve.SMALL, 0, Duration.ZERO) == Log.REJECTED)
                return false;
            told = Math.max(told, upTo);
            size -= some;
            System.arraycopy(beyond, some, beyond, 0, size);
        } while (size > 0);
        untold = 0;
        return true;
    }
}
