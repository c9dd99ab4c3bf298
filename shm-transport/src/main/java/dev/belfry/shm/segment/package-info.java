/**
 * Membership of a queue. {@link Handle} is one process's open queue, {@link Segment} its mapped memory;
 * {@link Attached} is what publishers and subscribers are given of both. It knows neither of them.
 *
 * <ul>
 *   <li>A queue is created and opened by {@link Opening}, or with a log in files by {@link Parts}; closed and deleted
 *       by {@link Leaving}; found by its name in {@link QueueFile}, where {@link Ownership} tells whose may be joined.
 *       {@link AdminLock} lets one at a time do so.
 *   <li>A subscription begins in {@link Joining} and goes on elsewhere by {@link Seeking}; {@link Subscriptions} ends
 *       it, and takes the slots of dead processes back. {@link Marks} are those of a domain's log.
 *   <li>Its semaphore: {@link OwnSemaphore} for its owner, {@link SlotSemaphores} for those who wake it.
 *   <li>{@link Snapshot} reads all figures without a lock; {@link Failures} turns the kernel's errors into words.
 * </ul>
 */
package dev.belfry.shm.segment;
