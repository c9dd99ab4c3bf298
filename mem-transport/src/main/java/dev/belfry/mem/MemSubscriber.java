package dev.belfry.mem;

import dev.belfry.api.MessageView;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Errors;
import dev.belfry.spi.SubscriberSupport;
import java.util.Optional;

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
        Optional<MessageView> found = log.until(deadlineNanos, Deadlines.FOREVER_NANOS, "a message of", this::look);
        return found == null ? null : found.orElse(null);
    }

    /** With the lock held: empty if it was woken, null if there is nothing yet. */
    private Optional<MessageView> look() {
        if (woken) {
            woken = false;
            return Optional.empty();
        }
        if (subscription.ended != null) throw subscription.disconnected();
        MemRecord entry = subscription.look();
        if (entry == null) return null;
        Optional<MessageView> found = Optional.of(view.of(entry, givenBefore(entry.position())));
        subscription.advance(); // last: what fails before has read nothing
        return found;
    }

    @Override
    protected void acknowledged(long position) {
        synchronized (log.lock) {
            if (subscription.ended != null) throw subscription.disconnected();
            log.signal();
            subscription.done = Math.max(subscription.done, position);
        }
    }

    @Override
    protected void consumed(long position) {
        acknowledged(position);
    }

    @Override
    protected void rewind() {
        long before;
        synchronized (log.lock) {
            subscription.next = subscription.done + 1;
            if (subscription.ended == null) subscription.jumpIfPassed();
            before = subscription.next - 1;
        }
        rewoundTo(before);
    }

    @Override
    protected void wake() {
        synchronized (log.lock) {
            log.signal();
            woken = true;
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
        synchronized (log.lock) {
            return log.newest() - position();
        }
    }

    @Override
    public long lostCount() {
        synchronized (log.lock) {
            return subscription.lost;
        }
    }
}
