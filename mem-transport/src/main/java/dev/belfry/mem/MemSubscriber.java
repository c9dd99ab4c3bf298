package dev.belfry.mem;

import dev.belfry.api.MessageView;
import dev.belfry.api.StartAt;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.SharedSleep;
import dev.belfry.spi.Standing;
import dev.belfry.spi.SubscriberSupport;
import java.util.Optional;
import java.util.function.Consumer;

/** Connects {@link SubscriberSupport} with a subscription. */
final class MemSubscriber extends SubscriberSupport
        implements Subscription.Attached, SharedSleep.Sleeper, MemSharedSleep.Own {
    private final MemLog log;
    private final Subscription subscription;
    private final Consumer<AutoCloseable> released;
    private final MemView view;
    private boolean woken; // guarded by the log's monitor
    private boolean jumped; // of the thread that reads: in the check under way

    /** With the lock held. */
    MemSubscriber(MemLog log, Subscription subscription, SubscriberOptions options, Consumer<AutoCloseable> released) {
        super(log.uri.name(), log.uri.toString(), options);
        this.log = log;
        this.subscription = subscription;
        this.released = released;
        this.view = new MemView(log.uri.toString());
        Standing before = subscription.standing;
        standing().attached(before.acknowledged(), before.accounted());
        standing().missed(before.lost());
    }

    @Override
    public Standing place() {
        return standing();
    }

    @Override
    protected MessageView next(long deadlineNanos) {
        while (true) {
            tellOverrun();
            jumped = false;
            Optional<MessageView> found =
                    log.monitor.until(deadlineNanos, Deadlines.FOREVER_NANOS, "a message of", this::lookLocked);
            if (!jumped) return found == null ? null : found.orElse(null);
        }
    }

    /** Empty if it was woken, or overrun; null if there is nothing yet. */
    private Optional<MessageView> lookLocked() {
        if (woken) {
            woken = false;
            return Optional.empty();
        }
        if (subscription.ended != null) throw subscription.disconnected();
        long lost = subscription.prepare();
        overran(lost);
        jumped = lost > 0;
        if (jumped) return Optional.empty(); // first that is told, without the lock
        MemRecord entry = subscription.look();
        if (entry == null) return null;
        Optional<MessageView> found = Optional.of(view.of(entry, standing().isGiven(entry.position())));
        subscription.advance(); // last: if something fails before, nothing was read
        return found;
    }

    @Override
    protected boolean stepBack() {
        synchronized (log.monitor) {
            subscription.next--;
        }
        return true;
    }

    @Override
    public SharedSleep newSleep() {
        return new MemSharedSleep();
    }

    @Override
    public boolean mayProceed(MemMonitor.Sleeper sleeper) {
        synchronized (log.monitor) {
            if (woken || isClosed() || subscription.ended != null || subscription.hasNext()) return true;
            if (sleeper != null) log.monitor.sleepers.add(sleeper);
            return false;
        }
    }

    @Override
    public void endsSleep(MemMonitor.Sleeper sleeper) {
        try {
            synchronized (log.monitor) {
                log.monitor.sleepers.remove(sleeper);
            }
        } finally {
            leave();
        }
    }

    @Override
    protected void acknowledged(long position) {
        synchronized (log.monitor) {
            if (subscription.ended != null) throw subscription.disconnected();
            log.monitor.signalLocked();
            standing().acknowledged(position);
        }
    }

    @Override
    public void noteOverrun(long lost) {
        overran(lost);
    }

    @Override
    public boolean isHeldByCaller() {
        return isHeldByCaller(standing().acknowledged(), position());
    }

    @Override
    protected void rewind() {
        synchronized (log.monitor) {
            if (subscription.ended != null) throw subscription.disconnected();
            overran(subscription.rewind());
        }
    }

    @Override
    protected long moveTo(StartAt start) {
        synchronized (log.monitor) {
            if (subscription.ended != null) throw subscription.disconnected();
            log.monitor.signalLocked();
            subscription.moveTo(start);
            return subscription.next - 1;
        }
    }

    @Override
    protected long moveToTime(StartAt start) {
        return moveTo(start);
    }

    @Override
    protected void ends() {
        if (!isKept(view)) view.end();
    }

    @Override
    protected void wake() {
        synchronized (log.monitor) {
            log.monitor.signalLocked();
            woken = true;
        }
    }

    @Override
    protected void release() {
        log.members.detach(subscription, stoppedAt());
        released.accept(this);
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
            return subscription.lost();
        }
    }
}
