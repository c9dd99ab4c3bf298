package dev.belfry.api;

/**
 * Called by poll, in its thread. What it throws comes out of poll, and the message counts as not
 * handed over, unless it was acknowledged by then.
 */
@FunctionalInterface
public interface MessageHandler {
    void onMessage(MessageView message);
}
