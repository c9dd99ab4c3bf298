package dev.belfry.spring.boot;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.SubscriberStats;
import dev.belfry.spi.Units;
import java.util.List;

/** Says whom a listener holds up while it gets no messages. */
final class HeldUp {
    private HeldUp() {}

    static String by(MessageQueue queue, String name) {
        if (name == null) return "nobody: it has no name, and begins anew when it is started";
        List<SubscriberStats> subscribers;
        try {
            subscribers = queue.stats().subscribers();
        } catch (MessageQueueException e) { // of this queue: the others are listed
            return "not known: " + Units.printable(e.getMessage());
        }
        for (SubscriberStats each : subscribers)
            if (name.equals(each.name()))
                return switch (each.slowSubscriber()) {
                    case GATE_PUBLISHER ->
                        "the publishers of '" + queue.uri() + "', once it is full: '" + name
                                + "' keeps its place, with " + Units.number(each.lag()) + " unread";
                    case OVERRUN -> "nobody: '" + name + "' loses what is overwritten meanwhile";
                    case DISCONNECT -> "nobody: '" + name + "' is disconnected once the queue is full";
                };
        return "nobody: there is no subscription '" + name + "' yet";
    }
}
