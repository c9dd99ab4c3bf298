package dev.belfry.mem;

import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueStats;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.spi.QueueSupport;

/** One open handle on a log. */
final class MemQueue extends QueueSupport {
    final MemLog log;

    MemQueue(MemLog log) {
        super(log.uri, MemProvider.CAPABILITIES);
        this.log = log;
    }

    @Override
    protected Publisher publisher(PublisherOptions options) {
        MemPublisher publisher = new MemPublisher(this, options);
        log.add(publisher);
        return publisher;
    }

    @Override
    protected Subscriber subscriber(SubscriberOptions options) {
        return log.attach(this, options);
    }

    @Override
    protected boolean end(String name) {
        return log.unsubscribe(name);
    }

    @Override
    protected QueueStats snapshot() {
        return log.stats();
    }

    @Override
    protected void release() {
        MemProvider.left(log);
    }

    void ended(AutoCloseable child) {
        forget(child);
    }
}
