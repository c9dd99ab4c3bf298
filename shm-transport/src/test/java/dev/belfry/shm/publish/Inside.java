package dev.belfry.shm.publish;

import dev.belfry.api.Claim;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;

/** What the tests of other packages need of this one, and no other code does. */
public final class Inside {
    private Inside() {}

    /** No wait of its publishers counts as long, however slow the machine is. */
    public static void noWaitIsLong(Publishers publishers) {
        publishers.waits.shownAfterNanos = Long.MAX_VALUE;
    }

    /** What the watch does now and then. */
    public static void watch(Publishers publishers) {
        publishers.watch();
    }

    /** Another check comes. */
    public static boolean isWatched(Publishers publishers) {
        return !publishers.areNone();
    }

    /** No flag is raised for it. */
    public static Publisher newPublisher(Publishers publishers, PublisherOptions options) {
        return new ShmPublisher(publishers, options, new Object());
    }

    /** Open still, and of this thread. */
    public static boolean isMine(Claim claim) {
        return ((ShmClaim) claim).isMine();
    }
}
