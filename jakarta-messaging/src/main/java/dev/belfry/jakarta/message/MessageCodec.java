package dev.belfry.jakarta.message;

import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.MessageFormatException;
import java.util.Map;

/** Messages to bytes and back, in the layout of {@link FlatMessage}. One thread at a time. */
public final class MessageCodec {
    private final DestinationKind.Maker maker;
    private final TrustedClasses trusted;

    public MessageCodec(DestinationKind.Maker maker, TrustedClasses trusted) {
        this.maker = maker;
        this.trusted = trusted;
    }

    /** Appends it. The message stays as it is: a body that is being written can be written further. */
    public void encode(BelfryMessage message, Output out) throws JMSException {
        int start = out.length();
        out.u16(flags(message))
                .u8(message.getJMSPriority())
                .u8(message.bodyType().ordinal());
        out.i32(0).i64(message.getJMSTimestamp());
        if (message.getJMSExpiration() != 0) out.i64(message.getJMSExpiration());
        if (isDelayed(message)) out.i64(message.getJMSDeliveryTime());
        if (message.isCorrelationBytes()) out.sized(message.getJMSCorrelationIDAsBytes());
        else if (message.hasCorrelation()) out.text(message.getJMSCorrelationID());
        if (message.getJMSType() != null) out.text(message.getJMSType());
        if (message.getJMSReplyTo() != null)
            out.u8(DestinationKind.of(message.getJMSReplyTo()).ordinal())
                    .text(DestinationKind.name(message.getJMSReplyTo()));
        int properties = out.length();
        for (Map.Entry<String, Object> one : message.properties().entrySet())
            Values.write(out, one.getKey(), one.getValue());
        out.setInt(start + 4, out.length() - properties);
        if (message.hasBody()) message.writeBody(out);
    }

    private static int flags(BelfryMessage message) {
        return (message.getJMSDeliveryMode() == DeliveryMode.PERSISTENT ? FlatMessage.PERSISTENT : 0)
                | (message.getJMSExpiration() != 0 ? FlatMessage.EXPIRATION : 0)
                | (isDelayed(message) ? FlatMessage.DELIVERY_TIME : 0)
                | (message.hasCorrelation() ? FlatMessage.CORRELATION : 0)
                | (message.isCorrelationBytes() ? FlatMessage.CORRELATION_IS_BYTES : 0)
                | (message.getJMSType() != null ? FlatMessage.TYPE : 0)
                | (message.getJMSReplyTo() != null ? FlatMessage.REPLY_TO : 0)
                | (message.hasBody() ? 0 : FlatMessage.NO_BODY)
                | (message.getJMSMessageID() != null ? 0 : FlatMessage.NO_ID);
    }

    private static boolean isDelayed(BelfryMessage message) {
        return message.getJMSDeliveryTime() != message.getJMSTimestamp();
    }

    /**
     * Makes the message that {@code flat} shows, as received for the {@code count}-th time; the caller knows its destination.
     *
     * @throws MessageFormatException if it is damaged; nothing larger than its bytes was allocated then
     */
    public BelfryMessage decode(FlatMessage flat, int count, Acknowledgement acknowledgement) throws JMSException {
        BelfryMessage message =
                switch (flat.bodyType()) {
                    case NONE -> new BelfryMessage();
                    case TEXT -> new BelfryTextMessage();
                    case BYTES -> new BelfryBytesMessage();
                    case MAP -> new BelfryMapMessage();
                    case STREAM -> new BelfryStreamMessage();
                    case OBJECT -> new BelfryObjectMessage(trusted);
                };
        message.setJMSMessageID(flat.messageId());
        message.setJMSDeliveryMode(
                flat.has(FlatMessage.PERSISTENT) ? DeliveryMode.PERSISTENT : DeliveryMode.NON_PERSISTENT);
        message.setJMSPriority(flat.priority());
        message.setJMSTimestamp(flat.timestamp());
        message.setJMSExpiration(flat.expiration());
        message.setJMSDeliveryTime(flat.deliveryTime());
        optionalFields(flat, message);
        Input properties = flat.properties();
        while (properties.hasMore()) {
            byte kind = properties.i8();
            if (kind > MessageFields.STRING) throw Problems.damaged("a property is of kind " + kind);
            message.put(properties.text(), Values.read(properties, kind));
        }
        if (!flat.has(FlatMessage.NO_BODY)) message.readBody(flat.body());
        message.received(count, acknowledgement);
        return message;
    }

    private void optionalFields(FlatMessage flat, BelfryMessage message) throws JMSException {
        Input in = flat.optionalFields();
        if (flat.has(FlatMessage.CORRELATION)) {
            if (flat.has(FlatMessage.CORRELATION_IS_BYTES)) message.setJMSCorrelationIDAsBytes(in.sized());
            else message.setJMSCorrelationID(in.text());
        }
        if (flat.has(FlatMessage.TYPE)) message.setJMSType(in.text());
        if (flat.has(FlatMessage.REPLY_TO)) {
            DestinationKind kind = DestinationKind.of(in.i8());
            message.setJMSReplyTo(maker.destination(kind, in.text()));
        }
    }
}
