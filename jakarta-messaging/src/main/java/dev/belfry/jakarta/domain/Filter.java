package dev.belfry.jakarta.domain;

import dev.belfry.jakarta.message.FlatMessage;
import dev.belfry.jakarta.selector.Selector;
import dev.belfry.jakarta.wire.DestinationId;

/**
 * The messages that a consumer wants: those that its selector selects, without those of its own
 * connection if it says so. One thread at a time.
 *
 * @param notOf null: it wants messages of its own connection, too
 */
public record Filter(Selector selector, Origin notOf) {
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

    /** Or so it may be for a consumer of a newer version, which reads all properties of its message. */
    boolean wants(FlatMessage message) {
        boolean isOfAnother = notOf == null || !notOf.isThatOf(message);
        return isOfAnother && (selector.matches(message) || message.hasHiddenProperty());
    }
}
