package dev.belfry.bridge;

import dev.belfry.api.MessageQueue;
import dev.belfry.spi.Remote;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Why one of the queues does not answer at present. They stay open meanwhile. Any thread, at once. */
final class Outages {
    private static final Logger LOG = LoggerFactory.getLogger(Outages.class);
    private static final long AGAIN_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final String bridge; // for messages
    private final Remote source; // null: on this machine
    private final Remote target;
    private boolean isAway; // one of them; logged by the bridge's thread
    private long loggedNanos;

    Outages(String bridge, MessageQueue source, MessageQueue target) {
        this.bridge = bridge;
        this.source = remote(source);
        this.target = remote(target);
    }

    /** Answers null for a queue on this machine. */
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

    /** Answers null if the source can be reached. Throws if it was deleted. */
    String ofSource() {
        return source == null ? null : source.outage();
    }

    /** The outage of the source, or else of the target; null if both answer. */
    String now() {
        String outage = ofSource();
        return outage == null && target != null ? target.outage() : outage;
    }

    /** Once, and each minute. The state says it without this. For the bridge's thread. */
    void log() {
        String outage = now();
        if (outage == null) {
            if (isAway) LOG.info("{} goes on", bridge);
            isAway = false;
        } else if (!isAway || System.nanoTime() - loggedNanos > AGAIN_NANOS) {
            isAway = true;
            loggedNanos = System.nanoTime();
            LOG.warn("{}: {} Goes on by itself.", bridge, outage);
        }
    }
}
