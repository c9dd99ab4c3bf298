package dev.belfry.bridge;

import dev.belfry.api.AckMode;
import dev.belfry.api.Capability;
import dev.belfry.api.IncompatibleVersionException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.QueueStats;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.spi.NewerMessages;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.ObjLongConsumer;

/** Reads what a queue retains, for what must be known of it before one goes on. Holds no publisher up. */
final class History {
    /** How far back duplicates are sought: more than can be under way to a broker when its sender dies. */
    static final int REACH = 1 << 16;

    private static final int FIRST_BLOCK = 64;
    private static final int BATCH = 256;
    private static final Duration SLICE = Duration.ofMillis(50);

    private final MessageQueue queue;
    private final BooleanSupplier isClosing;
    private final NewerMessages newerMessages = new NewerMessages(); // they have no mark that we know of
    long newestAt; // in the queue, of the mark that was found last; 0: none was

    /** {@code isClosing}: asked now and then; if so, {@link Stopped} is thrown. */
    History(MessageQueue queue, BooleanSupplier isClosing) {
        this.queue = queue;
        this.isClosing = isClosing;
    }

    /**
     * The mark with the last position of {@code source} that a bridge brought from there; null if there is none. Read
     * from the end in blocks that grow: mostly the first has it. The newest message of a process that was killed may
     * not be in the figures of {@code stats} yet: the first block ends where nothing more comes.
     */
    Mark newestOf(Identity source) {
        QueueStats stats = queue.stats();
        long until = stats.newestPosition();
        for (long size = FIRST_BLOCK; ; size = Math.min(8 * size, REACH)) {
            long from = Math.max(Math.max(1, stats.oldestPosition()), until - size + 1);
            boolean atTheEnd = until == stats.newestPosition();
            Mark newest = newestOf(source, from, until, atTheEnd);
            if (newest != null || from <= stats.oldestPosition() || from == 1) return newest;
            until = from - 1;
        }
    }

    private Mark newestOf(Identity source, long from, long until, boolean on) {
        Mark[] newest = new Mark[1];
        read(from, until, on, (mark, position) -> {
            long upTo = source.upTo(mark);
            if (upTo > 0 && upTo >= source.upTo(newest[0])) {
                newest[0] = mark;
                newestAt = position;
            }
        });
        return newest[0];
    }

    /** Shows it the newest messages up to {@code until}. */
    void teach(Duplicates duplicates, long until) {
        QueueStats stats = queue.stats();
        long from = Math.max(Math.max(1, stats.oldestPosition()), until - REACH + 1);
        if (from <= until) read(from, until, false, duplicates::contain);
    }

    /** Reads from there to there. {@code on}: also what comes after, as long as there is something. */
    private void read(long from, long until, boolean on, ObjLongConsumer<Mark> visitor) {
        SubscriberOptions.Builder options =
                SubscriberOptions.builder().startAt(StartAt.at(from)).ackMode(AckMode.NONE);
        if (queue.capabilities().contains(Capability.OVERRUN)) options.slowSubscriber(SlowSubscriber.OVERRUN);
        try (Subscriber in = queue.createSubscriber(options.build())) {
            for (boolean isLate = false; ; ) {
                Stopped.ifClosing(isClosing.getAsBoolean());
                boolean there = in.position() >= until;
                if (there && !on) return;
                try {
                    int n = in.poll(
                            m -> {
                                if (on || m.position() <= until) visitor.accept(Mark.of(m.properties()), m.position());
                            },
                            BATCH,
                            there && !isLate ? Duration.ZERO : SLICE);
                    isLate = n == 0 && isLate(in);
                    if (n == 0 && (there && !isLate || queue.stats().oldestPosition() > until)) return;
                } catch (IncompatibleVersionException newer) {
                    newerMessages.passOver("Bridge", in, newer);
                }
            }
        }
    }

    /** "Nothing yet" is not the end: on this machine a disk may be slow, and {@code lag} says that more is there. */
    private boolean isLate(Subscriber in) {
        return in.lag() > 0 && queue.capabilities().contains(Capability.MEMBERS);
    }
}
