/**
 * Waiting, waking and liveness; it knows no ring. {@link Liveness} tells who is alive.
 *
 * <ul>
 *   <li>Locks between processes: {@link FutexLock}; the one of a publish, with a favoured thread: {@link PublishLock}.
 *   <li>Waits for a message: {@link Sleepers}; of one thread for many queues: {@link SleepersOfMany}. Waits for room,
 *       for acknowledgements and for the disk: {@link EventCount}. Which side fences, so that no wake-up is lost:
 *       {@link Handshake}.
 *   <li>{@link Wait} is the time limit of each. Virtual threads wait by {@link StandIn}, or hold their {@link Carrier}.
 *       {@link OnInterrupt} ends a sleep in native code.
 * </ul>
 */
package dev.belfry.shm.sync;
