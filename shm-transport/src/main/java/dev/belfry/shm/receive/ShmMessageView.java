package dev.belfry.shm.receive;

import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageView;
import dev.belfry.shm.layout.Body;
import dev.belfry.shm.layout.BodyForm;
import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.ring.Record;
import dev.belfry.shm.segment.Handle;
import dev.belfry.spi.Errors;
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
        this.body = record.body;
        this.form = new BodyForm(body);
        this.handle = handle;
        this.isInHand = isInHand;
    }

    ShmMessageView of(boolean redelivered) {
        this.redelivered = redelivered;
        return this;
    }

    /** Its handler is done, and so is the call. No access to the body costs a check: no index is in bounds then. */
    void end() {
        body.end();
    }

    private void requireValid() {
        if (body.isOver()) throw Errors.viewKept(handle.queueUri(), null);
    }

    private RuntimeException refused(IndexOutOfBoundsException refused) {
        return body.isOver() ? Errors.viewKept(handle.queueUri(), refused) : refused;
    }

    @Override
    public long position() {
        requireValid();
        return record.position();
    }

    @Override
    public long timestampMillis() {
        requireValid();
        return record.timestamp();
    }

    @Override
    public int length() {
        requireValid();
        return body.length();
    }

    @Override
    public byte getByte(int index) {
        try {
            return body.getByte(index);
        } catch (IndexOutOfBoundsException e) {
            throw refused(e);
        }
    }

    @Override
    public short getShort(int index) {
        try {
            return body.getShort(index);
        } catch (IndexOutOfBoundsException e) {
            throw refused(e);
        }
    }

    @Override
    public int getInt(int index) {
        try {
            return body.getInt(index);
        } catch (IndexOutOfBoundsException e) {
            throw refused(e);
        }
    }

    @Override
    public long getLong(int index) {
        try {
            return body.getLong(index);
        } catch (IndexOutOfBoundsException e) {
            throw refused(e);
        }
    }

    @Override
    public void copyTo(int index, byte[] target, int from, int length) {
        try {
            body.copyTo(index, target, from, length);
        } catch (IndexOutOfBoundsException e) {
            throw refused(e);
        }
        requireAttached();
    }

    @Override
    public void copyTo(int index, ByteBuffer target, int length) {
        try {
            body.copyTo(index, target, length);
        } catch (IndexOutOfBoundsException e) {
            throw refused(e);
        }
        requireAttached();
    }

    @Override
    public ByteBuffer buffer() {
        requireValid();
        return body.buffer();
    }

    @Override
    public <T> T as(Class<T> type) {
        requireValid();
        return form.as(type);
    }

    @Override
    public byte[] bytes() {
        requireValid();
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
        requireValid();
        try {
            byte[] encoded = real(record.copyProperties());
            return encoded.length == 0 ? MessageProperties.empty() : decode(encoded);
        } catch (CorruptSegmentException | InternalError failure) {
            throw translated(failure);
        }
    }

    /** A view that was kept too long may show anything: that is no damage of the queue. */
    private RuntimeException translated(Throwable failure) {
        if (failure instanceof CorruptSegmentException && !isInHand.getAsBoolean()) {
            requireAttached();
            return Errors.viewKept(handle.queueUri(), failure);
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
    private void requireAttached() {
        if (!record.isInPlace()) return;
        handle.requireAttached();
    }

    private byte[] real(byte[] read) {
        requireAttached();
        return read;
    }

    @Override
    public boolean redelivered() {
        requireValid();
        return redelivered;
    }

    @Override
    public Message copy() {
        return new HeapMessage(position(), timestampMillis(), bytes(), properties(), redelivered);
    }
}
