package dev.belfry.shm.layout;

import static dev.belfry.shm.layout.BufferFields.ADDRESS;
import static dev.belfry.shm.layout.BufferFields.CAPACITY;
import static dev.belfry.shm.layout.BufferFields.LIMIT;
import static dev.belfry.shm.layout.BufferFields.MARK;
import static dev.belfry.shm.layout.BufferFields.POSITION;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import net.openhft.chronicle.core.UnsafeMemory;

/**
 * One ByteBuffer that shows a message in place. A slice would allocate for each message; this
 * buffer is moved by writing its fields, see {@link BufferFields}. Where that is not possible it
 * slices.
 */
public final class Window {
    private static final boolean MOVABLE =
            ADDRESS >= 0 && CAPACITY >= 0 && LIMIT >= 0 && POSITION >= 0 && MARK >= 0 && works();

    private final SharedBytes bytes;
    private final ByteBuffer root;
    private final ByteBuffer moved; // reaches root, and so keeps the range mapped, wherever its address points

    /** Over all of these bytes; it is moved without allocating. */
    public Window(SharedBytes bytes, boolean readOnly) {
        this.bytes = bytes;
        this.root = readOnly ? bytes.buffer.asReadOnlyBuffer() : bytes.buffer.duplicate();
        this.moved = MOVABLE ? root.duplicate() : null;
    }

    /** Position 0, limit {@code length}, BIG_ENDIAN, on the bytes at {@code index}. */
    public ByteBuffer at(long index, int length) {
        bytes.checked(index, length);
        if (moved == null) return root.slice((int) index, length);
        move(moved, bytes.address + index, length);
        return moved;
    }

    /**
     * Length 0 in between: another thread that uses it too late finds the old place, nothing, or
     * the new one.
     */
    private static void move(ByteBuffer buffer, long address, int length) {
        UnsafeMemory.INSTANCE.writeInt(buffer, LIMIT, 0);
        UnsafeMemory.INSTANCE.writeLong(buffer, ADDRESS, address);
        UnsafeMemory.INSTANCE.writeInt(buffer, CAPACITY, length);
        UnsafeMemory.INSTANCE.writeInt(buffer, LIMIT, length);
        UnsafeMemory.INSTANCE.writeInt(buffer, POSITION, 0);
        UnsafeMemory.INSTANCE.writeInt(buffer, MARK, -1);
        buffer.order(ByteOrder.BIG_ENDIAN);
    }

    private static boolean works() {
        ByteBuffer probe = ByteBuffer.allocateDirect(16).putLong(8, 42);
        ByteBuffer moved = probe.duplicate().position(3).mark();
        move(moved, UnsafeMemory.INSTANCE.readLong(probe, ADDRESS) + 8, 8);
        return moved.capacity() == 8 && moved.position() == 0 && moved.remaining() == 8 && moved.getLong(0) == 42;
    }
}
