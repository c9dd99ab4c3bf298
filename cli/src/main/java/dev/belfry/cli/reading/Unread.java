package dev.belfry.cli.reading;

import dev.belfry.api.Message;
import dev.belfry.api.MessageHandler;
import dev.belfry.api.Subscriber;
import dev.belfry.cli.text.Exit;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Reads for a command what has been published. "Nothing yet" is not the end: on this machine a disk may be slow, and
 * {@code lag} says whether something is there.
 */
public record Unread(Subscriber in, boolean here, Duration patience) {
    private static final Duration SLICE = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    public Unread(Subscriber in, boolean here) {
        this(in, here, PATIENCE);
    }

    /** Null: there is none, or the broker is silent. */
    public Message next() {
        return here ? known() : in.receive(patience);
    }

    /** One that was published; null: it is gone. */
    public Message known() {
        return awaited(() -> in.receive(SLICE), null);
    }

    /** Passes over so many at most, on this machine; 0: there is none. */
    public int pass(int most) {
        return read(message -> {}, most);
    }

    /** Reads so many at most that were published; 0: they are gone. */
    public int read(MessageHandler each, int most) {
        return awaited(() -> in.poll(each, most, SLICE), 0);
    }

    private <T> T awaited(Supplier<T> read, T nothing) {
        long began = System.nanoTime();
        while (true) {
            T found = read.get();
            boolean isNothing = found == null || found.equals(nothing);
            if (!isNothing || in.lag() == 0) return found;
            if (System.nanoTime() - began > patience.toNanos())
                throw new Exit.Problem("message " + (in.position() + 1) + " has not been read within "
                        + patience.toSeconds() + " s: its " + (here ? "disk" : "broker")
                        + " hangs, or is slow. It stays, and all after it.");
        }
    }
}
