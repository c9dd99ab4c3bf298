/**
 * A message's way down: from a publish, a claim or a batch to the word that makes it visible.
 *
 * <ul>
 *   <li>A publish from end to end is {@link ShmPublisher}; for a record of a domain's log {@link LogAppender}. The way
 *       into the lock, out of it, and what an error inside leaves to mend is {@link CriticalSection}.
 *   <li>{@link Admission}, for a log {@link LogAdmission}, and {@link FullWait} wait for room. {@link Room} makes it:
 *       it moves the gate, or lets the ring grow ({@link Growth}). {@link WaitBoard} shows other processes what is
 *       waited for.
 *   <li>A batch is made visible by {@link Claims#commitBatch}, a claim by {@link Claims#commitClaim}; that one is open,
 *       and whose, is {@link OpenClaim}. {@link After} each of them the subscribers are woken, or the disk is awaited.
 *   <li>A publisher begins in {@link PublisherCreation} and ends by {@link AwaitEmpty}. {@link Publishers} knows those
 *       that are open, {@link PublisherWatch} comes by twice a second.
 *   <li>{@link AwaitAcknowledged} waits for what subscribers have acknowledged.
 * </ul>
 */
package dev.belfry.shm.publish;
