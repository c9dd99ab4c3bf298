/**
 * {@code mem:} queues: the contract of the API in plain Java, within one JVM. {@link dev.belfry.mem.MemLog} is the whole of
 * it: records in order, subscriptions, one lock, one condition. Read it to learn what a queue promises; nothing here is
 * fast. A queue lives until it is deleted or the JVM ends.
 */
package dev.belfry.mem;
