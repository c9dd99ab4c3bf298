package dev.belfry.mem;

import dev.belfry.api.Capability;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueStats;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.spi.Checks;
import dev.belfry.spi.Errors;
import java.net.URI;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/** One open handle: its publishers and subscribers, and their end. */
final class MemQueue implements MessageQueue {
    final MemLog log;
    private final Set<AutoCloseable> children = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean closed = new AtomicBoolean();

    MemQueue(MemLog log) {
        this.log = log;
    }

    @Override
    public URI uri() {
        return log.uri.toUri();
    }

    @Override
    public Set<Capability> capabilities() {
        return MemProvider.CAPABILITIES;
    }

    @Override
    public Publisher createPublisher(PublisherOptions options) {
        Objects.requireNonNull(options, "options");
        checkOpen();
        MemPublisher publisher = new MemPublisher(this, options);
        log.add(publisher);
        children.add(publisher);
        if (closed.get()) publisher.close(); // and close may have missed it
        checkOpen();
        return publisher;
    }

    @Override
    public Subscriber createSubscriber(SubscriberOptions options) {
        Objects.requireNonNull(options, "options");
        checkOpen();
        MemSubscriber subscriber = log.attach(this, options);
        children.add(subscriber);
        if (closed.get()) subscriber.close();
        checkOpen();
        return subscriber;
    }

    @Override
    public boolean unsubscribe(String name) {
        Checks.subscriptionName(Objects.requireNonNull(name, "name"));
        checkOpen();
        return log.unsubscribe(name);
    }

    @Override
    public QueueStats stats() {
        checkOpen();
        return log.stats();
    }

    @Override
    public <T> T unwrap(Class<T> type) {
        Objects.requireNonNull(type, "type");
        checkOpen();
        if (!type.isInstance(this)) throw Errors.cannotUnwrap(log.uri.toString(), type);
        return type.cast(this);
    }

    @Override
    public void close() {
        if (closed.getAndSet(true)) return;
        for (Publisher p : of(Publisher.class)) p.close(); // first: they may be what a handler waits for
        for (Subscriber s : of(Subscriber.class)) s.close();
        MemProvider.left(log);
    }

    private <T> Iterable<T> of(Class<T> type) {
        return children.stream().filter(type::isInstance).map(type::cast).toList();
    }

    void forget(AutoCloseable child) {
        children.remove(child);
    }

    private void checkOpen() {
        if (closed.get()) throw Errors.closed("Queue '" + log.uri + "'");
    }
}
