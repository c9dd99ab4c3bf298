package dev.belfry.bridge;

import static dev.belfry.bridge.Carrier.all;
import static dev.belfry.bridge.Carrier.carry;
import static dev.belfry.bridge.Carrier.texts;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.AckMode;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.bridge.BridgeStats.State;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A target far away: what is under way when a bridge dies may arrive, or not, or after its
 * successor has read the end.
 */
@Timeout(60)
@WaitsForOthers
@Slow
class FarTest {
    private final Queues queues = new Queues("mem");
    private Far far;

    @AfterEach
    void close() {
        if (far != null) far.queue().close();
        queues.close();
    }

    private MessageQueue a() {
        return queues.open("a");
    }

    private Far far() {
        queues.open("b");
        if (far == null) far = new Far(queues.uri("b"));
        return far;
    }

    private static String[] numbers(int from, int to) {
        return IntStream.rangeClosed(from, to).mapToObj(Integer::toString).toArray(String[]::new);
    }

    private Carrier carrier() {
        return new Carrier(queues.uri("a"), far());
    }

    @Test
    void shouldAcknowledgeWhatIsConfirmed() {
        far().hold(3);
        queues.publish("a", numbers(1, 10));
        try (Carrier carrier = carrier()) {
            carrier.until("all are sent", () -> carrier.stats().inFlight() == 7);
            carrier.until("three are acknowledged", () -> carrier.stats().sourcePosition() == 3);
            assertThat(carrier.stats().forwarded()).isEqualTo(3);
            far.arrive(4);
            carrier.until("seven are", () -> carrier.stats().sourcePosition() == 7);
            far.arrive(3);
            carrier.untilDone(a());
            assertThat(carrier.stats().inFlight()).isZero();
        }
        assertThat(texts(far.queue())).containsExactly(numbers(1, 10));
    }

    @Test
    void shouldEndWhenAllIsConfirmed() {
        far().hold(3);
        queues.publish("a", numbers(1, 10));
        Carrier carrier = carrier();
        carrier.until("all are sent", () -> far.underWay() == 7);
        Thread late = new Thread(() -> {
            Patience.pause(50);
            far.arrive(7);
        });
        late.start();
        carrier.close();
        assertThat(a().stats().subscribers().get(0).acknowledgedPosition()).isEqualTo(10);
    }

    @Test
    void shouldWaitWhereTheSendersBufferIsFull() {
        far().hold(0);
        far.limitRoom(4);
        queues.publish("a", numbers(1, 10));
        try (Carrier carrier = carrier()) {
            carrier.until("it waits", () -> carrier.stats().state() == State.WAITING_FOR_ROOM);
            assertThat(far.underWay()).isEqualTo(4);
            while (carrier.stats().sourcePosition() < 10) far.arrive(1);
        }
        assertThat(texts(far.queue())).containsExactly(numbers(1, 10));
    }

    /**
     * Of seven under way {@code before} arrive though their sender does not hear of it, and more
     * after its successor has begun.
     */
    @ParameterizedTest
    @CsvSource({"0,0", "0,1", "0,7", "3,0", "3,2", "3,4", "7,0"})
    void shouldLoseNothingWhenTheConnectionBreaks(int before, int after) {
        far().hold(3);
        queues.publish("a", numbers(1, 10));
        try (Carrier carrier = carrier()) {
            carrier.until("all are sent", () -> far.underWay() == 7);
            far.refuse(Integer.MAX_VALUE);
            far.cut();
            carrier.until("it tries again", () -> carrier.stats().state() == State.WAITING_TO_RETRY);
            assertThat(carrier.stats().problem()).contains("Connection to").contains("lost");
            far.arriveLate(before);
            far.refuse(0);
            carrier.until("it has sent the rest again", () -> far.underWay() == 7 - before);
            far.arriveLate(after);
            far.arrive(7);
            carrier.untilDone(a());
        }
        assertThat(all(far.queue())).hasSize(10 + after);
        assertThat(withoutDuplicates(far.queue())).containsExactly(numbers(1, 10));
        passOn(after);
    }

