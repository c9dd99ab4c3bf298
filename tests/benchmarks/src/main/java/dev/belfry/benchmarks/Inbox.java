package dev.belfry.benchmarks;

import org.HdrHistogram.Histogram;

/**
 * Checks what arrives: each sender's messages in order, none missing, none twice, the right words
 * at both ends; each 4096th byte by byte.
 */
final class Inbox {
    private final int length;
    private final byte[] filling;
    private final long[] next = new long[64];
    private Runnable onMessage = () -> {};
    private boolean timed;
    private int ends;
    private long count;
    private long first;
    private long last;
    private long due;
    private long sent;

    final Histogram fromDue = new Histogram(60_000_000_000L, 3);
    final Histogram fromSent = new Histogram(60_000_000_000L, 3);

    Inbox(int length) {
        this.length = length;
        filling = Message.filling(length);
    }

    /** Run for each message but the last, while it is being handed over: where one answers. */
    void onMessage(Runnable action) {
        onMessage = action;
    }

    /** A new round, which is over when so many senders have sent their last. Timed: latencies are recorded. */
    void begin(int senders, boolean recordLatency) {
        ends = senders;
        timed = recordLatency;
        count = 0;
        first = 0;
        fromDue.reset();
        fromSent.reset();
    }

    boolean isOver() {
        return ends == 0;
    }

    long count() {
        return count;
    }

    /** Of the message that came last: an answer carries it back. */
    long due() {
        return due;
    }

    long sent() {
        return sent;
    }

    /** From the first message's arrival to the end's. */
    long nanos() {
        return last - first;
    }

    /** One has come. True: hand over its bytes, too. */
    boolean accept(long sequence, long wasDue, long wasSent, long again, int bytes) {
        if (sequence != again || bytes != length)
            throw new IllegalStateException(
                    "torn: " + sequence + " at its begin, " + again + " at its end, " + bytes + " bytes of " + length);
        int sender = (int) (sequence >>> 56);
        long number = sequence & Message.END;
        if (number == Message.END) {
            last = System.nanoTime();
            ends--;
            return false;
        }
        if (number != next[sender])
            throw new IllegalStateException("sender " + sender + ": " + number + " came instead of " + next[sender]);
        next[sender]++;
        if (count++ == 0) first = System.nanoTime();
        due = wasDue;
        sent = wasSent;
        if (timed) {
            long now = System.nanoTime();
            fromDue.recordValue(Math.max(0, now - due));
            fromSent.recordValue(Math.max(0, now - sent));
        }
        onMessage.run();
        return (number & 4095) == 4095;
    }

    void acceptByte(int index, byte value) {
        if (value != filling[index])
            throw new IllegalStateException("byte " + index + " is " + value + " instead of " + filling[index]);
    }
}
