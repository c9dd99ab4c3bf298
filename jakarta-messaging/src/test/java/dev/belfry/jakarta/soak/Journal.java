package dev.belfry.jakarta.soak;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * What one process writes down as it goes, in a mapped file that survives it. Its writer may be
 * killed at any instant: an event is there, whole, or it is not.
 */
final class Journal {
    /** Each is written before the call that it names, or after it has returned. */
    enum Kind {
        /** A session begins; {@code extra}: its {@link Mode}. */
        SESSION,
        /** The session has a plain subscription from now on. */
        SUBSCRIBED,
        /** About to send this message there ({@code extra}); in a transaction the send takes effect with it. */
        SEND,
        /** The send has returned. */
        SENT,
        /** It has failed. */
        REFUSED,
        /** About to receive; a message is acknowledged before the call returns. */
        RECEIVING,
        /** This message was delivered, from a place ({@code extra}, low byte), for the n-th time (the rest of it). */
        GOT,
        /** About to acknowledge, to commit, or to return from the listener. */
        ENDING,
        /** That is done. */
        ENDED,
        /** The commit was refused, which rolls back. */
        UNDONE,
        /** About to recover, to roll back, or to throw in a listener: what is open is given back. */
        RELEASING,
        /** About to close the session. */
        CLOSING,
        /** It is closed. */
        CLOSED,
        /** About to die by its own hand. */
        DYING,
        /** The process ends in order. */
        LEFT
    }

    /** One event; {@code at}: of {@link System#nanoTime}, which on Linux all processes share. */
    record Event(Kind kind, int extra, long id, long at) {}

    private static final VarHandle LONG = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final Kind[] KINDS = Kind.values();
    private static final int EVENT = 24;
    private static final int MOST = 200_000;
    private static final int SPARE = 5_000;

    private final ByteBuffer bytes;
    private int written;

    /** As long as the file is new, its bytes are zeros, and take no space. */
    Journal(Path file) {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            bytes = channel.map(FileChannel.MapMode.READ_WRITE, 0, MOST * EVENT).order(ByteOrder.nativeOrder());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    synchronized void add(Kind kind, int extra, long id) {
        int at = written++ * EVENT;
        bytes.putLong(at + 8, id);
        bytes.putLong(at + 16, System.nanoTime());
        LONG.setRelease(bytes, at, (long) extra << 8 | kind.ordinal() + 1);
    }

    void add(Kind kind) {
        add(kind, 0, 0);
    }

    /** Its writer should end, and another one begin. */
    boolean isNearlyFull() {
        return written > MOST - SPARE;
    }

    /** Whether its writer has come as far as this. */
    boolean has(int events) {
        return (long) LONG.getAcquire(bytes, (events - 1) * EVENT) != 0;
    }

    /** All of them; its writer is gone. */
    List<Event> events() {
        List<Event> events = new ArrayList<>();
        for (int at = 0; at < MOST * EVENT; at += EVENT) {
            long head = (long) LONG.getAcquire(bytes, at);
            if (head == 0) break;
            Kind kind = KINDS[(int) (head & 0xFF) - 1];
            events.add(new Event(kind, (int) (head >>> 8), bytes.getLong(at + 8), bytes.getLong(at + 16)));
        }
        return events;
    }
}
