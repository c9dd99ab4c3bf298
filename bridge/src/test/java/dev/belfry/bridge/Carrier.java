package dev.belfry.bridge;

import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.testing.Patience;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** A bridge in a thread of its own. */
final class Carrier implements AutoCloseable {
    final Bridge bridge;
    private final CompletableFuture<Void> run;

    Carrier(Bridge bridge) {
        this.bridge = bridge;
        run = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        bridge.run();
                        run.complete(null);
                    } catch (Throwable failure) {
                        run.completeExceptionally(failure);
                    }
                },
                "bridge");
        thread.setDaemon(true);
        thread.start();
    }

    Carrier(String from, String to) {
        this(new Bridge(from, to));
    }

    Carrier(String from, Far to) {
        this(from, to::open);
    }

    Carrier(String from, Supplier<MessageQueue> to) {
        this(Bridge.of(() -> MessageQueues.open(from), to, BridgeOptions.defaults()));
    }

    BridgeStats stats() {
        return bridge.stats();
    }

    Carrier until(String what, BooleanSupplier condition) {
        Patience.until(what, () -> condition.getAsBoolean() || run.isCompletedExceptionally());
        if (run.isCompletedExceptionally()) throw new AssertionError("It ended before: " + what, failure());
        return this;
    }

    /** Until the whole source is acknowledged. */
    Carrier untilDone(MessageQueue source) {
        return until(
                "the source is done",
                () -> stats().state() == BridgeStats.State.FORWARDING
                        && stats().sourcePosition() == source.stats().newestPosition());
    }

    /** What run threw. */
    Throwable failure() {
        try {
            run.get(Patience.limit().toSeconds(), TimeUnit.SECONDS);
            return null;
        } catch (ExecutionException failed) {
            return failed.getCause();
        } catch (Exception late) {
            throw new AssertionError(late);
        }
    }

    @Override
    public void close() {
        bridge.close();
        Throwable failure = failure();
        if (failure != null) throw new AssertionError(failure);
    }

    /** All of the source into the target, by a bridge that is then closed. */
    static BridgeStats carry(MessageQueue source, String from, String to) {
        try (Carrier carrier = new Carrier(from, to)) {
            return carrier.untilDone(source).stats();
        }
    }

    /** What the queue has now. */
    static List<Message> all(MessageQueue queue) {
        List<Message> all = new ArrayList<>();
        try (Subscriber in = queue.createSubscriber(SubscriberOptions.observer(StartAt.OLDEST_RETAINED))) {
            for (Message m; (m = in.receiveNoWait()) != null; ) all.add(m);
        }
        return all;
    }

    static List<String> texts(MessageQueue queue) {
        return all(queue).stream().map(Message::text).toList();
    }
}
