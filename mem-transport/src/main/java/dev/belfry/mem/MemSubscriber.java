package dev.belfry.mem;

import dev.belfry.api.AckMode;
import dev.belfry.api.MessageView;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.spi.Errors;
import dev.belfry.spi.SubscriberSupport;

/** Joins {@link SubscriberSupport} to a subscription. */
final class MemSubscriber extends SubscriberSupport {
    private final MemQueue queue;
    private final MemLog log;
    private final Subscription subscription;
    private final MemView view = new MemView();
    private boolean woken; // guarded by the log's lock

    /** With the log's lock held. */
    MemSubscriber(MemQueue queue, Subscription subscription, SubscriberOptions options) {
        super(queue.log.uri.name(), options);
        this.queue = queue;
        this.log = queue.log;
        this.subscription = subscription;
        startAfter(subscription.done, subscription.given);
    }

    @Override
    protected MessageView next(long deadlineNanos) {
        log.lock.lock();
        try {
            while (!woken) {
                if (subscription.ended != null) throw subscription.disconnected();
                MemRecord entry = subscription.look();
                if (entry != null) {
                    MessageView found = view.of(entry, givenBefore(entry.position()));
                    subscription.advance(); // last: what fails before has read nothing
                    return found;
                }
                if (!log.awaitUntil(deadlineNanos, "a message of")) return null;
            }
            woken = false;
            return null;
        } finally {
            log.lock.unlock();
        }
    }

    @Override
    protected void acknowledged(long position) {
        log.lock.lock();
        try {
            if (subscription.ended != null && options().ackMode() == AckMode.CLIENT) throw subscription.disconnected();
            subscription.done = Math.max(subscription.done, position);
            log.signal();
        } finally {
            log.lock.unlock();
        }
    }

    @Override
    protected void consumed(long position) {
        acknowledged(position);
    }

    @Override
    protected void rewind() {
        log.lock.lock();
        try {
            subscription.next = subscription.done + 1;
        } finally {
            log.lock.unlock();
        }
    }

    @Override
    protected void wake() {
        log.lock.lock();
        try {
            woken = true;
            log.signal();
        } finally {
            log.lock.unlock();
        }
    }

    @Override
    protected void release() {
        log.detach(subscription);
        queue.ended(this);
    }

    @Override
    protected String describe() {
        return Errors.subscriberOf(log.uri.toString(), name());
    }

    @Override
    public long lag() {
        log.lock.lock();
        try {
            return log.newest() - position();
        } finally {
            log.lock.unlock();
        }
    }

    @Override
    public long lostCount() {
        log.lock.lock();
        try {
            return subscription.lost;
        } finally {
            log.lock.unlock();
        }
    }
}
