package dev.belfry.benchmarks;

import io.aeron.Aeron;
import io.aeron.ExclusivePublication;
import io.aeron.Publication;
import io.aeron.Subscription;
import io.aeron.logbuffer.BufferClaim;
import io.aeron.logbuffer.FragmentHandler;
import java.nio.ByteBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * IPC: an exclusive publication's {@code tryClaim}, or a shared one's {@code offer}. The driver is
 * a process of its own, {@link AeronDriver}.
 */
final class AeronProduct implements Product {
    private static final int STREAM = 1001;

    /** A message that is longer than this, with its header of 32 bytes, cannot be claimed; by default that is 1408. */
    private static final int LONGEST = 65504;

    private final boolean claims;
    private final String waits;
    private final String termLength;
    private final Aeron aeron;

    AeronProduct(boolean claims, String waits, String termLength, String directory) {
        this.claims = claims;
        this.waits = waits;
        this.termLength = termLength;
        aeron = Aeron.connect(new Aeron.Context().aeronDirectoryName(directory));
    }

    private String uri(String channel) {
        return "aeron:ipc?term-length=" + termLength + "|mtu=" + LONGEST + "|alias=" + channel;
    }

    /** A stream for each channel. */
    private static int stream(String channel) {
        return STREAM + (channel.hashCode() & 0xffff);
    }

    @Override
    public Sender sender(String channel, int length) {
        byte[] filling = Message.filling(length);
        IdleStrategy idle = AgronaBuffers.idling(waits);
        if (claims) {
            ExclusivePublication publication = aeron.addExclusivePublication(uri(channel), stream(channel));
            while (!publication.isConnected()) Thread.onSpinWait();
            BufferClaim claim = new BufferClaim();
            return (sequence, due, now) -> {
                while (publication.tryClaim(length, claim) < 0) idle.idle();
                idle.reset();
                MutableDirectBuffer buffer = claim.buffer();
                int offset = claim.offset();
                AgronaBuffers.write(buffer, offset, sequence, due, now, length);
                if (length > Message.SHORTEST)
                    buffer.putBytes(offset + Message.FILLING, filling, Message.FILLING, length - 32);
                claim.commit();
            };
        }
        Publication publication = aeron.addPublication(uri(channel), stream(channel));
        while (!publication.isConnected()) Thread.onSpinWait();
        UnsafeBuffer buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(length));
        buffer.putBytes(0, filling);
        return (sequence, due, now) -> {
            AgronaBuffers.write(buffer, 0, sequence, due, now, length);
            while (publication.offer(buffer, 0, length) < 0) idle.idle();
            idle.reset();
        };
    }

    @Override
    public Receiver receiver(String channel) {
        Subscription subscription = aeron.addSubscription(uri(channel), stream(channel));
        IdleStrategy idle = AgronaBuffers.idling(waits);
        Inbox[] into = new Inbox[1];
        FragmentHandler handler =
                (buffer, offset, length, header) -> AgronaBuffers.read(buffer, offset, length, into[0]);
        return inbox -> {
            into[0] = inbox;
            idle.idle(subscription.poll(handler, 1024));
        };
    }

    @Override
    public void close() {
        aeron.close();
    }
}
