package dev.belfry.shm.hostile;

import dev.belfry.api.AckMode;
import dev.belfry.api.Claim;
import dev.belfry.api.Create;
import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.MessageView;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.QueueStats;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.ShmProvider;
import dev.belfry.spi.QueueUri;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;

/**
 * A user's program in a damaged queue: it opens it, once or twice, and does what the interface
 * offers in any order, with short timeouts. Each call must end with one of the interface's own
 * exceptions or with data that could be right; anything else leaves {@link #run} as it is.
 */
final class Visit {
    private static final ShmProvider PROVIDER = new ShmProvider(); // not looked for each time
    private static final Duration SHORT = Duration.ofNanos(200_000);
    private static final int MOST_STEPS = 14;
    private static final int MAX_MESSAGE = 1 << 20; // a quarter of what the file may come to

    private final QueueUri uri;
    private final Random random;
    private final Map<String, Integer> outcomes;
    private final List<MessageQueue> queues = new ArrayList<>();
    private final List<Publisher> publishers = new ArrayList<>();
    private final List<Subscriber> subscribers = new ArrayList<>();
    private final StringBuilder trace = new StringBuilder();

    Visit(String queue, Random random, Map<String, Integer> outcomes) {
        this.uri = new QueueUri("shm", queue, Map.of());
        this.random = random;
        this.outcomes = outcomes;
    }

    private static final class NotData extends RuntimeException {
        private static final long serialVersionUID = 1;

        NotData(String what) {
            super(what);
        }
    }

    /** What it did, for whoever wonders. */
    @Override
    public String toString() {
        return trace.toString();
    }

    void run() {
        try {
            open();
            if (random.nextInt(4) == 0) open();
            for (int steps = queues.isEmpty() ? 1 : 3 + random.nextInt(MOST_STEPS - 2); steps > 0; steps--) step();
        } finally {
            for (MessageQueue queue : queues) call("close", () -> close(queue));
            call("delete", () -> PROVIDER.delete(uri, QueueConfig.defaults()));
        }
    }

