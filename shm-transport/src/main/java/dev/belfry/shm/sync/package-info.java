/**
 * Who waits for whom, and who is alive: the futex lock, liveness by lock bytes, and both ways to
 * sleep. It knows no ring.
 */
package dev.belfry.shm.sync;
