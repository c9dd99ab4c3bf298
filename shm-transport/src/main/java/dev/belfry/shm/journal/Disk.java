package dev.belfry.shm.journal;

import dev.belfry.api.Capability;
import dev.belfry.shm.sync.Wait;
import dev.belfry.spi.Capabilities;
import java.util.function.BooleanSupplier;

/** The disk of a queue, as its publishers need it: a {@link Leader}. This form is that of a queue in memory only. */
public class Disk {
    public static final Disk NONE = new Disk(false, false);

    public final boolean syncsAlways; // publishers wait for it
    public final boolean wakesReaders; // they wait for it, and it wakes them

    Disk(boolean syncsAlways, boolean isDomain) {
        this.syncsAlways = syncsAlways;
        this.wakesReaders = syncsAlways && !isDomain;
    }

    /** For this call of a publisher: else it is refused. */
    public void requireFor(String call) {
        throw Capabilities.refused(Capability.AWAIT_DURABLE, call);
    }

    /** No publisher need be there, and it is watched all the same: it has failed, or there is none. */
    public boolean isOver() {
        return true;
    }

    /** The newest message that is known to be durable; perhaps some more are. */
    public long durablePosition() {
        return 0;
    }

    /**
     * Returns when this message is on the disk, which no time limit and no interrupt cuts short: it is published.
     * Without locks.
     */
    public void awaitDurable(long position, BooleanSupplier closing) {}

    /** The same for at most so long, and as any wait. False: not in time. */
    public boolean awaitDurable(long position, Wait wait) {
        return false;
    }

    /** For a publisher whose message has no room before more is copied. It leads, or waits for a leader's next step. */
    public void awaitCopied(BooleanSupplier closing) {}

    /** The same for a caller whose wait has an end: it enters the kernel for no file. Returns once {@code isOver}. */
    public void awaitCopiedAside(BooleanSupplier isOver) {}

    /** Makes files until a record may end at this offset; see {@link LogFiles#makeReady}. */
    public void makeReady(long upTo) {}

    /** The same for a caller whose wait has an end. */
    public void makeReadyAside(long upTo, BooleanSupplier isOver) {}

    /** Was the file refused that comes next? */
    public boolean isFull() {
        return false;
    }

    /** Did it keep all that was read, too, when it refused a file last? */
    public boolean keepsAll() {
        return false;
    }

    /** Does each message carry its time, also of a publisher that did not ask for it? */
    public boolean isDated() {
        return false;
    }

    /** Would nothing become free on the disk if the log from there on were not needed? */
    public boolean isInOneFile(long from, long to) {
        return true;
    }
}
