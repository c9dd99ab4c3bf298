package dev.belfry.bridge;

import dev.belfry.api.Capability;
import dev.belfry.api.ConnectionLostException;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueStats;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.PipelinedPublisher;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * A queue of {@code mem:} as a broker on another machine has it: what is published is under way for
 * a while, in order, and may arrive after its sender is gone. All methods are guarded by this.
 */
final class Far {
    private record Request(byte[] body, MessageProperties properties, CompletableFuture<Long> confirmed) {}

    private final String uri;
    private final MessageQueue queue;
    private final Publisher broker;
    private final Deque<Request> underWay = new ArrayDeque<>();
    private final Deque<Request> abandoned = new ArrayDeque<>(); // their senders have given up on them
    private int room = Integer.MAX_VALUE; // requests that the sender's buffer takes
    private int arriveAtOnce = Integer.MAX_VALUE; // so many
    private int failures; // of the next openings
    private Connection connection;

    Far(String uri) {
        this.uri = uri;
        queue = Queues.another(uri);
        broker = queue.createPublisher();
    }

    MessageQueue queue() {
        return queue;
    }

    synchronized MessageQueue open() {
        if (failures > 0) {
            failures--;
            throw new ConnectionLostException("'" + uri + "' cannot be reached.");
        }
        return new Handle(Queues.another(uri));
    }

    /** The next so many openings fail. */
    synchronized void refuse(int openings) {
        failures = openings;
    }

    /** From now on only so many arrive by themselves. */
    synchronized void hold(int afterSoMany) {
        arriveAtOnce = afterSoMany;
    }

    synchronized void limitRoom(int requests) {
        room = requests;
    }

    synchronized int underWay() {
        return underWay.size();
    }

    synchronized int abandoned() {
        return abandoned.size();
    }

    /** The oldest that are under way. */
    synchronized void arrive(int requests) {
        for (int i = 0; i < requests && !underWay.isEmpty(); i++) arrive(underWay.remove());
    }

    /** Of those whose senders are gone: the oldest arrive now, which is late. */
    synchronized void arriveLate(int requests) {
        for (int i = 0; i < requests && !abandoned.isEmpty(); i++) arrive(abandoned.remove());
    }

    private void arrive(Request request) {
        request.confirmed.complete(broker.publish(ByteBuffer.wrap(request.body), request.properties));
    }

    /** The connection breaks: what is under way may still arrive, but nobody is told. */
    synchronized void cut() {
        if (connection != null) connection.cut();
    }

    private final class Connection implements PipelinedPublisher {
        private boolean cut;

        @Override
        public CompletableFuture<Long> send(ByteBuffer body, MessageProperties properties, Duration timeout) {
            synchronized (Far.this) {
                if (cut) throw lost();
                if (underWay.size() >= room) return null;
                byte[] copy = new byte[body.remaining()];
                body.get(copy);
                Request request = new Request(copy, properties, new CompletableFuture<>());
                underWay.add(request);
                if (arriveAtOnce > 0) {
                    arriveAtOnce--;
                    Far.this.arrive(1);
                }
                return request.confirmed;
            }
        }

        private void cut() {
            cut = true;
            for (Request request : underWay) {
                request.confirmed.completeExceptionally(lost());
                abandoned.add(request);
            }
            underWay.clear();
        }

        private ConnectionLostException lost() {
            return new ConnectionLostException("Connection to '" + uri + "' lost.");
        }

        @Override
        public boolean flush(Duration timeout) {
            long deadline = Deadlines.after(timeout);
            while (underWay() > 0) if (Deadlines.passed(deadline)) return false;
            return true;
        }

        @Override
        public int maxMessageLength() {
            return broker.maxMessageLength();
        }

        @Override
        public void close() {
            synchronized (Far.this) {
                if (!cut) cut();
            }
        }
    }

    private final class Handle implements MessageQueue, PipelinedPublisher.Factory {
        private final MessageQueue near;

        Handle(MessageQueue near) {
            this.near = near;
        }

        @Override
        public PipelinedPublisher createPipelinedPublisher(PublisherOptions options) {
            synchronized (Far.this) {
                return connection = new Connection();
            }
        }

        @Override
        public <T> T unwrap(Class<T> type) {
            return type.isInstance(this) ? type.cast(this) : near.unwrap(type);
        }

        @Override
        public URI uri() {
            return near.uri();
        }

        @Override
        public Set<Capability> capabilities() {
            Set<Capability> some = EnumSet.copyOf(near.capabilities());
            some.remove(Capability.GATING);
            return some;
        }

        @Override
        public Publisher createPublisher(PublisherOptions options) {
            return near.createPublisher(options);
        }

        @Override
        public Subscriber createSubscriber(SubscriberOptions options) {
            return near.createSubscriber(options);
        }

        @Override
        public boolean unsubscribe(String name) {
            return near.unsubscribe(name);
        }

        @Override
        public QueueStats stats() {
            return near.stats();
        }

        @Override
        public void close() {
            synchronized (Far.this) {
                if (connection != null) connection.close();
                connection = null;
            }
            near.close();
        }
    }
}
