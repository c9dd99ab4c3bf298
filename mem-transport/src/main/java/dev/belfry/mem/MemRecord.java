package dev.belfry.mem;

import dev.belfry.api.MessageProperties;

/** One message as the queue keeps it. The body is never changed. */
record MemRecord(long position, long timestampMillis, byte[] body, MessageProperties properties) {
    /** Of the queue's bytes. */
    long cost() {
        return MemLog.cost(body.length + properties.encodedLength());
    }
}
