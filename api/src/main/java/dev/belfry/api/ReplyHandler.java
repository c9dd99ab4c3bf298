package dev.belfry.api;

import org.jspecify.annotations.Nullable;

/**
 * Answers a request.
 * @since 0.1
 */
@FunctionalInterface
public interface ReplyHandler<Q, A> {
    /**
     * The answer, or null if this replier has none: another one may. {@code message} has position and
     * properties of the request, and its body. If it throws, that is a listener that throws.
     */
    @Nullable
    A reply(Q question, Message message) throws Exception;
}
