/**
 * Membership of a queue: its file and segment are found, created, joined, left and deleted here,
 * its subscriptions begin and end. A {@link Handle} is what one process has of one queue. Below
 * this package are {@code ring}, {@code sync}, {@code layout} and {@code posix}. It knows no
 * publishers and subscribers.
 */
package dev.belfry.shm.segment;
