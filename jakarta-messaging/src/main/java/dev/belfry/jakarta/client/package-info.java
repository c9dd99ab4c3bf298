/**
 * The interfaces of Jakarta Messaging 3.1 over a {@link dev.belfry.jakarta.domain.Domain}:
 * connections, sessions, producers, consumers, contexts. It knows no records.
 *
 * <p><b>Not there</b>, and refused by a JMSException that says so: what is for containers only
 * (connection consumers, listeners of a session).
 *
 * <p>A consumer of a topic has a subscription, which {@code Subscribing} attaches it to. From there on a
 * message goes the same way as one of a queue; but a plain subscription reads the log itself, in its session's
 * thread: {@code TopicReader.poll}, and {@code TopicReader.await}, which sleeps there.
 *
 * <p><b>The way of a message</b>, from {@code send} to the log, in a session that is not transacted:
 *
 * <ol>
 *   <li>{@code BelfryProducer.send} sets the headers, and {@code MessageCodec.encode} writes the
 *       operation MESSAGE, with them, the properties and the body.
 *   <li>{@code Settlement.send} gives it to {@code Domain.send} at once. In a transaction it waits
 *       for {@code Settlement.commit}, which goes on by {@code Domain.commit}.
 *   <li>{@code Sender.send} makes the record: the MESSAGE, after a DEFINE of its destination's name if that
 *       was not told lately ({@code Sender.define}).
 *   <li>{@code Sender.append} appends it to the log, which rings the bell of the destination. If there is
 *       no room, {@code Domain.makeRoom} makes some, or the sender waits.
 * </ol>
 *
 * <p>From the log to {@code onMessage}, in the thread of a session that has a listener:
 *
 * <ol>
 *   <li>{@code Listening.deliverOrWait} finds nothing buffered, says by {@code Inbox.hungry}
 *       that it wants some, and calls {@code Domain.await}.
 *   <li>{@code Pump.await}: one thread of the member leads. {@code Pump.lead} makes a turn, and sleeps
 *       until a bell rings.
 *   <li>{@code Domain.turn} takes the fold lock for {@code Pump.turn}. There {@code Folded.toTheEnd}
 *       reads the record, and {@code State.apply} puts the message into its queue or topic.
 *   <li>{@code Pump.take}: {@code Pump.pick} chooses what is in front, {@code Holdings.hold} notes it,
 *       and a TAKE is appended: under a claim if other members compete ({@code Pump.takeUnderClaim}).
 *   <li>{@code Pump.hand} folds up to the TAKE. {@code Holdings.has} reads the bytes if the message
 *       is this member's now, {@code LocalConsumer.fill} buffers it, {@code Pump.raise} wakes the session.
 *   <li>{@code Listening.deliverOne} has the session's lock. {@code Incoming.poll} gets the message
 *       from the buffer, unless it expired or came too often, and {@code Incoming.decode} decodes it.
 *   <li>{@code Listening.hand} calls {@code onMessage}, between {@code Settlement.begin} and {@code
 *       Settlement.done}.
 *   <li>AUTO: {@code Settlement.done} calls {@code Domain.acknowledge}. {@code Sender.acknowledge}
 *       appends the ACK, and {@code Holdings.release} forgets the message.
 * </ol>
 *
 * <p>A thread that receives goes the same way, in {@code Receiving.receiveUntil} in place of {@code
 * Listening}: it asks by {@code Domain.turn} first, and {@code Receiving.next} acknowledges before
 * it returns the message.
 *
 * <p><b>Locks.</b> A session's lock is held while a message is handed out or a listener runs.
 * {@code stop} and {@code close} of other threads take it, so they return when none does any more.
 * In a listener they would wait for themselves, and throw IllegalStateException.
 */
package dev.belfry.jakarta.client;
