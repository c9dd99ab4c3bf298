/**
 * Membership of a queue: its file and segment are found, created, joined, left and deleted here,
 * its subscriptions begin and end. A {@link Handle} is what one process has of one queue. Below lie
 * {@code ring}, {@code sync}, {@code layout} and {@code posix}. Nothing is known here of publishers
 * and subscribers.
 */
package dev.belfry.shm.segment;
