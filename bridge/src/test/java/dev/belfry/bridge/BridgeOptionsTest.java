package dev.belfry.bridge;

import static dev.belfry.bridge.Carrier.all;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.AckMode;
import dev.belfry.api.ConnectionLostException;
import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.MessageTooLargeException;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.SubscriberStats;
import dev.belfry.spi.ShellWords;
import dev.belfry.testing.CaughtLog;
import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Where a bridge begins, what it leaves out, and what it makes of a message. */
@Timeout(60)
@WaitsForOthers
class BridgeOptionsTest {
    private final Queues queues = new Queues("mem");

    @AfterEach
    void close() {
        queues.close();
    }

    private Carrier start(BridgeOptions options) {
        queues.open("a");
        queues.open("b");
        return new Carrier(Bridge.of(queues.uri("a"), queues.uri("b"), options));
    }

    private BridgeStats carry(BridgeOptions options) {
        try (Carrier carrier = start(options)) {
            return carrier.untilDone(queues.open("a")).stats();
        }
    }

    /** Without marks. */
    private List<String> texts(String name) {
        return all(queues.open(name)).stream()
                .filter(m -> !Bridges.isMark(m))
                .map(Message::text)
                .toList();
    }

    private List<Object> marks(String name) {
        return all(queues.open(name)).stream()
                .filter(Bridges::isMark)
                .map(m -> m.properties().get("belfry_position"))
                .toList();
    }

    @RegisterExtension
    final CaughtLog log = new CaughtLog();

    @Test
    void shouldBeginNowTheFirstTimeOnly() {
        BridgeOptions now = BridgeOptions.defaults().startAt(StartAt.NOW);
        queues.publish("a", "1", "2");
        assertThat(carry(now).forwarded()).isZero();
        queues.publish("a", "3");
        BridgeStats second = carry(now);
        assertThat(texts("b")).as("though the target had nothing").containsExactly("3");
        assertThat(second.lost()).isZero();
        queues.publish("a", "4");
        carry(now);
        carry(BridgeOptions.defaults());
        assertThat(texts("b")).containsExactly("3", "4");
    }

    @Test
    void shouldBeginAtATime() {
        PublisherOptions timed = PublisherOptions.builder().timestamps(true).build();
        try (Publisher out = queues.open("a").createPublisher(timed)) {
            out.publish("1");
            long first = all(queues.open("a")).get(0).timestampMillis();
            Patience.until("the clock is further", () -> System.currentTimeMillis() > first);
            out.publish("2");
            BridgeOptions later = BridgeOptions.defaults().startAt(StartAt.time(Instant.ofEpochMilli(first + 1)));
            assertThat(carry(later).lost()).isZero();
        }
        assertThat(texts("b")).containsExactly("2");
    }

    /** It has a place in the target, from an earlier life; what is between is not wanted, and so not lost. */
    @Test
    void shouldNotCountAsLostWhatItWasToldToPassOver() {
        queues.publish("a", "1");
        carry(BridgeOptions.defaults());
        String name = queues.open("a").stats().subscribers().get(0).name();
        assertThat(queues.open("a").unsubscribe(name)).isTrue();
        queues.publish("a", "2", "3");
        assertThat(carry(BridgeOptions.defaults().startAt(StartAt.at(3))).lost())
                .isZero();
        assertThat(texts("b")).containsExactly("1", "3");
    }

    @Test
    void shouldLeaveOutWhatIsTooLongAndReadItNoMore() {
        queues.open("b?capacity=4k&maxCapacity=4k");
        BridgeOptions skip = BridgeOptions.defaults().tooLong(TooLong.SKIP);
        queues.publish("a", "1", "x".repeat(1000), "3", "y".repeat(1001));
        BridgeStats stats = carry(skip);
        assertThat(texts("b")).containsExactly("1", "3");
        assertThat(stats.tooLong()).isEqualTo(2);
        assertThat(stats.forwarded()).isEqualTo(2);
        assertThat(marks("b")).containsExactly(2L, 4L);
        BridgeStats again = carry(skip);
        assertThat(again.tooLong()).isZero();
        assertThat(again.alreadyThere()).isZero();
    }

