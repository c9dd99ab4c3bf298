package dev.belfry.shm.publish;

import dev.belfry.api.WritableBody;
import dev.belfry.shm.layout.Body;
import dev.belfry.shm.layout.BodyForm;
import dev.belfry.shm.layout.SharedBytes;
import java.nio.ByteBuffer;

/** The bytes of a message that its publisher fills in place, until it is committed or given up. */
abstract class ClaimedBody implements WritableBody {
    private final Body body = new Body(false);
    private final BodyForm form = new BodyForm(body);
    private int length;

    /** Its message is here, in these bytes. Under the publish lock. */
    final void at(SharedBytes in, long index, int length) {
        body.over(in);
        body.at(in.checked(index, length), length);
        this.length = length;
    }

    /** Only its first bytes are left. */
    final void cut(int length) {
        body.cut(length);
        this.length = length;
    }

    /** Before the publish lock is free: from then on the bytes are another publisher's, and no index is in bounds. */
    final void end() {
        body.end();
    }

    /** Why it may not be filled; null if it may. Asked only if an index was refused. */
    abstract RuntimeException over();

    private RuntimeException refused(IndexOutOfBoundsException refused) {
        RuntimeException over = over();
        return over == null ? refused : over;
    }

    @Override
    public final int length() {
        return length;
    }

    @Override
    public final void putByte(int index, byte value) {
        try {
            body.putByte(index, value);
        } catch (IndexOutOfBoundsException e) {
            throw refused(e);
        }
    }

    @Override
    public final void putShort(int index, short value) {
        try {
            body.putShort(index, value);
        } catch (IndexOutOfBoundsException e) {
            throw refused(e);
        }
    }

    @Override
    public final void putInt(int index, int value) {
        try {
            body.putInt(index, value);
        } catch (IndexOutOfBoundsException e) {
            throw refused(e);
        }
    }

    @Override
    public final void putLong(int index, long value) {
        try {
            body.putLong(index, value);
        } catch (IndexOutOfBoundsException e) {
            throw refused(e);
        }
    }

    @Override
    public final void copyFrom(int index, byte[] source, int from, int length) {
        try {
            body.copyFrom(index, source, from, length);
        } catch (IndexOutOfBoundsException e) {
            throw refused(e);
        }
    }

    @Override
    public final void copyFrom(int index, ByteBuffer source) {
        try {
            body.copyFrom(index, source);
        } catch (IndexOutOfBoundsException e) {
            throw refused(e);
        }
    }

    @Override
    public final ByteBuffer buffer() {
        RuntimeException over = over();
        if (over != null) throw over;
        return body.buffer();
    }

    @Override
    public final <T> T as(Class<T> type) {
        RuntimeException over = over();
        if (over != null) throw over;
        return form.as(type);
    }
}
