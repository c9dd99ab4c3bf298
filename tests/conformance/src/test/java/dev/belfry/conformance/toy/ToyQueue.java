package dev.belfry.conformance.toy;

import static dev.belfry.conformance.toy.ToyFile.locked;

import dev.belfry.api.AckMode;
import dev.belfry.api.Message;
import dev.belfry.api.MessageView;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueFullException;
import dev.belfry.api.QueueStats;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.SubscriberStats;
import dev.belfry.spi.Checks;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Errors;
import dev.belfry.spi.PublisherSupport;
import dev.belfry.spi.QueueFigures;
import dev.belfry.spi.QueueSupport;
import dev.belfry.spi.SubscriberFigures;
import dev.belfry.spi.SubscriberSupport;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;

/** A handle on a {@link ToyFile}, with its publishers and subscribers. */
final class ToyQueue extends QueueSupport {
    private final ToyFile file;
    private final int handle;

    ToyQueue(ToyFile file) {
        super(file.uri, ToyProvider.CAPABILITIES);
        this.file = file;
        handle = file.join();
    }

    @Override
    protected Publisher publisher(PublisherOptions options) {
        return new ToyPublisher(options);
    }

    @Override
    protected Subscriber subscriber(SubscriberOptions options) {
        if (options.slowSubscriber() == SlowSubscriber.GATE_PUBLISHER
                && !file.settings().allowGating()) throw Errors.gatingRefused(file.uri.toString());
        return locked(() -> attach(options));
    }

    private Subscriber attach(SubscriberOptions options) {
        ToyFile.Slot slot = options.name() == null ? null : file.named(options.name());
        if (slot == null) {
            StartAt at = options.startAt();
            long newest = file.newest();
            long wanted = at.equals(StartAt.NOW) ? newest + 1 : at.position().orElse(file.oldest());
            if (wanted > newest + 1) throw Errors.startsInFuture(file.uri.toString(), wanted, newest);
            slot = file.freeSlot();
            slot.begin(options.name(), Math.max(wanted, file.oldest()));
            slot.attach(options.ackMode());
            return new ToySubscriber(options, slot, slot.begins() - wanted);
        }
        slot.reclaimIfDead();
        refuseAttached(slot);
        slot.attach(options.ackMode());
        return new ToySubscriber(options, slot, 0);
    }

    private static void refuseAttached(ToyFile.Slot slot) {
        if (slot.pid() != 0) throw Errors.subscriptionInUse(slot.name(), "pid " + slot.pid() + " (somebody)");
    }

    @Override
    protected boolean end(String name) {
        return locked(() -> {
            ToyFile.Slot slot = file.named(name);
            if (slot == null) return false;
            slot.reclaimIfDead();
            refuseAttached(slot);
            slot.end();
            return true;
        });
    }

    @Override
    protected QueueStats snapshot() {
        return locked(() -> new QueueFigures(
                file.id(),
                file.newest() == 0 ? 0 : file.oldest(),
                file.newest(),
                file.capacity(),
                file.settings().maxCapacity(),
                file.publishers(),
                file.slots().stream()
                        .filter(ToyFile.Slot::isUsed)
                        .<SubscriberStats>map(s -> new SubscriberFigures(
                                s.name(),
                                s.pid(),
                                s.given(),
                                s.done(),
                                file.newest() - s.given(),
                                0,
                                s.mode(),
                                SlowSubscriber.GATE_PUBLISHER,
                                s.pid() != 0,
                                Map.of()))
                        .toList(),
                Map.of(),
                List.of()));
    }

    @Override
    protected void release() {
        locked(() -> {
            file.leave(handle);
            return null;
        });
    }

    /** One look a millisecond. */
    private void pause(String waitingFor) {
        try {
            Thread.sleep(1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Errors.interrupted(waitingFor + " '" + file.uri + "'");
        }
    }

    private final class ToyPublisher extends PublisherSupport {
        private final int place = locked(file::addPublisher);
        private volatile boolean closed;

        ToyPublisher(PublisherOptions options) {
            super(ToyQueue.this, options);
        }

        /** With the defect that a death must hit: each publisher has the lock for a while, not one nearly always. */
        private void letOthersIn() {
            if (ToyFile.defect == ToyDefect.COMMITS_BEFORE_THE_BYTES) LockSupport.parkNanos(1_000_000);
        }

        @Override
        protected long append(Message message, long deadline) {
            byte[] properties = message.properties().encode();
            byte[] body = message.bytes();
            while (true) {
                long position = locked(() -> {
                    checkOpen();
                    if (!file.makeRoom(body.length + properties.length)) return REJECTED;
                    return file.append(body, properties, message.timestampMillis());
                });
                if (position != REJECTED) {
                    letOthersIn();
                    return position;
                }
                if (Deadlines.passed(deadline)) return REJECTED;
                pause("space in");
            }
        }

        @Override
        protected QueueFullException full() {
            return locked(() -> {
                ToyFile.Slot s = file.holder();
                return s == null
                        ? Errors.full(file.uri.toString(), file.capacity(), "")
                        : Errors.full(
                                file.uri.toString(),
                                file.capacity(),
                                s.name(),
                                s.pid(),
                                file.newest() - s.done(),
                                s.mode() == AckMode.CLIENT ? s.given() - s.done() : 0,
                                0,
                                "");
            });
        }

        @Override
        public int maxMessageLength() {
            return file.maxMessageLength();
        }

        @Override
        public boolean awaitAcknowledged(long position, int minSubscribers, Duration timeout) {
            Checks.awaitAcknowledged(position, minSubscribers);
            long deadline = Deadlines.after(Objects.requireNonNull(timeout, "timeout"));
            checkOpen();
            while (!locked(() -> file.isAcknowledged(position, minSubscribers))) {
                if (closed || Deadlines.passed(deadline)) return false;
                pause("acknowledgements in");
            }
            return true;
        }

        @Override
        public void close() {
            locked(() -> {
                if (!closed) file.removePublisher(place);
                closed = true;
                return null;
            });
            super.close();
        }
    }

    private final class ToySubscriber extends SubscriberSupport {
        private final ToyFile.Slot slot;
        private final long lost;
        private long next;
        private long known;
        private int knownAt;
        private volatile boolean woken;

        ToySubscriber(SubscriberOptions options, ToyFile.Slot slot, long lost) {
            super(file.uri.name(), file.uri.toString(), options);
            this.slot = slot;
            this.lost = lost;
            next = slot.done() + 1;
            standing().attached(slot.done(), slot.given());
        }

        @Override
        protected MessageView next(long deadlineNanos) {
            while (!woken) {
                MessageView view = locked(() -> {
                    next = Math.max(next, slot.done() + 1); // acknowledged after recover went back to it
                    if (next > file.newest()) return null;
                    knownAt = file.find(next, known, knownAt);
                    known = next++;
                    slot.given(known);
                    return file.read(knownAt, standing().isGiven(known));
                });
                if (view != null) return view;
                if (Deadlines.passed(deadlineNanos)) return null;
                pause("a message of");
            }
            woken = false;
            return null;
        }

        @Override
        protected void acknowledged(long position) {
            locked(() -> {
                slot.done(position);
                return null;
            });
        }

        @Override
        protected void rewind() {
            next = locked(slot::done) + 1;
        }

        @Override
        protected void wake() {
            woken = true;
        }

        @Override
        protected void release() {
            locked(() -> {
                slot.leave();
                return null;
            });
            forget(this); // after it: else stats may see it attached, as if it had been attached again
        }

        @Override
        public long lag() {
            return locked(file::newest) - position();
        }

        @Override
        public long lostCount() {
            return lost;
        }
    }
}
