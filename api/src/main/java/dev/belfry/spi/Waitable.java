package dev.belfry.spi;

import dev.belfry.api.MessageHandler;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A subscriber that can wait for a message without taking it, as {@link dev.belfry.api.Subscribers}
 * needs it. {@link SubscriberSupport} is one.
 * @since 0.1
 */
public interface Waitable {
    /**
     * True: the next call that reads finds a message, unless another thread acknowledges it
     * meanwhile. False: the deadline (nanoTime) has passed, or it was closed. It is a call that
     * reads: one thread at a time, and an interrupt ends it with InterruptedQueueException.
     */
    boolean awaitMessage(long deadlineNanos);

    /**
     * Makes it a member of a set. {@code reader} tells the thread that reads the set, null if none does. Without a
     * reader it is a member no more.
     */
    default void setReader(@Nullable Supplier<@Nullable Thread> reader) {}

    /** The handler of a poll that ends with the message under way once this is over. A class: its test costs less. */
    abstract class Turn implements MessageHandler {
        protected Turn() {}

        public abstract boolean isOver();
    }
}
