/**
 * A domain's log as its reader sees it. A domain is a queue without messages: its records are read in place.
 *
 * <ul>
 *   <li>{@link ShmLogReader} reads the log, holds it back if it is to, and waits for a record that rings.
 *   <li>It waits as a subscriber does: by {@code receive.Idle}.
 *   <li>{@link ShmMark} is a named place that others see and that holds the gate: {@code segment.Marks}.
 *   <li>{@link DomainCalls} is the domain's handle for both: it refuses what is closed and says what a failure is.
 *   <li>A record comes in by {@code publish.LogAppender}; {@code ShmDomain} joins them.
 * </ul>
 */
package dev.belfry.shm.log;
