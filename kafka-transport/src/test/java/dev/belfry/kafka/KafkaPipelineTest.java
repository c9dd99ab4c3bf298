package dev.belfry.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.ConnectionLostException;
import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.MessageTooLargeException;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.spi.PipelinedPublisher;
import dev.belfry.spi.QueueUri;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Published in order, confirmed later; after a failure nothing. */
@WaitsForOthers
@Timeout(120)
@Slow
@OneJdk
class KafkaPipelineTest {
    private static final int MANY = 5_000;

    private static BrokerBehindProxy kafka;
    private static int number;

    private final String name = "pipeline-" + ++number;
    private MessageQueue queue;

    @BeforeAll
    static void start() {
        kafka = BrokerBehindProxy.started();
    }

    @AfterAll
    static void end() {
        kafka.close();
    }

    @AfterEach
    void close() {
        kafka.proxy().join();
        kafka.proxy().release();
        queue.close();
        MessageQueues.delete(uri(""));
    }

    private String uri(String settings) {
        return "kafka:" + name + "?bootstrap=" + kafka.bootstrap() + settings;
    }

    private PipelinedPublisher open(String settings) {
        queue = MessageQueues.open(uri(settings));
        return another();
    }

    private PipelinedPublisher another() {
        return queue.unwrap(PipelinedPublisher.Factory.class).createPipelinedPublisher(PublisherOptions.defaults());
    }

    private static ByteBuffer body(int n) {
        return ByteBuffer.wrap(Integer.toString(n).getBytes(StandardCharsets.UTF_8));
    }

    private static CompletableFuture<Long> send(PipelinedPublisher out, int n) {
        return out.send(body(n), MessageProperties.empty(), Patience.limit());
    }

    /** What the queue has. */
    private List<Integer> all() {
        List<Integer> all = new ArrayList<>();
        long newest = queue.stats().newestPosition();
        try (Subscriber in = queue.createSubscriber(StartAt.OLDEST_RETAINED)) {
            while (all.size() < newest) {
                Message message = in.receive(Patience.limit());
                assertThat(message).as("position %s", all.size() + 1).isNotNull();
                all.add(Integer.parseInt(message.text()));
            }
        }
        return all;
    }

    private static List<Integer> upTo(int last) {
        return IntStream.rangeClosed(1, last).boxed().toList();
    }

    private static Throwable failure(CompletableFuture<Long> sent) {
        try {
            return new AssertionError("It was published at " + sent.join());
        } catch (CompletionException failed) {
            return failed.getCause();
        }
    }

    @Test
    void shouldConfirmPositionsInOrder() {
        PipelinedPublisher out = open("");
        List<Integer> ended = Collections.synchronizedList(new ArrayList<>());
        List<CompletableFuture<Long>> sent = new ArrayList<>();
        for (int n = 1; n <= MANY; n++) {
            int number = n;
            sent.add(send(out, n));
            sent.get(n - 1).thenRun(() -> ended.add(number));
        }
        assertThat(out.flush(Patience.limit())).isTrue();
        for (int n = 1; n <= MANY; n++) assertThat(sent.get(n - 1).getNow(null)).isEqualTo(n);
        assertThat(ended).hasSize(MANY).isSorted();
        assertThat(all()).isEqualTo(upTo(MANY));
        assertThat(queue.stats().publisherCount()).isEqualTo(1);
        out.close();
        assertThat(queue.stats().publisherCount()).isZero();
    }

    @Test
    void shouldKeepPropertiesAndRefuseWhatPublishRefuses() {
        PipelinedPublisher out = open("");
        MessageProperties properties =
                MessageProperties.builder().put("kind", "order").put("n", 7).build();
        ByteBuffer body = body(1);
        out.send(body, properties, Duration.ZERO).join();
        assertThat(body.hasRemaining()).isFalse();
        ByteBuffer tooLong = ByteBuffer.allocate(out.maxMessageLength() + 1);
        assertThatThrownBy(() -> out.send(tooLong, MessageProperties.empty(), Duration.ZERO))
                .isInstanceOf(MessageTooLargeException.class);
        assertThat(tooLong.position()).isZero();
        assertThat(send(out, 2).join()).isEqualTo(2);
        try (Subscriber in = queue.createSubscriber(StartAt.OLDEST_RETAINED)) {
            assertThat(in.receive(Patience.limit()).properties()).isEqualTo(properties);
        }
    }

