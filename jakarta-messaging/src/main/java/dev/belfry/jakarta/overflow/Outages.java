package dev.belfry.jakarta.overflow;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs why a backlog cannot go to the disk or come back: each reason once, until that of which it was told goes on. Two
 * queues with a reason each, which are tried by turns, are logged once each. Any thread.
 */
final class Outages {
    private static final Logger LOG = LoggerFactory.getLogger(Outages.class);

    private final String domain;
    /** The last reason of each thing that does not go on. */
    private final Map<Object, String> told = new ConcurrentHashMap<>();

    Outages(String domain) {
        this.domain = domain;
    }

    /** Tells why {@code of}, such as a queue, does not go on. */
    void tell(Object of, String why) {
        boolean isKnown = told.containsValue(why);
        told.put(of, why);
        if (!isKnown) LOG.warn("Backlog of domain '{}' cannot go to the disk or come back: {}", domain, why);
    }

    /** It goes on, and so may all others that had the same reason. Asked for each step that went well. */
    void goesOn(Object again) {
        String why = told.isEmpty() ? null : told.remove(again);
        if (why == null) return;
        told.values().removeIf(why::equals);
        LOG.warn("Backlog of domain '{}' goes to the disk or comes back again", domain);
    }
}
