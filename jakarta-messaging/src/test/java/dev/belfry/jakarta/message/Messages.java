package dev.belfry.jakarta.message;

import dev.belfry.jakarta.text.Out;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Queue;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.util.Arrays;
import java.util.List;

/** For the tests of this package. */
final class Messages {
    static final List<Class<? extends Message>> TYPES = List.of(
            Message.class,
            TextMessage.class,
            BytesMessage.class,
            MapMessage.class,
            StreamMessage.class,
            ObjectMessage.class);

    static final TrustedClasses TRUSTED = TrustedClasses.of(TrustedClasses.JDK_VALUES);
    static final MessageCodec CODEC = new MessageCodec((kind, name) -> new Named(kind, name), TRUSTED);

    static final long SENT_AT = 1_000;

    private Messages() {}

    /** A queue of the kind that the codec asked for. */
    record Named(DestinationKind kind, String getQueueName) implements Queue {}

    static BelfryMessage empty(Class<? extends Message> type) {
        if (type == TextMessage.class) return new BelfryTextMessage();
        if (type == BytesMessage.class) return new BelfryBytesMessage();
        if (type == MapMessage.class) return new BelfryMapMessage();
        if (type == StreamMessage.class) return new BelfryStreamMessage();
        return type == ObjectMessage.class ? new BelfryObjectMessage(TRUSTED) : new BelfryMessage();
    }

    static byte[] encoded(BelfryMessage message) throws JMSException {
        Out out = new Out(256);
        CODEC.encode(message, new Sending(3, 2, SENT_AT, 0, 0), out);
        return Arrays.copyOf(out.array(), out.length());
    }

    /** Null: it is damaged. */
    static FlatMessage flat(byte[] bytes) {
        FlatMessage flat = new FlatMessage("domain");
        return flat.wrap(bytes, 0, bytes.length, 1) ? flat : null;
    }

    static <T extends BelfryMessage> T received(T message, Class<T> type) throws JMSException {
        return type.cast(CODEC.decode(flat(encoded(message)), 1, Acknowledgement.IGNORED));
    }
}
