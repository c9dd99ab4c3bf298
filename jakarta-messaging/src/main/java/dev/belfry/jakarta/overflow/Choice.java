package dev.belfry.jakarta.overflow;

import dev.belfry.jakarta.fold.Channel;
import dev.belfry.jakarta.fold.Delivery;
import dev.belfry.jakarta.fold.Message;
import dev.belfry.jakarta.fold.State;
import dev.belfry.jakarta.fold.View;
import dev.belfry.jakarta.wire.DestinationId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Has the messages to be paged out next: the newest of the largest lane of all queues. The oldest of them stay in
 * memory, as they are delivered first. They are copies, as the fold goes on meanwhile.
 */
record Choice(long queue, String name, int priority, List<One> messages) {
    /** Mids of a page. */
    private static final int MOST = 8_192;
    /** Bytes of a page. */
    private static final long MOST_BYTES = 4 << 20;
    /** So many stay in memory, or this part of the ring. */
    private static final int STAY = 1_024;

    private static final int STAYS = 64;
    /** A lane with less than this part of the ring stays in memory. */
    private static final int LEAST = 32;

    /** A message longer than this part of the ring stays in memory: it might find no room to come back. */
    private static final int LONGEST = 8;

    private static final int PRIORITIES = 10;

    /** A message, and where it lies. */
    record One(long mid, long author, long statement, long place, int at, int length, long expiry) {
        private static One of(Message m) {
            return new One(m.mid(), m.author(), m.statement(), m.place(), m.at(), m.length(), m.expiry());
        }
    }

    /** A message that may lie in a page: it has no state, and is due. */
    static boolean isPlain(View queue, Message m, long now) {
        Delivery delivery = m.isLive() ? queue.of(m) : null;
        return delivery != null
                && delivery.isAvailable()
                && delivery.count() == 0
                && delivery.notBefore() == 0
                && m.deliveryTime() <= now
                && (m.expiry() == 0 || m.expiry() > now);
    }

    /** Returns null if no lane is large enough. Has the fold lock. */
    static Choice of(State state, long ring, long now) {
        Lane largest = null;
        for (Channel channel : state.channels()) {
            if (!mayBePaged(state, channel, ring)) continue; // mostly: its messages are not visited
            for (int priority = 0; priority < PRIORITIES; priority++) {
                Lane one = new Lane(channel, priority, now, ring / LONGEST);
                if (largest == null || one.bytes > largest.bytes) largest = one;
            }
        }
        if (largest == null || largest.bytes < ring / LEAST) return null;
        List<One> newest = largest.newest(ring / STAYS);
        return newest.isEmpty()
                ? null
                : new Choice(
                        largest.channel.destination,
                        state.registry.name(largest.channel.destination),
                        largest.priority,
                        newest);
    }

    /** Its name is told by chunks. */
    private static boolean mayBePaged(State state, Channel channel, long ring) {
        return channel.queue != null
                && !DestinationId.isTemporary(channel.destination)
                && channel.bytes() >= ring / LEAST
                && state.registry.name(channel.destination) != null;
    }

    /** The plain messages of one queue and priority, but for those that are too long. */
    private static final class Lane {
        final Channel channel;
        final int priority;
        private final long now;
        private final long longest;
        private long bytes;

        Lane(Channel channel, int priority, long now, long longest) {
            this.channel = channel;
            this.priority = priority;
            this.now = now;
            this.longest = longest;
            forEach(m -> (bytes += m.length()) > 0);
        }

        private void forEach(Predicate<Message> each) {
            channel.forEach(priority, -1, m -> m.length() > longest || !isPlain(channel.queue, m, now) || each.test(m));
        }

        /** Those of a page, but for what stays. */
        List<One> newest(long stays) {
            ArrayDeque<Message> newest = new ArrayDeque<>();
            long[] passed = {0, 0, 0}; // messages and bytes that stay, and the bytes of the newest
            forEach(m -> {
                if (passed[0] < STAY && passed[1] < stays) {
                    passed[0]++;
                    passed[1] += m.length();
                    return true;
                }
                newest.add(m);
                passed[2] += m.length();
                while (newest.size() > MOST || newest.size() > 1 && passed[2] > MOST_BYTES)
                    passed[2] -= newest.remove().length();
                return true;
            });
            if (passed[2] < stays) return List.of(); // its statement would be worth more
            List<One> copies = new ArrayList<>();
            for (Message m : newest) copies.add(One.of(m));
            return copies;
        }
    }
}
