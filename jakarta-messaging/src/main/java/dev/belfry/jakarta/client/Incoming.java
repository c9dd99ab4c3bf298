package dev.belfry.jakarta.client;

import dev.belfry.api.InterruptedQueueException;
import dev.belfry.api.MessageTooLargeException;
import dev.belfry.jakarta.domain.Domain;
import dev.belfry.jakarta.domain.Limit;
import dev.belfry.jakarta.domain.NoRoomException;
import dev.belfry.jakarta.domain.Sent;
import dev.belfry.jakarta.domain.Taken;
import dev.belfry.jakarta.message.Acknowledgement;
import dev.belfry.jakarta.message.BelfryMessage;
import dev.belfry.jakarta.message.DeadLetter;
import dev.belfry.jakarta.message.FlatMessage;
import dev.belfry.jakarta.message.MessageCodec;
import dev.belfry.jakarta.message.NewerMessageException;
import dev.belfry.jakarta.text.Codes;
import jakarta.jms.JMSException;
import jakarta.jms.MessageFormatException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The next message of a consumer's buffer: neither expired nor delivered too often, and decoded.
 * With the session's lock.
 */
final class Incoming {
    private static final Logger LOG = LoggerFactory.getLogger(BelfrySession.class);

    /** Until a plain subscription, whose messages nobody else has, tries such a one again. */
    private static final long NEWER_MILLIS = 10_000;

    private final SessionState state;
    private final Settings settings;
    private final Domain domain;
    private final Settlement settlement;
    private final MessageCodec codec;
    private final FlatMessage flat;
    /** It is logged once for a session. */
    private boolean hasMetNewer;

    private final Acknowledgement acknowledgement;

    Incoming(SessionState state, Settlement settlement, MessageCodec codec) {
        this.state = state;
        settings = state.settings;
        domain = state.domain;
        this.settlement = settlement;
        this.codec = codec;
        acknowledgement = settlement::acknowledge;
        flat = new FlatMessage(domain.shortId);
    }

    /** One that is to be delivered: neither expired nor delivered too often. */
    Taken poll(BelfryConsumer consumer) {
        while (true) {
            Taken taken = consumer.local.poll();
            if (taken == null) return null;
            if (taken.isExpired(System.currentTimeMillis())) domain.acknowledgeLater(List.of(taken));
            else if (isTooOften(taken, consumer)) dead(consumer, taken, "delivered too often");
            else return taken;
        }
    }

    private boolean isTooOften(Taken taken, BelfryConsumer consumer) {
        return settings.maxDeliveries() > 0 && taken.count() >= settings.maxDeliveries() && !isOfDeadLetters(consumer);
    }

    private boolean isOfDeadLetters(BelfryConsumer consumer) {
        BelfryDestination from = consumer.destination;
        return !from.isTopic() && from.name.equals(settings.deadLetterQueue());
    }

    private void dead(BelfryConsumer consumer, Taken taken, String reason) {
        byte[] bytes = taken.bytes();
        Map<String, Object> origin = new LinkedHashMap<>();
        BelfryDestination from = consumer.destination;
        origin.put(from.isTopic() ? DeadLetter.TOPIC : DeadLetter.QUEUE, from.name);
        origin.put(DeadLetter.REASON, reason);
        origin.put("JMS_BELFRY_Deliveries", taken.count());
        if (flat.wrap(bytes, 0, bytes.length, taken.author) && flat.messageId() != null)
            origin.put("JMS_BELFRY_MessageID", flat.messageId());
        try {
            move(taken, origin);
        } catch (NoRoomException | InterruptedQueueException refused) {
            domain.giveBack(List.of(taken), System.currentTimeMillis() + 1_000, false);
        }
    }

    /**
     * At once: a call of receive waits for no room, or in a full domain it would wait for each of these. Without words
     * about its origin if it would be too long with them.
     */
    private void move(Taken taken, Map<String, Object> origin) {
        String name = settings.deadLetterQueue();
        long queue = Domain.queueId(name);
        byte[] bytes = DeadLetter.of(taken.bytes(), queue, domain.nextSerial(), origin);
        try {
            domain.commit(List.of(taken), List.of(new Sent(queue, name, bytes)), Limit.AT_ONCE);
        } catch (NoRoomException e) {
            if (origin.isEmpty() || !e.code.equals(MessageTooLargeException.CODE)) throw e;
            move(taken, Map.of());
        }
    }

    /**
     * @return null if it was damaged, and is with the dead letters now, or comes again later if it was there; or if it
     *     is of a newer version, whose consumers are to get it: it stays where it is
     */
    BelfryMessage decode(BelfryConsumer consumer, Taken taken) {
        try {
            byte[] bytes = taken.bytes();
            if (!flat.wrap(bytes, 0, bytes.length, taken.author))
                throw new MessageFormatException("damaged", Codes.DAMAGED_MESSAGE);
            BelfryMessage message = codec.decode(flat, taken.count() + 1, acknowledgement);
            message.setJMSDestination(consumer.destination);
            return message;
        } catch (NewerMessageException newer) {
            newer(consumer, taken, newer);
            return null;
        } catch (JMSException damaged) {
            damaged(consumer, taken);
            return null;
        }
    }

    private void newer(BelfryConsumer consumer, Taken taken, NewerMessageException newer) {
        if (!hasMetNewer)
            LOG.warn("Messages of {} in '{}' stay there: {}", consumer.destination, domain.name, newer.getMessage());
        hasMetNewer = true;
        domain.leaveNewer(taken, System.currentTimeMillis() + NEWER_MILLIS);
    }

    private void damaged(BelfryConsumer consumer, Taken taken) {
        boolean stays = isOfDeadLetters(consumer);
        if (!stays || taken.count() == 0)
            LOG.warn(
                    "A message of {} in '{}' is damaged and {} '{}'",
                    consumer.destination,
                    domain.name,
                    stays ? "stays in" : "goes to",
                    settings.deadLetterQueue());
        if (stays) settlement.giveBackDead(taken);
        else dead(consumer, taken, "damaged");
    }
}
