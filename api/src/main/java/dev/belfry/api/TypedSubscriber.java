package dev.belfry.api;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A subscriber to values of one type. Details that a method does not name are as in {@link Subscriber}. A message that
 * does not decode is a handler that throws {@link CodecException}: it comes again, and nothing is lost. So a listener
 * that finds one is stopped after {@code maxRedeliveries}.
 * @since 0.1
 */
public final class TypedSubscriber<T> implements AutoCloseable {
    private static final String COMES_AGAIN =
            "It comes again: correct the codec, or take it undecoded: subscriber().receive().";
    private static final Duration FOR_EVER = ChronoUnit.FOREVER.getDuration();

    private final Subscriber subscriber;
    private final Decoding<T> decoding;
    private Handing<T> last; // so that the same handler makes an object once

    /** Texts of errors name {@code queue}. */
    TypedSubscriber(String queue, Subscriber subscriber, Codec<T> codec) {
        this.subscriber = subscriber;
        decoding = new Decoding<>(queue, codec, COMES_AGAIN);
    }

    /** The subscription's name, or null if anonymous. */
    public @Nullable String name() {
        return subscriber.name();
    }

    /** Waits for the next value. Null if the subscriber was closed meanwhile. */
    public @Nullable T receive() {
        return receive(FOR_EVER);
    }

    /**
     * Null if the time passed first, or if the subscriber was closed meanwhile. The value stays
     * valid; {@link #position} is its message's. For its properties use poll.
     */
    public @Nullable T receive(Duration timeout) {
        Taking<T> taking = new Taking<>(decoding);
        try {
            subscriber.poll(taking, 1, timeout);
        } catch (Throwable e) {
            if (taking.value == null) throw e;
            // Only its acknowledgement has failed, which the next call does again, or throws.
        }
        return taking.value;
    }

    /** Answers null if there is no message now. */
    public @Nullable T receiveNoWait() {
        return receive(Duration.ZERO);
    }

    /** Hands over what is there now, at most {@code limit} values, and returns how many. */
    public int poll(TypedHandler<? super T> handler, int limit) {
        return poll(handler, limit, Duration.ZERO);
    }

    /** Decodes each value in place, from the view. */
    public int poll(TypedHandler<? super T> handler, int limit, Duration timeout) {
        Handing<T> handing = last;
        if (handing == null || handing.handler != handler)
            last = handing = new Handing<>(decoding, Objects.requireNonNull(handler, "handler"));
        return subscriber.poll(handing, limit, timeout);
    }

    /** A thread of its own calls the listener for each value, as {@link Subscriber#setListener}. */
    public void setListener(TypedListener<? super T> listener) {
        Objects.requireNonNull(listener, "listener");
        subscriber.setListener(message -> listener.onMessage(decoding.decode(message), message));
    }

    /** All values handed over so far, as {@link Subscriber#acknowledge()}. */
    public void acknowledge() {
        subscriber.acknowledge();
    }

    /** All values up to this position, as {@link Subscriber#acknowledge(long)}. */
    public void acknowledge(long position) {
        subscriber.acknowledge(position);
    }

    /** Values that are not acknowledged come again, as {@link Subscriber#recover}. */
    public void recover() {
        subscriber.recover();
    }

    /** Moves as {@link Subscriber#seek} does. */
    public void seek(StartAt start) {
        subscriber.seek(start);
    }

    /** The position of the last value that was handed over, as {@link Subscriber#position}. */
    public long position() {
        return subscriber.position();
    }

    /** How many values are still to be read, as {@link Subscriber#lag}. */
    public long lag() {
        return subscriber.lag();
    }

    /** How many messages were overwritten before they were read, as {@link Subscriber#lostCount}. */
    public long lostCount() {
        return subscriber.lostCount();
    }

    /** Whether it reads, and why not, as {@link Subscriber#state}. */
    public SubscriberState state() {
        return subscriber.state();
    }

    /** The one that it reads by: for a message that does not decode. */
    public Subscriber subscriber() {
        return subscriber;
    }

    @Override
    public void close() {
        subscriber.close();
    }

    @Override
    public String toString() {
        return subscriber + ", by " + decoding;
    }

    private record Handing<T>(Decoding<T> decoding, TypedHandler<? super T> handler) implements MessageHandler {
        @Override
        public void onMessage(MessageView view) {
            handler.onMessage(decoding.decode(view), view);
        }
    }

    /** Takes the message of a receive: decoded from a copy, before the message counts as handed over. */
    private static final class Taking<T> implements MessageHandler {
        private final Decoding<T> decoding;
        private T value;

        Taking(Decoding<T> decoding) {
            this.decoding = decoding;
        }

        @Override
        public void onMessage(MessageView view) {
            value = decoding.decode(view.copy());
        }
    }
}
