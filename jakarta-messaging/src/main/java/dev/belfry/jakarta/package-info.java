/**
 * Jakarta Messaging over a Belfry log: {@link dev.belfry.jakarta.BelfryConnectionFactory}. Queues and topics, between
 * processes ({@code shm:}), on the disk as well ({@code file:}), and in one JVM ({@code mem:}).
 *
 * @since 0.1
 */
package dev.belfry.jakarta;
