package dev.belfry.shm.publish;

import dev.belfry.api.Batch;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.WritableBody;
import dev.belfry.shm.ring.LogBatch;
import dev.belfry.shm.ring.LogEnd;
import dev.belfry.spi.Checks;
import dev.belfry.spi.Errors;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * A publisher's batch; used again for the next one, as {@link ShmClaim}. Its messages lie beyond the end of the log
 * until one store commits all of them, see {@link LogBatch}.
 */
final class ShmBatch implements Batch {
    private static final byte[] NO_PROPERTIES = {};
    private static final int NOTHING_CLAIMED = -1;

    private final ClaimOwner publisher;
    private final OpenClaim openClaim;
    private final LogEnd end;
    private final LogBatch log;
    private int bytes;
    private long timestamp;
    private Thread batcher;
    private boolean open;
    private boolean free = true;
    private final ClaimedBody message = new ClaimedBody() {
        @Override
        RuntimeException over() {
            if (!isOpen()) return publisher.notMine("batch");
            return claimed != NOTHING_CLAIMED ? null : Errors.anotherWasAdded(publisher.queueUri());
        }
    };
    private int claimed; // length of the message that was added last, if it is filled in place

    ShmBatch(ClaimOwner publisher, OpenClaim openClaim, LogEnd end) {
        this.publisher = publisher;
        this.openClaim = openClaim;
        this.end = end;
        this.log = new LogBatch(end);
    }

    /** Opens it, with room. {@code timestamp} 0: none. */
    ShmBatch openInside(int bytes, long timestamp) {
        this.bytes = bytes;
        this.timestamp = timestamp;
        this.claimed = NOTHING_CLAIMED;
        log.begin();
        Thread current = Thread.currentThread();
        if (batcher != current) batcher = current;
        free = false;
        open = true;
        openClaim.begin(true);
        return this;
    }

    /** Nobody will close it any more. */
    boolean isFree() {
        return free;
    }

    /** Nothing can be added to it or filled any more. */
    void end() {
        open = false;
        message.end();
    }

    private void requireMine() {
        if (!open || !openClaim.isMyBatch()) throw publisher.notMine("batch");
    }

    @Override
    public void add(ByteBuffer body, MessageProperties properties) {
        requireMine();
        int from = Objects.requireNonNull(body, "body").position();
        int length = Math.max(0, body.limit() - from); // as in ShmPublisher
        boolean none = properties == MessageProperties.empty();
        byte[] encoded = none
                ? NO_PROPERTIES
                : Objects.requireNonNull(properties, "properties").encode();
        requireRoom(length, encoded.length);
        forgetClaimed(); // first: whatever fails, the message before is not shortened or filled any more
        try {
            log.add(body, from, length, encoded, timestamp);
        } catch (InternalError late) {
            throw publisher.memoryGone(late);
        }
        body.position(from + length);
    }

    @Override
    public WritableBody claim(int length) {
        requireMine();
        Checks.length(length, Integer.MAX_VALUE);
        requireRoom(length, 0);
        forgetClaimed();
        try {
            message.at(end.reservedBytes(), log.reserved(timestamp != 0), length);
            log.claim(length, timestamp); // last of what may fail: nothing was added, then
            claimed = length;
            return message;
        } catch (InternalError late) {
            throw publisher.memoryGone(late);
        }
    }

    private void forgetClaimed() {
        claimed = NOTHING_CLAIMED;
        message.end();
    }

    private void requireRoom(long length, int propertiesLength) {
        if (log.count() == MAX_MESSAGES) throw Errors.batchHasMost(publisher.queueUri());
        long need = end.need(length, propertiesLength, timestamp != 0);
        if (need > left()) throw Errors.doesNotFitIntoBatch(publisher.queueUri(), need, left(), bytes);
    }

    private long left() {
        return bytes - log.used();
    }

    @Override
    public void shorten(int length) {
        requireMine();
        if (claimed == NOTHING_CLAIMED)
            throw new IllegalStateException("The last of this batch on '" + publisher.queueUri()
                    + "' is no claimed message: only that can be shortened");
        claimed = Checks.length(length, claimed);
        message.cut(length);
        log.shorten(length, timestamp != 0);
    }

    @Override
    public boolean fits(int length, MessageProperties properties) {
        requireMine();
        Checks.length(length, Integer.MAX_VALUE);
        int encoded = Objects.requireNonNull(properties, "properties").encodedLength();
        return end.need(length, encoded, timestamp != 0) <= left() && log.count() < MAX_MESSAGES;
    }

    @Override
    public int count() {
        return log.count();
    }

    /** Once a batch the number is asked, too: an error that came late may have left the plain field. */
    private boolean isOpen() {
        return open && openClaim.isMine() && openClaim.isMyBatch();
    }

    @Override
    public long commit() {
        if (!isOpen()) throw publisher.notMine("batch");
        try {
            return publisher.commitBatch(log);
        } catch (InternalError late) {
            throw publisher.memoryGone(late);
        }
    }

    @Override
    public void close() {
        try {
            if (isOpen()) publisher.giveUp();
            if (batcher == Thread.currentThread()) free = true;
        } catch (InternalError late) {
            throw publisher.memoryGone(late);
        }
    }
}
