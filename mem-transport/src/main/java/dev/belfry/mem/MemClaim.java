package dev.belfry.mem;

import dev.belfry.api.Claim;
import dev.belfry.api.MessageProperties;
import dev.belfry.spi.Checks;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** A claim in the hands of its thread. Its bytes are copied at commit: what is written later goes nowhere. */
final class MemClaim implements Claim {
    private final MemPublisher publisher;
    private final MemLog log;
    private final byte[] body;
    private final ByteBuffer buffer;
    private final Hold hold;

    /** With the log's lock held and room reserved. */
    MemClaim(MemPublisher publisher, MemLog log, byte[] body) {
        this.publisher = publisher;
        this.log = log;
        this.body = body;
        buffer = ByteBuffer.wrap(body);
        hold = new Hold(this, publisher);
        log.claim(hold);
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
        if (!hold.isMine())
            throw new IllegalStateException("This claim on '" + log.uri + "' belongs to thread '"
                    + hold.thread().getName() + "': only that may commit it");
        byte[] copy = Arrays.copyOf(body, length);
        synchronized (log.lock) {
            publisher.checkOpen();
            if (!log.endClaim(hold))
                throw new IllegalStateException("This claim on '" + log.uri + "' was committed or given up before");
            return log.append(copy, MessageProperties.empty(), MemLog.cost(length), publisher.writesTimestamps());
        }
    }

    @Override
    public void close() {
        if (!hold.isMine()) return;
        synchronized (log.lock) {
            log.endClaim(hold);
        }
    }

    /** What the log knows of an open claim: not the claim, whose loss it must notice. */
    static final class Hold {
        private final Thread thread = Thread.currentThread();
        private final long since = System.nanoTime();
        private final WeakReference<MemClaim> claim;
        private final MemPublisher publisher;
        private boolean warned;

        Hold(MemClaim claim, MemPublisher publisher) {
            this.claim = new WeakReference<>(claim);
            this.publisher = publisher;
        }

        /** Its thread has ended, or nobody can commit it any more. */
        boolean isAbandoned() {
            return !thread.isAlive() || claim.get() == null;
        }

        boolean isMine() {
            return thread == Thread.currentThread();
        }

        boolean isOf(MemPublisher publisher) {
            return this.publisher == publisher;
        }

        Thread thread() {
            return thread;
        }

        long nanos() {
            return System.nanoTime() - since;
        }

        /** True the first time. */
        boolean warnOnce() {
            boolean first = !warned;
            warned = true;
            return first;
        }
    }
}
