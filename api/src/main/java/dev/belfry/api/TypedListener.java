package dev.belfry.api;

/**
 * As {@link MessageListener}, with the value that the codec has decoded from this copy.
 * @since 0.1
 */
@FunctionalInterface
public interface TypedListener<T> {
    /** Both may be kept. */
    void onMessage(T value, Message message) throws Exception;
}
