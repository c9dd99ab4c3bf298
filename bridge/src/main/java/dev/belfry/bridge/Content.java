package dev.belfry.bridge;

import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageTooLargeException;
import dev.belfry.api.MessageView;
import dev.belfry.spi.Units;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The part of a message that gets into the target, by its program's filter and map and by what the target takes. */
final class Content {
    private static final Logger LOG = LoggerFactory.getLogger(Content.class);

    private final String bridge; // for messages
    private final BridgeOptions options;
    private final Aside aside; // null: what is too long goes nowhere
    private final Progress progress;

    Content(String bridge, BridgeOptions options, Aside aside, Progress progress) {
        this.bridge = bridge;
        this.options = options;
        this.aside = aside;
        this.progress = progress;
    }

    /** A mark of another bridge is no message. */
    boolean isWanted(MessageView message) {
        if (Mark.isAlone(message.properties())) return false;
        boolean wanted = byProgram("filter", message, () -> options.filter().test(message));
        if (!wanted) progress.filtered.add(1);
        return wanted;
    }

    MessageView mapped(MessageView message) {
        if (options.map() == null) return message;
        Message before = message.copy();
        Message after = byProgram("map", message, () -> options.map().apply(before));
        if (after == null)
            throw new IllegalStateException(bridge + " ended at position " + Units.number(message.position())
                    + ": its map returned null. To leave a message out, use a filter.");
        if (after != before) progress.mapped.add(1);
        return after;
    }

    /** Not the queue's own exceptions: those would be tried again. */
    private <T> T byProgram(String what, MessageView message, Supplier<T> call) {
        try {
            return call.get();
        } catch (RuntimeException thrown) {
            throw new IllegalStateException(
                    bridge + " ended at position " + Units.number(message.position()) + ": its " + what + " threw "
                            + thrown,
                    thrown);
        }
    }

    /** Null if the target cannot take it, and it need not: it was left out, or put aside. */
    MessageProperties fitting(MessageView message, Mark mark, int most) {
        MessageProperties properties;
        try {
            properties = mark.beside(message);
        } catch (IllegalArgumentException noRoomForMarks) {
            tooLong(message, mark, message.properties(), noRoomForMarks.getMessage());
            return null;
        }
        long whole = (long) message.length() + properties.encodedLength();
        if (whole <= most) return properties;
        tooLong(
                message,
                mark,
                properties,
                Units.number(whole) + " bytes (" + Units.number(message.length())
                        + " of body, " + Units.number(properties.encodedLength())
                        + " of properties with the bridge's own); limit is " + Units.number(most)
                        + ". Create the target again for longer messages: the bridge then goes on with this one.");
        return null;
    }

    private void tooLong(MessageView message, Mark mark, MessageProperties properties, String why) {
        String text = bridge + " cannot pass position " + Units.number(mark.position()) + " on: " + why;
        if (options.tooLong() == TooLong.STOP) throw new MessageTooLargeException(text);
        if (aside != null) aside.put(message.buffer(), properties);
        if (progress.tooLong.get() == 0)
            LOG.warn("{} By {} it goes on. Later ones are only counted.", text, options.tooLong());
        progress.tooLong.add(1);
    }
}
