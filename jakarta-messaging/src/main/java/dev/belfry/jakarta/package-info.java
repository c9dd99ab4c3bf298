/**
 * Jakarta Messaging over a Belfry log: {@link dev.belfry.jakarta.BelfryConnectionFactory}. Queues and topics, between
 * processes ({@code shm:}), on the disk as well ({@code file:}), and in one JVM ({@code mem:}).
 */
package dev.belfry.jakarta;