    @Test
    void shouldTakeTheLongestMessageWhileOthersAreUnderWay() {
        PipelinedPublisher out = open("");
        send(out, 1);
        for (int i = 0; i < 20; i++)
            assertThat(out.send(
                            ByteBuffer.allocate(out.maxMessageLength()), MessageProperties.empty(), Patience.limit()))
                    .isNotNull();
        assertThat(send(out, 2).join()).isEqualTo(22);
    }

    @Test
    void shouldTakeOnlySoManyWhileNothingIsConfirmed() {
        PipelinedPublisher out = open("");
        send(out, 1).join();
        kafka.proxy().hold();
        ByteBuffer body = ByteBuffer.allocate(100_000);
        List<CompletableFuture<Long>> sent = new ArrayList<>();
        for (CompletableFuture<Long> one;
                (one = out.send(body.clear(), MessageProperties.empty(), Duration.ofMillis(1))) != null; )
            sent.add(one);
        assertThat(body.remaining()).isEqualTo(100_000);
        assertThat(sent).hasSizeBetween(10, 1_000);
        assertThat(out.flush(Duration.ofMillis(1))).isFalse();
        kafka.proxy().release();
        assertThat(out.flush(Patience.limit())).isTrue();
        assertThat(sent.get(sent.size() - 1).join()).isEqualTo(1 + sent.size());
    }

    /**
     * The second one is younger: it has not expired yet when the first has, and its way is free
     * again then.
     */
    @Test
    void shouldPublishNothingAfterAFailure() {
        PipelinedPublisher out = open("&kafka.request.timeout.ms=5000&kafka.delivery.timeout.ms=5000");
        send(out, 1).join();
        kafka.proxy().hold();
        CompletableFuture<Long> first = send(out, 2);
        Patience.pause(1_000);
        CompletableFuture<Long> second = send(out, 3);
        assertThat(failure(first)).isInstanceOf(ConnectionLostException.class);
        kafka.proxy().release();
        assertThat(failure(second)).isInstanceOf(ConnectionLostException.class);
        assertThatThrownBy(() -> send(out, 4))
                .isInstanceOf(ConnectionLostException.class)
                .hasMessageContaining("an earlier message failed");
        assertThatThrownBy(() -> out.flush(Duration.ZERO)).isInstanceOf(ConnectionLostException.class);
        Patience.pause(2_000); // the second one's time
        List<Integer> there = all();
        assertThat(there).isEqualTo(upTo(there.size())).hasSizeLessThan(3);
    }

    /** As a program that drops what it could not send, and has nothing to send then. */
    @Test
    void shouldNotCountTheTimeInWhichNothingWasToBeSent() {
        int limitMillis = 10_000;
        open("").close();
        KafkaSettings settings = new KafkaSettings(
                Map.of(
                        "bootstrap.servers", kafka.bootstrap(),
                        "delivery.timeout.ms", Integer.toString(limitMillis),
                        "request.timeout.ms", "1000"),
                (short) -1,
                0,
                -1,
                -1);
        Cluster cluster = Cluster.join(settings.clients());
        try {
            Topic topic = Topic.open(cluster, new QueueUri("kafka", name, Map.of()), QueueConfig.defaults(), settings);
            kafka.proxy().cut(); // before its client knows where the topic is
            try (PipelinedPublisher out = new KafkaPipeline(topic, PublisherOptions.defaults(), ended -> {})) {
                assertThat(isRefused(out)).isTrue();
                Patience.pause(limitMillis);
                assertThat(isRefused(out)).isTrue();
                kafka.proxy().join();
                assertThat(send(out, 1).join()).isEqualTo(1);
            }
        } finally {
            cluster.leave();
        }
    }

    private static boolean isRefused(PipelinedPublisher out) {
        return out.send(body(1), MessageProperties.empty(), Duration.ZERO) == null;
    }

    /** It was idle; its client has learned of the new topic. */
    @Test
    void shouldSayThatItsQueueWasDeletedAlthoughThereIsAnotherOne() {
        Set<Thread> before = clients();
        PipelinedPublisher out = open("&kafka.metadata.max.age.ms=200");
        send(out, 1).join();
        Set<Thread> own = clients();
        own.removeAll(before);
        MessageQueue deleted = queue;
        MessageQueues.delete(uri(""));
        queue = MessageQueues.open(uri(""));
        Patience.until("its client is closed", () -> Collections.disjoint(own, clients()));
        assertThatThrownBy(() -> send(out, 2)).isInstanceOf(QueueClosedException.class);
        assertThat(all()).isEmpty();
        deleted.close();
    }

