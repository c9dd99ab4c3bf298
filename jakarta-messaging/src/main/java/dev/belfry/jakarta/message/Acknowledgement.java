package dev.belfry.jakarta.message;

import jakarta.jms.JMSException;

/** Called by {@code acknowledge} of a received message: its session's part. */
@FunctionalInterface
public interface Acknowledgement {
    /** For a message that was not received, or needs none. */
    Acknowledgement IGNORED = () -> {};

    void acknowledge() throws JMSException;
}
