package dev.belfry.jakarta.overflow;

import dev.belfry.jakarta.fold.Channel;
import dev.belfry.jakarta.fold.Delivery;
import dev.belfry.jakarta.fold.Message;
import dev.belfry.jakarta.fold.State;
import dev.belfry.jakarta.fold.View;
import dev.belfry.jakarta.wire.DestinationId;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/**
 * Has the messages to be paged out next: of the largest queue the newest with the lowest priority, which are delivered
 * last. The oldest of that priority stay in memory. They are copies, as the fold goes on meanwhile.
 */
record Choice(long queue, String name, int priority, List<One> messages) {
    /** Mids of a page. */
    private static final int MOST = 8_192;
    /** Bytes of a page. */
    private static final long MOST_BYTES = 4 << 20;
    /** So many stay in memory, or this part of the ring. */
    private static final int STAY = 1_024;

    private static final int STAYS = 64;
    /** A queue with less than this part of the ring stays in memory. */
    private static final int LEAST = 32;

    /** A message longer than this part of the ring stays in memory: it might find no room to come back. */
    static final int LONGEST = 8;

    /** More are only visited if many are not plain. */
    private static final int MOST_VISITED = 4 * (MOST + STAY);

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

    /** Returns null if no queue has enough. Has the fold lock: at most what a page takes is visited, and a bit more. */
    static Choice of(State state, long ring, long now) {
        return state.channels().stream()
                .filter(channel -> mayBePaged(state, channel, ring))
                .sorted(Comparator.comparingLong(Channel::bytes).reversed())
                .map(channel -> of(state, channel, ring, now))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    /** Excludes temporary ones: chunks tell the name. */
    static boolean mayBePaged(State state, Channel channel, long ring) {
        return channel.queue != null
                && !DestinationId.isTemporary(channel.destination)
                && channel.bytes() >= ring / LEAST
                && state.registry.name(channel.destination) != null;
    }

    private static Choice of(State state, Channel channel, long ring, long now) {
        for (int priority = 0; priority < PRIORITIES; priority++) {
            Newest newest = new Newest(channel, ring, now);
            channel.forEachFromNewest(priority, newest::goesOn);
            List<One> messages = newest.messages();
            if (!messages.isEmpty())
                return new Choice(channel.destination, state.registry.name(channel.destination), priority, messages);
        }
        return null;
    }

    /** Has the newest plain messages of one queue and priority, and knows whether enough older ones stay. */
    private static final class Newest {
        private final View queue;
        private final long now;
        private final long longest;
        private final long stays;
        private final ArrayDeque<Message> page = new ArrayDeque<>();
        private long bytes;
        private boolean isFull;
        private int staying;
        private long stayingBytes;
        private int visited;

        Newest(Channel channel, long ring, long now) {
            this.queue = channel.queue;
            this.now = now;
            longest = ring / LONGEST;
            stays = ring / STAYS;
        }

        /** Takes the next older one; false: no more are needed. */
        boolean goesOn(Message m) {
            if (m.length() <= longest && isPlain(queue, m, now)) {
                isFull |= page.size() == MOST || !page.isEmpty() && bytes + m.length() > MOST_BYTES;
                if (isFull) stays(m);
                else add(m);
            }
            return ++visited < MOST_VISITED && !hasEnoughThatStay();
        }

        private void add(Message m) {
            page.addFirst(m);
            bytes += m.length();
        }

        private void stays(Message m) {
            staying++;
            stayingBytes += m.length();
        }

        private boolean hasEnoughThatStay() {
            return staying >= STAY || stayingBytes >= stays;
        }

        /** Returns those of a page; none if they are worth less than its statement. */
        List<One> messages() {
            while (!hasEnoughThatStay() && !page.isEmpty()) {
                Message oldest = page.removeFirst();
                bytes -= oldest.length();
                stays(oldest);
            }
            return isFull || bytes >= stays ? page.stream().map(One::of).toList() : List.of();
        }
    }
}
