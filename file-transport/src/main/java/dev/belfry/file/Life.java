package dev.belfry.file;

import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * The file {@code life}: which live part in shared memory is this directory's. Written before that has its name.
 *
 * @param number counts the live parts
 * @param token made for this one
 * @param queueId by which programs know the queue
 * @param closedAt where the log ended when the last process closed it, all of it on the disk; or {@link #OPEN}
 */
record Life(long number, UUID token, UUID queueId, long closedAt) {
    static final Block KIND = new Block("BelfryLi");
    static final int AREA = 4096;
    static final long OPEN = -1;

    Life(long number, UUID token, UUID queueId) {
        this(number, token, queueId, OPEN);
    }

    Life closedAt(long end) {
        return new Life(number, token, queueId, end);
    }

    ByteBuffer write() {
        ByteBuffer block = Block.begin(64);
        block.putLong(number);
        Block.put(block, token);
        Block.put(block, queueId);
        return block.putLong(closedAt);
    }

    static Life read(ByteBuffer block) {
        return new Life(block.getLong(), Block.id(block), Block.id(block), block.getLong());
    }
}
