package dev.belfry.api;

/** Called by the subscriber's own thread; throwing means "not processed": see maxRedeliveries and onError. */
@FunctionalInterface
public interface MessageListener {
    void onMessage(Message message) throws Exception;
}
