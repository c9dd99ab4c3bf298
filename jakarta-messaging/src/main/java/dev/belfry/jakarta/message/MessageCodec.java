package dev.belfry.jakarta.message;

import dev.belfry.jakarta.text.Out;
import dev.belfry.jakarta.wire.MessageLayout;
import dev.belfry.jakarta.wire.Op;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.MessageFormatException;
import java.util.Map;

/** Messages to bytes and back, as {@link MessageLayout} says. One thread at a time. */
public record MessageCodec(DestinationKind.Maker maker, TrustedClasses trusted) {
    /** Appends it. The message stays as it is: a body that is being written can be written further. */
    public void encode(BelfryMessage message, Sending sending, Out out) throws JMSException {
        int start = out.length();
        int flags = flags(message, sending);
        out.int32(0).int8(Op.MESSAGE);
        out.int8(message.getJMSPriority() | message.bodyType().number << 4).int16(flags);
        out.int64(sending.destination()).int64(sending.serial()).int64(sending.sentAt());
        if ((flags & MessageLayout.EXPIRY) != 0) out.int64(message.getJMSExpiration());
        if ((flags & MessageLayout.DELIVERY_TIME) != 0) out.int64(message.getJMSDeliveryTime());
        if ((flags & MessageLayout.ORIGIN) != 0) out.int64(sending.client()).int64(sending.connection());
        if ((flags & MessageLayout.CORRELATION_ID) != 0) out.block(message.getJMSCorrelationIDAsBytes());
        if ((flags & MessageLayout.TYPE) != 0) out.text(message.getJMSType());
        if ((flags & MessageLayout.REPLY_TO) != 0)
            out.int8(DestinationKind.of(message.getJMSReplyTo()).number)
                    .text(DestinationKind.name(message.getJMSReplyTo()));
        int properties = out.int32(0).length();
        for (Map.Entry<String, Object> one : message.properties().entrySet())
            Values.write(out, one.getKey(), one.getValue());
        out.setInt32(properties - 4, out.length() - properties);
        if (message.hasBody()) {
            int body = out.int32(0).length();
            message.writeBody(out);
            out.setInt32(body - 4, out.length() - body);
        }
        out.align(start);
        out.setInt32(start, out.length() - start);
    }

    private static int flags(BelfryMessage message, Sending sending) {
        return (message.getJMSDeliveryMode() == DeliveryMode.PERSISTENT ? MessageLayout.PERSISTENT : 0)
                | (message.getJMSExpiration() != 0 ? MessageLayout.EXPIRY : 0)
                | (message.getJMSDeliveryTime() != sending.sentAt() ? MessageLayout.DELIVERY_TIME : 0)
                | (sending.client() != 0 || sending.connection() != 0 ? MessageLayout.ORIGIN : 0)
                | (message.getJMSCorrelationIDAsBytes() != null ? MessageLayout.CORRELATION_ID : 0)
                | (message.getJMSType() != null ? MessageLayout.TYPE : 0)
                | (message.getJMSReplyTo() != null ? MessageLayout.REPLY_TO : 0)
                | (message.hasBody() ? 0 : MessageLayout.NO_BODY)
                | (message.hasMessageId() ? 0 : MessageLayout.ID_DISABLED)
                | (message.getJMSTimestamp() != 0 ? 0 : MessageLayout.TIMESTAMP_DISABLED);
    }

    /**
     * Makes the message that {@code flat} shows, as received for the {@code count}-th time; the caller knows its
     * destination. From now on nobody writes over these bytes: a body may be read where it lies.
     *
     * @throws NewerMessageException if a newer version has written it
     * @throws MessageFormatException if it is damaged; nothing larger than its bytes was allocated then
     */
    public BelfryMessage decode(FlatMessage flat, int count, Acknowledgement acknowledgement) throws JMSException {
        BodyType type = BodyType.of(flat.bodyType());
        if (type == null) throw Problems.newer("its body is of the type " + flat.bodyType());
        BelfryMessage message =
                switch (type) {
                    case NONE -> new BelfryMessage();
                    case TEXT -> new BelfryTextMessage();
                    case BYTES -> new BelfryBytesMessage();
                    case MAP -> new BelfryMapMessage();
                    case STREAM -> new BelfryStreamMessage();
                    case OBJECT -> new BelfryObjectMessage(trusted);
                };
        flat.messageIdTo(message);
        message.setJMSDeliveryMode(
                flat.has(MessageLayout.PERSISTENT) ? DeliveryMode.PERSISTENT : DeliveryMode.NON_PERSISTENT);
        message.setJMSPriority(flat.priority());
        message.setJMSTimestamp(flat.timestamp());
        message.setJMSExpiration(flat.expiration());
        message.setJMSDeliveryTime(flat.deliveryTime());
        optionalFields(flat, message);
        Input properties = flat.properties();
        while (properties.hasMore()) {
            int kind = properties.u8();
            if (kind > MessageFields.STRING) throw Problems.newer("a property is of the kind " + kind);
            message.put(properties.text(), Values.read(properties, kind));
        }
        if (!flat.has(MessageLayout.NO_BODY)) message.readBody(flat.body());
        message.received(count, acknowledgement);
        return message;
    }

    private void optionalFields(FlatMessage flat, BelfryMessage message) throws JMSException {
        Input in = flat.optionalFields();
        if (flat.has(MessageLayout.CORRELATION_ID)) message.setJMSCorrelationIDAsBytes(in.sized());
        if (flat.has(MessageLayout.TYPE)) message.setJMSType(in.text());
        if (flat.has(MessageLayout.REPLY_TO)) {
            DestinationKind kind = DestinationKind.of(in.u8());
            message.setJMSReplyTo(maker.destination(kind, in.text()));
        }
    }
}
