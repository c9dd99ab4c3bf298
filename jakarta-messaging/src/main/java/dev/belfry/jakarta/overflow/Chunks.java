package dev.belfry.jakarta.overflow;

import dev.belfry.jakarta.wire.Chunk;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * The messages of a page, cut into chunks: a chunk is a message of the companion, of up to 64 KiB, and a longer message
 * is a chunk alone. A chunk goes out whole or stays in memory whole, so that a reader finds a message by its index.
 */
public final class Chunks {
    /** Bounds a chunk with more than one message. */
    public static final int MOST_BYTES = 64 << 10;

    private record One(ChunkHead head, List<PagedMessage> messages) {}

    private final List<One> chunks;

    private Chunks(List<One> chunks) {
        this.chunks = chunks;
    }

    /** Cuts messages of one queue and priority, whose mids ascend. */
    public static Chunks cut(UUID binding, UUID page, String queue, List<PagedMessage> messages) {
        List<One> chunks = new ArrayList<>();
        int head = ChunkLayout.length(queue);
        int first = 0;
        while (first < messages.size()) {
            int end = first;
            long length = head;
            do length += ChunkLayout.BESIDE + messages.get(end++).bytes().length;
            while (end < messages.size()
                    && length + ChunkLayout.BESIDE + messages.get(end).bytes().length <= MOST_BYTES);
            chunks.add(new One(
                    new ChunkHead(binding, page, chunks.size(), first, queue),
                    List.copyOf(messages.subList(first, end))));
            first = end;
        }
        return new Chunks(chunks);
    }

    /** Encodes them, in their order: what {@link Companion#publish} takes. */
    public List<byte[]> encoded() {
        List<byte[]> encoded = new ArrayList<>(chunks.size());
        for (One each : chunks) encoded.add(ChunkLayout.write(each.head, each.messages));
        return encoded;
    }

    /**
     * Leaves those out of which a message is not to go any more. Those chunks are garbage in the companion, if they
     * were published; the others keep their numbers, and so their positions.
     */
    public Chunks whole(Predicate<PagedMessage> goes) {
        return new Chunks(chunks.stream()
                .filter(each -> each.messages.stream().allMatch(goes))
                .toList());
    }

    /** Whether the first of those that were cut is one of these. */
    boolean hasFirst() {
        return !chunks.isEmpty() && chunks.get(0).head.number() == 0;
    }

    /** Lists them for a PAGE: the first of those that were cut has this position, and the others follow it. */
    public List<Chunk> at(long position) {
        List<Chunk> listed = new ArrayList<>(chunks.size());
        int first = 0;
        for (One each : chunks) {
            listed.add(new Chunk(position + each.head.number(), first));
            first += each.messages.size();
        }
        return listed;
    }

    /** Returns the messages of all chunks, in order, as a PAGE tells them. Empty if no chunk is whole. */
    public List<PagedMessage> messages() {
        return chunks.stream().flatMap(each -> each.messages.stream()).toList();
    }
}
