package dev.belfry.mem;

import dev.belfry.api.MessageProperties;

/** One message as the queue keeps it. The body is never changed. {@code place}: the costs of all records before it. */
record MemRecord(long position, long place, long timestampMillis, byte[] body, MessageProperties properties) {
    /** How many of the queue's bytes a message takes: body and properties of this length together. */
    static long cost(long length) {
        return 8 + length + 7 & -8;
    }

    long cost() {
        return cost(body.length + properties.encodedLength());
    }
}
