/**
 * Processes that die, are refused a call or fail with an Error, at each of their steps in turn, and
 * what must hold afterwards for all others.
 */
package dev.belfry.shm.crash;
