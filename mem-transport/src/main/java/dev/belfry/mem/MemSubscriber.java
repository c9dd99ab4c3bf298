package dev.belfry.mem;

import dev.belfry.api.MessageView;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.SubscriberSupport;
import java.util.Optional;
import java.util.function.Consumer;

/** Connects {@link SubscriberSupport} with a subscription. */
final class MemSubscriber extends SubscriberSupport implements Subscription.Attached {
    private final MemLog log;
    private final Subscription subscription;
    private final Consumer<AutoCloseable> released;
    private final MemView view = new MemView();
    private boolean woken; // guarded by the log's monitor

    /** With the lock held. */
    MemSubscriber(MemLog log, Subscription subscription, SubscriberOptions options, Consumer<AutoCloseable> released) {
        super(log.uri.name(), options);
        this.log = log;
        this.subscription = subscription;
        this.released = released;
        startAfter(subscription.done, subscription.given);
    }

    @Override
    protected MessageView next(long deadlineNanos) {
        Optional<MessageView> found =
                log.monitor.until(deadlineNanos, Deadlines.FOREVER_NANOS, "a message of", this::look);
        return found == null ? null : found.orElse(null);
    }

    /** Called with the lock held: empty if it was woken, null if there is nothing yet. */
    private Optional<MessageView> look() {
        if (woken) {
            woken = false;
            return Optional.empty();
        }
        if (subscription.ended != null) throw subscription.disconnected();
        MemRecord entry = subscription.look();
        if (entry == null) return null;
        Optional<MessageView> found = Optional.of(view.of(entry, givenBefore(entry.position())));
        subscription.advance(); // last: if something fails before, nothing was read
        return found;
    }

    @Override
    protected void acknowledged(long position) {
        synchronized (log.monitor) {
            if (subscription.ended != null) throw subscription.disconnected();
            log.monitor.signal();
            subscription.done = Math.max(subscription.done, position);
        }
    }

    @Override
    protected void consumed(long position) {
        acknowledged(position);
    }

    @Override
    public boolean isHeldByCaller() {
        return isHeldByCaller(subscription.done);
    }

    @Override
    protected void rewind() {
        long before;
        synchronized (log.monitor) {
            subscription.next = subscription.done + 1;
            if (subscription.ended == null) subscription.jumpIfPassed();
            before = subscription.next - 1;
        }
        rewoundTo(before);
    }

    @Override
    protected void wake() {
        synchronized (log.monitor) {
            log.monitor.signal();
            woken = true;
        }
    }

    @Override
    protected void release() {
        log.members.detach(subscription, stoppedAt());
        released.accept(this);
    }

    @Override
    protected String queueUri() {
        return log.uri.toString();
    }

    @Override
    public long lag() {
        synchronized (log.monitor) {
            return log.newest() - position();
        }
    }

    @Override
    public long lostCount() {
        synchronized (log.monitor) {
            return subscription.lost;
        }
    }
}
