package dev.belfry.spi;

import dev.belfry.api.IncompatibleVersionException;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Passes over what only a newer library can read, for a reader that nobody could tell how to go on. It warns once. */
public final class NewerMessages {
    private static final Logger LOG = LoggerFactory.getLogger(NewerMessages.class);

    private boolean warned;

    public NewerMessages() {}

    /** Called by the thread that reads; throws what concerns more than one message. */
    public void passOver(Object reader, Subscriber in, IncompatibleVersionException newer) {
        if (newer.position() == 0) throw newer;
        if (!warned)
            LOG.warn("{}: {} It is passed over, and others like it without a word.", reader, newer.getMessage());
        warned = true;
        try {
            in.seek(StartAt.at(newer.position() + 1));
        } catch (IllegalArgumentException gone) {
            // It was overwritten since: the next read finds that, and goes on after it.
        }
    }
}