    @Test
    void shouldPutAsideWhatIsTooLong() {
        queues.open("b?capacity=4k&maxCapacity=4k");
        queues.open("c");
        BridgeOptions aside = BridgeOptions.defaults().tooLong(TooLong.into(queues.uri("c")));
        queues.publish("a", "1", "x".repeat(1000), "3", "y".repeat(1001));
        assertThat(carry(aside).tooLong()).isEqualTo(2);
        carry(aside);
        assertThat(texts("b")).containsExactly("1", "3");
        assertThat(texts("c")).containsExactly("x".repeat(1000), "y".repeat(1001));
        assertThat(all(queues.open("c")).get(1).properties())
                .isEqualTo(MessageProperties.builder()
                        .putReceived("belfry_source", queues.id("a"))
                        .putReceived("belfry_position", 4L)
                        .build());
    }

    @Test
    void shouldRefuseToPutAsideWhereItWouldComeAgainOrNotFit() {
        queues.open("b?capacity=4k&maxCapacity=4k");
        queues.open("c?capacity=4k&maxCapacity=4k");
        queues.publish("a", "1", "x".repeat(1000), "3");
        for (String own : List.of("a", "b"))
            assertThat(start(BridgeOptions.defaults().tooLong(TooLong.into(queues.uri(own))))
                            .failure())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("puts what is too long into one of its two queues");
        assertThat(start(BridgeOptions.defaults().tooLong(TooLong.into(queues.uri("c"))))
                        .failure())
                .isInstanceOf(MessageTooLargeException.class);
        assertThat(texts("b")).containsExactly("1");
        carry(BridgeOptions.defaults().tooLong(TooLong.SKIP));
        assertThat(texts("b")).containsExactly("1", "3");
    }

    @Test
    void shouldLeaveOutWhatTheFilterDoesNotWantAndReadItNoMore() {
        AtomicInteger calls = new AtomicInteger();
        BridgeOptions few = BridgeOptions.defaults().filter(m -> {
            calls.incrementAndGet();
            return m.length() == 1;
        });
        for (int i = 1; i <= 700; i++) queues.publish("a", "" + i);
        try (Carrier carrier = start(few).untilDone(queues.open("a"))) {
            assertThat(carrier.stats().filtered()).isEqualTo(691);
            assertThat(carrier.stats().forwarded()).isEqualTo(9);
            assertThat(marks("b")).as("what a kill leaves").containsExactly(9L + 256, 9L + 2 * 256);
        }
        assertThat(marks("b")).hasSize(3).endsWith(700L);
        assertThat(texts("b")).containsExactly("1", "2", "3", "4", "5", "6", "7", "8", "9");
        calls.set(0);
        queues.publish("a", "x");
        assertThat(carry(few).alreadyThere()).isZero();
        assertThat(calls).hasValue(1);
        assertThat(texts("b")).endsWith("9", "x");
    }

    /** The next bridge, and those who drop duplicates; but the next bridge has marks of its own. */
    @Test
    void shouldPassOverTheMarksOfAnotherBridge() {
        queues.publish("a", "1", "22", "3", "44");
        carry(BridgeOptions.defaults().filter(m -> m.length() == 1));
        queues.open("c");
        Carrier.carry(queues.open("b"), queues.uri("b"), queues.uri("c"));
        assertThat(texts("c")).containsExactly("1", "3");
        assertThat(marks("c")).containsExactly(3L);
        BridgeStats again = Carrier.carry(queues.open("b"), queues.uri("b"), queues.uri("c"));
        assertThat(again.filtered() + again.alreadyThere()).isZero();
        SubscriberOptions all = SubscriberOptions.builder()
                .name("reader")
                .startAt(StartAt.OLDEST_RETAINED)
                .ackMode(AckMode.CLIENT)
                .build();
        List<String> got = new ArrayList<>();
        try (Subscriber in = Bridges.dropDuplicates(queues.open("b"), all)) {
            for (Message m; (m = in.receiveNoWait()) != null; in.acknowledge()) got.add(m.text());
        }
        assertThat(got).containsExactly("1", "3");
    }

