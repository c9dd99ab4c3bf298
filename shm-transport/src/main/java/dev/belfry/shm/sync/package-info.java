/**
 * Waiting, waking and liveness: the futex lock, lock bytes, and both ways to sleep. It knows no
 * ring.
 */
package dev.belfry.shm.sync;
