package dev.belfry.shm.hostile;

import dev.belfry.api.AckMode;
import dev.belfry.api.Claim;
import dev.belfry.api.Create;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.ShmProvider;
import dev.belfry.shm.posix.NamedSemaphore;
import dev.belfry.shm.posix.RealLibC;
import dev.belfry.spi.QueueUri;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;

/**
 * A child JVM whose queue is cut short while it uses it: it does one thing until that is compiled,
 * or once, then a stranger truncates the segment or the semaphores, and it does it again until it
 * fails. It says what came out: of the call, of the next call on the same handle, of closing it.
 *
 * <p>Arguments: a queue's name, the {@link Primitive}, the {@link Length}, how often before.
 */
final class Cut {
    /** What is going on when it happens. */
    enum Primitive {
        PUBLISH,
        CLAIM,
        RECEIVE,
        RECEIVE_COPY,
        POLL,
        ACKNOWLEDGE,
        SLEEP,
        /** In the kernel, at that very moment. */
        ASLEEP,
        WAKE,
        JOIN,
        ATTACH,
        CREATE_PUBLISHER,
        AWAIT,
        STATS,
        CLOSE
    }

    /** To how many bytes. */
    enum Length {
        NOTHING,
        HEADER_PAGE,
        HALF,
        SEMAPHORES
    }

    private static final QueueConfig EXISTING =
            QueueConfig.builder().create(Create.OPEN_EXISTING).build();
    /**
     * An error may come up to a thousand turns of a loop late; and only a wrap of the ring meets
     * the half that is gone.
     */
    private static final int MOST_AFTER = 20_000;

    private static final int ASLEEP = 640;
    private static final int SLEEPERS = 768;
    private static final int WAITERS_OF_SEM_T = 4;
    private static final Duration SHORT = Duration.ofMillis(1);
    private static final String NOTHING = "nothing";
    private static final long TOLD_NANOS = 2_000_000_000L;

    private final ShmProvider provider = new ShmProvider();
    private final QueueUri uri;
    private final Primitive primitive;
    private final MessageQueue queue;
    private final Publisher publisher;
    private final Subscriber subscriber;
    private final String id;

    private final MappedByteBuffer header;
    private long slowestNanos; // of the calls after the cut

