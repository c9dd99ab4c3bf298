package dev.belfry.jakarta.selector;

import dev.belfry.jakarta.message.BelfryMessage;
import dev.belfry.jakarta.message.FlatMessage;
import dev.belfry.jakarta.message.MessageCodec;
import dev.belfry.jakarta.message.MessageFields;
import dev.belfry.jakarta.message.Sending;
import dev.belfry.jakarta.message.TrustedClasses;
import dev.belfry.jakarta.text.Out;
import jakarta.jms.JMSException;
import java.util.Map;

/** Messages as a selector meets them: encoded. */
final class Flat {
    private static final MessageCodec CODEC =
            new MessageCodec((kind, name) -> null, TrustedClasses.of(TrustedClasses.JDK_VALUES));

    private Flat() {}

    static MessageFields of(Map<String, ?> properties) {
        try {
            BelfryMessage message = new BelfryMessage();
            for (Map.Entry<String, ?> one : properties.entrySet())
                message.setObjectProperty(one.getKey(), one.getValue());
            return of(message);
        } catch (JMSException e) {
            throw new AssertionError(e);
        }
    }

    static MessageFields of(BelfryMessage message) {
        try {
            Out out = new Out(256);
            CODEC.encode(message, new Sending(1, 7, message.getJMSTimestamp(), 0, 0), out);
            FlatMessage flat = new FlatMessage("0a1b2c3d");
            if (!flat.wrap(out.array(), 0, out.length(), 0x1_0002)) throw new AssertionError("damaged");
            return flat;
        } catch (JMSException e) {
            throw new AssertionError(e);
        }
    }
}