    @Test
    void shouldEndWhereTheFilterThrows() {
        queues.publish("a", "1", "2", "3");
        for (RuntimeException thrown :
                List.of(new IllegalArgumentException("no"), new ConnectionLostException("not the queue's"))) {
            Throwable failure = start(BridgeOptions.defaults().filter(m -> {
                        if (m.text().equals("2")) throw thrown;
                        return true;
                    }))
                    .failure();
            assertThat(failure)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageEndingWith(" ended at position 2: its filter threw " + thrown)
                    .hasCause(thrown);
        }
        assertThat(texts("b")).containsExactly("1");
        carry(BridgeOptions.defaults());
        assertThat(texts("b")).containsExactly("1", "2", "3");
    }

    @Test
    void shouldCarryWhatTheMapMakesOfAMessage() {
        queues.publish("a", "1", "2");
        BridgeOptions louder = BridgeOptions.defaults()
                .map(m -> m.text().equals("2")
                        ? m
                        : Bridges.message(
                                m,
                                (m.text() + "!").getBytes(),
                                MessageProperties.builder().put("loud", true).build()));
        BridgeStats stats = carry(louder);
        assertThat(stats.mapped()).isEqualTo(1);
        assertThat(stats.forwarded()).isEqualTo(2);
        assertThat(texts("b")).containsExactly("1!", "2");
        assertThat(all(queues.open("b")).get(0).properties())
                .isEqualTo(MessageProperties.builder()
                        .put("loud", true)
                        .putReceived("belfry_source", queues.id("a"))
                        .putReceived("belfry_position", 1L)
                        .build());
        queues.publish("a", "3");
        assertThat(start(BridgeOptions.defaults().map(m -> null)).failure())
                .hasMessageContaining(" ended at position 3: its map returned null");
    }

    /** Where the target confirms later. The last mark is sent when nobody counts any more. */
    @Test
    void shouldCountNoMarkAsAMessageOfAPipeline() {
        MessageQueue b = queues.open("b");
        Far far = new Far(queues.uri("b"));
        for (int i = 0; i < 300; i++) queues.publish("a", i == 0 ? "1" : "22");
        Bridge bridge = Bridge.of(
                () -> MessageQueues.open(queues.uri("a")),
                far::open,
                BridgeOptions.defaults().filter(m -> m.length() == 1));
        try {
            new Carrier(bridge).untilDone(queues.open("a")).close();
            assertThat(bridge.stats().forwarded()).isEqualTo(1);
            assertThat(all(b)).hasSize(3);
        } finally {
            far.queue().close();
        }
    }

    // ---- an extent

    private BridgeOptions until(Extent extent) {
        return BridgeOptions.defaults().extent(extent);
    }

    /** It ends by itself. */
    private BridgeStats replay(Extent extent) {
        return replay(until(extent));
    }

    private BridgeStats replay(BridgeOptions options) {
        try (Carrier carrier = start(options)) {
            return carrier.until("it has ended", () -> carrier.stats().state() == BridgeStats.State.ENDED)
                    .stats();
        }
    }

    private static Extent to(long position) {
        return new Extent(position, Instant.MAX, Long.MAX_VALUE, Double.POSITIVE_INFINITY);
    }

    private static Extent before(Instant time) {
        return new Extent(Long.MAX_VALUE, time, Long.MAX_VALUE, Double.POSITIVE_INFINITY);
    }

