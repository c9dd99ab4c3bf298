package dev.belfry.mem;

import dev.belfry.api.MessageProperties;

/** One message as the queue keeps it. Nobody writes into the body. */
record MemRecord(long position, long timestampMillis, byte[] body, MessageProperties properties) {
    /** Of the queue's bytes. */
    long cost() {
        return MemLog.cost(body.length + properties.encodedLength());
    }
}
