package dev.belfry.mem;

import dev.belfry.api.MessageProperties;

/** One message as the queue keeps it. Nobody writes into the body. {@code place}: the costs of all records before it. */
record MemRecord(long position, long place, long timestampMillis, byte[] body, MessageProperties properties) {
    /** Of the queue's bytes. */
    long cost() {
        return cost(body.length + properties.encodedLength());
    }

    /** Of a body and its properties that are together so long. */
    static long cost(long length) {
        return 8 + length + 7 & -8;
    }
}
