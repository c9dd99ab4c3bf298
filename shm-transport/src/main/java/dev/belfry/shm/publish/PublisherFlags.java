package dev.belfry.shm.publish;

import dev.belfry.shm.layout.Handles;
import dev.belfry.shm.segment.Handle;
import dev.belfry.spi.Errors;
import java.util.HashSet;
import java.util.Set;

/**
 * The publishers that the entry of this handle shows: how many it has, and whether one of them is
 * exclusive, which keeps all others out.
 */
final class PublisherFlags {
    private final Handle handle;
    private final String uri;
    private final Set<Object> publishing = new HashSet<>(); // whose flag is up; guarded by this

    PublisherFlags(Handle handle, String uri) {
        this.handle = handle;
        this.uri = uri;
    }

    /**
     * Under the admin byte: no live handle, this one included, may be exclusive, nor, for an
     * exclusive one, publishing. Whatever error ends it: {@link #lower} undoes it.
     */
    void raise(Object flag, boolean exclusive) {
        handle.admin.under(deadline -> {
            Handles handles = handle.segment.handles;
            long forbidden = exclusive ? Handles.EXCLUSIVE | Handles.PUBLISHING : Handles.EXCLUSIVE;
            for (int h = 0; h < handles.count(); h++) {
                long state = handles.stateAcquire(h);
                if (handles.isOpen(state) && (state & forbidden) != 0 && handle.liveness.isByteHeld(h))
                    throw Errors.publisherInUse(uri, exclusive, handle.describe(h));
            }
            synchronized (this) {
                publishing.add(flag);
                handles.publishers(handle.index, publishing.size());
            }
            handles.flags(handle.index, handle.incarnation, Handles.PUBLISHING | (exclusive ? Handles.EXCLUSIVE : 0));
            return flag;
        });
    }

    /** With the last publisher. */
    void lower(Object flag) {
        synchronized (this) {
            if (!publishing.remove(flag) || handle.segment.isCovered()) return;
            handle.segment.handles.publishers(handle.index, publishing.size());
            if (publishing.isEmpty()) handle.segment.handles.flags(handle.index, handle.incarnation, 0);
        }
    }
}
