package dev.belfry.mem;

import dev.belfry.api.Claim;
import dev.belfry.api.MessageProperties;
import dev.belfry.spi.Checks;
import dev.belfry.spi.WritableArray;
import java.util.Arrays;

/** An open claim of its thread. Its bytes are copied at commit: what is written later has no effect. */
final class MemClaim extends WritableArray implements Claim {
    private final MemMembers.Sender publisher;
    private final MemLog log;
    private final byte[] body;
    private final boolean timestamp;
    private final OpenClaim open;

    /** Called with the lock held and room reserved. */
    MemClaim(MemMembers.Sender publisher, MemLog log, byte[] body, boolean timestamp) {
        super(body);
        this.publisher = publisher;
        this.log = log;
        this.body = body;
        this.timestamp = timestamp;
        open = new OpenClaim(publisher, false);
        log.claim(open);
    }

    @Override
    protected void requireOpen() {
        open.requireOpen(log.uri);
    }

    @Override
    public long commit() {
        return commit(body.length);
    }

    @Override
    public long commit(int length) {
        Checks.length(length, body.length);
        requireOpen();
        byte[] copy = Arrays.copyOf(body, length);
        synchronized (log.monitor) {
            publisher.checkOpen();
            open.end();
            if (!log.endClaim(open)) throw open.isOver(log.uri);
            return log.append(copy, MessageProperties.empty(), timestamp);
        }
    }

    @Override
    public void close() {
        if (!open.isMine()) return;
        synchronized (log.monitor) {
            open.end();
            log.endClaim(open);
        }
    }
}
