/**
 * The base of a transport whose queues outlive the machine. Its live part is a queue in shared
 * memory, and the log in its rings lies in files as well, at the same offsets. This package knows
 * the order in which that is written; the transport knows the files. Publishers ask {@link Disk}, which may be none.
 */
package dev.belfry.shm.journal;
