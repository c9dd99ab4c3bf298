/**
 * {@code kafka:} queues: each is a topic of Apache Kafka with one partition. {@link dev.belfry.kafka.Topic} is the
 * queue at the broker, {@link dev.belfry.kafka.Cluster} the connection to it, which all handles of a JVM share; {@link
 * dev.belfry.kafka.Place} is what a named subscription, a consumer group, stores. Whatever waits for a broker is in
 * this package bounded by a time limit.
 */
package dev.belfry.kafka;
