package dev.belfry.api;

/**
 * As {@link MessageHandler}, with the value that the codec has decoded. The view has position and
 * properties. Both are valid until it returns, unless the codec's values stay valid.
 * @since 0.1
 */
@FunctionalInterface
public interface TypedHandler<T> {
    /** Copy what is to be kept of the view. */
    void onMessage(T value, MessageView message);
}
