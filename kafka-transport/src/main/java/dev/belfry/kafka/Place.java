package dev.belfry.kafka;

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

    /** Null if there is none, or another queue's. */
    static Place of(Uuid queue, OffsetAndMetadata stored) {
        if (stored == null) return null;
        String[] parts = stored.metadata().split(" ");
        if (parts.length < 6 || !parts[0].equals(FORM) || !parts[1].equals(queue.toString())) return null;
        try {
            return new Place(
                    queue,
                    Long.parseLong(parts[2]),
                    stored.offset(),
                    Math.max(stored.offset(), Long.parseLong(parts[3])),
                    Long.parseLong(parts[4]),
                    SlowSubscriber.valueOf(parts[5]));
        } catch (IllegalArgumentException notOurs) {
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
