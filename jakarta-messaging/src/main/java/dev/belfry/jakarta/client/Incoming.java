package dev.belfry.jakarta.client;

import dev.belfry.jakarta.domain.Domain;
import dev.belfry.jakarta.domain.NoRoomException;
import dev.belfry.jakarta.domain.Taken;
import dev.belfry.jakarta.message.Acknowledgement;
import dev.belfry.jakarta.message.BelfryMessage;
import dev.belfry.jakarta.message.FlatMessage;
import dev.belfry.jakarta.message.MessageCodec;
import dev.belfry.jakarta.text.Codes;
import jakarta.jms.JMSException;
import jakarta.jms.MessageFormatException;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The next message of a consumer's buffer: neither expired nor delivered too often, and decoded.
 * With the session's lock.
 */
final class Incoming {
    private static final Logger LOG = LoggerFactory.getLogger(BelfrySession.class);

    private final SessionState state;
    private final Settings settings;
    private final Domain domain;
    private final Settlement settlement;
    private final MessageCodec codec;
    private final FlatMessage flat;
    private final Acknowledgement acknowledgement;

    Incoming(SessionState state, Settlement settlement, MessageCodec codec) {
        this.state = state;
        settings = state.settings;
        domain = state.domain;
        this.settlement = settlement;
        this.codec = codec;
        acknowledgement = settlement::acknowledge;
        flat = new FlatMessage(domain.shortId());
    }

    /** One that is to be delivered: neither expired nor delivered too often. */
    Taken poll(BelfryConsumer consumer) {
        while (true) {
            Taken taken = consumer.local().poll();
            if (taken == null) return null;
            if (taken.isExpired(System.currentTimeMillis())) domain.acknowledgeLater(List.of(taken));
            else if (isTooOften(taken, consumer)) dead(taken);
            else return taken;
        }
    }

    private boolean isTooOften(Taken taken, BelfryConsumer consumer) {
        return settings.maxDeliveries() > 0
                && taken.count() >= settings.maxDeliveries()
                && !consumer.queue().name().equals(settings.deadLetterQueue());
    }

    private void dead(Taken taken) {
        try {
            domain.moveToDeadLetters(taken, settings.deadLetterQueue(), state.timeout());
        } catch (NoRoomException full) {
            domain.giveBack(List.of(taken), System.currentTimeMillis() + 1_000, false, Duration.ZERO);
        }
    }

    /** Null: it was damaged, and is with the dead letters now. */
    BelfryMessage decode(BelfryConsumer consumer, Taken taken) {
        try {
            byte[] bytes = taken.bytes();
            if (!flat.wrap(bytes, 0, bytes.length, taken.author()))
                throw new MessageFormatException("damaged", Codes.DAMAGED_MESSAGE);
            BelfryMessage message = codec.decode(flat, taken.count() + 1, acknowledgement);
            message.setJMSDestination(consumer.queue());
            return message;
        } catch (JMSException damaged) {
            LOG.warn(
                    "A message of {} in '{}' is damaged and goes to '{}'",
                    consumer.queue(),
                    domain.name(),
                    settings.deadLetterQueue());
            dead(taken);
            return null;
        }
    }
}
