package dev.belfry.shm.journal;

import dev.belfry.api.MessageQueueException;
import java.util.function.Supplier;

/**
 * Nothing is published.
 *
 * @param refusal of a publisher
 * @param end for a reader that has read all; null: it waits, as there is no more
 */
public record ReadOnly(
        Supplier<? extends MessageQueueException> refusal, Supplier<? extends MessageQueueException> end) {}
