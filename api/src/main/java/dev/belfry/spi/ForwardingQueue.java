package dev.belfry.spi;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.QueueStats;
import java.net.URI;

/** A queue over another one, for what makes publishers and subscribers of its own. All else goes to the other one. */
public interface ForwardingQueue extends MessageQueue {
    MessageQueue queue();

    @Override
    default URI uri() {
        return queue().uri();
    }

    @Override
    default boolean unsubscribe(String name) {
        return queue().unsubscribe(name);
    }

    @Override
    default QueueStats stats() {
        return queue().stats();
    }

    @Override
    default <T> T unwrap(Class<T> type) {
        return queue().unwrap(type);
    }

    @Override
    default void close() {
        queue().close();
    }
}
