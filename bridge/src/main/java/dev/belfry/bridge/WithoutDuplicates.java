package dev.belfry.bridge;

import dev.belfry.api.Message;
import dev.belfry.api.MessageHandler;
import dev.belfry.api.MessageListener;
import dev.belfry.api.MessageView;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.Subscriber;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.ForwardingSubscriber;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Objects;

/** A subscriber that leaves out what {@link Duplicates} knows. */
final class WithoutDuplicates extends ForwardingSubscriber {
    private final Duplicates duplicates;
    private final Object lock = new Object(); // acknowledgements come from any thread
    private long acknowledged;
    private long handedOver;
    private long droppedUpTo; // all after handedOver was dropped up to here

    WithoutDuplicates(Subscriber all, Duplicates duplicates) {
        super(all);
        this.duplicates = duplicates;
        handedOver = all.position();
        droppedUpTo = handedOver;
        acknowledged = handedOver;
    }

    /** Nobody will acknowledge it: it counts as acknowledged as soon as all before it are. */
    private boolean isDropped(MessageView message) {
        long position = message.position();
        boolean dropped =
                duplicates.contain(Mark.of(message.properties()), position) || Mark.isAlone(message.properties());
        synchronized (lock) {
            if (!dropped) handedOver = position;
            droppedUpTo = position;
            if (dropped && acknowledged >= handedOver) acknowledgeUnlessClosed(position);
        }
        return dropped;
    }

    private void acknowledgeUnlessClosed(long position) {
        try {
            acknowledge(position);
        } catch (QueueClosedException meanwhile) {
            return; // the call that reads says so in its own way
        }
    }

    @Override
    public Message receive() {
        return receive(ChronoUnit.FOREVER.getDuration());
    }

    @Override
    public Message receive(Duration timeout) {
        long deadline = Deadlines.after(Objects.requireNonNull(timeout, "timeout"));
        while (true) {
            Message message = in.receive(Duration.ofNanos(Deadlines.remaining(deadline)));
            if (message == null || !isDropped(message)) return message;
        }
    }

    @Override
    public int poll(MessageHandler handler, int limit, Duration timeout) {
        Objects.requireNonNull(handler, "handler");
        long deadline = Deadlines.after(Objects.requireNonNull(timeout, "timeout"));
        int[] given = new int[1];
        while (true) {
            int n = in.poll(
                    message -> {
                        if (isDropped(message)) return;
                        handler.onMessage(message);
                        given[0]++;
                    },
                    limit,
                    Duration.ofNanos(Deadlines.remaining(deadline)));
            if (n == 0 || given[0] > 0) return given[0];
        }
    }

    @Override
    public void setListener(MessageListener listener) {
        Objects.requireNonNull(listener, "listener");
        in.setListener(message -> {
            if (!isDropped(message)) listener.onMessage(message);
        });
    }

    @Override
    public void acknowledge() {
        synchronized (lock) {
            long position = in.position();
            in.acknowledge();
            acknowledged = Math.max(acknowledged, position);
        }
    }

    @Override
    public void acknowledge(long position) {
        synchronized (lock) {
            long upTo = position < handedOver ? position : Math.max(position, droppedUpTo);
            in.acknowledge(upTo);
            acknowledged = Math.max(acknowledged, upTo);
        }
    }

    @Override
    public String toString() {
        return in + ", without duplicates";
    }
}
