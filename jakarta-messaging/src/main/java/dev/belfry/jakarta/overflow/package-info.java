/**
 * Keeps on the disk what the ring of a domain cannot hold: its companion, a plain {@code file:} queue with history whose
 * messages are chunks of pages.
 *
 * <p>Nothing here knows the state of a domain, or needs one of its locks. {@link dev.belfry.jakarta.overflow.Companion}
 * alone touches the queue; whoever calls it may wait for a disk.
 */
package dev.belfry.jakarta.overflow;