    /** Threads that send. */
    private static Set<Thread> clients() {
        Set<Thread> all = new HashSet<>(Thread.getAllStackTraces().keySet());
        all.removeIf(thread -> !thread.getName().startsWith("kafka-producer-network-thread"));
        return all;
    }

    /** Its creation asks the broker whether the topic is still there. */
    @Test
    void shouldCloseWhileOneIsBeingCreated() throws Exception {
        open("").close();
        kafka.proxy().hold();
        CompletableFuture<Throwable> creating = CompletableFuture.supplyAsync(() -> {
            try {
                return new AssertionError("It was created: " + another());
            } catch (RuntimeException failed) {
                return failed;
            }
        });
        Patience.until("the broker is asked", kafka.proxy()::isHolding);
        queue.close();
        assertThat(creating.get()).isInstanceOf(QueueClosedException.class);
    }

    /**
     * A sender that goes on after the newest message that it finds, as a bridge does. If its time
     * passed while the broker was alive, what was under way may still arrive: a duplicate.
     */
    @Test
    void shouldLeaveNoGapWhenTheBrokerIsKilled() {
        PipelinedPublisher out = open("&kafka.request.timeout.ms=1000&kafka.delivery.timeout.ms=1500");
        boolean killed = false;
        boolean restarted = false;
        int confirmed = 0;
        int last = 0;
        int most = 0; // a request may arrive late, when all() has been read
        Deque<CompletableFuture<Long>> sent = new ArrayDeque<>();
        while (confirmed < 2 * MANY || !restarted) {
            try {
                CompletableFuture<Long> one =
                        out.send(body(last + 1), MessageProperties.empty(), Duration.ofMillis(10));
                if (one != null) {
                    most = Math.max(most, ++last);
                    sent.add(one);
                }
                while (!sent.isEmpty() && sent.peek().isDone()) {
                    sent.remove().join();
                    confirmed++;
                }
            } catch (ConnectionLostException | CompletionException failed) {
                if (failed instanceof CompletionException)
                    assertThat(failed).hasCauseInstanceOf(ConnectionLostException.class);
                out.close();
                if (killed && !restarted) {
                    kafka.broker().start();
                    restarted = true;
                }
                List<Integer> there = withoutDuplicates(all());
                assertThat(there).isEqualTo(upTo(there.size())).hasSizeBetween(confirmed, most);
                confirmed = last = there.size();
                sent.clear();
                out = another();
            }
            if (!killed && confirmed > MANY) {
                killed = true;
                kafka.broker().kill();
            }
        }
        assertThat(out.flush(Patience.limit())).isTrue();
        assertThat(withoutDuplicates(all())).isEqualTo(upTo(last));
    }

    /** As one sees them that skips what is not after what it has. */
    private static List<Integer> withoutDuplicates(List<Integer> all) {
        List<Integer> kept = new ArrayList<>();
        for (int one : all) if (kept.isEmpty() || one > kept.get(kept.size() - 1)) kept.add(one);
        return kept;
    }

    @Test
    void shouldFailWhatIsUnderWayWhenClosed() {
        PipelinedPublisher out = open("");
        send(out, 1).join();
        kafka.proxy().hold();
        List<CompletableFuture<Long>> sent = new ArrayList<>();
        for (int n = 2; n < 10; n++) sent.add(send(out, n));
        out.close();
        out.close();
        for (CompletableFuture<Long> one : sent) assertThat(failure(one)).isInstanceOf(ConnectionLostException.class);
        assertThatThrownBy(() -> send(out, 10)).isInstanceOf(QueueClosedException.class);
        assertThatThrownBy(() -> out.flush(Duration.ZERO)).isInstanceOf(QueueClosedException.class);
        kafka.proxy().release();
        PipelinedPublisher other = another();
        queue.close();
        assertThatThrownBy(() -> send(other, 10)).isInstanceOf(QueueClosedException.class);
        assertThatThrownBy(() -> another()).isInstanceOf(QueueClosedException.class);
    }

    @Test
    void shouldEndWithItsQueueAndReachNoOtherOne() {
        PipelinedPublisher out = open("");
        send(out, 1).join();
        MessageQueue deleted = queue;
        MessageQueues.delete(uri(""));
        CompletableFuture<Long> late = send(out, 2);
        assertThatThrownBy(() -> out.flush(Patience.limit())).isInstanceOf(ConnectionLostException.class);
        assertThat(failure(late)).isInstanceOf(ConnectionLostException.class);
        PipelinedPublisher next = open("");
        assertThat(send(next, 1).join()).isEqualTo(1);
        assertThat(all()).isEqualTo(upTo(1));
        deleted.close();
    }
}
