package dev.belfry.mem;

import dev.belfry.api.Capability;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueStats;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.spi.QueueSupport;
import java.util.Set;
import java.util.function.Consumer;

/** One open handle on a log. */
final class MemQueue extends QueueSupport {
    final MemLog log;
    private final Consumer<MemLog> released;

    MemQueue(MemLog log, Set<Capability> capabilities, Consumer<MemLog> released) {
        super(log.uri, capabilities);
        this.log = log;
        this.released = released;
    }

    @Override
    protected Publisher publisher(PublisherOptions options) {
        MemPublisher publisher = new MemPublisher(log, options, this::forget);
        log.members.add(publisher);
        return publisher;
    }

    @Override
    protected Subscriber subscriber(SubscriberOptions options) {
        return log.members.attach(options, s -> new MemSubscriber(log, s, options, this::forget));
    }

    @Override
    protected boolean end(String name) {
        return log.members.unsubscribe(name);
    }

    @Override
    protected QueueStats snapshot() {
        return log.stats();
    }

    @Override
    protected void release() {
        released.accept(log);
    }
}
