/**
 * {@code mem:} queues: the contract of the API in plain Java, within one JVM. Read it to learn what
 * a queue promises; nothing here is fast.
 *
 * <p>{@link dev.belfry.mem.MemLog} has the records and the room, {@link dev.belfry.mem.MemMembers}
 * has publishers and subscriptions, {@link dev.belfry.mem.MemMonitor} is the one lock and the one
 * place where calls wait. A queue lives until it is deleted or the JVM ends.
 */
package dev.belfry.mem;
