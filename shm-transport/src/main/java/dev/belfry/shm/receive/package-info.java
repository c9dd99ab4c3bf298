/**
 * A message's way up: from the word at a subscription's cursor to its handler.
 *
 * <ul>
 *   <li>{@link ShmSubscriber} finds the next message and hands it over, or many in one loop; a handler sees it as
 *       {@link ShmMessageView}.
 *   <li>{@link SlotPlace} is where a subscription stands: what was read, handed over, acknowledged and lost, and
 *       how that is stored in its slot.
 *   <li>A seek changes the reader's place, what counts as handed over, and the slot's acknowledged position:
 *       {@link SlotPlace#moveTo}, with the gate held still by {@code segment.Seeking}.
 *   <li>With nothing to read {@link Idle} spins, yields and sleeps, as {@link Backoff} has learned.
 *   <li>{@link ShmSharedSleep} is that sleep for many subscribers of one thread.
 * </ul>
 */
package dev.belfry.shm.receive;
