package dev.belfry.cli.command;

import dev.belfry.api.AckMode;
import dev.belfry.api.Capability;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.bridge.Bridges;
import dev.belfry.cli.reading.Queue;
import dev.belfry.cli.reading.Unread;
import dev.belfry.cli.text.Exit;
import dev.belfry.cli.text.Text;
import dev.belfry.spi.DomainTools.Entry;
import dev.belfry.spi.ShellWords;
import java.util.ArrayList;
import java.util.List;

/**
 * Brings messages from a plain queue back into a domain. They are sent there for good, and only then acknowledged here.
 * A move that was killed in between has told the domain its place.
 */
final class MoveIn implements AutoCloseable {
    private static final int MOST = 64;
    private static final int MOST_BYTES = 32 << 10; // room for it is in the smallest domain

    interface Progress {
        void moved(long messages, long all);
    }

    private final MessageQueue origin;
    private final Subscriber in;
    private final Unread unread;
    private final long end;
    private long read; // the last one that the domain has
    private long moved;
    private long lost;

    MoveIn(MessageQueue origin) {
        this.origin = origin;
        MoveOut.require(origin, "messages are moved from there");
        end = origin.stats().newestPosition(); // what comes later is left
        in = Bridges.dropDuplicates(
                origin,
                SubscriberOptions.builder()
                        .name(ShellWords.MOVE)
                        .startAt(StartAt.OLDEST_RETAINED)
                        .ackMode(AckMode.CLIENT)
                        .build());
        unread = new Unread(in, origin.capabilities().contains(Capability.MEMBERS));
    }

    String id() {
        return origin.stats().id().toString();
    }

    long moved() {
        return moved;
    }

    long lost() {
        return lost;
    }

    void moveTo(Entry entry, long most, Progress progress) {
        long all = Math.min(most, end - in.position());
        while (moved < most && in.position() < end) {
            List<byte[]> bodies = new ArrayList<>();
            Message refused = read(entry, Math.min(MOST, most - moved), bodies);
            if (!bodies.isEmpty()) entry.put(bodies, read);
            if (read > 0) in.acknowledge(read);
            moved += bodies.size();
            progress.moved(moved, all);
            if (refused != null) throw isNone(refused);
            if (bodies.isEmpty()) break; // the rest is gone
        }
        lost = in.lostCount();
        in.close(); // it keeps the place from now on
        entry.forget();
    }

    /** Up to so many; returns a message that is none of a domain, before which it stops. */
    private Message read(Entry entry, long most, List<byte[]> bodies) {
        long bytes = 0;
        while (bodies.size() < most && bytes < MOST_BYTES && in.position() < end) {
            Message message = bodies.isEmpty() ? unread.known() : in.receiveNoWait();
            if (message == null) break;
            if (message.position() > entry.place()) { // else a move before has brought it
                if (!entry.isMessage(message.bytes())) return message;
                bodies.add(message.bytes());
                bytes += message.length();
            }
            read = message.position();
        }
        return null;
    }

    private Exit.Problem isNone(Message refused) {
        String name = ShellWords.of(Queue.of(origin.uri().toString()).words());
        return new Exit.Problem("message " + Text.number(refused.position()) + " of '" + origin.uri()
                + "' is no message of a domain that this release can read, and was not moved: 'belfry skip " + name
                + " "
                + ShellWords.MOVE + "' passes over it.");
    }

    @Override
    public void close() {
        in.close();
    }
}
