package dev.belfry.jakarta.domain;

import dev.belfry.jakarta.message.FlatMessage;
import dev.belfry.jakarta.selector.Selector;
import dev.belfry.jakarta.wire.DestinationId;

/**
 * The messages that a consumer wants: those that its selector selects, without those of its own
 * connection if it says so. One thread at a time.
 *
 * @param notOf null: it wants messages of its own connection, too
 * @param unread what becomes of a message with a property that only a later release can read
 */
public record Filter(Selector selector, Origin notOf, Unread unread) {
    /** The fate of a message of which the selector may not see all. */
    public enum Unread {
        /** It may be wanted by a consumer of a later release: this one meets it, and gives it back. */
        WANTED,
        /** An operator's command takes no message of which it does not know that it is meant. */
        LEFT
    }

    /** For a consumer, which reads each message that it takes. */
    public Filter(Selector selector, Origin notOf) {
        this(selector, notOf, Unread.WANTED);
    }

    /** The sender of a message to a topic: the connection of a member, and its client id as a number, or 0. */
    public record Origin(long member, int connection, long client) {
        private boolean isThatOf(FlatMessage message) {
            if (client != 0 && message.client() == client) return true;
            return message.author() == member && message.connection() == connection;
        }
    }

    /** A client id as messages say it; null: 0. */
    public static long client(String clientId) {
        return clientId == null ? 0 : DestinationId.of(DestinationId.QUEUE, clientId);
    }

    public boolean wantsAll() {
        return selector.selectsAll() && notOf == null;
    }

    boolean wants(FlatMessage message) {
        boolean isOfAnother = notOf == null || !notOf.isThatOf(message);
        boolean matches = selector.matches(message);
        return isOfAnother && (message.hasHiddenProperty() ? unread == Unread.WANTED : matches);
    }
}
