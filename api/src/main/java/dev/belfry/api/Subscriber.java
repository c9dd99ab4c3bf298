package dev.belfry.api;

import dev.belfry.spi.Capabilities;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Reads every message from its start on. One thread at a time, unless a method says otherwise.
 * @since 0.1
 */
public interface Subscriber extends AutoCloseable {
    /** The subscription's name, or null if anonymous. */
    @Nullable
    String name();

    /** Waits for the next message. Null if the subscriber was closed meanwhile. */
    @Nullable
    Message receive();

    /** Answers null if the time passed first, or if the subscriber was closed meanwhile. */
    @Nullable
    Message receive(Duration timeout);

    /** Answers null if there is no message now. */
    default @Nullable Message receiveNoWait() {
        return receive(Duration.ZERO);
    }

    /** Hands over what is there now, at most {@code limit} messages, and returns how many. */
    default int poll(MessageHandler handler, int limit) {
        return poll(handler, limit, Duration.ZERO);
    }

    /**
     * Hands over the available messages, up to {@code limit}, and waits only for the first. Returns
     * how many; 0 on timeout or close.
     */
    int poll(MessageHandler handler, int limit, Duration timeout);

    /**
     * May be called once. From then on a thread of this subscriber calls the listener, and receive
     * and poll throw IllegalStateException. It is a daemon thread: it keeps no JVM alive. A message at
     * which the listener throws comes again, maxRedeliveries times. Then {@link OnFailure} decides: if
     * nothing else was asked for, the subscriber is closed, and {@link #state} says why.
     */
    void setListener(MessageListener listener);

    /**
     * CLIENT: acknowledges all messages handed over so far, as {@code acknowledge(position())}. In
     * other modes it does nothing. Any thread may call it.
     */
    void acknowledge();

    /**
     * CLIENT: acknowledges all messages up to and including this one; never goes back. Any thread
     * may call it. A message that is in a handler at that moment counts when the handler returns.
     * If a handler acknowledges its own message, it must not use the view any more. With POSITIONS.
     */
    void acknowledge(long position);

    /**
     * CLIENT: continues at the first unacknowledged message. In other modes it does nothing. Messages after it that are
     * already acknowledged do not come again. Messages that were overwritten since count as lost, and as acknowledged.
     */
    void recover();

    /**
     * Goes on at another message. All before it counts as acknowledged, and frees space; what was never handed over of
     * that counts as lost. Back it goes to what is retained; an IllegalArgumentException names the oldest. A time is as
     * for {@link StartAt#time}. For the thread that reads: also in a handler, which must not use its view any more, in
     * a listener, and in onOverrun. With SEEK.
     */
    default void seek(StartAt start) {
        throw Capabilities.refused(Capability.SEEK, "seek");
    }

    /**
     * The position of the message handed over last. Before the first one it is one less than the
     * start. Any thread may call it.
     */
    long position();

    /**
     * How many messages it is behind: the newest position minus position(); -1 without POSITIONS. So in CLIENT mode,
     * too, what was handed over does not count, acknowledged or not. After recover or seek what comes again counts
     * again. Any thread may call it. As long as the queue is open, a closed one gives the figure of its close, or a
     * newer one. One whose queue was found damaged has none, and throws that.
     */
    long lag();

    /**
     * How many messages it has lost since it was created: overwritten before it read them, or passed over by {@link
     * #seek}. Messages before the place where it began count only once it has sought back to them. One that was
     * disconnected loses all that it has not received, and all that is published later. Any thread may call it.
     */
    long lostCount();

    /** Any thread may call it, also after close. */
    SubscriberState state();

    /**
     * Any thread may call it, including handler and listener. Wakes a thread that waits, and gives
     * a handler 5 s to end. A named subscription keeps its place.
     */
    @Override
    void close();
}
