package dev.belfry.shm.segment;

import dev.belfry.shm.layout.Handles;
import dev.belfry.shm.sync.Liveness;

/**
 * The features of a queue in use. Each process that opens it asks for them under the admin byte, before its handle is
 * stored. So a process that has that byte, and sees a level of each open handle that knows a feature, may raise it.
 */
public final class Features {
    private static final int NOBODY = -1;

    private final Handle handle;

    public Features(Handle handle) {
        this.handle = handle;
    }

    /** The feature of level 1, a history, is there from the creation on or never. */
    public static void check(long feature) {
        if (feature <= 1 || Long.bitCount(feature) != 1)
            throw new IllegalArgumentException("feature must be one bit, and not the lowest: " + feature);
    }

    /** Once it is, it stays so. */
    public boolean isRaised(long feature) {
        return (handle.segment.header.features() & feature) != 0;
    }

    /** Answers {@link dev.belfry.spi.Log#unawareOf}; without the admin byte the answer is a moment's truth. */
    public String unawareOf(long feature) {
        int unaware = unaware(feature);
        return unaware == NOBODY ? "" : handle.describe(unaware);
    }

    /** Answers the same to a process that has no handle. */
    public static String unawareOf(Segment segment, Liveness liveness, long feature) {
        int unaware = unaware(segment, liveness, NOBODY, feature);
        return unaware == NOBODY ? "" : Handle.process(segment, unaware);
    }

    /** Raises a feature, or returns false if a handle is open whose library does not know it. */
    public boolean raise(long feature) {
        return handle.admin.under(deadline -> {
            boolean isKnown = unaware(feature) == NOBODY;
            handle.requireAttached(); // covered memory has no handles
            if (isKnown) handle.segment.header.raiseFeatures(feature);
            return isKnown;
        });
    }

    private int unaware(long feature) {
        return unaware(handle.segment, handle.liveness, handle.index, feature);
    }

    /** {@code own}: is alive, as a process does not see its own lock. */
    private static int unaware(Segment segment, Liveness liveness, int own, long feature) {
        Handles handles = segment.handles;
        for (int h = 0; h < handles.count(); h++) {
            boolean mayBe = handles.isOpen(handles.stateAcquire(h)) && handles.level(h) < Handles.levelOf(feature);
            if (mayBe && (h == own || liveness.isByteHeld(h))) return h;
        }
        return NOBODY;
    }
}
