package dev.belfry.benchmarks;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.BusySpinIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.YieldingIdleStrategy;

/** Messages in Agrona's buffers, and its ways to idle: what Aeron and Agrona's own rings have in common. */
final class AgronaBuffers {
    private AgronaBuffers() {}

    /** As {@link Entry} says. */
    static IdleStrategy idling(String waits) {
        return switch (waits) {
            case "spin" -> new BusySpinIdleStrategy();
            case "yield" -> new YieldingIdleStrategy();
            case "sleep" -> new BackoffIdleStrategy();
            default -> throw new IllegalArgumentException("no way to wait: " + waits);
        };
    }

    static void write(MutableDirectBuffer buffer, int at, long sequence, long due, long now, int length) {
        buffer.putLong(at, sequence);
        buffer.putLong(at + Message.DUE, due);
        buffer.putLong(at + Message.SENT, now);
        buffer.putLong(at + length - 8, sequence);
    }

    static void read(DirectBuffer buffer, int at, int length, Inbox inbox) {
        if (inbox.accept(
                buffer.getLong(at),
                buffer.getLong(at + Message.DUE),
                buffer.getLong(at + Message.SENT),
                buffer.getLong(at + length - 8),
                length)) for (int i = Message.FILLING; i < length - 8; i++) inbox.acceptByte(i, buffer.getByte(at + i));
    }
}
