package dev.belfry.jakarta.message;

import dev.belfry.jakarta.text.Out;
import jakarta.jms.JMSException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.StreamMessage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Values, one after the other: written when it is new or cleared, read when it was received or
 * reset. A read that fails does not move on.
 */
public final class BelfryStreamMessage extends BelfryMessage implements StreamMessage {
    /** How a value is read as a type. */
    private interface Conversion<T> {
        T convert(Object value, Supplier<String> of) throws MessageFormatException;
    }

    private static final int NOT_BEGUN = -1;

    private List<Object> items = new ArrayList<>();
    private int next;
    /** How much of the next item, a byte[], readBytes has handed out. */
    private int begun = NOT_BEGUN;

    private <T> T read(Conversion<T> conversion) throws JMSException {
        Object value = next();
        if (begun != NOT_BEGUN) throw Problems.bytesUnfinished();
        T read = conversion.convert(value, () -> "Item " + (next + 1) + " of this StreamMessage");
        next++;
        return read;
    }

    private Object next() throws JMSException {
        if (!isBodyReadOnly()) throw Problems.bodyWriteOnly(subject());
        if (next == items.size()) throw Problems.end(subject());
        return items.get(next);
    }

    @Override
    public boolean readBoolean() throws JMSException {
        return read(Values::asBoolean);
    }

    @Override
    public byte readByte() throws JMSException {
        return read(Values::asByte);
    }

    @Override
    public short readShort() throws JMSException {
        return read(Values::asShort);
    }

    @Override
    public char readChar() throws JMSException {
        return read(Values::asChar);
    }

    @Override
    public int readInt() throws JMSException {
        return read(Values::asInt);
    }

    @Override
    public long readLong() throws JMSException {
        return read(Values::asLong);
    }

    @Override
    public float readFloat() throws JMSException {
        return read(Values::asFloat);
    }

    @Override
    public double readDouble() throws JMSException {
        return read(Values::asDouble);
    }

    @Override
    public String readString() throws JMSException {
        return read(Values::asString);
    }

    @Override
    public Object readObject() throws JMSException {
        return read((value, of) -> Values.copy(value));
    }

    /**
     * Reads a byte[] in parts. It is at its end when less comes than the array has room for: then the next item may be
     * read. If the last part fitted exactly, one more call returns -1 and is the end. A null is -1 at once.
     */
    @Override
    public int readBytes(byte[] value) throws JMSException {
        Object item = next();
        if (item != null && !(item instanceof byte[]))
            throw Problems.conversion("Item " + (next + 1) + " of this StreamMessage", item, "byte[]");
        byte[] bytes = (byte[]) item;
        int from = Math.max(begun, 0);
        boolean atEnd = bytes == null || begun > 0 && begun == bytes.length;
        int count = atEnd ? -1 : Math.min(value.length, bytes.length - from);
        if (!atEnd) System.arraycopy(bytes, from, value, 0, count);
        boolean more = !atEnd && count == value.length;
        begun = more ? from + count : NOT_BEGUN;
        if (!more) next++;
        return count;
    }

    private void write(Object value) throws JMSException {
        checkBodyWriteable();
        Values.checkItem(value, () -> "Item of this StreamMessage");
        items.add(Values.copy(value));
    }

    @Override
    public void writeBoolean(boolean value) throws JMSException {
        write(value);
    }

    @Override
    public void writeByte(byte value) throws JMSException {
        write(value);
    }

    @Override
    public void writeShort(short value) throws JMSException {
        write(value);
    }

    @Override
    public void writeChar(char value) throws JMSException {
        write(value);
    }

    @Override
    public void writeInt(int value) throws JMSException {
        write(value);
    }

    @Override
    public void writeLong(long value) throws JMSException {
        write(value);
    }

    @Override
    public void writeFloat(float value) throws JMSException {
        write(value);
    }

    @Override
    public void writeDouble(double value) throws JMSException {
        write(value);
    }

    @Override
    public void writeString(String value) throws JMSException {
        write(value);
    }

    @Override
    public void writeBytes(byte[] value) throws JMSException {
        write(value);
    }

    @Override
    public void writeBytes(byte[] value, int offset, int length) throws JMSException {
        Objects.checkFromIndexSize(offset, length, value.length);
        write(Arrays.copyOfRange(value, offset, offset + length));
    }

    @Override
    public void writeObject(Object value) throws JMSException {
        write(value);
    }

    @Override
    public void reset() {
        bodyReadOnly(true);
        next = 0;
        begun = NOT_BEGUN;
    }

    @Override
    BodyType bodyType() {
        return BodyType.STREAM;
    }

    @Override
    boolean hasBody() {
        return !items.isEmpty();
    }

    @Override
    void writeBody(Out out) {
        for (Object item : items) Values.write(out, null, item);
    }

    @Override
    void readBody(Input in) throws JMSException {
        while (in.hasMore()) items.add(Values.read(in, in.u8()));
    }

    @Override
    public <T> T getBody(Class<T> type) throws JMSException {
        throw Problems.body(subject(), type, "its items only, one after the other");
    }

    @Override
    @SuppressWarnings("rawtypes")
    public boolean isBodyAssignableTo(Class type) {
        return false;
    }

    @Override
    void emptyBody() {
        items = new ArrayList<>();
        next = 0;
        begun = NOT_BEGUN;
    }
}
