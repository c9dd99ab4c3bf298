package dev.belfry.jakarta.overflow;

/** A message that lies in the companion: the bytes of its MESSAGE, and what a PUT tells beside them. */
public record PagedMessage(long mid, long author, byte[] bytes) {}
