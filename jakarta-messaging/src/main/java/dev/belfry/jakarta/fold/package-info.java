/**
 * The meaning of the log. No input or output, no clock, no threads, no order of a hash table: the state after a record
 * follows from the log alone, so all members agree.
 *
 * <p><b>Facts are folded, not decisions.</b> A member decides with its own clock and selectors which message it takes,
 * what has expired, which process is dead, and appends the outcome. The rules below apply outcomes; first in log order
 * wins.
 *
 * <p>A message m in a view v (a queue, or a subscription) is <b>A</b>(count, notBefore), available, <b>T</b>(holder,
 * count), taken, or gone. It exists while some view needs it. A subscription <i>wants</i> m if it began before m and
 * its cursor in the newest CHECKPOINT is lower.
 *
 * <pre>
 * operation         if                                     then; else
 * MESSAGE to d      d is a queue (a temporary one: defined A(0); nothing
 *                   before m)
 *                   d is a topic                           A(0) in each view that wants it
 * TAKE v, m by x    A                                      T(x, count); nothing: another was first
 * ACK v, m by x     T(x); v unshared, non-durable and x's  gone in v; nothing
 * RETURN v, m by x  T(x)                                   A(count + a, notBefore); nothing
 * COUNT v, m by x   T(x)                                   T(x, count + 1); nothing
 * DROP v, m         A                                      gone in v; nothing: it was taken
 * DEFINE d by x     d is temporary, and not defined        x's; nothing
 *                   d is ordinary, without another name    has its name; CLASH
 * DELETE d by x     d is temporary and x's                 d, its views and messages gone; nothing
 *                   d is ordinary                          its messages and pages gone
 * SUBSCRIBE by x    no topic, or temporary and not defined INVALID
 *                   unshared and non-durable, or none of   created here, x attached: CREATED
 *                   that key
 *                   shared differs from the key's view     MISMATCH
 *                   same topic, selector, noLocal; shared, x attached: ATTACHED; IN_USE
 *                   or nobody attached
 *                   differs, nobody attached               old view gone, new one: CREATED; IN_USE
 * ATTACH d by x     d is an ordinary queue                 x is attached; nothing
 * DETACH v by x     x is attached                          not any more, the last of a non-durable
 *                                                          view: v gone; nothing
 * UNSUBSCRIBE       durable, nobody attached               v gone; REFUSED
 * CLIENT by x       claim of a free id                     x has it; IN_USE
 *                   release of x's                         it is free; REFUSED
 * LEAVE y           always, again if told again            each T(y, c) is A(c + 1); all that y owns
 *                                                          is gone
 * STAGE of x        always                                 kept by (x, transaction, first index),
 *                                                          replaces that part
 * APPLY by x                                               the parts' messages are sent here; of
 *                                                          an index that two parts have, the one
 *                                                          of the newer STAGE
 * FORGET by x                                              the parts are gone
 * PUT m             d is a queue (a temporary one: defined m is exactly this, here; m is gone
 *                   before m), or a view needs m
 * CHECKPOINT                                               the registry's statement; names and
 *                                                          cursors are as listed
 * PAGE p of ms      always                                 each m is gone from memory, known or
 *                                                          not; p is exactly this, here
 * PAGE p, again     always                                 p is exactly this, here
 * LEAVES p, i       p is known, i above its next index     p is left from i on, or gone if i is
 *                                                          its end; nothing
 * OVERFLOW b        always                                 b is the companion, without a floor
 * FLOOR b, f        b is the companion, f above its floor  f is its floor; nothing
 * </pre>
 *
 * <p>The key of a subscription is (client id or none, name, durable or not). "All that y owns": attachments, as if it
 * detached, temporary destinations, client ids, staged operations.
 *
 * <p><b>Questions that a rule may ask.</b> A late reader knows the registry from its CHECKPOINT on, and each message
 * from its oldest retained statement on. So no rule of the registry asks for a message, no rule asks who has left, what
 * was applied or what is still staged, and a rule of a message asks the registry only for "id before mid". A page is
 * known as a message is. No rule of it asks for the companion or its floor: the author of a PAGE asks for both, with
 * the claim. Then {@link
 * dev.belfry.jakarta.fold.Bootstrap} from any mark at or below {@link dev.belfry.jakarta.fold.State#hold} is the full
 * fold.
 *
 * <p>A damaged record is skipped and counted: the verdict depends on its bytes and position only. A record that is well
 * formed and lies is folded as it says; its author may open the file and could do worse. A CHECKPOINT that lies is
 * different: members that were there keep their own registry, but for names and cursors, and late members believe it.
 * No member compares the two: to do so it would have to build the whole registry again at each CHECKPOINT.
 */
package dev.belfry.jakarta.fold;