    /** Nor counts what did not arrive, though the target has nothing that says so, nor ends where that would have. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldBringTheWholeCountWhenTheConnectionBreaks(boolean firstIsWanted) {
        far().hold(0);
        queues.publish("a", numbers(1, 5));
        Extent three = new Extent(Long.MAX_VALUE, Instant.MAX, 3, Double.POSITIVE_INFINITY);
        BridgeOptions options = BridgeOptions.defaults()
                .extent(three)
                .filter(message ->
                        firstIsWanted || far.abandoned() == 0 || !message.text().equals("1"));
        Carrier carrier = new Carrier(Bridge.of(() -> Queues.another(queues.uri("a")), far::open, options));
        carrier.until("all are sent", () -> far.underWay() == 3);
        far.hold(Integer.MAX_VALUE);
        far.cut();
        assertThat(carrier.failure()).isNull();
        assertThat(texts(far.queue())).containsExactly(firstIsWanted ? numbers(1, 3) : numbers(2, 4));
        assertThat(carrier.stats().retries()).isOne();
    }

    /** A bridge that reads from there drops them, and so does its successor, which has not seen the first of each. */
    private void passOn(int duplicates) {
        MessageQueue b = far.queue();
        assertThat(carry(b, queues.uri("b"), queues.uri("c")).duplicates()).isEqualTo(duplicates);
        assertThat(texts(queues.open("c"))).containsExactly(numbers(1, 10));
    }

    private static List<String> withoutDuplicates(MessageQueue queue) {
        List<String> all = new ArrayList<>();
        SubscriberOptions observer = SubscriberOptions.observer(StartAt.OLDEST_RETAINED);
        try (Subscriber in = Bridges.dropDuplicates(queue.createSubscriber(observer))) {
            for (Message m; (m = in.receiveNoWait()) != null; ) all.add(m.text());
        }
        return all;
    }

    /** Six late ones, and the second bridge ends between each message and its duplicate. */
    @Test
    void shouldDropDuplicatesOfWhatItsPredecessorRead() {
        far().hold(3);
        queues.publish("a", numbers(1, 9));
        queues.open("c");
        Carrier first = carrier();
        first.until("all are sent", () -> far.underWay() == 6);
        far.cut();
        first.until("it has sent them again", () -> far.underWay() == 6);
        far.arrive(6);
        first.untilDone(a()).close();
        carry(far.queue(), queues.uri("b"), queues.uri("c"));
        far.arriveLate(6);
        assertThat(all(far.queue())).hasSize(15);
        BridgeStats second = carry(far.queue(), queues.uri("b"), queues.uri("c"));
        assertThat(second.duplicates()).isEqualTo(6);
        assertThat(second.alreadyThere()).isZero();
        assertThat(texts(queues.open("c"))).containsExactly(numbers(1, 9));
        queues.publish("a", "10");
        far.hold(Integer.MAX_VALUE);
        carrier().untilDone(a()).close();
        carry(far.queue(), queues.uri("b"), queues.uri("c"));
        assertThat(texts(queues.open("c"))).containsExactly(numbers(1, 10));
    }

    @Test
    void shouldTryAgainUntilTheTargetCanBeReached() {
        far().refuse(3);
        queues.publish("a", "1");
        try (Carrier carrier = carrier()) {
            assertThat(carrier.untilDone(a()).stats().retries()).isEqualTo(3);
        }
    }

    /** One as a bridge left it: 1, 2, 3, and 2 and 3 late. */
    private MessageQueue withLateOnes() {
        far().hold(1);
        queues.publish("a", "1", "2", "3");
        try (Carrier carrier = carrier()) {
            carrier.until("all are sent", () -> far.underWay() == 2);
            far.cut();
            carrier.until("it has sent them again", () -> far.underWay() == 2);
            far.arrive(2);
            carrier.untilDone(a());
        }
        far.arriveLate(2);
        assertThat(texts(far.queue())).containsExactly("1", "2", "3", "2", "3");
        return far.queue();
    }

    private static SubscriberOptions audit() {
        return SubscriberOptions.builder()
                .name("audit")
                .startAt(StartAt.OLDEST_RETAINED)
                .ackMode(AckMode.CLIENT)
                .build();
    }

