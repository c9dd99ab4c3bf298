package dev.belfry.jakarta.message;

import dev.belfry.jakarta.text.Out;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;

/**
 * Bytes, big-endian as in {@link java.io.DataOutput}: written when it is new or cleared, read when
 * it was received or reset. A read that fails does not move on.
 */
public final class BelfryBytesMessage extends BelfryMessage implements BytesMessage {
    private static final ByteBuffer NONE = ByteBuffer.allocate(0);

    /** Written up to its position, or read from its position to its limit. */
    private ByteBuffer bytes = NONE;
    /** Where it begins: what was received stays among the other bytes of its message. */
    private int start;
    /** Whether there is a body, perhaps of no bytes. */
    private boolean written;

    /** To read this many. */
    private ByteBuffer read(int count) throws JMSException {
        checkReadable();
        if (bytes.remaining() < count) throw Problems.end(subject());
        return bytes;
    }

    private void checkReadable() throws JMSException {
        if (!isBodyReadOnly()) throw Problems.bodyWriteOnly(subject());
    }

    /** To write this many. */
    private ByteBuffer write(int count) throws JMSException {
        checkBodyWriteable();
        written = true;
        int needed = Math.addExact(bytes.position(), count);
        if (needed > bytes.capacity()) {
            int capacity = (int) Math.min(Math.max(Math.max(needed, 64), bytes.capacity() * 2L), Integer.MAX_VALUE - 8);
            bytes = ByteBuffer.wrap(Arrays.copyOf(bytes.array(), capacity)).position(bytes.position());
        }
        return bytes;
    }

    /** The number of bytes written. */
    private int length() {
        return isBodyReadOnly() ? bytes.limit() - start : bytes.position();
    }

    @Override
    public long getBodyLength() throws JMSException {
        checkReadable();
        return length();
    }

    @Override
    public boolean readBoolean() throws JMSException {
        return read(1).get() != 0;
    }

    @Override
    public byte readByte() throws JMSException {
        return read(1).get();
    }

    @Override
    public int readUnsignedByte() throws JMSException {
        return Byte.toUnsignedInt(readByte());
    }

    @Override
    public short readShort() throws JMSException {
        return read(2).getShort();
    }

    @Override
    public int readUnsignedShort() throws JMSException {
        return Short.toUnsignedInt(readShort());
    }

    @Override
    public char readChar() throws JMSException {
        return read(2).getChar();
    }

    @Override
    public int readInt() throws JMSException {
        return read(4).getInt();
    }

    @Override
    public long readLong() throws JMSException {
        return read(8).getLong();
    }

    @Override
    public float readFloat() throws JMSException {
        return read(4).getFloat();
    }

    @Override
    public double readDouble() throws JMSException {
        return read(8).getDouble();
    }

    @Override
    public String readUTF() throws JMSException {
        int at = read(2).position();
        int size = 2 + Short.toUnsignedInt(bytes.getShort(at));
        read(size);
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes.array(), at, size))) {
            String text = in.readUTF();
            bytes.position(at + size);
            return text;
        } catch (IOException e) {
            throw Problems.utf("has bytes here that are no text of writeUTF");
        }
    }

    @Override
    public int readBytes(byte[] value) throws JMSException {
        return readBytes(value, value.length);
    }

    /** -1 at the end. */
    @Override
    public int readBytes(byte[] value, int length) throws JMSException {
        checkReadable();
        Objects.checkFromIndexSize(0, length, value.length);
        int count = Math.min(length, bytes.remaining());
        bytes.get(value, 0, count);
        return count == 0 && length > 0 ? -1 : count;
    }

    @Override
    public void writeBoolean(boolean value) throws JMSException {
        write(1).put((byte) (value ? 1 : 0));
    }

    @Override
    public void writeByte(byte value) throws JMSException {
        write(1).put(value);
    }

    @Override
    public void writeShort(short value) throws JMSException {
        write(2).putShort(value);
    }

    @Override
    public void writeChar(char value) throws JMSException {
        write(2).putChar(value);
    }

    @Override
    public void writeInt(int value) throws JMSException {
        write(4).putInt(value);
    }

    @Override
    public void writeLong(long value) throws JMSException {
        write(8).putLong(value);
    }

    @Override
    public void writeFloat(float value) throws JMSException {
        write(4).putFloat(value);
    }

    @Override
    public void writeDouble(double value) throws JMSException {
        write(8).putDouble(value);
    }

    @Override
    public void writeUTF(String value) throws JMSException {
        checkBodyWriteable();
        ByteArrayOutputStream encoded = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(encoded)) {
            out.writeUTF(value);
        } catch (IOException e) {
            throw Problems.utf("cannot take a text of more than 65,535 bytes by writeUTF");
        }
        writeBytes(encoded.toByteArray());
    }

    @Override
    public void writeBytes(byte[] value) throws JMSException {
        writeBytes(value, 0, value.length);
    }

    @Override
    public void writeBytes(byte[] value, int offset, int length) throws JMSException {
        Objects.checkFromIndexSize(offset, length, value.length);
        write(length).put(value, offset, length);
    }

    @Override
    public void writeObject(Object value) throws JMSException {
        if (value instanceof Boolean b) writeBoolean(b);
        else if (value instanceof Byte b) writeByte(b);
        else if (value instanceof Short s) writeShort(s);
        else if (value instanceof Character c) writeChar(c);
        else if (value instanceof Integer i) writeInt(i);
        else if (value instanceof Long l) writeLong(l);
        else if (value instanceof Float f) writeFloat(f);
        else if (value instanceof Double d) writeDouble(d);
        else if (value instanceof String s) writeUTF(s);
        else if (value instanceof byte[] b) writeBytes(b);
        else {
            Objects.requireNonNull(value, "A BytesMessage has no null");
            throw Problems.unsupported(
                    "What is written to this BytesMessage",
                    value,
                    "it takes the classes of the primitive types, String and byte[]");
        }
    }

    @Override
    public void reset() {
        if (isBodyReadOnly()) bytes.position(start);
        else bytes.flip();
        bodyReadOnly(true);
    }

    @Override
    BodyType bodyType() {
        return BodyType.BYTES;
    }

    @Override
    boolean hasBody() {
        return written;
    }

    @Override
    void writeBody(Out out) {
        out.raw(bytes.array(), start, length());
    }

    @Override
    void readBody(Input in) {
        written = true;
        bytes = in.restInPlace();
        start = bytes.position();
    }

    /** Reset before and after. */
    @Override
    Object body() {
        reset();
        return written ? Arrays.copyOfRange(bytes.array(), start, bytes.limit()) : null;
    }

    /** Without a reset. */
    @Override
    @SuppressWarnings("rawtypes")
    public boolean isBodyAssignableTo(Class type) {
        return !written || isBodyA(type, null);
    }

    @Override
    boolean isBodyA(Class<?> type, Object body) {
        return type == byte[].class || type == Object.class;
    }

    @Override
    String readAs() {
        return "a byte[] or an Object";
    }

    @Override
    void emptyBody() {
        bytes = NONE;
        start = 0;
        written = false;
    }
}
