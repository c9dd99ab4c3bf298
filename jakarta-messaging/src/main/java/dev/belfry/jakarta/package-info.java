/**
 * Jakarta Messaging over a Belfry log: {@link dev.belfry.jakarta.BelfryConnectionFactory}. Queues in one JVM
 * ({@code mem:}) so far; topics are refused with a JMSException.
 */
package dev.belfry.jakarta;
