package dev.belfry.jakarta.client;

import dev.belfry.jakarta.message.BelfryBytesMessage;
import dev.belfry.jakarta.message.BelfryMapMessage;
import dev.belfry.jakarta.message.BelfryMessage;
import dev.belfry.jakarta.message.BelfryObjectMessage;
import dev.belfry.jakarta.message.BelfryStreamMessage;
import dev.belfry.jakarta.message.BelfryTextMessage;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import jakarta.jms.ObjectMessage;
import jakarta.jms.QueueSession;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import jakarta.jms.TopicSession;
import java.io.Serializable;

/** The part of a session that is the same for each: the messages that it makes, and the calls that it refuses. */
abstract class SessionMessages implements QueueSession, TopicSession {
    abstract void checkOpen() throws JMSException;

    abstract Settings settings();

    @Override
    public Message createMessage() throws JMSException {
        checkOpen();
        return new BelfryMessage();
    }

    @Override
    public BytesMessage createBytesMessage() throws JMSException {
        checkOpen();
        return new BelfryBytesMessage();
    }

    @Override
    public MapMessage createMapMessage() throws JMSException {
        checkOpen();
        return new BelfryMapMessage();
    }

    @Override
    public StreamMessage createStreamMessage() throws JMSException {
        checkOpen();
        return new BelfryStreamMessage();
    }

    @Override
    public ObjectMessage createObjectMessage() throws JMSException {
        checkOpen();
        return new BelfryObjectMessage(settings().trusted());
    }

    @Override
    public ObjectMessage createObjectMessage(Serializable object) throws JMSException {
        ObjectMessage message = createObjectMessage();
        message.setObject(object);
        return message;
    }

    @Override
    public TextMessage createTextMessage() throws JMSException {
        checkOpen();
        return new BelfryTextMessage();
    }

    @Override
    public TextMessage createTextMessage(String text) throws JMSException {
        TextMessage message = createTextMessage();
        message.setText(text);
        return message;
    }

    // ---- for containers, and not yet there

    /** For containers that call {@link #run}, which this provider has none for. */
    @Override
    public MessageListener getMessageListener() throws JMSException {
        checkOpen();
        return null;
    }

    /** Null takes none away, as there is none: pools of sessions do so. */
    @Override
    public void setMessageListener(MessageListener listener) throws JMSException {
        checkOpen();
        if (listener != null) throw Jms.notYet("Listeners of a whole session, which are for containers,");
    }

    @Override
    public void run() {
        throw new UnsupportedOperationException(
                "Session.run is for containers; there is nothing to run. Use a consumer.");
    }
}
