package dev.belfry.jakarta.overflow;

import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.QueueFullException;
import dev.belfry.api.QueueStats;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.SubscriberStats;
import dev.belfry.jakarta.wire.DestinationId;
import dev.belfry.jakarta.wire.Malformed;
import dev.belfry.jakarta.wire.RecordWriter;
import dev.belfry.spi.Bytes;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Log;
import dev.belfry.spi.Reserve;
import dev.belfry.spi.Units;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;

/**
 * Brings what a companion has whose domain is gone into another domain, of each queue in the order of the mids that it
 * had. How much of its pages had left was known to the domain alone, so each message comes as one that was delivered
 * before. It is told by PUT, which alone can say that; its mid is one of a record of this member that has no messages.
 * One thread.
 */
public final class Recovery {
    /** Bytes of a record, or one message. */
    private static final int MOST = 64 << 10;
    /** Or this part of the ring. */
    private static final int PART = 64;
    /** No domain takes a message that is longer than this part of its ring. */
    private static final int LONGEST = 16;

    private static final int HEAD = 256;
    /** The mids of a record's messages are below. */
    private static final int MIDS = 1 << 16;

    private static final int SERIAL = 16; // see MessageLayout
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(5);
    private static final long SLICE = TimeUnit.MILLISECONDS.toNanos(10);
    private static final Duration READ = Duration.ofSeconds(5);

    private final Member member;
    private final SerialNumbers serials;
    private final LongConsumer shown;
    private final RecordWriter writer = new RecordWriter();
    private final SeenMids seen = new SeenMids();
    private final Map<String, Long> sent = new TreeMap<>();
    private final List<byte[]> batch = new ArrayList<>();
    private int bytes;
    private long mid; // the next one, of a record without messages
    private long end;
    private long position;

    /** Gives a message of this member a number that no other of it has. */
    public interface SerialNumbers {
        long next();
    }

    private record Place(String queue, long mid, long position) {}

    private record Source(URI uri, Subscriber in) {
        Message next() {
            Message message = in.receive(READ);
            if (message != null) return message;
            throw new CompanionException(
                    CompanionException.Why.HUNG, "'" + uri + "' has not been read within 5 s.", null);
        }
    }

    /** Sends by that member; {@code shown} hears how many were sent. */
    Recovery(Member member, SerialNumbers serials, LongConsumer shown) {
        this.member = member;
        this.serials = serials;
        this.shown = shown;
    }

    /** Returns how many messages each queue got. */
    Map<String, Long> of(MessageQueue companion) {
        long place = place(companion);
        QueueStats stats = companion.stats();
        long first = Math.max(place + 1, stats.oldestPosition());
        if (first > stats.newestPosition()) return sent;
        try (Subscriber in = companion.createSubscriber(SubscriberOptions.observer(StartAt.at(first)))) {
            Source source = new Source(companion.uri(), in);
            send(source, places(source, stats.newestPosition()));
        }
        if (position > 0) member.log().awaitDurable(position);
        return sent;
    }

    private void send(Source source, List<Place> places) {
        String queue = null;
        long next = 0; // no message has that position
        for (Place place : places) {
            if (!place.queue.equals(queue)) {
                flush(queue);
                seen.clear();
            }
            queue = place.queue;
            seen.forgetBelow(place.mid); // what follows begins later
            if (place.position != next) source.in.seek(StartAt.at(place.position));
            next = place.position + 1;
            for (PagedMessage one : chunkOrNull(source.next()).messages()) {
                if (seen.isNew(one.mid()) && !isExpired(one)) add(queue, one.bytes());
            }
        }
        flush(queue);
    }

