package dev.belfry.jakarta.domain;

/** A message on its way: {@code bytes} is the operation MESSAGE. {@code name}: of the destination. */
public record Sent(long destination, String name, byte[] bytes) {}
