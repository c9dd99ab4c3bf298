package dev.belfry.api;

/**
 * Whether a subscriber goes on. Types may be added: a switch needs a default, which means: it is not open.
 * @since 0.1
 */
public sealed interface SubscriberState {
    /** It is open, and may read. */
    record Running() implements SubscriberState {}

    /** By {@link Subscriber#close}, or by its queue's. */
    record Closed() implements SubscriberState {}

    /**
     * Its listener has failed, so that it was closed. A named subscription keeps its place: the message comes again to
     * the next subscriber of that name.
     *
     * @param reason as thrown by the listener, the last time; or why no message could be read
     * @param position of the message that was not done
     */
    record Stopped(Throwable reason, long position) implements SubscriberState {}
}