    private static Extent of(long count) {
        return new Extent(Long.MAX_VALUE, Instant.MAX, count, Double.POSITIVE_INFINITY);
    }

    private static Extent at(double speed) {
        return new Extent(Long.MAX_VALUE, Instant.MAX, Long.MAX_VALUE, speed);
    }

    /** Each a while after the one before. */
    private List<Instant> publishTimed(String... texts) {
        PublisherOptions timed = PublisherOptions.builder().timestamps(true).build();
        try (Publisher out = queues.open("a").createPublisher(timed)) {
            for (String text : texts) {
                out.publish(text);
                Patience.pause(20);
            }
        }
        return all(queues.open("a")).stream()
                .map(message -> Instant.ofEpochMilli(message.timestampMillis()))
                .toList();
    }

    private long acknowledged() {
        return queues.open("a").stats().subscribers().stream()
                .mapToLong(SubscriberStats::acknowledgedPosition)
                .max()
                .orElse(0);
    }

    @Test
    void shouldEndAfterItsLastPositionAndLeaveTheRest() {
        queues.publish("a", "1", "2", "3", "4");
        assertThat(replay(to(2)).forwarded()).isEqualTo(2);
        assertThat(texts("b")).containsExactly("1", "2");
        assertThat(replay(to(3)).forwarded()).as("goes on").isEqualTo(1);
        assertThatThrownBy(() -> replay(to(3)))
                .cause()
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("brought nothing: ")
                .hasMessageContaining("up to position 3")
                .hasMessageContaining("into another queue");
        assertThat(texts("b")).containsExactly("1", "2", "3");
        carry(BridgeOptions.defaults());
        assertThat(texts("b")).containsExactly("1", "2", "3", "4");
    }

    /** The source would keep all that comes later for it. */
    @Test
    void shouldEndItsSubscriptionWithItsExtentAndNoOther() {
        queues.publish("a", "1");
        carry(BridgeOptions.defaults());
        queues.publish("a", "2", "3", "4");
        replay(to(3));
        assertThat(queues.open("a").stats().subscribers())
                .extracting(SubscriberStats::name)
                .containsExactly(SubscriptionName.of(ShellWords.BRIDGE, queues.open("b")));
    }

    @Test
    void shouldGoOnWhereItWasThoughItIsClosedInTheMiddle() {
        queues.publish("a", "1", "2");
        try (Carrier carrier = start(until(to(3)))) {
            carrier.untilDone(queues.open("a"));
        }
        assertThat(acknowledged()).isEqualTo(2);
        queues.publish("a", "3", "4");
        assertThat(replay(to(3)).forwarded()).isEqualTo(1);
        assertThat(texts("b")).containsExactly("1", "2", "3");
        assertThat(queues.open("a").stats().subscribers()).isEmpty();
    }

    @Test
    void shouldTellWhatItDoesNotCarryOfItsExtent() {
        queues.publish("a", "1", "2", "3", "4");
        replay(to(2));
        assertThat(replay(to(3)).forwarded()).isEqualTo(1);
        assertThat(log.text()).contains("passes over positions 1 to 2: ").contains("into another queue");
        BridgeOptions third = until(to(4)).startAt(StartAt.at(3)).name("third");
        queues.open("a")
                .createSubscriber(SubscriberOptions.builder()
                        .name("third")
                        .startAt(StartAt.at(4))
                        .build())
                .close();
        try (Carrier carrier = start(third)) {
            carrier.until("it has ended", () -> carrier.stats().state() == BridgeStats.State.ENDED);
            assertThat(carrier.stats().forwarded()).isEqualTo(1);
            assertThat(log.text())
                    .contains("goes on after position 3, ")
                    .contains("its subscription is there already. ");
        }
    }

