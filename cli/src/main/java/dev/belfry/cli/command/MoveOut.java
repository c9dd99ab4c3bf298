package dev.belfry.cli.command;

import dev.belfry.api.AckMode;
import dev.belfry.api.Capability;
import dev.belfry.api.InUseException;
import dev.belfry.api.IncompatibleVersionException;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageTooLargeException;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueStats;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.bridge.Bridges;
import dev.belfry.cli.reading.Queue;
import dev.belfry.cli.reading.Unread;
import dev.belfry.cli.text.Exit;
import dev.belfry.cli.text.Text;
import dev.belfry.spi.Capabilities;
import dev.belfry.spi.DomainTools.Keeper;
import dev.belfry.spi.DomainTools.Outside;
import dev.belfry.spi.NewerMessages;
import dev.belfry.spi.ShellWords;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongConsumer;

/**
 * Keeps messages of a domain in a plain queue. They are published, then on its disk, and only then end in the domain.
 * Messages that a move has published which was killed in between come again, and are found here: at the beginning, and
 * for each that another member held. The queue has each once, as long as it still has the newest that were published.
 */
final class MoveOut implements Keeper, AutoCloseable {
    private static final List<Capability> NEEDED = List.of(
            Capability.POSITIONS,
            Capability.HISTORY,
            Capability.NAMED,
            Capability.CLIENT_ACK,
            Capability.PROPERTIES,
            Capability.CROSS_PROCESS);
    /** As far back as a bridge reads: more than a move has under way, and others have published since. */
    private static final int REACH = 1 << 16;

    private static final int BATCH = 256;
    private static final long NOTHING = -1;
    private static final Duration ROOM = Duration.ofSeconds(5);
    private static final Duration DISK = Duration.ofSeconds(30);

    private final MessageQueue target;
    private final LongConsumer shown;
    private final Publisher publisher;
    private final UUID run = UUID.randomUUID(); // its marks are of no other's
    private final Set<Map<String, Object>> there = new LinkedHashSet<>(); // the newest, by their properties
    private final NewerMessages newer = new NewerMessages();
    private long learned = NOTHING; // the target was read up to here
    private long newest; // of those that are kept
    private long marked;
    private long ended;
    private int kept; // and not known to have ended
    private boolean isFull;

    /** {@code shown}: told how many have ended. */
    MoveOut(Queue named, LongConsumer shown) {
        this.shown = shown;
        target = named.open();
        require(target, "messages are moved there");
        publisher = target.createPublisher();
        QueueStats stats = target.stats();
        boolean isNeeded = stats.subscribers().stream().anyMatch(each -> each.name() != null);
        if (!isNeeded && target.capabilities().contains(Capability.GATING)) need();
    }

    private void need() {
        SubscriberOptions options =
                SubscriberOptions.builder().name(ShellWords.MOVE).build();
        try (Subscriber own = target.createSubscriber(options)) {
            own.position();
        } catch (InUseException other) {
            return; // another move has it, which makes it, or brings back
        }
    }

    static void require(MessageQueue plain, String wantedBy) {
        for (Capability one : NEEDED)
            Capabilities.require(plain.uri().getScheme(), plain.capabilities(), one, wantedBy);
    }

    URI target() {
        return target.uri();
    }

    boolean isFull() {
        return isFull;
    }

    /** How many have ended in the domain, without the last ones that are kept. */
    long ended() {
        return ended;
    }

    @Override
    public int keep(List<Outside> some) {
        ended += kept; // or this would not be called
        kept = 0;
        shown.accept(ended);
        if (learned == NOTHING || some.stream().anyMatch(Outside::wasHeld))
            learn(some.get(0).properties().keySet());
        int done = 0;
        for (Outside one : some) {
            if (!there.contains(one.properties()) && !isPublished(one)) break;
            done++;
        }
        isFull = done < some.size();
        awaitDisk();
        return kept = done;
    }

    private boolean isPublished(Outside one) {
        MessageProperties.Builder own = MessageProperties.builder();
        one.properties().forEach(own::putReceived);
        MessageProperties properties = Bridges.marked(own.build(), run, ++marked, one.sent());
        long length = (long) one.body().length + properties.encodedLength();
        if (length > publisher.maxMessageLength())
            throw new MessageTooLargeException("'" + target.uri() + "' takes messages of "
                    + Text.number(publisher.maxMessageLength()) + " bytes, and one of " + Text.number(length)
                    + " is next. Move to a queue of a larger maxCapacity.");
        long position = publisher.offer(ByteBuffer.wrap(one.body()), properties, ROOM);
        newest = Math.max(newest, position);
        return position >= 0;
    }

    /** Also what another one has published, who died before. */
    private void awaitDisk() {
        if (newest == 0 || !target.capabilities().contains(Capability.AWAIT_DURABLE)) return;
        if (!publisher.awaitDurable(newest, DISK))
            throw new Exit.Problem("the disk of '" + target.uri() + "' has not answered within 30 s.");
    }

    /** Reads which messages with these properties are there. */
    private void learn(Set<String> names) {
        QueueStats stats = target.stats();
        long until = stats.newestPosition();
        long from = Math.max(Math.max(1, stats.oldestPosition()), Math.max(learned + 1, until - REACH + 1));
        SubscriberOptions.Builder options =
                SubscriberOptions.builder().startAt(StartAt.at(from)).ackMode(AckMode.NONE);
        if (target.capabilities().contains(Capability.OVERRUN)) options.slowSubscriber(SlowSubscriber.OVERRUN);
        try (Subscriber in = target.createSubscriber(options.build())) {
            Unread unread = new Unread(in, target.capabilities().contains(Capability.MEMBERS));
            while (in.position() < until && learned(unread, names) > 0) continue;
            learned = in.position();
        }
        newest = Math.max(newest, learned);
    }

    private int learned(Unread unread, Set<String> names) {
        try {
            return unread.read(message -> add(message.properties(), names), BATCH);
        } catch (IncompatibleVersionException unreadable) {
            newer.passOver("belfry jms move", unread.in(), unreadable);
            return 1;
        }
    }

    private void add(MessageProperties properties, Set<String> names) {
        Map<String, Object> its = new HashMap<>();
        for (String name : names) its.put(name, properties.get(name));
        if (its.containsValue(null)) return;
        there.add(its);
        if (there.size() <= REACH) return;
        Iterator<Map<String, Object>> oldest = there.iterator();
        oldest.next();
        oldest.remove();
    }

    @Override
    public void close() {
        target.close();
    }
}
