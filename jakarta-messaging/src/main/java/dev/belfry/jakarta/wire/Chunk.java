package dev.belfry.jakarta.wire;

/** A message of the companion that has messages of a page: its position there, and the page's index of the first. */
public record Chunk(long position, int first) {}