    @Test
    void shouldTellWhatIsGoneFromTheBeginningOfItsExtent() {
        queues.open("a?capacity=64k&maxCapacity=64k");
        for (int i = 1; i <= 1000; i++) queues.publish("a", i + " ".repeat(1000));
        long oldest = queues.open("a").stats().oldestPosition();
        try (Carrier carrier = start(until(to(1000)).startAt(StartAt.at(5)))) {
            carrier.until("it has ended", () -> carrier.stats().state() == BridgeStats.State.ENDED);
            assertThat(carrier.stats().lost()).isEqualTo(oldest - 5);
            assertThat(log.text()).contains("before position " + oldest + " were gone");
        }
    }

    @Test
    void shouldWaitForItsLastPosition() {
        queues.publish("a", "1");
        try (Carrier carrier = start(until(to(2)))) {
            carrier.untilDone(queues.open("a"));
            queues.publish("a", "2", "3");
            carrier.until("it has ended", () -> carrier.stats().state() == BridgeStats.State.ENDED);
        }
        assertThat(texts("b")).containsExactly("1", "2");
    }

    @Test
    void shouldEndWhenItHasCarriedSoMany() {
        queues.publish("a", "1", "no", "2", "3", "4");
        BridgeOptions some = until(of(3)).filter(message -> !message.text().equals("no"));
        try (Carrier carrier = start(some)) {
            carrier.until("it has ended", () -> carrier.stats().state() == BridgeStats.State.ENDED);
            assertThat(carrier.stats().forwarded()).isEqualTo(3);
        }
        assertThat(texts("b")).containsExactly("1", "2", "3");
    }

    /** What was left out last says it, too; and a count that has ended is not that of a later replay. */
    @Test
    void shouldCarryTheRestOfItsCountThoughItIsCutOff() {
        queues.publish("a", "1", "2", "no");
        BridgeOptions some = until(of(4)).filter(message -> !message.text().equals("no"));
        try (Carrier carrier = start(some)) {
            carrier.untilDone(queues.open("a"));
        }
        queues.publish("a", "3", "4", "5", "6", "7");
        BridgeStats rest = replay(some);
        assertThat(rest.forwarded()).isEqualTo(2);
        assertThat(rest.counted()).isEqualTo(4);
        assertThat(texts("b")).containsExactly("1", "2", "3", "4");
        assertThat(queues.open("a").stats().subscribers()).isEmpty();
        assertThat(replay(until(of(2))).forwarded()).isEqualTo(2);
        assertThat(texts("b")).containsExactly("1", "2", "3", "4", "5", "6");
        assertThat(counts("b")).as("with the marks").containsExactly(1L, 2L, 2L, 3L, 4L, null, 1L, 2L);
    }

    /** As an earlier build wrote them: the count begins with this start, and nothing is lost or there twice. */
    @Test
    void shouldBeginItsCountBesideMarksWithoutOne() {
        queues.publish("a", "1", "2");
        carry(BridgeOptions.defaults().name("replay"));
        queues.publish("a", "3", "4", "5", "6");
        BridgeStats rest = replay(until(of(3)).name("replay"));
        assertThat(rest.counted()).isEqualTo(3);
        assertThat(rest.lost()).isZero();
        assertThat(texts("b")).containsExactly("1", "2", "3", "4", "5");
        assertThat(counts("b")).containsExactly(null, null, 1L, 2L, 3L);
    }

    @Test
    void shouldTellHowFarTheTargetIsThoughAStartBeforeHasBroughtAll() {
        queues.publish("a", "1", "2");
        for (int starts = 1; starts <= 2; starts++)
            try (Carrier carrier = start(until(to(3)))) {
                BridgeStats stats = carrier.untilDone(queues.open("a")).stats();
                assertThat(stats.targetPosition()).as("start %s", starts).isEqualTo(2);
                assertThat(stats.forwarded()).isEqualTo(starts == 1 ? 2 : 0);
            }
    }

