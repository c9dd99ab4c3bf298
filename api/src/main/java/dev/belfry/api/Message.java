package dev.belfry.api;

import dev.belfry.spi.ArrayBody;
import java.nio.ByteBuffer;

/**
 * A view that stays valid: a copy that belongs to its receiver. Any thread may use it.
 * @since 0.1
 */
public interface Message extends MessageView {
    /**
     * Each call returns its own read-only buffer over the copy, from the start.
     * {@code m.buffer().getInt(); m.buffer().getInt();} reads the first number twice.
     */
    @Override
    default ByteBuffer buffer() {
        return ByteBuffer.wrap(bytes()).asReadOnlyBuffer();
    }

    /** The copy's own array, not a new one. */
    @Override
    byte[] bytes();

    @Override
    default int length() {
        return bytes().length;
    }

    @Override
    default byte getByte(int index) {
        return bytes()[index];
    }

    @Override
    default short getShort(int index) {
        return ArrayBody.getShort(bytes(), index);
    }

    @Override
    default int getInt(int index) {
        return ArrayBody.getInt(bytes(), index);
    }

    @Override
    default long getLong(int index) {
        return ArrayBody.getLong(bytes(), index);
    }

    @Override
    default void copyTo(int index, byte[] target, int from, int length) {
        System.arraycopy(bytes(), index, target, from, length);
    }

    @Override
    default void copyTo(int index, ByteBuffer target, int length) {
        ArrayBody.copyTo(bytes(), index, target, length);
    }

    @Override
    default Message copy() {
        return this;
    }
}
