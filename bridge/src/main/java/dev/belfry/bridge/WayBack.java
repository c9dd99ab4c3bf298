package dev.belfry.bridge;

import dev.belfry.api.Capability;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.spi.Units;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The way back of a bridge whose target does not have all that was acknowledged in the source. One thread. */
final class WayBack {
    private static final Logger LOG = LoggerFactory.getLogger(WayBack.class);

    private final String bridge; // for messages
    private final MessageQueue source;
    private final MessageQueue target;
    private final Subscriber in;
    private final long there; // up to here the target has the source's messages
    private long from; // up to here acknowledged before; 0: it did not go back, or has sent a message since
    private long gone; // from the source, after there; not counted

    WayBack(Ends ends, Subscriber in, long there) {
        this.bridge = ends.bridge();
        this.source = ends.source();
        this.target = ends.target();
        this.in = in;
        this.there = there;
    }

    void goIfKnown(StartAt began) {
        if (in.position() <= there) return;
        long oldest = target.stats().oldestPosition();
        // Whether it had what was acknowledged cannot be told.
        if (there == 0 && oldest > 1)
            LOG.warn(
                    "{}: the target has nothing of this source any more, as positions before {} are gone;"
                            + " what was sent and never acknowledged is sent again",
                    bridge,
                    Units.number(oldest));
        else if (there == 0 && began != StartAt.OLDEST_RETAINED)
            LOG.warn(
                    "{}: the target has nothing of this source, which may be as it began at {}; it goes on after"
                            + " position {}",
                    bridge,
                    began,
                    Units.number(in.position()));
        else go();
    }

    /**
     * The newest mark in the target is older than what was acknowledged, or it is whole and has none. The target has
     * lost its end, by a power loss or a backup that was put back, or is another one of that name. Or what came after
     * were echoes and duplicates, which leave no mark. So all of it passes again, by the same rules, as far as the
     * source still has it.
     */
    private void go() {
        if (!source.capabilities().contains(Capability.SEEK)) return;
        from = in.position();
        long oldest = seekAfter(there);
        gone = oldest - there - 1;
        LOG.info(
                "{} goes back from position {} to {}, the newest that the target has",
                bridge,
                Units.number(from),
                Units.number(there));
        if (gone > 0)
            LOG.warn(
                    "{}: of positions {} to {}, which are gone from the source, the target lacks what was no echo and"
                            + " no duplicate",
                    bridge,
                    Units.number(there + 1),
                    Units.number(oldest - 1));
    }

    /** Or to the oldest that is left, which is returned. Until then publishers overwrite what is acknowledged. */
    private long seekAfter(long position) {
        while (true) {
            long oldest = Math.min(source.stats().oldestPosition(), from + 1);
            long next = Math.max(position + 1, oldest);
            try {
                in.seek(StartAt.at(next));
                return next;
            } catch (IllegalArgumentException overwritten) {
                if (Math.min(source.stats().oldestPosition(), from + 1) <= oldest) throw overwritten;
            }
        }
    }

    /**
     * A message that was acknowledged is not in the target: it has lost some. Then it lacks those, too, that are gone
     * from the source. Where all that comes again are echoes and duplicates, nothing shows that it has lost any.
     *
     * @return how many are gone after what the target has
     */
    long sends(long position, boolean isMessage) {
        if (from == 0) return 0;
        boolean again = position <= from;
        long lacks = again ? gone : 0;
        gone = 0;
        if (!isMessage) return lacks;
        if (again)
            LOG.warn(
                    "{} sends positions {} to {} again, which were acknowledged: at most {} messages. The target has"
                            + " lost its end, or is another queue of that name, or the source is",
                    bridge,
                    Units.number(position),
                    Units.number(from),
                    Units.number(from - position + 1));
        from = 0;
        return lacks;
    }
}
