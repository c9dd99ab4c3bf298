/**
 * Keeps on the disk what the ring of a domain cannot hold: its companion, a plain {@code file:} queue with history
 * whose messages are chunks of pages.
 *
 * <p>{@link dev.belfry.jakarta.overflow.Companion} alone touches the queue; a thread that calls it may wait for a disk.
 * So what decides, {@link dev.belfry.jakarta.overflow.Pager} and what it has, asks the state of the domain by a {@link
 * dev.belfry.jakarta.overflow.Member}, and calls the companion between two such questions.
 */
package dev.belfry.jakarta.overflow;
