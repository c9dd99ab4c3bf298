package dev.belfry.kafka;

import dev.belfry.api.ConnectionLostException;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.MessageTooLargeException;
import dev.belfry.api.QueueAccessDeniedException;
import dev.belfry.spi.Errors;
import dev.belfry.spi.Units;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RecordTooLargeException;

/** Why a message could not be published to this topic, or may not have been. */
record PublishFailures(Topic topic) {
    /** The failure of a message that was handed over, as the client reports it. */
    MessageQueueException of(Throwable failure) {
        Throwable cause = refusalOr(failure);
        if (cause instanceof RecordTooLargeException) return tooLarge(-1, cause);
        if (cause instanceof AuthorizationException) return topic.cluster.denied("'" + topic.uri + "'", cause);
        return lost(cause.getClass().getSimpleName() + ": " + topic.cluster.said(cause), cause);
    }

    /** While the client recovers from a refusal it throws another exception, whose cause is the refusal. */
    static Throwable refusalOr(Throwable failure) {
        return failure.getCause() instanceof AuthorizationException refusal ? refusal : failure;
    }

    /** The failure of a message that the client has not taken: then it was not let in. */
    MessageQueueException ofNotTaken(Throwable cause) {
        return cause instanceof AuthenticationException
                ? topic.cluster.denied("'" + topic.uri + "'", cause)
                : of(cause);
    }

    /** The same of the client that all share: it never asks for its number again, so another one takes its place. */
    MessageQueueException ofShared(AuthenticationException cause) {
        topic.cluster.gaveUp();
        return ofNotTaken(cause);
    }

    /** The failure of every message after the first that failed. */
    MessageQueueException after(MessageQueueException first) {
        String what = "an earlier message failed: " + topic.cluster.said(first);
        return first instanceof QueueAccessDeniedException
                ? new QueueAccessDeniedException("'" + topic.uri + "': " + what + ".", first)
                : lost(what, first);
    }

    ConnectionLostException lost(String what, Throwable cause) {
        return Errors.connectionLost(topic.uri.toString(), what, cause);
    }

    MessageTooLargeException tooLarge(long length, Throwable cause) {
        return new MessageTooLargeException(
                (length < 0 ? "Message too large" : "Message of " + Units.number(length) + " bytes") + "; limit is "
                        + Units.number(topic.maxMessageLength) + " (max.message.bytes of the topic '" + topic.name()
                        + "', less what a record takes: body and properties). Raise max.message.bytes.",
                cause);
    }
}
