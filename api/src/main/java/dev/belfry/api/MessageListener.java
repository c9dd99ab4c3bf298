package dev.belfry.api;

/**
 * Called by the subscriber's own thread. If it throws, the message counts as not processed: see
 * maxRedeliveries and onError.
 * @since 0.1
 */
@FunctionalInterface
public interface MessageListener {
    /** The message is a copy, which may be kept. */
    void onMessage(Message message) throws Exception;
}
