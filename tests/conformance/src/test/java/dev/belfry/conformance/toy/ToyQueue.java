package dev.belfry.conformance.toy;

import static dev.belfry.conformance.toy.ToyFile.locked;

import dev.belfry.api.Capability;
import dev.belfry.api.Claim;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
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
import dev.belfry.spi.Capabilities;
import dev.belfry.spi.Checks;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Errors;
import dev.belfry.spi.QueueFigures;
import dev.belfry.spi.StoppedSubscribers;
import dev.belfry.spi.SubscriberFigures;
import dev.belfry.spi.SubscriberSupport;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/** A handle on a {@link ToyFile}, with its publishers and subscribers. */
final class ToyQueue implements MessageQueue {
    private final StoppedSubscribers stopped = new StoppedSubscribers();
    private final ToyFile file;
    private final int handle;
    private final Set<AutoCloseable> children = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean closed = new AtomicBoolean();

    ToyQueue(ToyFile file) {
        this.file = file;
        handle = file.join();
    }

    @Override
    public URI uri() {
        return file.uri.toUri();
    }

    @Override
    public Set<Capability> capabilities() {
        return ToyProvider.CAPABILITIES;
    }

    @Override
    public Publisher createPublisher(PublisherOptions options) {
        Objects.requireNonNull(options, "options");
        checkOpen();
        Capabilities.require("toy", capabilities(), options);
        Publisher publisher = new ToyPublisher(options);
        children.add(publisher);
        return publisher;
    }

    @Override
    public Subscriber createSubscriber(SubscriberOptions options) {
        Objects.requireNonNull(options, "options");
        checkOpen();
        Capabilities.require("toy", capabilities(), options);
        if (options.slowSubscriber() == SlowSubscriber.GATE_PUBLISHER
                && !file.settings().allowGating()) throw Errors.gatingRefused(file.uri.toString());
        Subscriber subscriber = locked(() -> attach(options));
        children.add(subscriber);
        return subscriber;
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
    public boolean unsubscribe(String name) {
        Checks.subscriptionName(Objects.requireNonNull(name, "name"));
        checkOpen();
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
    public QueueStats stats() {
        checkOpen();
        return stopped.in(locked(() -> new QueueStats(new QueueFigures(
                file.id(),
                file.newest() == 0 ? 0 : file.oldest(),
                file.newest(),
                file.capacity(),
                file.settings().maxCapacity(),
                file.publishers(),
                file.slots().stream()
                        .filter(ToyFile.Slot::isUsed)
                        .map(s -> new SubscriberStats(new SubscriberFigures(
                                s.name(),
                                s.pid(),
                                s.given(),
                                s.done(),
                                file.newest() - s.given(),
                                0,
                                s.mode(),
                                SlowSubscriber.GATE_PUBLISHER,
                                s.pid() != 0,
                                Map.of())))
                        .toList(),
                Map.of(),
                List.of()))));
    }

    @Override
    public <T> T unwrap(Class<T> type) {
        Objects.requireNonNull(type, "type");
        throw Errors.cannotUnwrap(file.uri.toString(), type);
    }

    @Override
    public void close() {
        if (closed.getAndSet(true)) return;
        for (Class<?> kind : List.of(Publisher.class, Subscriber.class))
            for (AutoCloseable child : children)
                if (kind.isInstance(child))
                    try {
                        child.close();
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
        locked(() -> {
            file.leave(handle);
            return null;
        });
    }

    private void checkOpen() {
        if (closed.get()) throw Errors.closed("Queue '" + file.uri + "'");
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

    private final class ToyPublisher implements Publisher {
        private final PublisherOptions options;
        private final int place = locked(file::addPublisher);
        private volatile boolean closed;

        ToyPublisher(PublisherOptions options) {
            this.options = options;
        }

        @Override
        public long publish(ByteBuffer body, MessageProperties properties) {
            long position = append(body, properties, options.timeout());
            if (position == REJECTED) throw full();
            return position;
        }

        @Override
        public long offer(ByteBuffer body, MessageProperties properties, Duration timeout) {
            return append(body, properties, Objects.requireNonNull(timeout, "timeout"));
        }

        /** With the defect that a death must hit: each publisher has the lock for a while, not one nearly always. */
        private void letOthersIn() {
            if (ToyFile.defect == ToyDefect.COMMITS_BEFORE_THE_BYTES) LockSupport.parkNanos(1_000_000);
        }

        private long append(ByteBuffer body, MessageProperties properties, Duration timeout) {
            Objects.requireNonNull(body, "body");
            byte[] encoded = Objects.requireNonNull(properties, "properties").encode();
            byte[] bytes = new byte[body.remaining()];
            body.duplicate().get(bytes);
            long deadline = Deadlines.after(timeout);
            checkOpen();
            int length = bytes.length + encoded.length;
            if (length > maxMessageLength())
                throw Errors.tooLarge(
                        length, maxMessageLength(), file.settings().maxCapacity());
            while (true) {
                long position = locked(() -> {
                    checkOpen();
                    if (!file.makeRoom(length)) return REJECTED;
                    long time = options.timestamps() ? System.currentTimeMillis() : 0;
                    return file.append(bytes, encoded, time);
                });
                if (position != REJECTED) {
                    letOthersIn();
                    body.position(body.limit());
                    return position;
                }
                if (Deadlines.passed(deadline)) return REJECTED;
                pause("space in");
            }
        }

        private QueueFullException full() {
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
                                0,
                                "");
            });
        }

        @Override
        public Claim claim(int length) {
            Capabilities.require("toy", capabilities(), Capability.CLAIM, "claim");
            throw new AssertionError();
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
            children.remove(this);
        }

        private void checkOpen() {
            if (closed) throw Errors.closed("Publisher of '" + file.uri + "'");
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
            stopped.released(this); // after it: else stats may see it attached, as if it had been attached again
            children.remove(this);
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
