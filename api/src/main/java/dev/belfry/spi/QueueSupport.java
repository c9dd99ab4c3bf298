package dev.belfry.spi;

import dev.belfry.api.Capability;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueStats;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The part of a handle on a queue that is the same for all transports. It knows its publishers and subscribers, closes
 * them with itself, and refuses what the transport has not declared. Using this class is optional.
 * @since 0.1
 */
public abstract class QueueSupport implements MessageQueue {
    private final QueueUri uri;
    private final Set<Capability> capabilities;
    private final Set<Publisher> publishers = ConcurrentHashMap.newKeySet();
    private final Set<Subscriber> subscribers = ConcurrentHashMap.newKeySet();
    private final StoppedSubscribers stopped = new StoppedSubscribers();
    private final AtomicBoolean closed = new AtomicBoolean();

    protected QueueSupport(QueueUri uri, Set<Capability> capabilities) {
        this.uri = Objects.requireNonNull(uri, "uri");
        this.capabilities = Set.copyOf(capabilities);
    }

    // The methods that a transport implements

    /** Asked only for what was declared. When it is closed, the publisher must call {@link #forget} on itself. */
    protected abstract Publisher publisher(PublisherOptions options);

    /** Asked only for what was declared. When it is released, the subscriber must call {@link #forget} on itself. */
    protected abstract Subscriber subscriber(SubscriberOptions options);

    // The methods that a transport may override

    /** Transports with NAMED do here what {@link #unsubscribe} says; the name is checked. */
    protected boolean end(String name) {
        return false;
    }

    /** Transports answer here what {@link #stats} asks. The default has what is known without POSITIONS. */
    protected QueueStats snapshot() {
        return new QueueFigures(null, 0, 0, 0, 0, publishers.size(), List.of(), Map.of(), List.of());
    }

    /** Called once, after the handle and its publishers and subscribers were closed. */
    protected void release() {}

    // The methods that a transport may call

    /** One of its publishers or subscribers has ended. */
    protected final void forget(AutoCloseable child) {
        publishers.remove(child);
        subscribers.remove(child);
        if (child instanceof SubscriberSupport subscriber) stopped.released(subscriber);
    }

    /** Refuses what was not declared. {@code wantedBy} is the option or method that needs it. */
    protected final void require(Capability wanted, String wantedBy) {
        Capabilities.require(uri.scheme(), capabilities, wanted, wantedBy);
    }

    // The interface

    @Override
    public final URI uri() {
        return uri.toUri();
    }

    @Override
    public final Set<Capability> capabilities() {
        return capabilities;
    }

    @Override
    public final Publisher createPublisher(PublisherOptions options) {
        Objects.requireNonNull(options, "options");
        checkOpen();
        Capabilities.require(uri.scheme(), capabilities, options);
        Publisher publisher = publisher(options);
        publishers.add(publisher);
        if (closed.get()) publisher.close(); // and close may have missed it
        checkOpen();
        return publisher;
    }

    @Override
    public final Subscriber createSubscriber(SubscriberOptions options) {
        Objects.requireNonNull(options, "options");
        checkOpen();
        Capabilities.require(uri.scheme(), capabilities, options);
        Subscriber subscriber = subscriber(options);
        subscribers.add(subscriber);
        if (closed.get()) subscriber.close();
        checkOpen();
        return subscriber;
    }

    @Override
    public final boolean unsubscribe(String name) {
        Objects.requireNonNull(name, "name"); // not judged: another implementation may have given it
        checkOpen();
        require(Capability.NAMED, "unsubscribe");
        return end(name);
    }

    @Override
    public final QueueStats stats() {
        checkOpen();
        return stopped.in(snapshot());
    }

    @Override
    public final <T> T unwrap(Class<T> type) {
        Objects.requireNonNull(type, "type");
        if (!type.isInstance(this)) throw Errors.cannotUnwrap(uri.toString(), type);
        return type.cast(this);
    }

    @Override
    public final void close() {
        if (closed.getAndSet(true)) return;
        List<AutoCloseable> children = new ArrayList<>(publishers); // first: a handler may wait for them
        List<SubscriberSupport> together = new ArrayList<>();
        for (Subscriber subscriber : subscribers)
            if (subscriber instanceof SubscriberSupport one) together.add(one);
            else children.add(subscriber);
        children.add(() -> SubscriberSupport.closeAll(together));
        RuntimeException failure = null;
        for (AutoCloseable child : children) failure = close(child, failure);
        try {
            release();
        } finally {
            if (failure != null) throw failure;
        }
    }

    /** If one fails to close, the others are still closed. */
    private static RuntimeException close(AutoCloseable child, RuntimeException before) {
        try {
            child.close();
        } catch (Exception e) {
            if (before == null) return e instanceof RuntimeException failure ? failure : new IllegalStateException(e);
            Errors.suppress(before, e);
        }
        return before;
    }

    @Override
    public final String toString() {
        return "Queue '" + uri + "' with " + publishers.size() + " publisher(s) and " + subscribers.size()
                + " subscriber(s)" + (closed.get() ? ", closed" : "");
    }

    private void checkOpen() {
        if (closed.get()) throw Errors.closed("Queue '" + uri + "'");
    }
}