    private Cut(String name, Primitive primitive) throws IOException {
        this.uri = new QueueUri("shm", name, Map.of());
        this.primitive = primitive;
        this.queue = provider.open(
                uri,
                QueueConfig.builder().capacity(64 << 10).maxCapacity(64 << 10).build());
        this.publisher = queue.createPublisher(
                PublisherOptions.builder().timeout(Duration.ofMillis(50)).build());
        SubscriberOptions.Builder options = SubscriberOptions.builder().startAt(StartAt.OLDEST_RETAINED);
        if (primitive == Primitive.ACKNOWLEDGE) options.ackMode(AckMode.CLIENT);
        if (primitive == Primitive.RECEIVE_COPY) options.slowSubscriber(SlowSubscriber.OVERRUN);
        this.subscriber = queue.createSubscriber(options.build());
        try (FileChannel file =
                FileChannel.open(Images.file(name), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            this.header = file.map(FileChannel.MapMode.READ_WRITE, 0, 4096);
        }
        header.order(ByteOrder.LITTLE_ENDIAN);
        this.id = queue.stats().id().toString().replace("-", "");
    }

    /** Begins the first line. */
    static final String ID = "queue ";

    /** Begins the last line but one: how long a call took at most, in ns. */
    static final String SLOWEST = "slowest ";

    public static void main(String[] args) throws Exception {
        Cut cut = new Cut(args[0], Primitive.valueOf(args[1]));
        System.out.println(ID + cut.id); // the clean-up cannot read it in a file that was cut
        for (int before = cut.primitive == Primitive.ASLEEP ? 1 : Integer.parseInt(args[3]); before > 0; before--)
            cut.once(); // of a sleeper: the rehearsals of its sleep, which hardly sleep
        if (cut.primitive == Primitive.ASLEEP) cut.truncateUnderTheSleeper();
        else cut.truncate(Length.valueOf(args[2]));
        String outcome = cut.after();
        System.out.println(SLOWEST + cut.slowestNanos);
        System.out.println(outcome + ", then " + cut.offered(outcome) + ", "
                + cut.said(cut.subscriber::receiveNoWait) + ", close "
                + cut.said(() -> {
                    cut.queue.close();
                    return null;
                }));
        cut.clearUp();
        System.exit(0);
    }

    /** The first thing that it threw; or that it threw nothing. */
    private String after() {
        String said = NOTHING;
        try {
            for (int i = 0; i < MOST_AFTER && said.equals(NOTHING); i++) {
                long began = System.nanoTime();
                said = said(() -> {
                    once();
                    return null;
                });
                slowestNanos = Math.max(slowestNanos, System.nanoTime() - began);
                if (primitive == Primitive.ASLEEP && i == 10 || isSlow() && i == 200) break;
            }
        } catch (
                InternalError
                        late) { // of our own access to a claim or a view: there is no call of the queue's that it could
            // come out of
            return "InternalError";
        }
        return said;
    }

    /** The answers of compiled offers, which may come late too. */
    private String offered(String before) {
        long began = System.nanoTime();
        while (true) {
            String said = said(() -> publisher.offer(ByteBuffer.allocate(8), Duration.ZERO));
            if (!said.equals(NOTHING) || before.equals(NOTHING) || System.nanoTime() - began > TOLD_NANOS) return said;
        }
    }

    /** It waits each time, or asks the kernel for a lot. */
    private boolean isSlow() {
        return switch (primitive) {
            case SLEEP, AWAIT, JOIN, ATTACH, CREATE_PUBLISHER, STATS, CLOSE -> true;
            default -> false;
        };
    }

    private interface Call {
        Object run() throws Exception;
    }

    private String said(Call call) {
        try {
            call.run();
            return NOTHING;
        } catch (Throwable failure) {
            return failure.getClass().getSimpleName();
        }
    }

    private void once() throws Exception {
        switch (primitive) {
            case PUBLISH -> {
                publish();
                subscriber.poll(m -> {}, 10);
            }
            case CLAIM -> {
                try (Claim claim = publisher.claim(100)) {
                    claim.buffer().putLong(7);
                    claim.commit();
                }
                subscriber.poll(m -> {}, 10);
            }
            case RECEIVE, RECEIVE_COPY -> {
                publish();
                subscriber.receive(SHORT);
            }
            case POLL -> {
                publish();
                subscriber.poll(m -> m.buffer().getLong(), 10, SHORT);
            }
            case ACKNOWLEDGE -> {
                publish();
                subscriber.receive(SHORT);
                subscriber.acknowledge();
            }
            case ASLEEP -> subscriber.receive(Duration.ofMillis(500));
            case SLEEP -> subscriber.receive(Duration.ofNanos(50_000));
            case WAKE -> wake();
            case JOIN -> queue.createSubscriber(StartAt.NOW).close();
            case ATTACH ->
                queue.createSubscriber(SubscriberOptions.builder().name("named").build())
                        .close();
            case CREATE_PUBLISHER -> queue.createPublisher().close();
            case AWAIT -> publisher.awaitAcknowledged(1, 2, Duration.ofNanos(50_000));
            case STATS -> queue.stats();
            case CLOSE -> provider.open(uri, EXISTING).close();
        }
    }

    private void publish() {
        publisher.publish(ByteBuffer.allocate(100));
    }

    /**
     * A sleeper's flag and bit are set as it would do, so that each publish posts; it need not
     * sleep, for it would die of that.
     */
    private void wake() {
        if (header.getLong(SLEEPERS) == 0) header.putLong(SLEEPERS, 1);
        header.putInt(ASLEEP, 1);
        publish();
        subscriber.poll(m -> {}, 10);
    }

    private void truncate(Length length) throws IOException {
        Path file = Images.file(uri.name());
        switch (length) {
            case NOTHING -> truncate(file, 0);
            case HEADER_PAGE -> truncate(file, 4096);
            case HALF -> truncate(file, Files.size(file) / 2 & -4096);
            case SEMAPHORES -> {
                for (String name : NamedSemaphore.list("belfry." + id)) truncate(Path.of("/dev/shm/sem." + name), 0);
            }
        }
    }

    private void truncateUnderTheSleeper() {
        Thread stranger = new Thread(() -> {
            try {
                Path semaphore = Path.of(
                        "/dev/shm/sem." + NamedSemaphore.list("belfry." + id).get(0));
                while (ByteBuffer.wrap(Files.readAllBytes(semaphore)).getInt(WAITERS_OF_SEM_T) == 0)
                    Thread.onSpinWait();
                truncate(semaphore, 0);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        stranger.setDaemon(true);
        stranger.start();
    }

    private static void truncate(Path file, long length) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(length);
        }
    }

    private void clearUp() throws IOException {
        Files.deleteIfExists(Images.file(uri.name()));
        for (String name : NamedSemaphore.list("belfry." + id)) NamedSemaphore.unlink(RealLibC.load(), name);
    }
}
