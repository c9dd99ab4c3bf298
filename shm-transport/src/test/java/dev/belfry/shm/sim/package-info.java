/**
 * Simulated schedules, and the seam between the product and what it shares: every word of shared
 * memory, and every call of the C library. Through it {@code CrashPointTest} kills a participant
 * before each of its stores in turn, and {@code InterleavingTest} decides which one makes the next step.
 */
package dev.belfry.shm.sim;
