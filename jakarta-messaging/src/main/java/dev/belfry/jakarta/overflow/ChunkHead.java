package dev.belfry.jakarta.overflow;

import java.util.UUID;

/**
 * The begin of a chunk.
 *
 * @param number of the chunk, from 0, as its page was cut: another one that was cut may have stayed in memory
 * @param first the index of its first message, as its page was cut
 * @param queue for people, and for a companion whose domain is gone
 */
public record ChunkHead(UUID binding, UUID page, int number, int first, String queue) {}
