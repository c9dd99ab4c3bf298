/**
 * The interfaces of Jakarta Messaging 3.1 over a {@link dev.belfry.jakarta.domain.Domain}:
 * connections, sessions, producers, consumers, contexts. It knows no records.
 *
 * <p><b>Not there yet</b>, and refused by a JMSException that says so: topics, with their
 * subscriptions and connections of their own; what is for containers only (connection consumers,
 * listeners of a session). They need rules of the fold that nobody in this package appends yet.
 *
 * <p><b>Locks.</b> A session's lock is held while a message is handed out or a listener runs.
 * {@code stop} and {@code close} of other threads take it, so they return when none does any more.
 * In a listener they would wait for themselves, and throw IllegalStateException.
 */
package dev.belfry.jakarta.client;
