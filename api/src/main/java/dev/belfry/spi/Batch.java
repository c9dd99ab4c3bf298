package dev.belfry.spi;

import dev.belfry.api.MessageView;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/**
 * What {@link SubscriberSupport#batch} tells of its messages, at one store each. Positions have no
 * gap, none was handed over before, and a view that failed stays valid until next or rewind.
 */
public final class Batch {
    private static final AtomicLongFieldUpdater<Batch> POSITION =
            AtomicLongFieldUpdater.newUpdater(Batch.class, "position");

    /**
     * The view whose handler has thrown. Stored before any call: at the end of the stack no call
     * may succeed.
     */
    public MessageView failed;

    // Written by the thread that is inside; lazily, as position() in another thread may lag by a
    // moment, and a message costs no fence.
    private volatile long position;
    private volatile boolean stirred;

    Batch() {}

    /** In front of its handler. */
    public void handsOver(long position) {
        POSITION.lazySet(this, position);
    }

    /** After its handler: closed, recovered, or an acknowledgement is to be stored. */
    public boolean mustStop() {
        return stirred;
    }

    /** Any thread. */
    void stir() {
        stirred = true;
    }

    /** What stirs from now on is seen after the next handler. */
    void begins() {
        if (stirred) stirred = false;
    }

    /** Of the message handed over last. */
    long position() {
        return position;
    }

    void goesBackTo(long position) {
        this.position = position;
    }
}
