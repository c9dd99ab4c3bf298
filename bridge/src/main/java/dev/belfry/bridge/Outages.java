package dev.belfry.bridge;

import dev.belfry.api.MessageQueue;
import dev.belfry.spi.Remote;

/** Why one of the queues does not answer at present. They stay open meanwhile. Any thread, at once. */
final class Outages {
    private final Remote source; // null: on this machine
    private final Remote target;

    Outages(MessageQueue source, MessageQueue target) {
        this.source = remote(source);
        this.target = remote(target);
    }

    /** Null: on this machine. */
    static Remote remote(MessageQueue queue) {
        try {
            return queue.unwrap(Remote.class);
        } catch (IllegalArgumentException onThisMachine) {
            return null;
        }
    }

    boolean isSourceFar() {
        return source != null;
    }

    /** Null if it answers. Throws if it was deleted. */
    String ofSource() {
        return source == null ? null : source.outage();
    }

    /** The outage of the source, or else of the target; null if both answer. */
    String now() {
        String outage = ofSource();
        return outage == null && target != null ? target.outage() : outage;
    }
}