    @Test
    void shouldGiveAgainWhatWasNotAcknowledged() {
        MessageQueue queue = withLateOnes();
        try (Subscriber in = Bridges.dropDuplicates(queue.createSubscriber(audit()))) {
            for (int round = 0; round < 3; round++) {
                for (String text : List.of("1", "2", "3"))
                    assertThat(in.receiveNoWait().text()).isEqualTo(text);
                assertThat(in.receiveNoWait()).isNull();
                in.recover();
            }
            assertThat(in.receiveNoWait().text()).isEqualTo("1");
            in.acknowledge();
            assertThat(in.receiveNoWait().text()).isEqualTo("2");
            assertThat(in.receiveNoWait().text()).isEqualTo("3");
            in.recover();
            List<String> polled = new ArrayList<>();
            boolean[] thrown = new boolean[1];
            while (polled.size() < 2) {
                try {
                    in.poll(
                            m -> {
                                if (!thrown[0]) {
                                    thrown[0] = true;
                                    throw new IllegalStateException("once");
                                }
                                polled.add(m.text());
                            },
                            1);
                } catch (IllegalStateException once) {
                    assertThat(once).hasMessage("once");
                }
            }
            assertThat(polled).containsExactly("2", "3");
        }
    }

    /** Those at the end: nobody hears of them, so nobody acknowledges them. */
    @Test
    void shouldAcknowledgeDuplicatesAfterAllBeforeThem() {
        MessageQueue queue = withLateOnes();
        try (Subscriber in = Bridges.dropDuplicates(queue.createSubscriber(audit()))) {
            assertThat(in.poll(m -> {}, 2)).isEqualTo(2);
            assertThat(in.poll(m -> {}, 10)).isEqualTo(1);
            assertThat(in.poll(m -> {}, 10)).isZero();
            assertThat(queue.stats().subscribers().get(0).acknowledgedPosition())
                    .isZero();
            in.acknowledge(3);
            assertThat(in.poll(m -> {}, 10, Duration.ofMillis(1))).isZero();
            in.recover();
            assertThat(in.receiveNoWait()).isNull();
            assertThat(queue.stats().subscribers().get(0).acknowledgedPosition())
                    .isEqualTo(5);
        }
    }

    /** They were read before the acknowledgement: it is made for them, too. */
    @Test
    void shouldAcknowledgeDuplicatesThatWereDroppedBefore() {
        MessageQueue queue = withLateOnes();
        try (Subscriber in = Bridges.dropDuplicates(queue.createSubscriber(audit()))) {
            assertThat(in.poll(m -> {}, 10)).isEqualTo(3);
            in.acknowledge(3);
        }
        try (Subscriber in = Bridges.dropDuplicates(queue.createSubscriber(audit()))) {
            assertThat(in.receiveNoWait()).isNull();
        }
    }

    /** What comes again is open again, though a duplicate after it was dropped before. */
    @Test
    void shouldNotAcknowledgeWhatIsToComeAgain() {
        MessageQueue queue = withLateOnes();
        try (Subscriber in = Bridges.dropDuplicates(queue.createSubscriber(audit()))) {
            assertThat(in.poll(m -> {}, 10)).isEqualTo(3);
            in.recover();
            assertThat(in.receiveNoWait().text()).isEqualTo("1");
            in.acknowledge(1);
            assertThat(queue.stats().subscribers().get(0).acknowledgedPosition())
                    .isEqualTo(1);
        }
    }

    @Test
    void shouldKnowWhatCameBeforeItsStartWhereItIsGivenTheQueue() {
        MessageQueue queue = withLateOnes();
        try (Subscriber in = queue.createSubscriber(audit())) {
            for (int i = 0; i < 3; i++) in.receiveNoWait();
            in.acknowledge();
        }
        try (Subscriber in = Bridges.dropDuplicates(queue, audit())) {
            assertThat(in.receiveNoWait()).isNull();
        }
        queue.unsubscribe("audit");
    }

    @Test
    void shouldDropThemInAListenerToo() {
        MessageQueue queue = withLateOnes();
        List<String> heard = java.util.Collections.synchronizedList(new ArrayList<>());
        try (Subscriber in = Bridges.dropDuplicates(queue.createSubscriber(StartAt.OLDEST_RETAINED))) {
            in.setListener(m -> heard.add(m.text()));
            queues.publish("b", "end");
            Patience.until("all were heard", () -> heard.contains("end"));
        }
        assertThat(heard).containsExactly("1", "2", "3", "end");
    }
}
