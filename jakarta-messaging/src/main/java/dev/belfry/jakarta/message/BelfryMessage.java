package dev.belfry.jakarta.message;

import dev.belfry.jakarta.text.Out;
import jakarta.jms.JMSException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotWriteableException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A message without a body, and what all have: header fields and properties. One thread at a time, as a session is. */
public class BelfryMessage extends HeaderFields {
    private Map<String, Object> properties = Collections.emptyMap();
    private boolean propertiesReadOnly;
    private boolean bodyReadOnly;
    private int deliveryCount;
    private Acknowledgement acknowledgement = Acknowledgement.IGNORED;

    BodyType bodyType() {
        return BodyType.NONE;
    }

    /** No body differs from an empty one. */
    boolean hasBody() {
        return false;
    }

    /** Only if there is a body. */
    void writeBody(Out out) {}

    /** Only if there was one; takes all of it. */
    void readBody(Input in) throws JMSException {}

    /** A copy of the body, for getBody; null: none. */
    Object body() throws JMSException {
        return null;
    }

    void emptyBody() {}

    /** {@code count}: how often it was delivered, now included. From now on properties and body are read-only. */
    public final void received(int count, Acknowledgement acknowledgement) {
        deliveryCount = count;
        setJMSRedelivered(count > 1);
        this.acknowledgement = acknowledgement;
        propertiesReadOnly = true;
        bodyReadOnly = true;
    }

    final boolean isBodyReadOnly() {
        return bodyReadOnly;
    }

    final void bodyReadOnly(boolean readOnly) {
        bodyReadOnly = readOnly;
    }

    final void checkBodyWriteable() throws MessageNotWriteableException {
        if (bodyReadOnly) throw Problems.bodyReadOnly(subject());
    }

    /** For errors: "TextMessage". */
    final String subject() {
        return getClass().getSimpleName().substring("Belfry".length());
    }

    @Override
    public final void acknowledge() throws JMSException {
        acknowledgement.acknowledge();
    }

    @Override
    public final void clearBody() {
        bodyReadOnly = false;
        emptyBody();
    }

    @Override
    public <T> T getBody(Class<T> type) throws JMSException {
        Object body = body();
        if (body == null) return null;
        if (!isBodyA(type, body)) throw Problems.body(subject(), type, readAs());
        return type.cast(body);
    }

    @Override
    @SuppressWarnings("rawtypes")
    public boolean isBodyAssignableTo(Class type) throws JMSException {
        Object body = body();
        return body == null || isBodyA(type, body);
    }

    boolean isBodyA(Class<?> type, Object body) {
        return type.isInstance(body);
    }

    /** For errors. */
    String readAs() {
        return "its own class or a class above it";
    }

    /** Never what is in it. */
    @Override
    public String toString() {
        return subject() + " " + getJMSMessageID();
    }

    // Properties.

    final Map<String, Object> properties() {
        return properties;
    }

    final void put(String name, Object value) {
        if (properties.isEmpty()) properties = new LinkedHashMap<>();
        properties.put(name, value);
    }

    @Override
    public final void clearProperties() {
        properties = Collections.emptyMap();
        propertiesReadOnly = false;
        deliveryCount = 0;
    }

    @Override
    public final boolean propertyExists(String name) {
        return properties.containsKey(name) || deliveryCount > 0 && Names.DELIVERY_COUNT.equals(name);
    }

    @Override
    public final Enumeration<?> getPropertyNames() {
        List<String> names = new ArrayList<>(properties.keySet());
        if (deliveryCount > 0) names.add(Names.DELIVERY_COUNT);
        return Collections.enumeration(names);
    }

    @Override
    public final Object getObjectProperty(String name) {
        return deliveryCount > 0 && Names.DELIVERY_COUNT.equals(name) ? deliveryCount : properties.get(name);
    }

    @Override
    public final boolean getBooleanProperty(String name) throws MessageFormatException {
        return Values.asBoolean(getObjectProperty(name), () -> of(name));
    }

    @Override
    public final byte getByteProperty(String name) throws MessageFormatException {
        return Values.asByte(getObjectProperty(name), () -> of(name));
    }

    @Override
    public final short getShortProperty(String name) throws MessageFormatException {
        return Values.asShort(getObjectProperty(name), () -> of(name));
    }

    @Override
    public final int getIntProperty(String name) throws MessageFormatException {
        return Values.asInt(getObjectProperty(name), () -> of(name));
    }

    @Override
    public final long getLongProperty(String name) throws MessageFormatException {
        return Values.asLong(getObjectProperty(name), () -> of(name));
    }

    @Override
    public final float getFloatProperty(String name) throws MessageFormatException {
        return Values.asFloat(getObjectProperty(name), () -> of(name));
    }

    @Override
    public final double getDoubleProperty(String name) throws MessageFormatException {
        return Values.asDouble(getObjectProperty(name), () -> of(name));
    }

    @Override
    public final String getStringProperty(String name) throws MessageFormatException {
        return Values.asString(getObjectProperty(name), () -> of(name));
    }

    @Override
    public final void setBooleanProperty(String name, boolean value) throws JMSException {
        setObjectProperty(name, value);
    }

    @Override
    public final void setByteProperty(String name, byte value) throws JMSException {
        setObjectProperty(name, value);
    }

    @Override
    public final void setShortProperty(String name, short value) throws JMSException {
        setObjectProperty(name, value);
    }

    @Override
    public final void setIntProperty(String name, int value) throws JMSException {
        setObjectProperty(name, value);
    }

    @Override
    public final void setLongProperty(String name, long value) throws JMSException {
        setObjectProperty(name, value);
    }

    @Override
    public final void setFloatProperty(String name, float value) throws JMSException {
        setObjectProperty(name, value);
    }

    @Override
    public final void setDoubleProperty(String name, double value) throws JMSException {
        setObjectProperty(name, value);
    }

    @Override
    public final void setStringProperty(String name, String value) throws JMSException {
        setObjectProperty(name, value);
    }

    /** JMSXDeliveryCount is the provider's: setting it is ignored. */
    @Override
    public final void setObjectProperty(String name, Object value) throws JMSException {
        Names.checkProperty(name);
        if (propertiesReadOnly) throw Problems.propertiesReadOnly();
        Values.checkProperty(value, () -> of(name));
        if (!name.equals(Names.DELIVERY_COUNT)) put(name, value);
    }

    private static String of(String name) {
        return "Property '" + name + "'";
    }
}
