package dev.belfry.jakarta.client;

import dev.belfry.jakarta.message.BelfryMessage;
import dev.belfry.jakarta.text.Codes;
import jakarta.jms.CompletionListener;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.Message;
import java.io.Serializable;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** A producer with settings of its own, which it puts on each message that it sends [7.2]. */
final class ContextProducer implements JMSProducer {
    private final BelfrySession session;
    private final BelfryProducer producer;
    /** Its properties and headers: a message knows what may be set, and how it is converted. */
    private final BelfryMessage own = new BelfryMessage();

    private boolean hasReplyTo;
    private boolean hasType;
    private boolean hasCorrelation;
    private CompletionListener async;

    ContextProducer(BelfrySession session) throws JMSException {
        this.session = session;
        session.checkOpen();
        producer = new BelfryProducer(session, null); // the session does not know it: nothing would take it from there
    }

    private JMSProducer set(Jms.Action action) {
        Jms.uncheckedAct(action);
        return this;
    }

    // ---- sending

    @Override
    public JMSProducer send(Destination destination, Message message) {
        return set(() -> {
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
        });
    }

    @Override
    public JMSProducer send(Destination destination, String body) {
        return send(destination, Jms.unchecked(() -> session.createTextMessage(body)));
    }

    @Override
    public JMSProducer send(Destination destination, Map<String, Object> body) {
        return send(destination, Jms.unchecked(() -> {
            var message = session.createMapMessage();
            if (body != null)
                for (Map.Entry<String, Object> one : body.entrySet()) message.setObject(one.getKey(), one.getValue());
            return message;
        }));
    }

    @Override
    public JMSProducer send(Destination destination, byte[] body) {
        return send(destination, Jms.unchecked(() -> {
            var message = session.createBytesMessage();
            if (body != null) message.writeBytes(body);
            return message;
        }));
    }

    @Override
    public JMSProducer send(Destination destination, Serializable body) {
        return send(destination, Jms.unchecked(() -> session.createObjectMessage(body)));
    }

    // ---- settings

    @Override
    public JMSProducer setDisableMessageID(boolean disable) {
        return set(() -> producer.setDisableMessageID(disable));
    }

    @Override
    public boolean getDisableMessageID() {
        return Jms.unchecked(producer::getDisableMessageID);
    }

    @Override
    public JMSProducer setDisableMessageTimestamp(boolean disable) {
        return set(() -> producer.setDisableMessageTimestamp(disable));
    }

    @Override
    public boolean getDisableMessageTimestamp() {
        return Jms.unchecked(producer::getDisableMessageTimestamp);
    }

    @Override
    public JMSProducer setDeliveryMode(int mode) {
        return set(() -> producer.setDeliveryMode(mode));
    }

    @Override
    public int getDeliveryMode() {
        return Jms.unchecked(producer::getDeliveryMode);
    }

    @Override
    public JMSProducer setPriority(int priority) {
        return set(() -> producer.setPriority(priority));
    }

    @Override
    public int getPriority() {
        return Jms.unchecked(producer::getPriority);
    }

    @Override
    public JMSProducer setTimeToLive(long millis) {
        return set(() -> producer.setTimeToLive(millis));
    }

    @Override
    public long getTimeToLive() {
        return Jms.unchecked(producer::getTimeToLive);
    }

    @Override
    public JMSProducer setDeliveryDelay(long millis) {
        return set(() -> producer.setDeliveryDelay(millis));
    }

    @Override
    public long getDeliveryDelay() {
        return Jms.unchecked(producer::getDeliveryDelay);
    }

    @Override
    public JMSProducer setAsync(CompletionListener listener) {
        async = listener;
        return this;
    }

    @Override
    public CompletionListener getAsync() {
        return async;
    }

    // ---- headers

    @Override
    public JMSProducer setJMSCorrelationIDAsBytes(byte[] id) {
        own.setJMSCorrelationIDAsBytes(id);
        hasCorrelation = true;
        return this;
    }

    @Override
    public byte[] getJMSCorrelationIDAsBytes() {
        return own.getJMSCorrelationIDAsBytes();
    }

    @Override
    public JMSProducer setJMSCorrelationID(String id) {
        own.setJMSCorrelationID(id);
        hasCorrelation = true;
        return this;
    }

    @Override
    public String getJMSCorrelationID() {
        return own.getJMSCorrelationID();
    }

    @Override
    public JMSProducer setJMSType(String type) {
        own.setJMSType(type);
        hasType = true;
        return this;
    }

    @Override
    public String getJMSType() {
        return own.getJMSType();
    }

    @Override
    public JMSProducer setJMSReplyTo(Destination destination) {
        own.setJMSReplyTo(destination);
        hasReplyTo = true;
        return this;
    }

    @Override
    public Destination getJMSReplyTo() {
        return own.getJMSReplyTo();
    }

    // ---- properties

    @Override
    public JMSProducer clearProperties() {
        own.clearProperties();
        return this;
    }

    @Override
    public boolean propertyExists(String name) {
        return own.propertyExists(name);
    }

    @Override
    public Set<String> getPropertyNames() {
        Set<String> names = new TreeSet<>();
        for (Object name : Collections.list(own.getPropertyNames())) names.add((String) name);
        return Collections.unmodifiableSet(names);
    }

    @Override
    public JMSProducer setProperty(String name, Object value) {
        return set(() -> own.setObjectProperty(name, value));
    }

    @Override
    public Object getObjectProperty(String name) {
        return own.getObjectProperty(name);
    }

    @Override
    public JMSProducer setProperty(String name, boolean value) {
        return set(() -> own.setBooleanProperty(name, value));
    }

    @Override
    public boolean getBooleanProperty(String name) {
        return Jms.unchecked(() -> own.getBooleanProperty(name));
    }

    @Override
    public JMSProducer setProperty(String name, byte value) {
        return set(() -> own.setByteProperty(name, value));
    }

    @Override
    public byte getByteProperty(String name) {
        return Jms.unchecked(() -> own.getByteProperty(name));
    }

    @Override
    public JMSProducer setProperty(String name, short value) {
        return set(() -> own.setShortProperty(name, value));
    }

    @Override
    public short getShortProperty(String name) {
        return Jms.unchecked(() -> own.getShortProperty(name));
    }

    @Override
    public JMSProducer setProperty(String name, int value) {
        return set(() -> own.setIntProperty(name, value));
    }

    @Override
    public int getIntProperty(String name) {
        return Jms.unchecked(() -> own.getIntProperty(name));
    }

    @Override
    public JMSProducer setProperty(String name, long value) {
        return set(() -> own.setLongProperty(name, value));
    }

    @Override
    public long getLongProperty(String name) {
        return Jms.unchecked(() -> own.getLongProperty(name));
    }

    @Override
    public JMSProducer setProperty(String name, float value) {
        return set(() -> own.setFloatProperty(name, value));
    }

    @Override
    public float getFloatProperty(String name) {
        return Jms.unchecked(() -> own.getFloatProperty(name));
    }

    @Override
    public JMSProducer setProperty(String name, double value) {
        return set(() -> own.setDoubleProperty(name, value));
    }

    @Override
    public double getDoubleProperty(String name) {
        return Jms.unchecked(() -> own.getDoubleProperty(name));
    }

    @Override
    public JMSProducer setProperty(String name, String value) {
        return set(() -> own.setStringProperty(name, value));
    }

    @Override
    public String getStringProperty(String name) {
        return Jms.unchecked(() -> own.getStringProperty(name));
    }
}