    /** Its messages are in no target then that could tell how many they were. */
    @Test
    void shouldCountAgainIfTheTargetHasNoneOfThem() {
        queues.publish("a", "1", "2");
        try (Carrier carrier = start(until(of(3)))) {
            carrier.untilDone(queues.open("a"));
        }
        queues.publish("a", "3", "4");
        queues.open("c");
        Carrier again = new Carrier(
                Bridge.of(queues.uri("a"), queues.uri("c"), until(of(3)).name(onlySubscription())));
        try (again) {
            again.until("it has ended", () -> again.stats().state() == BridgeStats.State.ENDED);
        }
        assertThat(texts("c")).containsExactly("1", "2", "3");
    }

    private String onlySubscription() {
        return queues.open("a").stats().subscribers().get(0).name();
    }

    private List<Object> counts(String name) {
        List<Object> all = new ArrayList<>();
        for (Message each : all(queues.open(name))) all.add(each.properties().get("belfry_carried"));
        return all;
    }

    @Test
    void shouldEndBeforeATimeOrWhereNothingComesAfterIt() {
        List<Instant> times = publishTimed("1", "2", "3");
        assertThat(replay(before(times.get(2))).forwarded()).isEqualTo(2);
        assertThat(replay(before(Instant.now())).forwarded()).isEqualTo(1);
        assertThat(texts("b")).containsExactly("1", "2", "3");
    }

    @Test
    void shouldKeepThePaceOfTheTimestamps() {
        List<Instant> times = publishTimed("1", "2", "3");
        long apart = Duration.between(times.get(0), times.get(2)).toNanos();
        long began = System.nanoTime();
        try (Carrier carrier = start(until(at(0.5)))) {
            carrier.untilDone(queues.open("a"));
        }
        assertThat(System.nanoTime() - began).isGreaterThanOrEqualTo(2 * apart);
        assertThat(texts("b")).containsExactly("1", "2", "3");
    }

    /** A year apart: it must not wait for the message to be closed, and what was carried is acknowledged meanwhile. */
    @Test
    void shouldBeClosedWhileItKeepsItsPace() {
        publishTimed("1", "2");
        try (Carrier carrier = start(until(at(1e-12)))) {
            carrier.until("the first is done", () -> acknowledged() == 1);
        }
        assertThat(texts("b")).containsExactly("1");
    }

    @Test
    void shouldRefuseWhatHasNoTimestampAndWhatIsNoExtent() {
        queues.publish("a", "1");
        for (Extent extent : List.of(at(1), before(Instant.now())))
            try (Bridge bridge = Bridge.of(queues.uri("a"), queues.uri("b"), until(extent))) {
                queues.open("b");
                assertThatThrownBy(bridge::run)
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("ended at position 1, where the message has no timestamp: it ");
            }
        for (ThrowingCallable wrong :
                List.<ThrowingCallable>of(() -> to(0), () -> of(0), () -> at(0), () -> at(Double.NaN)))
            assertThatThrownBy(wrong).hasMessageStartingWith("lastPosition, count and speed must be > 0, were ");
    }

    /** Two are under way, of which one arrives, when the connection breaks: both come again, and each counts once. */
    @Test
    void shouldCountEachOnceThoughItLosesItsTarget() {
        queues.publish("a", "1", "2", "3", "4", "5");
        queues.open("b");
        Far far = new Far(queues.uri("b"));
        far.hold(1);
        Bridge some = Bridge.of(() -> MessageQueues.open(queues.uri("a")), far::open, until(of(4)));
        try (Carrier carrier = new Carrier(some)) {
            carrier.until("all that it carries is under way", () -> far.underWay() == 3);
            far.hold(Integer.MAX_VALUE);
            far.cut();
            far.arriveLate(1);
            carrier.until("it has ended", () -> carrier.stats().state() == BridgeStats.State.ENDED);
        }
        assertThat(texts("b")).containsExactly("1", "2", "3", "4");
    }
}
