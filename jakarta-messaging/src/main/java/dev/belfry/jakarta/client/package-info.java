/**
 * The interfaces of Jakarta Messaging 3.1 over a {@link dev.belfry.jakarta.domain.Domain}:
 * connections, sessions, producers, consumers, contexts. It knows no records.
 *
 * <p><b>Not there yet</b>, and refused by a JMSException that says so: topics, with their
 * subscriptions and connections of their own; what is for containers only (connection consumers,
 * listeners of a session). They need rules of the fold that nobody in this package appends yet.
 *
 * <p><b>The way of a message.</b> Out: a producer's {@code send} encodes it, {@link
 * dev.belfry.jakarta.client.Settlement#send} gives it to the domain at once or with the commit, and
 * {@link dev.belfry.jakarta.domain.Domain#commit} appends it. In: {@link
 * dev.belfry.jakarta.domain.Pump#turn} takes it into the buffer of a consumer, from which {@link
 * dev.belfry.jakarta.client.Receiving} or {@link dev.belfry.jakarta.client.Listening} hands it
 * out, decoded by {@link dev.belfry.jakarta.client.Incoming}, and {@code Settlement} acknowledges it.
 *
 * <p><b>Locks.</b> A session's lock is held while a message is handed out or a listener runs.
 * {@code stop} and {@code close} of other threads take it, so they return when none does any more.
 * In a listener they would wait for themselves, and throw IllegalStateException.
 */
package dev.belfry.jakarta.client;
