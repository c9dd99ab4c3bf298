package dev.belfry.jakarta.client;

import dev.belfry.jakarta.domain.Domain;
import dev.belfry.jakarta.domain.Filter;
import dev.belfry.jakarta.domain.Inbox;
import dev.belfry.jakarta.domain.Limit;
import dev.belfry.jakarta.domain.NotSubscribedException;
import dev.belfry.jakarta.domain.Signal;
import dev.belfry.jakarta.domain.Taken;
import dev.belfry.jakarta.domain.Wish;
import dev.belfry.jakarta.selector.Selector;
import dev.belfry.jakarta.text.Codes;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;

/**
 * The subscriptions of a session's consumers [8.3]: which one each has, and why not. {@code clientId}: of the
 * connection, which has that number; null: none.
 */
record Subscribing(Domain domain, Settings settings, Limit timeout, Signal signal, String clientId, int connection) {
    /** {@code flags}: of {@link Wish}. {@code name}: null if it is neither durable nor shared. */
    Inbox<Taken> subscribe(BelfryTopic topic, int flags, String name, Selector selector) throws JMSException {
        boolean isNamed = (flags & (Wish.DURABLE | Wish.SHARED)) != 0;
        Wish wish = new Wish(
                topic.id(),
                topic.name,
                flags,
                isNamed ? clientId : null,
                isNamed ? checked(name) : null,
                selector.selectsAll() ? null : selector.toString());
        if (wish.isDurable()) checkDurable(topic, name, (flags & Wish.SHARED) != 0);
        try {
            return Jms.call(() -> domain.subscribe(wish, filter(wish, selector), signal, settings.prefetch(), timeout));
        } catch (IllegalArgumentException e) {
            throw new InvalidDestinationException(e.getMessage(), Codes.DESTINATION);
        } catch (NotSubscribedException e) {
            throw refused(wish, e);
        }
    }

    private static String checked(String name) throws JMSException {
        if (name != null && !name.isEmpty()) return name;
        throw new JMSException(
                "Name of a subscription is " + (name == null ? "null" : "empty")
                        + "; it must have a character. Give it one.",
                Codes.SUBSCRIPTION);
    }

    private void checkDurable(BelfryTopic topic, String name, boolean shared) throws JMSException {
        if (!shared && clientId == null)
            throw new IllegalStateException(
                    "Durable subscription '" + name + "' is unshared and its connection has no client id; it needs one."
                            + " Set clientID of the factory, call setClientID first, or use createSharedDurableConsumer.",
                    Codes.CLIENT_ID);
        if (topic instanceof Temporary)
            throw new InvalidDestinationException(
                    "Durable subscription '" + name + "' is to be of " + topic
                            + ", which ends with its connection. Use a topic made by createTopic.",
                    Codes.SUBSCRIPTION);
    }

    /** noLocal of a durable one means other connections of its client id, too [8.3.3]. */
    private Filter filter(Wish wish, Selector selector) {
        if (!wish.isNoLocal()) return new Filter(selector, null);
        long client = wish.isDurable() ? Filter.client(clientId) : 0;
        return new Filter(selector, new Filter.Origin(domain.self, connection, client));
    }

    private static JMSException refused(Wish wish, NotSubscribedException e) {
        String subject = "Subscription '" + wish.name() + "' of topic '" + wish.topicName() + "'";
        if (e.isInUse())
            return new JMSException(
                    subject
                            + " has a consumer, or a message that is not acknowledged; an unshared one has one consumer,"
                            + " and nothing is redefined under it. Close that consumer, or choose another name.",
                    Codes.SUBSCRIPTION);
        if (e.isOfTheOtherKind())
            return new JMSException(
                    subject + " is there already, but shared where this is not, or unshared where this is shared."
                            + " Unsubscribe it, or choose another name.",
                    Codes.SUBSCRIPTION);
        return new InvalidDestinationException(
                "Topic '" + wish.topicName() + "' is deleted, as its connection may be closed. Use another topic.",
                Codes.TEMPORARY);
    }

    void unsubscribe(String name) throws JMSException {
        String subject =
                "Subscription '" + name + "' of " + (clientId == null ? "no client id" : "client '" + clientId + "'");
        try {
            Jms.act(() -> domain.unsubscribe(clientId, name, timeout));
        } catch (NotSubscribedException e) {
            if (e.isInUse())
                throw new JMSException(
                        subject + " has a consumer, or a message that is not acknowledged; it cannot be ended now."
                                + " Close the consumer, and acknowledge or commit.",
                        Codes.SUBSCRIPTION);
            throw new InvalidDestinationException(
                    subject + " is not there; only a durable one of this client id can be ended."
                            + " Check name and client id.",
                    Codes.SUBSCRIPTION);
        }
    }
}
