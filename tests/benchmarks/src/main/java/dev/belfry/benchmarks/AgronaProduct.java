package dev.belfry.benchmarks;

import java.io.File;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.agrona.IoUtil;
import org.agrona.concurrent.AtomicBuffer;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.MessageHandler;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;

/**
 * Agrona's ring buffers over a file in /dev/shm: one sender that claims, or many that write; a
 * single receiver, which comes first.
 */
final class AgronaProduct implements Product {
    private static final int TYPE = 1;
    private final boolean many;
    private final String waits;
    private final int capacity;
    private final List<MappedByteBuffer> mapped = new ArrayList<>();
    private final List<File> created = new ArrayList<>();

    AgronaProduct(boolean many, String waits, int capacity) {
        this.many = many;
        this.waits = waits;
        this.capacity = capacity;
    }

    private RingBuffer ring(MappedByteBuffer memory) {
        mapped.add(memory);
        AtomicBuffer buffer = new UnsafeBuffer(memory);
        return many ? new ManyToOneRingBuffer(buffer) : new OneToOneRingBuffer(buffer);
    }

    private static File file(String channel) {
        return new File("/dev/shm/agrona-" + channel);
    }

    @Override
    public Sender sender(String channel, int length) {
        RingBuffer ring = ring(IoUtil.mapExistingFile(file(channel), "ring"));
        byte[] filling = Message.filling(length);
        IdleStrategy idle = AgronaBuffers.idling(waits);
        if (!many)
            return (sequence, due, now) -> {
                int at;
                while ((at = ring.tryClaim(TYPE, length)) < 0) idle.idle();
                idle.reset();
                AtomicBuffer buffer = ring.buffer();
                AgronaBuffers.write(buffer, at, sequence, due, now, length);
                if (length > Message.SHORTEST)
                    buffer.putBytes(at + Message.FILLING, filling, Message.FILLING, length - 32);
                ring.commit(at);
            };
        UnsafeBuffer buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(length));
        buffer.putBytes(0, filling);
        return (sequence, due, now) -> {
            AgronaBuffers.write(buffer, 0, sequence, due, now, length);
            while (!ring.write(TYPE, buffer, 0, length)) idle.idle();
            idle.reset();
        };
    }

    @Override
    public Receiver receiver(String channel) {
        File file = file(channel);
        RingBuffer ring = ring(IoUtil.mapNewFile(file, capacity + RingBufferDescriptor.TRAILER_LENGTH));
        created.add(file);
        IdleStrategy idle = AgronaBuffers.idling(waits);
        Inbox[] into = new Inbox[1];
        MessageHandler handler = (type, buffer, at, length) -> AgronaBuffers.read(buffer, at, length, into[0]);
        return inbox -> {
            into[0] = inbox;
            idle.idle(ring.read(handler, 1024));
        };
    }

    @Override
    public void close() {
        mapped.forEach(IoUtil::unmap);
        created.forEach(IoUtil::deleteIfExists);
    }
}
