package dev.belfry.jakarta.message;

import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageEOFException;
import jakarta.jms.ObjectMessage;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;

/**
 * Another provider's message as one of ours, by nothing but the interfaces [3.12]. Fields that the
 * send sets anyway are not copied.
 */
public final class Foreign {
    private Foreign() {}

    /**
     * The message itself if it is ours. A bytes or stream message is reset before and after, so
     * that it can be sent again.
     */
    public static BelfryMessage copy(Message message, TrustedClasses trusted) throws JMSException {
        if (message instanceof BelfryMessage ours) return ours;
        BelfryMessage copy = body(message, trusted);
        copy.setJMSCorrelationID(message.getJMSCorrelationID());
        copy.setJMSReplyTo(message.getJMSReplyTo());
        copy.setJMSType(message.getJMSType());
        for (Object name : list(message.getPropertyNames()))
            copy.setObjectProperty((String) name, message.getObjectProperty((String) name));
        return copy;
    }

    private static BelfryMessage body(Message message, TrustedClasses trusted) throws JMSException {
        if (message instanceof TextMessage m) {
            BelfryTextMessage text = new BelfryTextMessage();
            text.setText(m.getText());
            return text;
        }
        if (message instanceof ObjectMessage m) {
            BelfryObjectMessage object = new BelfryObjectMessage(trusted);
            object.setObject(m.getObject());
            return object;
        }
        if (message instanceof MapMessage m) return map(m);
        if (message instanceof BytesMessage m) return bytes(m);
        if (message instanceof StreamMessage m) return stream(m);
        return new BelfryMessage();
    }

    private static List<?> list(Enumeration<?> names) {
        return Collections.list(names);
    }

    private static BelfryMessage map(MapMessage from) throws JMSException {
        BelfryMapMessage map = new BelfryMapMessage();
        for (Object name : list(from.getMapNames())) map.setObject((String) name, from.getObject((String) name));
        return map;
    }

    private static BelfryMessage bytes(BytesMessage from) throws JMSException {
        BelfryBytesMessage bytes = new BelfryBytesMessage();
        byte[] part = new byte[4096];
        from.reset();
        for (int n = from.readBytes(part); n > 0; n = from.readBytes(part)) bytes.writeBytes(part, 0, n);
        from.reset();
        return bytes;
    }

    private static BelfryMessage stream(StreamMessage from) throws JMSException {
        BelfryStreamMessage stream = new BelfryStreamMessage();
        from.reset();
        try {
            while (true) stream.writeObject(from.readObject());
        } catch (MessageEOFException end) {
            from.reset();
            return stream;
        }
    }
}
