package dev.belfry.jakarta.client;

import dev.belfry.api.InUseException;
import dev.belfry.api.MessageQueueException;
import dev.belfry.jakarta.domain.Domain;
import dev.belfry.jakarta.domain.Inbox;
import dev.belfry.jakarta.domain.Limit;
import dev.belfry.jakarta.domain.NoRoomException;
import dev.belfry.jakarta.domain.Places;
import dev.belfry.jakarta.domain.Sent;
import dev.belfry.jakarta.domain.Signal;
import dev.belfry.jakarta.domain.Taken;
import dev.belfry.jakarta.message.Acknowledgement;
import dev.belfry.jakarta.message.BelfryTextMessage;
import dev.belfry.jakarta.message.FlatMessage;
import dev.belfry.jakarta.message.MessageCodec;
import dev.belfry.jakarta.message.Sending;
import dev.belfry.jakarta.selector.Selector;
import dev.belfry.jakarta.text.Out;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.DomainTools;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSException;
import jakarta.jms.TextMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * The way into a queue from outside. How far it came is a message, too, in a queue of its own: each transaction brings
 * messages, ends the place before and sends the new one. So what a process has brought that dies before it can
 * acknowledge that at the origin is known to its successor.
 */
final class Entrance implements DomainTools.Entry {
    private static final String PLACES = "belfry-move-";
    private static final int FEW = 8;
    private static final long SLICE_NANOS = 10_000_000;
    private static final Limit TIMEOUT = Limit.of(Duration.ofSeconds(5));

    private final Domain member;
    private final MessageCodec codec;
    private final String to;
    private final String places; // the queue that has the place
    private final Inbox<Taken> consumer;
    private final List<Taken> known = new ArrayList<>(); // of those places, as many as there are
    private long place;

    Entrance(Domain member, MessageCodec codec, String to, String origin) {
        this.member = member;
        this.codec = codec;
        this.to = to;
        places = PLACES + origin;
        member.freeOfTheDead(); // one of them may hold the place
        consumer = member.consume(Domain.queueId(places), places, all(), new Signal(), FEW);
        consumer.hungry(true);
        if (!hasPlaces()) { // without them it would bring again what has been brought
            throw new InUseException("Queue '" + places + "' of domain '" + member.name + "' has "
                    + waiting() + " messages that say how far a move came, and " + known.size()
                    + " could be taken within 5 s: another process holds them, or the log. Call it again.");
        }
    }

    /** All that there are; to take them may be refused for a while. */
    private boolean hasPlaces() {
        long deadline = Deadlines.after(TIMEOUT.timeout().toNanos());
        for (takePlaces(); known.size() < waiting(); takePlaces()) {
            if (Deadlines.passed(deadline)) return false;
            LockSupport.parkNanos(SLICE_NANOS);
        }
        return true;
    }

    private long waiting() {
        return Places.contents(member, Long.MAX_VALUE).places().stream()
                .filter(one -> one.kind().equals("queue") && places.equals(one.destination()))
                .mapToLong(DomainTools.Place::messages)
                .sum();
    }

    private static Selector all() {
        try {
            return Selector.of(null);
        } catch (InvalidSelectorException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private void takePlaces() {
        member.turn();
        for (Taken one; (one = consumer.poll()) != null; ) {
            known.add(one);
            place = Math.max(place, placeIn(one));
        }
    }

    /** 0 for a message that is none: some program has sent it there. */
    private long placeIn(Taken one) {
        try {
            FlatMessage flat = new FlatMessage(member.shortId);
            boolean isWhole = flat.wrap(one.bytes(), 0, one.bytes().length, one.author);
            return isWhole && codec.decode(flat, 1, Acknowledgement.IGNORED) instanceof TextMessage text
                    ? Long.parseLong(text.getText())
                    : 0;
        } catch (JMSException | NumberFormatException another) {
            return 0;
        }
    }

    @Override
    public long place() {
        return place;
    }

    @Override
    public boolean isMessage(byte[] body) {
        return OutsideForm.is(body);
    }

    @Override
    public void put(List<byte[]> bodies, long last) {
        List<Sent> sends = new ArrayList<>();
        for (byte[] body : bodies) sends.add(OutsideForm.in(body, member, to));
        sends.add(placeMessage(last));
        commit(sends);
        place = last;
        takePlaces();
    }

    private void commit(List<Sent> sends) {
        try {
            member.awaitDurable(member.commit(known, sends, TIMEOUT));
            known.clear();
        } catch (NoRoomException full) {
            throw new MessageQueueException(full.code, full.getMessage(), full);
        }
    }

    private Sent placeMessage(long last) {
        try {
            BelfryTextMessage message = new BelfryTextMessage();
            message.setText(Long.toString(last));
            long now = System.currentTimeMillis();
            message.setJMSTimestamp(now);
            message.setJMSDeliveryTime(now);
            message.messageId(member.shortId, member.self, 0);
            Out out = new Out(256);
            long destination = Domain.queueId(places);
            codec.encode(message, new Sending(destination, member.nextSerial(), now, 0, 0), out);
            return new Sent(destination, places, Arrays.copyOf(out.array(), out.length()));
        } catch (JMSException impossible) {
            throw new AssertionError(impossible);
        }
    }

    @Override
    public void forget() {
        hasPlaces(); // what another process holds stays, for the next move
        commit(List.of());
    }

    @Override
    public void close() {
        member.giveBack(known, 0, false);
        member.end(consumer);
        member.close(TIMEOUT.timeout());
    }
}
