package dev.belfry.mem;

import dev.belfry.api.MessageProperties;

/** One message as the queue keeps it. Nobody writes into the body. {@code place}: the costs of all records before it. */
record MemRecord(
        long position, long place, long timestampMillis, byte[] body, MessageProperties properties, int cost) {}
