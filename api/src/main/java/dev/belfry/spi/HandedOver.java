package dev.belfry.spi;

import dev.belfry.api.MessageView;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far a subscriber's messages were handed over, and what of that is acknowledged.
 *
 * <p>The rule: while a call is inside, acknowledgements by other threads take effect up to the last
 * message whose handler has returned. The rest takes effect when the handler returns or the call
 * ends. So what a handler or a read has in its hands is not overwritten. The thread that is inside
 * may acknowledge anything: it is done with it.
 */
final class HandedOver {
    private static final Logger LOG = LoggerFactory.getLogger(HandedOver.class);
    private static final long NOBODY_READS = Long.MAX_VALUE;

    private final Object lock;
    private final boolean client;
    private final LongConsumer store;
    private final LongSupplier rewind;

    /** Its position: written by the thread that is inside. */
    final Batch batch = new Batch();

    private volatile long recoveredFrom; // handed over before recover: may be acknowledged
    private boolean recovered; // by the handler that runs, or since the last call
    private long givenBefore; // all up to here have been given to this subscription at least once

    /**
     * CLIENT: the handlers of all up to here have returned. Stored before the position moves on.
     */
    private long returned = NOBODY_READS;

    private long acknowledged; // guarded by the lock; kept in CLIENT mode only
    private volatile long deferred; // acknowledged by other threads, and not stored yet; 0: nothing

    /** {@code store} acknowledges, {@code rewind} goes back; both are called with the lock. */
    HandedOver(Object lock, boolean client, LongConsumer store, LongSupplier rewind) {
        this.lock = lock;
        this.client = client;
        this.store = store;
        this.rewind = rewind;
    }

    void startAfter(long acknowledged, long givenBefore) {
        batch.goesBackTo(acknowledged);
        this.acknowledged = acknowledged;
        this.recoveredFrom = acknowledged;
        this.givenBefore = givenBefore;
    }

    boolean givenBefore(long position) {
        return position <= givenBefore;
    }

    // Acknowledge

    /** The last one that may be acknowledged. */
    long last() {
        return Math.max(batch.position(), recoveredFrom);
    }

    /** With the lock. {@code inside}: by the thread that reads. */
    void acknowledge(long position, boolean inside) {
        if (!client) return;
        long now = inside ? position : Math.min(position, Math.max(returned, batch.position() - 1));
        if (now < position) {
            deferred = Math.max(deferred, position);
            batch.stir();
        }
        store(now);
    }

    private void store(long position) {
        store.accept(position);
        acknowledged = Math.max(acknowledged, position);
    }

    private void storeDeferred() {
        if (deferred == 0) return;
        store(deferred);
        deferred = 0; // after it, which may fail
    }

    /** By the thread that is inside. */
    void recover() {
        synchronized (lock) {
            recoveredFrom = last();
            givenBefore = Math.max(givenBefore, recoveredFrom);
            recovered = true;
            batch.stir();
            rewind();
        }
    }

    /** What was acknowledged or overwritten does not come again. */
    private void rewind() {
        acknowledged = Math.max(acknowledged, rewind.getAsLong());
        batch.goesBackTo(acknowledged);
    }

    // Read

    /**
     * A message is about to be looked for. Returns what is in hand already, as {@link #end} does.
     */
    MessageView begin(MessageView inHand, MessageView instead) {
        batch.begins();
        long position = batch.position();
        if (inHand == null && deferred == 0 && !recovered && position >= recoveredFrom) {
            if (client) returned = position;
            return null;
        }
        synchronized (lock) {
            storeDeferred();
            MessageView first = takeBack(inHand, instead);
            if (batch.position() < acknowledged) { // by a pool that was handed it before recover
                rewind();
                if (first == inHand) first = null; // it is valid no longer, and comes by itself
            }
            if (client) returned = batch.position();
            return first;
        }
    }

    /**
     * No view of this call is used any more; what another thread has acknowledged meanwhile takes
     * effect. If that fails the next call does it, and says so: this one has a result of its own.
     * Returns what is in hand and comes first again; not if recover went back to it. Once it is
     * acknowledged, its place may be another message's: {@code instead} comes, or nothing.
     */
    MessageView end(MessageView inHand, MessageView instead) {
        long position = batch.position();
        boolean wasHandedOver = inHand != null && inHand.position() <= position;
        boolean nothingWasLent = returned == NOBODY_READS || position == returned && position >= recoveredFrom;
        if (!wasHandedOver && deferred == 0 && nothingWasLent) {
            returned = NOBODY_READS;
            return inHand;
        }
        synchronized (lock) {
            returned = NOBODY_READS;
            try {
                storeDeferred();
            } catch (RuntimeException | VirtualMachineError late) {
                LOG.debug("could not store what was acknowledged", late);
            }
            return takeBack(inHand, instead);
        }
    }

    private MessageView takeBack(MessageView inHand, MessageView instead) {
        boolean comesByItself = recovered;
        recovered = false;
        if (inHand == null || comesByItself) return null;
        long position = inHand.position();
        boolean wasHandedOver = position <= batch.position();
        if (wasHandedOver) givenBefore = Math.max(givenBefore, position);
        if (0 < position && position <= acknowledged) return instead;
        if (wasHandedOver) batch.goesBackTo(Math.max(0, position - 1));
        return inHand;
    }
}
