package dev.belfry.kafka;

import dev.belfry.api.IncompatibleVersionException;
import dev.belfry.api.SlowSubscriber;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.Uuid;

/**
 * Where a named subscription stands, as its group's committed offset with metadata.
 *
 * @param queue the topic's id; a place in another topic of the same name is none
 * @param begins the first position that it can have had with all that follow
 * @param done all up to here is acknowledged
 * @param given all up to here may have been handed over
 * @param lost how many it will never see
 */
record Place(Uuid queue, long begins, long done, long given, long lost, SlowSubscriber slow) {
    private static final String FORM = "belfry1";

    /** As a group stores it. */
    OffsetAndMetadata stored() {
        return new OffsetAndMetadata(
                done, String.join(" ", FORM, queue.toString(), "" + begins, "" + given, "" + lost, slow.name()));
    }

    /**
     * Reads what a group has stored. Null if there is none, or another queue's. A text of any form begins with its form
     * and the queue; one of a later form may not be overwritten. A policy of a later release waits for the subscriber.
     */
    static Place of(Uuid queue, String group, OffsetAndMetadata stored) {
        if (stored == null) return null;
        String[] parts = stored.metadata().split(" ");
        if (parts.length < 2 || !parts[0].matches("belfry\\d+") || !parts[1].equals(queue.toString())) return null;
        if (!parts[0].equals(FORM))
            throw new IncompatibleVersionException("Group '" + group + "' has stored its place in the form '" + parts[0]
                    + "', this library reads '" + FORM + "'. Nothing was changed. Upgrade.");
        try {
            return new Place(
                    queue,
                    Long.parseLong(parts[2]),
                    stored.offset(),
                    Math.max(stored.offset(), Long.parseLong(parts[3])),
                    Long.parseLong(parts[4]),
                    parts[5].equals("OVERRUN") ? SlowSubscriber.OVERRUN : SlowSubscriber.GATE_PUBLISHER);
        } catch (NumberFormatException | IndexOutOfBoundsException notOurs) {
            return null;
        }
    }

    boolean hasAcknowledged(long position) {
        return begins <= position && position <= done;
    }

    boolean isBehind(long position) {
        return slow != SlowSubscriber.OVERRUN && begins <= position && done < position;
    }
}
