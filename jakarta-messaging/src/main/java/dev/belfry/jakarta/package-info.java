/**
 * Jakarta Messaging over a Belfry log: {@link dev.belfry.jakarta.BelfryConnectionFactory}. Queues and topics, between
 * processes ({@code shm:}) and in one JVM ({@code mem:}).
 */
package dev.belfry.jakarta;
