package dev.belfry.jakarta.client;

import dev.belfry.jakarta.message.BelfryMessage;
import dev.belfry.jakarta.text.Codes;
import jakarta.jms.CompletionListener;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import java.io.Serializable;
import java.lang.reflect.Method;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** A producer with settings of its own, which it puts on each message that it sends [7.2]. */
final class ContextProducer extends Facade {
    private static final Map<Method, Method> TWINS =
            twins(JMSProducer.class, ContextProducer.class, MessageProducer.class, Message.class);

    private final BelfrySession session;
    private final BelfryProducer producer;
    /** Its properties and headers: a message knows what may be set, and how it is converted. */
    private final BelfryMessage own = new BelfryMessage();

    private boolean hasReplyTo;
    private boolean hasType;
    private boolean hasCorrelation;
    private CompletionListener async;

    ContextProducer(BelfrySession session) throws JMSException {
        super(TWINS);
        this.session = session;
        session.checkOpen();
        producer = new BelfryProducer(session, null); // the session does not know it: nothing would take it from there
    }

    @Override
    Object behind(Class<?> type) {
        if (type == MessageProducer.class) return producer;
        return type == Message.class ? own : this;
    }

    @Override
    Object returned(Class<?> wanted, Object result, Object proxy) {
        return wanted == JMSProducer.class ? proxy : result;
    }

    // ---- sending

    public void send(Destination destination, Message message) throws JMSException {
        if (message == null)
            throw new jakarta.jms.MessageFormatException(
                    "Message is null; there is nothing to send. Create one.", Codes.TYPE);
        for (Object name : Collections.list(own.getPropertyNames()))
            message.setObjectProperty((String) name, own.getObjectProperty((String) name));
        if (hasReplyTo) message.setJMSReplyTo(own.getJMSReplyTo());
        if (hasType) message.setJMSType(own.getJMSType());
        if (hasCorrelation) message.setJMSCorrelationIDAsBytes(own.getJMSCorrelationIDAsBytes());
        if (async == null) producer.send(destination, message);
        else producer.send(destination, message, async);
    }

    public void send(Destination destination, String body) throws JMSException {
        send(destination, session.createTextMessage(body));
    }

    public void send(Destination destination, Map<String, Object> body) throws JMSException {
        var message = session.createMapMessage();
        if (body != null)
            for (Map.Entry<String, Object> one : body.entrySet()) message.setObject(one.getKey(), one.getValue());
        send(destination, message);
    }

    public void send(Destination destination, byte[] body) throws JMSException {
        var message = session.createBytesMessage();
        if (body != null) message.writeBytes(body);
        send(destination, message);
    }

    public void send(Destination destination, Serializable body) throws JMSException {
        send(destination, session.createObjectMessage(body));
    }

    // ---- settings

    public void setAsync(CompletionListener listener) {
        async = listener;
    }

    public CompletionListener getAsync() {
        return async;
    }

    public void setJMSCorrelationIDAsBytes(byte[] id) {
        own.setJMSCorrelationIDAsBytes(id);
        hasCorrelation = true;
    }

    public void setJMSCorrelationID(String id) {
        own.setJMSCorrelationID(id);
        hasCorrelation = true;
    }

    public void setJMSType(String type) {
        own.setJMSType(type);
        hasType = true;
    }

    public void setJMSReplyTo(Destination destination) {
        own.setJMSReplyTo(destination);
        hasReplyTo = true;
    }

    /** For the values of all types. */
    public void setProperty(String name, Object value) throws JMSException {
        own.setObjectProperty(name, value);
    }

    public Set<String> getPropertyNames() {
        Set<String> names = new TreeSet<>();
        for (Object name : Collections.list(own.getPropertyNames())) names.add((String) name);
        return Collections.unmodifiableSet(names);
    }
}
