package dev.belfry.bridge;

import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Into a target that outlives a power loss, though maybe not yet when a publish returns. The source is acknowledged up
 * to what is on the target's disk: what a power loss takes from the target is still there to be sent again.
 */
final class DurableOutlet extends PlainOutlet {
    // So often it waits for the disk: the target's own flush may be long, and the source's ring is held meanwhile.
    private static final int MOST_IN_DOUBT = 256;
    private static final long LONGEST_IN_DOUBT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final Duration SLICE = Duration.ofMillis(100);

    private final String target;
    private long settled; // in the source
    private long newest; // in the target
    private long inDoubt; // messages
    private long sinceNanos;

    /** The target may have messages of a bridge that was killed before the disk had them. */
    DurableOutlet(Publisher publisher, boolean canRefuse, MessageQueue target, Progress progress) {
        super(publisher, canRefuse, progress);
        this.target = target.uri().toString();
        newest = target.stats().newestPosition();
        beginsToWait();
        inDoubt = 1;
    }

    private void beginsToWait() {
        sinceNanos = System.nanoTime();
        progress.disk = new Progress.Disk(target, sinceNanos);
    }

    @Override
    public boolean send(ByteBuffer body, MessageProperties properties, long sourcePosition, Duration timeout) {
        if (inDoubt == 0) beginsToWait(); // before: the call may wait for the disk itself
        if (!super.send(body, properties, sourcePosition, timeout)) {
            if (inDoubt == 0) progress.disk = null;
            return false;
        }
        inDoubt++;
        newest = progress.targetPosition.get();
        progress.inFlight.set(inDoubt);
        return true;
    }

    @Override
    public boolean isBusy() {
        return inDoubt > 0;
    }

    @Override
    public long settled(long read) {
        if (inDoubt > 0 && !isOnTheDisk()) return settled;
        if (inDoubt > 0) progress.disk = null;
        inDoubt = 0;
        progress.inFlight.set(0);
        settled = read;
        return read;
    }

    private boolean isOnTheDisk() {
        if (publisher.durablePosition() >= newest) return true;
        boolean isDue = inDoubt >= MOST_IN_DOUBT || System.nanoTime() - sinceNanos >= LONGEST_IN_DOUBT_NANOS;
        return isDue && publisher.awaitDurable(newest, SLICE);
    }

    @Override
    public boolean flush(Duration timeout) {
        return inDoubt == 0 || publisher.awaitDurable(newest, timeout);
    }

    @Override
    public void close() {
        progress.disk = null;
        super.close();
    }
}
