package dev.belfry.api;

/**
 * Called by poll, in its thread. If it throws, poll throws the same; a failure to acknowledge the messages before it is
 * added as suppressed. The message then counts as not handed over, unless it was acknowledged before.
 * @since 0.1
 */
@FunctionalInterface
public interface MessageHandler {
    /** The view is valid until this returns: copy what is to be kept. */
    void onMessage(MessageView message);
}
