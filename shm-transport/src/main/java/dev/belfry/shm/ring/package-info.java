/**
 * How a message becomes visible, and the ring whole after a crash. Nothing here blocks, logs, reads a clock or makes a
 * system call (mapping a region is asked of the package above): a piece of memory is all that a test needs.
 */
package dev.belfry.shm.ring;
