package dev.belfry.shm.publish;

import dev.belfry.api.PublisherOptions;
import dev.belfry.shm.segment.AdminLock;
import dev.belfry.shm.segment.Attached;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.sync.FutexLock;
import dev.belfry.shm.sync.Wait;
import dev.belfry.spi.Errors;

/** One publisher's beginning: its flag, and the lock that an exclusive one holds for life. Or nothing is left of it. */
public final class PublisherCreation {
    private final Publishers publishers;
    private final Attached queue;
    private final Handle handle;
    private final PublisherOptions options;
    private final Object flag = new Object();
    private boolean isExclusive; // its flag is up: no other publisher of this handle has the lock
    private boolean hasTheLock;

    public PublisherCreation(Publishers publishers, PublisherOptions options) {
        this.publishers = publishers;
        this.queue = publishers.queue;
        this.handle = queue.handle;
        this.options = options;
    }

    public ShmPublisher create() {
        ShmPublisher publisher = null;
        boolean added = false;
        boolean created = false;
        boolean closed = false;
        try {
            queue.translating(this::raise);
            publisher = queue.translating(() -> new ShmPublisher(publishers, options, flag));
            publishers.add(publisher);
            added = true;
            PublisherWatch.watch(publishers);
            closed = queue.isClosed(); // here: the call itself might fail, and nobody would have the publisher
            created = true;
        } catch (Error failure) { // between the lock and its mark, say
            if (isExclusive && !hasTheLock && handle.publishLock.isHeldByThisHandle()) handle.publishLock.lost = true;
            handle.abandonIfALockIsLost();
            throw failure;
        } finally {
            // The thread that takes it out of the set frees its lock: this one, or a close meanwhile.
            boolean ours = !created && (!added || publishers.remove(publisher));
            if (ours && hasTheLock) handle.publishLock.release();
            if (ours) publishers.flags.lower(flag);
        }
        if (closed) publisher.close();
        return publisher;
    }

    private Object raise() {
        publishers.lastPublish.begins();
        publishers.flags.raise(flag, options.exclusive());
        isExclusive = options.exclusive();
        if (isExclusive) lockForLife();
        hasTheLock = isExclusive;
        return flag;
    }

    private void lockForLife() {
        FutexLock.Outcome outcome = handle.acquirePublishLock(new Wait(AdminLock.WAIT_NANOS, queue::isClosed));
        if (outcome.isAcquired()) {
            handle.end.refresh();
            return;
        }
        if (outcome == FutexLock.Outcome.CLOSED) throw queue.closed();
        if (outcome == FutexLock.Outcome.INTERRUPTED) throw Errors.interrupted("the publishers of '" + queue.uri + "'");
        throw Errors.publisherInUse(
                queue.uri.toString(), true, handle.describe(handle.publishLock.ownerHandle(handle.segment.handles)));
    }
}