    private static boolean close(AutoCloseable closeable) {
        try {
            closeable.close();
            return true;
        } catch (MessageQueueException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private void open() {
        MessageQueue queue = call(
                "open",
                () -> PROVIDER.open(
                        uri, QueueConfig.builder().create(Create.OPEN_EXISTING).build()));
        if (queue != null) queues.add(queue);
    }

    private void step() {
        if (publishers.isEmpty() || subscribers.isEmpty() || random.nextInt(4) == 0) enter();
        else if (random.nextInt(5) < 2) publish(one(publishers));
        else if (random.nextInt(6) < 5) read(one(subscribers));
        else other();
    }

    private <T> T one(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    private void enter() {
        if (queues.isEmpty()) return;
        MessageQueue queue = one(queues);
        boolean publishes = publishers.isEmpty() || !subscribers.isEmpty() && random.nextInt(3) == 0;
        if (publishes) {
            Publisher publisher = call(
                    "createPublisher",
                    () -> queue.createPublisher(PublisherOptions.builder()
                            .timeout(random.nextBoolean() ? Duration.ZERO : SHORT)
                            .exclusive(random.nextInt(8) == 0)
                            .timestamps(random.nextInt(4) == 0)
                            .build()));
            if (publisher != null) publishers.add(publisher);
            return;
        }
        Subscriber subscriber = call("createSubscriber", () -> queue.createSubscriber(subscription()));
        if (subscriber != null) subscribers.add(subscriber);
    }

    private SubscriberOptions subscription() {
        StartAt start =
                switch (random.nextInt(4)) {
                    case 0 -> StartAt.NOW;
                    case 1 -> StartAt.at(1 + random.nextInt(60));
                    default -> StartAt.OLDEST_RETAINED;
                };
        if (random.nextInt(6) == 0) return SubscriberOptions.observer(start);
        SubscriberOptions.Builder options = SubscriberOptions.builder()
                .startAt(start)
                .spin(Duration.ofNanos(random.nextInt(3) * 10_000L))
                .slowSubscriber(SlowSubscriber.values()[random.nextInt(3)]);
        if (random.nextInt(3) == 0)
            return options.name(random.nextBoolean() ? Images.NAMED : "jumper")
                    .ackMode(AckMode.CLIENT)
                    .build();
        return options.ackMode(AckMode.values()[random.nextInt(3)]).build();
    }

    private void publish(Publisher publisher) {
        int length = random.nextInt(4) == 0 ? random.nextInt(1100) : random.nextInt(120);
        switch (random.nextInt(6)) {
            case 0 -> position(call("publish", () -> publisher.publish(ByteBuffer.allocate(length))));
            case 1 -> position(call("publish text", () -> publisher.publish("tick")));
            case 2 ->
                position(call(
                        "publish properties",
                        () -> publisher.publish(
                                ByteBuffer.allocate(length),
                                MessageProperties.builder().put("n", 1L).build())));
            case 3 -> call("claim", () -> claim(publisher, length));
            case 4 ->
                call(
                        "awaitAcknowledged",
                        () -> publisher.awaitAcknowledged(1 + random.nextInt(60), 1 + random.nextInt(3), SHORT));
            default -> {
                Long position = call("offer", () -> publisher.offer(ByteBuffer.allocate(length), SHORT));
                if (position != null && position != Publisher.REJECTED) position(position);
            }
        }
    }

    private boolean claim(Publisher publisher, int length) {
        try (Claim claim = publisher.claim(length)) {
            for (ByteBuffer buffer = claim.buffer(); buffer.hasRemaining(); ) buffer.put((byte) 7);
            if (random.nextBoolean()) position(claim.commit());
        }
        return true;
    }

    private static void position(Long position) {
        if (position != null && position < 1) throw new NotData("position " + position);
    }

    private void read(Subscriber subscriber) {
        switch (random.nextInt(7)) {
            case 0, 1 -> {
                Message message = call("receive", () -> subscriber.receive(SHORT));
                if (message != null) check(message);
            }
            case 2 -> call("receiveNoWait", subscriber::receiveNoWait);
            case 3, 4 -> call("poll", () -> subscriber.poll(this::check, 1 + random.nextInt(60), SHORT));
            case 5 -> {
                call("acknowledge", () -> {
                    subscriber.acknowledge();
                    return true;
                });
                if (random.nextBoolean())
                    call("recover", () -> {
                        subscriber.recover();
                        return true;
                    });
            }
            default -> {
                Long lag = call("lag", subscriber::lag);
                if (lag != null && lag < 0) throw new NotData("a lag of " + lag);
                subscriber.lostCount();
            }
        }
    }

    private boolean check(MessageView view) {
        ByteBuffer body = view.buffer();
        int length = body.remaining();
        if (length > MAX_MESSAGE) throw new NotData("a body of " + length);
        while (body.hasRemaining()) body.get();
        if (view.bytes().length != length) throw new NotData("two lengths of one body");
        view.text();
        view.properties();
        view.timestampMillis();
        position(view.position());
        return true;
    }

    private void other() {
        switch (random.nextInt(8)) {
            case 0, 1 ->
                call("stats", () -> {
                    QueueStats stats = one(queues).stats();
                    if (stats.newestPosition() < 0 || stats.oldestPosition() < 0) throw new NotData(stats.toString());
                    return stats;
                });
            case 2 -> call("unsubscribe", () -> one(queues).unsubscribe(Images.NAMED));
            case 3 -> {
                Subscriber subscriber = subscribers.remove(random.nextInt(subscribers.size()));
                call("close subscriber", () -> close(subscriber));
            }
            case 4 -> {
                Publisher publisher = publishers.remove(random.nextInt(publishers.size()));
                call("close publisher", () -> close(publisher));
            }
            case 5 -> damageSemaphore();
            case 6 -> {
                if (random.nextInt(10) == 0) call("list", () -> PROVIDER.list(QueueConfig.defaults()));
            }
            default -> open();
        }
    }

    /** Its value, its count of waiters, its kind; or it is cut short. Nobody waits just now. */
    private void damageSemaphore() {
        QueueStats stats = call("stats", () -> queues.get(0).stats());
        if (stats == null) return;
        String prefix = "sem.belfry." + stats.id().toString().replace("-", "");
        String[] files = Path.of("/dev/shm").toFile().list((directory, file) -> file.startsWith(prefix));
        if (files == null || files.length == 0) return;
        try (FileChannel file =
                FileChannel.open(Path.of("/dev/shm", files[random.nextInt(files.length)]), StandardOpenOption.WRITE)) {
            trace.append(" damage semaphore");
            ByteBuffer word = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
            int value = random.nextInt(3) == 0 ? Integer.MAX_VALUE : random.nextInt();
            if (random.nextInt(4) == 0) file.truncate(random.nextInt(32));
            else file.write(word.putInt(value).flip(), 4 * random.nextInt(3));
        } catch (NoSuchFileException closedMeanwhile) {
            trace.append(" none");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Null: it ended with one of the interface's exceptions. */
    private <T> T call(String what, Supplier<T> step) {
        trace.append(' ').append(what);
        try {
            T result = step.get();
            outcomes.merge("ok", 1, Integer::sum);
            return result;
        } catch (MessageQueueException said) {
            outcomes.merge(said.getClass().getSimpleName(), 1, Integer::sum);
            trace.append(':').append(said.getClass().getSimpleName());
            return null;
        } catch (IllegalArgumentException argument) {
            String text = String.valueOf(argument.getMessage());
            if (!text.startsWith("position must be <=") && !text.contains("allowGating=false")) throw argument;
            outcomes.merge("IllegalArgumentException", 1, Integer::sum);
            return null;
        }
    }

    /** Writes the file that {@link #run} visits. */
    static void prepare(String queue, byte[] bytes) {
        try {
            Files.deleteIfExists(Images.file(queue));
            Files.write(Images.file(queue), bytes);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
