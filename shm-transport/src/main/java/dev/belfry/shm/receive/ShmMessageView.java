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
final class ShmMessageView extends Body implements MessageView {
    private final Record record;
    private final Handle handle;
    private final BooleanSupplier isInHand;
    private final BodyForm form = new BodyForm(this);
    private boolean redelivered;

    /** {@code isInHand}: whether the thread that asks is the one that reads. */
    ShmMessageView(Record record, Handle handle, BooleanSupplier isInHand) {
        super(true);
        this.record = record;
        this.handle = handle;
        this.isInHand = isInHand;
        record.body = this;
    }

    ShmMessageView of(boolean redelivered) {
        this.redelivered = redelivered;
        return this;
    }

    /** Refused once its handler is done, as is the call. A read of the body needs no check: no index is in bounds. */
    private void requireValid() {
        if (isOver()) throw Errors.viewKept(handle.queueUri(), null);
    }

    @Override
    protected RuntimeException refused(IndexOutOfBoundsException outside) {
        return isOver() ? Errors.viewKept(handle.queueUri(), outside) : outside;
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
        return super.length();
    }

    @Override
    public void copyTo(int index, byte[] target, int from, int length) {
        super.copyTo(index, target, from, length);
        requireAttached();
    }

    @Override
    public void copyTo(int index, ByteBuffer target, int length) {
        super.copyTo(index, target, length);
        requireAttached();
    }

    @Override
    public ByteBuffer buffer() {
        requireValid();
        return super.buffer();
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
