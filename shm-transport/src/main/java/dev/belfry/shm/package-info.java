/**
 * The {@code shm:} transport, and the live part of {@code file:}. Here is the door: a queue, a domain, and who makes
 * them. A message goes down through {@code publish} and up through {@code receive}; {@code log} reads a domain's log.
 * All three have {@link dev.belfry.shm.segment.Attached}. Beside them {@code inspect} answers people. Below them
 * {@code segment} knows the members of a queue, {@code journal} the order of what lies in files too, {@code ring} the
 * records, {@code sync} waiting and liveness; at the bottom {@code layout} knows every byte, {@code posix} the kernel.
 *
 * <dl>
 *   <dt>segment<dd>The shared memory of a queue: a header, and one or more regions with the ring.
 *   <dt>handle<dd>One process's open queue, and its entry in the segment.
 *   <dt>slot<dd>The place of one subscription in the segment, 1 KiB; its incarnation tells one owner from the next.
 *   <dt>tail<dd>The offset after the last record: where the next one begins.
 *   <dt>gate<dd>The oldest offset that is intact. Subscribers hold it; publishers that need room move it.
 *   <dt>region, hop<dd>A piece of the ring, mapped at once; the record that leads from a full one to a larger one.
 *   <dt>claim, batch<dd>A body that its user fills in the ring; messages that one store makes visible. Both hold the
 *       publish lock.
 *   <dt>mark<dd>A named place in a domain's log that holds the gate.
 *   <dt>milestone<dd>A place whose offset and position are both known: the gate jumps from one to the next.
 *   <dt>durable<dd>The offset below which the disk has all, of a queue in files.
 * </dl>
 */
package dev.belfry.shm;
