package dev.belfry.jakarta.message;

import dev.belfry.jakarta.text.Out;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.MessageFormatException;
import java.util.Arrays;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Names and values. It can always be read; arrays are copied in and out. */
public final class BelfryMapMessage extends BelfryMessage implements MapMessage {
    /** Null: no body. */
    private Map<String, Object> entries;

    private Object get(String name) {
        return entries == null ? null : entries.get(name);
    }

    private static String of(String name) {
        return "Entry '" + name + "'";
    }

    @Override
    public boolean getBoolean(String name) throws MessageFormatException {
        return Values.asBoolean(get(name), () -> of(name));
    }

    @Override
    public byte getByte(String name) throws MessageFormatException {
        return Values.asByte(get(name), () -> of(name));
    }

    @Override
    public short getShort(String name) throws MessageFormatException {
        return Values.asShort(get(name), () -> of(name));
    }

    @Override
    public char getChar(String name) throws MessageFormatException {
        return Values.asChar(get(name), () -> of(name));
    }

    @Override
    public int getInt(String name) throws MessageFormatException {
        return Values.asInt(get(name), () -> of(name));
    }

    @Override
    public long getLong(String name) throws MessageFormatException {
        return Values.asLong(get(name), () -> of(name));
    }

    @Override
    public float getFloat(String name) throws MessageFormatException {
        return Values.asFloat(get(name), () -> of(name));
    }

    @Override
    public double getDouble(String name) throws MessageFormatException {
        return Values.asDouble(get(name), () -> of(name));
    }

    @Override
    public String getString(String name) throws MessageFormatException {
        return Values.asString(get(name), () -> of(name));
    }

    @Override
    public byte[] getBytes(String name) throws MessageFormatException {
        return Values.asBytes(get(name), () -> of(name));
    }

    @Override
    public Object getObject(String name) {
        return Values.copy(get(name));
    }

    @Override
    public Enumeration<?> getMapNames() {
        return Collections.enumeration(entries == null ? List.of() : List.copyOf(entries.keySet()));
    }

    @Override
    public boolean itemExists(String name) {
        return entries != null && entries.containsKey(name);
    }

    @Override
    public void setBoolean(String name, boolean value) throws JMSException {
        setObject(name, value);
    }

    @Override
    public void setByte(String name, byte value) throws JMSException {
        setObject(name, value);
    }

    @Override
    public void setShort(String name, short value) throws JMSException {
        setObject(name, value);
    }

    @Override
    public void setChar(String name, char value) throws JMSException {
        setObject(name, value);
    }

    @Override
    public void setInt(String name, int value) throws JMSException {
        setObject(name, value);
    }

    @Override
    public void setLong(String name, long value) throws JMSException {
        setObject(name, value);
    }

    @Override
    public void setFloat(String name, float value) throws JMSException {
        setObject(name, value);
    }

    @Override
    public void setDouble(String name, double value) throws JMSException {
        setObject(name, value);
    }

    @Override
    public void setString(String name, String value) throws JMSException {
        setObject(name, value);
    }

    @Override
    public void setBytes(String name, byte[] value) throws JMSException {
        setObject(name, value);
    }

    @Override
    public void setBytes(String name, byte[] value, int offset, int length) throws JMSException {
        Objects.checkFromIndexSize(offset, length, value.length);
        setObject(name, Arrays.copyOfRange(value, offset, offset + length));
    }

    @Override
    public void setObject(String name, Object value) throws JMSException {
        Names.checkEntry(name);
        checkBodyWriteable();
        Values.checkItem(value, () -> of(name));
        if (entries == null) entries = new LinkedHashMap<>();
        entries.put(name, Values.copy(value));
    }

    @Override
    BodyType bodyType() {
        return BodyType.MAP;
    }

    @Override
    boolean hasBody() {
        return entries != null;
    }

    @Override
    void writeBody(Out out) {
        entries.forEach((name, value) -> Values.write(out, name, value));
    }

    @Override
    void readBody(Input in) throws JMSException {
        entries = new LinkedHashMap<>();
        while (in.hasMore()) {
            int kind = in.u8();
            entries.put(in.text(), Values.read(in, kind));
        }
    }

    @Override
    Object body() {
        if (entries == null) return null;
        Map<String, Object> copy = new LinkedHashMap<>();
        entries.forEach((name, value) -> copy.put(name, Values.copy(value)));
        return copy;
    }

    @Override
    boolean isBodyA(Class<?> type, Object body) {
        return type == Map.class || type == Object.class;
    }

    @Override
    String readAs() {
        return "a Map or an Object";
    }

    @Override
    void emptyBody() {
        entries = null;
    }
}
