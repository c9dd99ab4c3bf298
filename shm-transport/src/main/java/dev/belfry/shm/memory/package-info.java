/**
 * Memory by its address: one class for all that may access it, {@link dev.belfry.shm.memory.RawMemory}, chosen once.
 * Nothing here checks an address; the package knows no queue and no kernel. No other package knows Chronicle.
 */
package dev.belfry.shm.memory;
