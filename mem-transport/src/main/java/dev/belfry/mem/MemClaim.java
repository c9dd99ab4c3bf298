package dev.belfry.mem;

import dev.belfry.api.Claim;
import dev.belfry.api.MessageProperties;
import dev.belfry.spi.Checks;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * An open claim of its thread. Its bytes are copied at commit: what is written later has no effect.
 */
final class MemClaim implements Claim {
    private final MemMembers.Sender publisher;
    private final MemLog log;
    private final byte[] body;
    private final boolean timestamp;
    private final ByteBuffer buffer;
    private final OpenClaim open;

    /** Called with the lock held and room reserved. */
    MemClaim(MemMembers.Sender publisher, MemLog log, byte[] body, boolean timestamp) {
        this.publisher = publisher;
        this.log = log;
        this.body = body;
        this.timestamp = timestamp;
        buffer = ByteBuffer.wrap(body);
        open = new OpenClaim(publisher, false);
        log.claim(open);
    }

    @Override
    public ByteBuffer buffer() {
        return buffer;
    }

    @Override
    public long commit() {
        return commit(body.length);
    }

    @Override
    public long commit(int length) {
        Checks.length(length, body.length);
        if (!open.isMine())
            throw new IllegalStateException("This claim on '" + log.uri + "' belongs to thread '"
                    + open.thread().getName() + "': only that may commit it");
        byte[] copy = Arrays.copyOf(body, length);
        synchronized (log.monitor) {
            publisher.checkOpen();
            if (!log.endClaim(open))
                throw new IllegalStateException("This claim on '" + log.uri + "' was committed or given up before");
            return log.append(copy, MessageProperties.empty(), timestamp);
        }
    }

    @Override
    public void close() {
        if (!open.isMine()) return;
        synchronized (log.monitor) {
            log.endClaim(open);
        }
    }
}
