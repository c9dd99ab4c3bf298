/**
 * Jakarta Messaging over a Belfry log: {@link dev.belfry.jakarta.BelfryConnectionFactory}. Queues so far, between
 * processes ({@code shm:}) and in one JVM ({@code mem:}); topics are refused with a JMSException.
 */
package dev.belfry.jakarta;