    private static long place(MessageQueue companion) {
        return companion.stats().subscribers().stream()
                .filter(each -> Companion.SUBSCRIPTION.equals(each.name()))
                .mapToLong(SubscriberStats::acknowledgedPosition)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("'" + companion.uri()
                        + "' has no messages of a domain: its directory is DIRECTORY/BINDING, or DOMAIN/overflow."));
    }

    /** Those of each queue in the order of their first mids. A night has half a million. */
    private static List<Place> places(Source source, long newest) {
        Map<String, String> names = new HashMap<>();
        List<Place> places = new ArrayList<>();
        Message message;
        do {
            message = source.next();
            ReadChunk chunk = chunkOrNull(message);
            if (chunk == null) continue;
            String queue = names.computeIfAbsent(chunk.head().queue(), name -> name);
            places.add(new Place(queue, chunk.messages().get(0).mid(), message.position()));
        } while (message.position() < newest);
        places.sort(Comparator.comparing(Place::queue).thenComparingLong(Place::mid));
        return places;
    }

    /** Null: it is another program's message. */
    private static ReadChunk chunkOrNull(Message message) {
        try {
            return ChunkLayout.read(message.bytes());
        } catch (Malformed stranger) {
            return null;
        }
    }

    private static boolean isExpired(PagedMessage one) {
        long expiry = dev.belfry.jakarta.fold.Message.unplaced(Bytes.of(ByteBuffer.wrap(one.bytes())), 0)
                .expiry();
        return expiry != 0 && expiry <= System.currentTimeMillis();
    }

    private void add(String queue, byte[] message) {
        long ring = member.log().maxRingBytes();
        if (message.length > ring / LONGEST - HEAD)
            throw new IllegalArgumentException("A message of '" + queue + "' has " + Units.number(message.length)
                    + " bytes; a domain with a maxCapacity of " + Units.size(ring) + " takes at most a sixteenth."
                    + before());
        if (bytes + message.length > Math.min(MOST, ring / PART)) flush(queue);
        batch.add(message);
        bytes += message.length;
    }

    private String before() {
        long all = sent.values().stream().mapToLong(Long::longValue).sum();
        return " Before that, " + Units.number(all) + " were sent: they come again if this is begun again.";
    }

    // ---- the domain

    private void flush(String queue) {
        if (batch.isEmpty()) return;
        if (end - mid < batch.size()) reserve(queue);
        long first = mid;
        mid += batch.size();
        for (byte[] one : batch)
            ByteBuffer.wrap(one).order(ByteOrder.LITTLE_ENDIAN).putLong(SERIAL, serials.next());
        position = append(HEAD + bytes + batch.size() * Long.BYTES, Reserve.NORMAL, () -> put(queue, first));
        member.log().append(name(queue), Reserve.SMALL, member.bell(id(queue)), Duration.ZERO);
        long all = sent.merge(queue, (long) batch.size(), Long::sum);
        shown.accept(all);
        batch.clear();
        bytes = 0;
    }

    /** The record that names the queue has no messages, so their mids are free for ever. */
    private void reserve(String queue) {
        mid = append(HEAD + queue.length() * 3, Reserve.SMALL, () -> name(queue)) * MIDS + 1;
        end = mid / MIDS * MIDS + MIDS;
    }

    private static long id(String queue) {
        return DestinationId.of(DestinationId.QUEUE, queue);
    }

    private ByteBuffer name(String queue) {
        return writer.begin(member.log().self()).define(id(queue), 0, queue).end();
    }

    private ByteBuffer put(String queue, long first) {
        long self = member.log().self();
        writer.begin(self).put().run(self, first, batch.size());
        long[] mids = new long[batch.size()];
        for (int i = 0; i < mids.length; i++) {
            writer.staged(batch.get(i));
            mids[i] = first + i;
        }
        writer.endOfRuns().endOfDone().state(id(queue), 0, 1, 0, mids);
        return writer.endOfStates().end();
    }

    private interface Draft {
        ByteBuffer record();
    }

    private long append(int most, Reserve reserve, Draft draft) {
        for (long deadline = Deadlines.after(PATIENCE); ; LockSupport.parkNanos(SLICE)) {
            long at = member.append(most, reserve, state -> draft.record());
            if (at != Log.REJECTED) return at;
            if (Deadlines.passed(deadline))
                throw new MessageQueueException(
                        QueueFullException.CODE, "The domain is full: it had no room within 5 s." + before(), null);
            member.makeRoom();
        }
    }
}
