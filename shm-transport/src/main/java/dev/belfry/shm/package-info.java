/**
 * The {@code shm:} transport: what happens, and in which order. A message goes down from
 * {@link ShmPublisher} through the lock ({@code sync}) into the ring ({@code ring}), and up from
 * the ring to {@link ShmSubscriber}; a {@link dev.belfry.shm.segment.Handle} is what they share.
 * Beside it stands {@code inspect}, which answers people; below both {@code segment}, which knows
 * the members of a queue. At the bottom lie {@code layout}, which knows every byte, and
 * {@code posix}, which knows the kernel.
 */
package dev.belfry.shm;

import dev.belfry.shm.publish.ShmPublisher;
import dev.belfry.shm.receive.ShmSubscriber;
