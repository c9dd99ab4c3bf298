package dev.belfry.file;

import dev.belfry.spi.EarlierIds.Earlier;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * The file {@code life}: which live part in shared memory is this directory's. Written before that has its name.
 *
 * @param number counts the live parts
 * @param token made for this one
 * @param queueId by which programs know the queue
 * @param earlier the ids that it had before, the oldest first
 * @param closedAt where the log ended when the last process closed it, all of it on the disk; or {@link #OPEN}
 */
record Life(long number, UUID token, UUID queueId, List<Earlier> earlier, long closedAt) {
    static final String NAME = "life";
    static final Block KIND = new Block("BelfryLi");
    static final int AREA = 4096;
    static final long OPEN = -1;

    /** More than the disk of one queue sees; the oldest one goes first. */
    private static final int MOST_EARLIER = 100;

    private static final int EARLIER_BYTES = 3 * Long.BYTES;

    /** The first one of a log. */
    static Life first() {
        return new Life(1, UUID.randomUUID(), UUID.randomUUID(), List.of(), OPEN);
    }

    /** That of a copy: it has another id, as both may go on. Where the copy ends its {@link #next} knows. */
    Life copied() {
        List<Earlier> all = new ArrayList<>(earlier);
        all.add(new Earlier(queueId, Long.MAX_VALUE));
        List<Earlier> newest = all.subList(Math.max(0, all.size() - MOST_EARLIER), all.size());
        return new Life(number, UUID.randomUUID(), UUID.randomUUID(), newest, OPEN);
    }

    /**
     * Another live part, of a log that ends with {@code last}.
     *
     * @param keepsId or positions after that may be given again
     */
    Life next(long last, boolean keepsId) {
        Life of = keepsId ? this : copied();
        List<Earlier> shared = of.earlier.stream()
                .map(each -> new Earlier(each.id(), Math.min(each.last(), last)))
                .toList();
        return new Life(number + 1, UUID.randomUUID(), of.queueId, shared, OPEN);
    }

    Life closedAt(long end) {
        return new Life(number, token, queueId, earlier, end);
    }

    ByteBuffer write() {
        ByteBuffer block = Block.begin(64 + earlier.size() * EARLIER_BYTES);
        block.putLong(number);
        Block.put(block, token);
        Block.put(block, queueId);
        block.putLong(closedAt);
        for (Earlier each : earlier) {
            Block.put(block, each.id());
            block.putLong(each.last());
        }
        return block;
    }

    static Life read(ByteBuffer block) {
        long number = block.getLong();
        UUID token = Block.id(block);
        UUID queueId = Block.id(block);
        long closedAt = block.getLong();
        List<Earlier> earlier = new ArrayList<>();
        while (block.remaining() >= EARLIER_BYTES) earlier.add(new Earlier(Block.id(block), block.getLong()));
        return new Life(number, token, queueId, List.copyOf(earlier), closedAt);
    }
}
