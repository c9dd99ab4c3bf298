/**
 * A member of a domain: this JVM's handle on the log, its fold of it, and what it takes, gives back and keeps there.
 *
 * <p><b>Pump.</b> Folding, taking and handing to consumers is one step, {@link dev.belfry.jakarta.domain.Pump#turn},
 * under the fold lock. It is made by threads that wait for messages anyway. One of them leads: it sleeps in the log's
 * reader, the others are parked, and one of these leads after it.
 *
 * <p><b>Plain subscriptions</b> take part in none of that: a {@link dev.belfry.jakarta.domain.TopicReader} reads the
 * log in its session's thread. A member that has nothing else folds when room is short, and where little comes.
 *
 * <p><b>Room.</b> Any member may make room, and a member that folds does so in time. A member that only sends finds the
 * log full without having folded: where others consume it leaves that to them and waits, and folds if they do not come
 * to it.
 *
 * <p><b>Order of locks.</b> A session's own, the fold lock, a consumer's buffer, the log. Nobody waits for room, or
 * calls a program's code, under the fold lock.
 *
 * <p><b>Held.</b> A message is put into {@link dev.belfry.jakarta.domain.Holdings#held} before its TAKE is appended,
 * and leaves it after its ACK or RETURN was appended. So a member that was passed, and reads its state again, knows of
 * each message that the state says it holds whether a consumer here has it. If not, it gives it back. Each has one
 * owner meanwhile: the buffer of its consumer, the session to which that gave it, or nobody, if its end was refused.
 * The daemon appends the end of such an orphan later.
 */
package dev.belfry.jakarta.domain;
