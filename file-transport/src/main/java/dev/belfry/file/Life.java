package dev.belfry.file;

import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * The file {@code life}: which live part in shared memory is this directory's. Written before that has its name.
 *
 * @param number counts the live parts
 * @param token made for this one
 * @param queueId by which programs know the queue
 */
record Life(long number, UUID token, UUID queueId) {
    static final Block KIND = new Block("BelfryLi");
    static final int AREA = 4096;

    ByteBuffer write() {
        ByteBuffer block = Block.begin(64);
        block.putLong(number);
        Block.put(block, token);
        Block.put(block, queueId);
        return block;
    }

    static Life read(ByteBuffer block) {
        return new Life(block.getLong(), Block.id(block), Block.id(block));
    }
}
