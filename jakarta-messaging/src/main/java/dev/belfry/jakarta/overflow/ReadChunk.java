package dev.belfry.jakarta.overflow;

import java.util.List;

/** A chunk as the companion has it. All of it was checked. */
public record ReadChunk(ChunkHead head, List<PagedMessage> messages) {
    /** The bytes that it has in the heap, about. */
    public int length() {
        return messages.stream().mapToInt(each -> each.bytes().length).sum();
    }
}
