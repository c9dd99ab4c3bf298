package dev.belfry.shm;

import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageView;
import dev.belfry.shm.layout.Body;
import dev.belfry.shm.layout.BodyForm;
import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.ring.Record;
import dev.belfry.shm.segment.Handle;
import dev.belfry.spi.HeapMessage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;

/** The record that a reader stands at, as its handler sees it. One object per subscriber. */
final class ShmMessageView implements MessageView {
    private final Record record;
    private final Handle handle;
    private final BooleanSupplier isInHand;
    private final Body body;
    private final BodyForm form;
    private boolean redelivered;

    /** {@code isInHand}: whether the thread that asks is the one that reads. */
    ShmMessageView(Record record, Handle handle, BooleanSupplier isInHand) {
        this.record = record;
        this.body = record.body();
        this.form = new BodyForm(body);
        this.handle = handle;
        this.isInHand = isInHand;
    }

    ShmMessageView of(boolean redelivered) {
        this.redelivered = redelivered;
        return this;
    }

    @Override
    public long position() {
        return record.position();
    }

    @Override
    public long timestampMillis() {
        return record.timestamp();
    }

    @Override
    public int length() {
        return body.length();
    }

    @Override
    public byte getByte(int index) {
        return body.getByte(index);
    }

    @Override
    public short getShort(int index) {
        return body.getShort(index);
    }

    @Override
    public int getInt(int index) {
        return body.getInt(index);
    }

    @Override
    public long getLong(int index) {
        return body.getLong(index);
    }

    @Override
    public void copyTo(int index, byte[] target, int from, int length) {
        body.copyTo(index, target, from, length);
        requireReal();
    }

    @Override
    public void copyTo(int index, ByteBuffer target, int length) {
        body.copyTo(index, target, length);
        requireReal();
    }

    @Override
    public ByteBuffer buffer() {
        return body.buffer();
    }

    @Override
    public <T> T as(Class<T> type) {
        return form.as(type);
    }

    @Override
    public byte[] bytes() {
        try {
            return real(record.copyBody());
        } catch (CorruptSegmentException | InternalError failure) {
            throw translated(failure);
        }
    }

    @Override
    public String text() {
        return new String(bytes(), StandardCharsets.UTF_8);
    }

    @Override
    public MessageProperties properties() {
        try {
            byte[] encoded = real(record.copyProperties());
            return encoded.length == 0 ? MessageProperties.empty() : decode(encoded);
        } catch (CorruptSegmentException | InternalError failure) {
            throw translated(failure);
        }
    }

    /** What a view shows that was kept too long may be anything: that says nothing of the queue. */
    private RuntimeException translated(Throwable failure) {
        if (failure instanceof CorruptSegmentException && !isInHand.getAsBoolean()) {
            requireReal();
            return new IllegalStateException(
                    "This message of '" + handle.queueUri()
                            + "' is not its own any more: a view is valid until its handler returns; keep what copy() returns",
                    failure);
        }
        return handle.translate(failure);
    }

    private MessageProperties decode(byte[] encoded) {
        try {
            return MessageProperties.decode(ByteBuffer.wrap(encoded));
        } catch (IllegalArgumentException malformed) {
            throw new CorruptSegmentException(
                    "properties of message " + record.position() + ": " + malformed.getMessage());
        }
    }

    /** Memory that was covered reads as zeros, perhaps from the middle on. A private copy stays. */
    private void requireReal() {
        if (!record.isInPlace()) return;
        handle.requireReal();
    }

    private byte[] real(byte[] read) {
        requireReal();
        return read;
    }

    @Override
    public boolean redelivered() {
        return redelivered;
    }

    @Override
    public Message copy() {
        return new HeapMessage(position(), timestampMillis(), bytes(), properties(), redelivered);
    }
}
