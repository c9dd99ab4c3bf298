package dev.belfry.bridge;

import dev.belfry.api.MessageQueue;
import dev.belfry.spi.EarlierIds;
import java.util.ArrayList;
import java.util.List;

/**
 * The ids by which marks name the messages of one queue. A message keeps the id under which it was published: a queue
 * that has lost its newest messages gives their positions again under another one.
 *
 * @param parts the oldest first, and that of the present id last
 */
record Identity(List<Part> parts) {
    /** All up to {@code last} that no earlier part has. */
    record Part(String id, long last) {}

    static Identity of(MessageQueue queue) {
        List<Part> parts = new ArrayList<>();
        for (EarlierIds.Earlier each : earlier(queue))
            parts.add(new Part(each.id().toString(), each.last()));
        parts.add(new Part(queue.stats().id().toString(), Long.MAX_VALUE));
        return new Identity(parts);
    }

    private static List<EarlierIds.Earlier> earlier(MessageQueue queue) {
        try {
            return queue.unwrap(EarlierIds.class).earlierIds();
        } catch (IllegalArgumentException hasNone) {
            return List.of();
        }
    }

    /** Tells the id that the queue has now. */
    String id() {
        return parts.get(parts.size() - 1).id;
    }

    /** The id of the message at this position. */
    String at(long position) {
        for (Part part : parts) if (position <= part.last) return part.id;
        return id();
    }

    /** The last position up to which this queue has the messages of the mark's. 0: that is another one, or null. */
    long upTo(Mark mark) {
        if (mark == null) return 0;
        for (Part part : parts) if (part.id.equals(mark.source())) return Math.min(mark.position(), part.last);
        return 0;
    }

    /**
     * Tells whether this queue has had the message that this mark stands beside. It has not had messages that came to
     * the queue of an earlier id after that id had ended, as to the original of a backup. In the middle of a way that
     * is not known.
     */
    boolean hasHad(Mark mark) {
        for (Part part : parts.subList(0, parts.size() - 1)) {
            boolean wasLast = mark.source().equals(part.id) && mark.position() <= part.last;
            boolean wasFirst = mark.first().equals(part.id) && mark.origin() <= part.last;
            if (wasLast || wasFirst) return true;
        }
        return mark.cameThrough(id());
    }
}
