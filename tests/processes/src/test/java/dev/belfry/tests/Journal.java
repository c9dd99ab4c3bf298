package dev.belfry.tests;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.LockSupport;

/**
 * What one participant of a soak writes down as it goes, in a mapped file that survives it: a ring
 * of events from one writer, which may be killed at any instant, to one reader. An event is there,
 * whole, or it is not.
 */
final class Journal {
    /** With the meaning of the three numbers beside the length. */
    enum Kind {
        /** About to publish: sequence, fingerprint, time. */
        PUBLISHING,
        /** It was published: sequence, position, time. */
        PUBLISHED,
        /** It was not, for sure: sequence. */
        REFUSED,
        /**
         * A subscription begins: first position to come, the one asked for (0: any), time; length:
         * see {@link #joined}.
         */
        JOINED,
        /** Lost so far, it says. */
        LOST,
        /** Position, fingerprint, twice the time, and 1 more if it is said to be redelivered. */
        RECEIVED,
        /** Up to this position, for sure. */
        ACKNOWLEDGED,
        /** To the first that is not acknowledged. */
        WENT_BACK,
        /** Disconnected, as its policy has it. */
        ENDED,
        /** In order. */
        LEFT
    }

    private static final VarHandle LONG = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final Kind[] KINDS = Kind.values();
    private static final int EVENTS = 1 << 13;
    private static final int EVENT = 32;
    private static final int WRITTEN = 0;
    private static final int TAKEN = 64;
    private static final int FIRST = 128;

    final Path file;
    private final ByteBuffer bytes;
    private long written;
    private long taken;

    // The event looked at last.
    Kind kind;
    int length;
    long a;
    long b;
    long c;

    Journal(Path file) throws IOException {
        this.file = file;
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            bytes = channel.map(FileChannel.MapMode.READ_WRITE, 0, FIRST + EVENTS * EVENT)
                    .order(ByteOrder.nativeOrder());
        }
        written = (long) LONG.getAcquire(bytes, WRITTEN);
        taken = (long) LONG.getAcquire(bytes, TAKEN);
    }

    /** What {@link Kind#JOINED} has as its length. */
    static int joined(boolean gates, boolean overruns) {
        return (gates ? 1 : 0) | (overruns ? 2 : 0);
    }

    /** Waits for room if the reader is behind. */
    void add(Kind what, int lengthOf, long first, long second, long third) {
        while (written - (long) LONG.getAcquire(bytes, TAKEN) == EVENTS) LockSupport.parkNanos(200_000);
        int at = FIRST + (int) (written % EVENTS) * EVENT;
        bytes.putLong(at, (long) lengthOf << 8 | what.ordinal());
        bytes.putLong(at + 8, first);
        bytes.putLong(at + 16, second);
        bytes.putLong(at + 24, third);
        LONG.setRelease(bytes, WRITTEN, ++written);
    }

    void add(Kind what, long first) {
        add(what, 0, first, 0, 0);
    }

    /** Looks at the next event; false: there is none yet. */
    boolean look() {
        if (taken == written && taken == (written = (long) LONG.getAcquire(bytes, WRITTEN))) return false;
        int at = FIRST + (int) (taken % EVENTS) * EVENT;
        long head = bytes.getLong(at);
        kind = KINDS[(int) (head & 0xFF)];
        length = (int) (head >>> 8);
        a = bytes.getLong(at + 8);
        b = bytes.getLong(at + 16);
        c = bytes.getLong(at + 24);
        return true;
    }

    /** The newest event, or what it was a moment ago: its writer goes on. */
    Kind newest() {
        long now = (long) LONG.getAcquire(bytes, WRITTEN);
        if (now == 0) return Kind.LEFT;
        return KINDS[(int) (bytes.getLong(FIRST + (int) ((now - 1) % EVENTS) * EVENT) & 0xFF) % KINDS.length];
    }

    /** Done with what was looked at. */
    void take() {
        LONG.setRelease(bytes, TAKEN, ++taken);
    }

    /** For another writer; the last one is gone, and all it wrote was taken. */
    void reuse() {
        written = taken = 0;
        LONG.setRelease(bytes, WRITTEN, 0L);
        LONG.setRelease(bytes, TAKEN, 0L);
    }
}
