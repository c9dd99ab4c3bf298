package dev.belfry.bridge;

import static dev.belfry.bridge.Carrier.all;
import static dev.belfry.bridge.Carrier.carry;
import static dev.belfry.bridge.Carrier.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.AckMode;
import dev.belfry.api.Create;
import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.MessageTooLargeException;
import dev.belfry.api.OnFailure;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.QueueNotFoundException;
import dev.belfry.api.QueueStats;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.bridge.BridgeStats.State;
import dev.belfry.spi.EarlierIds;
import dev.belfry.spi.PipelinedPublisher;
import dev.belfry.spi.Remote;
import dev.belfry.spi.ShellWords;
import dev.belfry.testing.CaughtLog;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What passes a bridge, what does not, and where it goes on. */
@Timeout(60)
@WaitsForOthers
class BridgeTest {
    private Queues queues = new Queues("mem");

    @RegisterExtension
    final CaughtLog log = new CaughtLog();

    @AfterEach
    void close() {
        queues.close();
    }

    private MessageQueue a() {
        return queues.open("a");
    }

    private MessageQueue b() {
        return queues.open("b");
    }

    private BridgeStats carryAll() {
        return carry(a(), queues.uri("a"), queues.uri("b"));
    }

    /** And it ends in time, though the call that waits for the disk does not return. */
    @Slow
    @Test
    void shouldTellOfADiskThatHangs(@TempDir Path directory) throws Exception {
        String target = "file:" + directory.resolve("b") + "?sync=os&flush=1h&anyFileSystem=true";
        CountDownLatch mended = new CountDownLatch(1);
        queues.publish("a", "1");
        MessageQueue real = MessageQueues.open(target);
        Publisher hanging = standIn(Publisher.class, real.createPublisher(), method -> switch (method.getName()) {
            case "durablePosition" -> 0L;
            case "awaitDurable" -> {
                Patience.until("the disk is back", () -> mended.getCount() == 0);
                yield false;
            }
            default -> null;
        });
        MessageQueue hung = standIn(
                MessageQueue.class, real, method -> method.getName().equals("createPublisher") ? hanging : null);
        try (Carrier carrier = new Carrier(queues.uri("a"), () -> hung)) {
            carrier.until("it is told", () -> carrier.stats().problem() != null);
            assertThat(carrier.stats().problem()).contains("The disk of 'file:", "has not answered for 5 s");
            assertThat(carrier.stats().state()).isEqualTo(State.WAITING_TO_RETRY);
            long began = System.nanoTime();
            carrier.bridge.close();
            assertThat(System.nanoTime() - began).as("twice the limit").isLessThan(10_000_000_000L);
            assertThat(mended.getCount()).isEqualTo(1);
            mended.countDown();
        }
        MessageQueues.delete(target);
    }

    /** Its waiting is told as that for the disk of the target. */
    @Slow
    @Test
    void shouldTellOfADiskThatHangsWhereItPutsWhatIsTooLong(@TempDir Path directory) {
        String third = "file:" + directory.resolve("c") + "?sync=os&flush=1h&anyFileSystem=true";
        CountDownLatch mended = new CountDownLatch(1);
        queues.open("b?capacity=4k&maxCapacity=4k");
        queues.publish("a", "x".repeat(1000), "2");
        MessageQueue real = MessageQueues.open(third);
        Publisher hanging = standIn(
                Publisher.class,
                real.createPublisher(),
                method -> method.getName().equals("awaitDurable") ? mended.getCount() == 0 : null);
        MessageQueue hung = standIn(
                MessageQueue.class, real, method -> method.getName().equals("createPublisher") ? hanging : null);
        BridgeOptions options = BridgeOptions.defaults().tooLong(TooLong.into(() -> hung));
        try (Carrier carrier = new Carrier(Bridge.of(
                () -> MessageQueues.open(queues.uri("a")), () -> MessageQueues.open(queues.uri("b")), options))) {
            carrier.until("it is told", () -> carrier.stats().problem() != null);
            assertThat(carrier.stats().problem()).contains("The disk of 'file:", "/c", "has not answered for 5 s");
            assertThat(carrier.stats().state()).isEqualTo(State.WAITING_TO_RETRY);
            mended.countDown();
            carrier.untilDone(a());
            assertThat(carrier.stats().problem()).isNull();
            assertThat(carrier.stats().tooLong()).isOne();
            assertThat(carrier.stats().forwarded()).isOne();
        }
        MessageQueues.delete(third);
    }

    /** Else a power loss of the target would lose for good what the source was told is carried. */
    @Test
    void shouldAcknowledgeNothingThatTheTargetHasNotOnItsDisk(@TempDir Path directory) {
        String target = "file:" + directory.resolve("b");
        try (MessageQueue b = MessageQueues.open(target + "?sync=os&flush=1h&anyFileSystem=true");
                Publisher there = b.createPublisher();
                Carrier carrier =
                        new Carrier(queues.uri("a"), () -> MessageQueues.open(target + "?anyFileSystem=true"))) {
            a();
            for (int i = 0; i < 1000; i++) queues.publish("a", "" + i);
            carrier.untilDone(a());
            assertThat(carrier.stats().forwarded()).isEqualTo(1000);
            assertThat(there.durablePosition()).isEqualTo(1000);
        } finally {
            MessageQueues.delete(target);
        }
    }

    /** Its predecessor was killed after it had sent them, and before the target's disk had them. */
    @Test
    void shouldAcknowledgeNothingOfItsPredecessorThatTheTargetHasNotOnItsDisk(@TempDir Path directory) {
        String target = "file:" + directory.resolve("b");
        for (int i = 1; i <= 5; i++) queues.publish("a", "" + i);
        try (MessageQueue b = MessageQueues.open(target + "?sync=os&flush=1h&anyFileSystem=true");
                Publisher there = b.createPublisher()) {
            for (long i = 1; i <= 5; i++)
                there.publish(
                        "" + i,
                        MessageProperties.builder()
                                .putReceived(Mark.SOURCE, queues.id("a"))
                                .putReceived(Mark.POSITION, i)
                                .build());
            assertThat(there.durablePosition()).isZero();
            try (Carrier carrier =
                    new Carrier(queues.uri("a"), () -> MessageQueues.open(target + "?anyFileSystem=true"))) {
                carrier.untilDone(a());
                assertThat(carrier.stats().sourcePosition()).isEqualTo(5);
                assertThat(there.durablePosition()).isEqualTo(5);
            }
        } finally {
            MessageQueues.delete(target);
        }
    }

    /** Another target under one name: what the first one got is told, or passed again. */
    @Test
    void shouldNotBeSilentOverATargetWithoutAnyMark() {
        for (int i = 1; i <= 10; i++) queues.publish("a", "" + i);
        carry(a(), queues.uri("a"), queues.uri("b"));
        MessageQueues.delete(queues.uri("b"));
        queues.publish("a", "11");
        BridgeStats stats = carryAll();
        assertThat(texts(b()).size() + stats.lost()).isEqualTo(11);
    }

    /** Its publishers go on while the bridge looks how far back it can go. */
    @Test
    void shouldGoBackBesidePublishersThatOverwriteAndCountWhatIsGone() {
        queues.open("a?capacity=4k&maxCapacity=4k");
        try (Carrier carrier = new Carrier(queues.uri("a"), queues.uri("b"))) {
            for (int i = 0; i < 1000; i++) queues.publish("a", "more");
            carrier.untilDone(a());
        }
        MessageQueues.delete(queues.uri("b"));
        AtomicInteger calls = new AtomicInteger();
        try (MessageQueue real = Queues.another(queues.uri("a"));
                Publisher beside = real.createPublisher()) {
            MessageQueue passing = standIn(MessageQueue.class, real, method -> {
                if (!method.getName().equals("stats") || calls.incrementAndGet() > 20) return null;
                QueueStats before = real.stats();
                for (int i = 0; i < 2; i++)
                    beside.offer(ByteBuffer.wrap(new byte[4]), MessageProperties.empty(), Duration.ZERO);
                return before;
            });
            Bridge bridge =
                    Bridge.of(() -> passing, () -> MessageQueues.open(queues.uri("b")), BridgeOptions.defaults());
            try (Carrier carrier = new Carrier(bridge).untilDone(a())) {
                assertThat(carrier.stats().lost()).isPositive();
                assertThat(carrier.stats().lost() + texts(b()).size())
                        .isEqualTo(a().stats().newestPosition());
            }
        }
    }

    /** One of them has nothing of its own for long: its ring then has lost all but echoes since the newest mark. */
    @Test
    void shouldCountNothingAsLostBothWaysOverSmallRings() {
        List<String> names = List.of("a", "b");
        Map<String, List<String>> got = Map.of("a", new ArrayList<>(), "b", new ArrayList<>());
        for (String name : names) {
            queues.open(name + "?capacity=4k&maxCapacity=4k");
            Bridges.dropDuplicates(queues.open(name), reader()).close();
        }
        for (int round = 0; round < 20; round++) {
            for (int i = 0; i < 10; i++)
                for (String name : names)
                    if (name.equals("a") || round % 5 == 0) queues.publish(name, name + round + "-" + i);
            if (round % 2 == 1) queues.publish("a", "a" + round);
            for (int times = 0; times < 2; times++)
                for (String from : names) {
                    String to = from.equals("a") ? "b" : "a";
                    BridgeStats stats = carry(queues.open(from), queues.uri(from), queues.uri(to));
                    assertThat(stats.lost()).as(from + " in round " + round).isZero();
                    for (String name : names)
                        try (Subscriber in = Bridges.dropDuplicates(queues.open(name), reader())) {
                            for (Message m; (m = in.receiveNoWait()) != null; )
                                got.get(name).add(m.text());
                        }
                }
        }
        assertThat(got.get("a")).hasSize(250).doesNotHaveDuplicates();
        assertThat(got.get("b")).containsExactlyInAnyOrderElementsOf(got.get("a"));
    }

    private static SubscriberOptions reader() {
        return SubscriberOptions.builder()
                .name("reader")
                .startAt(StartAt.OLDEST_RETAINED)
                .build();
    }

    /** As after a power loss of it, or a backup that was put back. */
    @Test
    void shouldPassAgainWhatTheTargetHasLost() {
        for (int i = 1; i <= 10; i++) queues.publish("a", "" + i);
        carry(a(), queues.uri("a"), queues.uri("b"));
        MessageQueues.delete(queues.uri("b"));
        MessageProperties mark = MessageProperties.builder()
                .putReceived(Mark.SOURCE, queues.id("a"))
                .putReceived(Mark.POSITION, 5L)
                .build();
        try (Publisher out = b().createPublisher()) {
            out.publish("1 to 5", mark);
        }
        BridgeStats stats = carryAll();
        assertThat(texts(b())).containsExactly("1 to 5", "6", "7", "8", "9", "10");
        assertThat(stats.lost()).isZero();
        carryAll();
        assertThat(texts(b())).hasSize(6);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mem", "shm"})
    void shouldPassAllOnInOrder(String scheme) {
        queues = new Queues(scheme);
        MessageProperties green =
                MessageProperties.builder().put("colour", "green").put("n", 7L).build();
        b();
        PublisherOptions timed = PublisherOptions.builder().timestamps(true).build();
        try (Publisher out = a().createPublisher(timed)) {
            out.publish("one", green);
            for (int i = 0; i < 1000; i++) out.publish("" + i);
        }
        Message one = all(a()).get(0);

        BridgeStats stats = carryAll();
        List<Message> there = all(b());
        assertThat(there).extracting(Message::text).isEqualTo(texts(a()));
        assertThat(there.get(0).properties())
                .isEqualTo(MessageProperties.builder()
                        .put("colour", "green")
                        .put("n", 7L)
                        .putReceived("belfry_source", queues.id("a"))
                        .putReceived("belfry_position", 1L)
                        .putReceived("belfry_timestamp", one.timestampMillis())
                        .build());
        assertThat(Bridges.timestampMillis(there.get(0))).isEqualTo(one.timestampMillis());
        assertThat(stats.forwarded()).isEqualTo(1001);
        assertThat(stats.bytes()).isEqualTo(3 + 10 + 90 * 2 + 900 * 3);
        assertThat(stats.targetPosition()).isEqualTo(1001);
        assertThat(stats.lag()).isZero();
    }

    /** Of a later release, or of no bridge at all. */
    @Test
    void shouldPassOnNoReservedPropertyThatItDoesNotKnow() {
        queues = new Queues("mem");
        try (Publisher out = a().createPublisher()) {
            out.publish(
                    "1",
                    MessageProperties.builder()
                            .putReceived("belfry_epoch", 7)
                            .put("own", 1)
                            .build());
        }
        carryAll();
        assertThat(all(b()).get(0).properties())
                .isEqualTo(MessageProperties.builder()
                        .put("own", 1)
                        .putReceived("belfry_source", queues.id("a"))
                        .putReceived("belfry_position", 1L)
                        .build());
    }

    /** Their names must be none of a mark's: a bridge would take the position of a failed message for the mark's. */
    @Test
    void shouldPassOnWhatAMovedMessageSaysOfItsFailure() {
        queues = new Queues("mem");
        MessageProperties failed = MessageProperties.builder()
                .putReceived(OnFailure.ORIGIN, "shm:orders")
                .putReceived(OnFailure.POSITION, 1000L)
                .putReceived(OnFailure.SUBSCRIBER, "billing")
                .putReceived(OnFailure.REASON, "refused")
                .build();
        try (Publisher out = a().createPublisher()) {
            out.publish("1", failed);
        }
        carryAll();
        MessageProperties carried = all(b()).get(0).properties();
        for (String name : failed.names())
            assertThat(carried.get(name)).as(name).isEqualTo(failed.get(name));
        assertThat(Mark.of(carried)).isEqualTo(new Mark(queues.id("a"), 1, null, 1, 0));
    }

    /** A listener that drops duplicates fails at it; sent back by a program, it comes again. */
    @Test
    void shouldLeaveTheMarkOutOfWhatAListenerMovesAside() {
        queues = new Queues("mem");
        queues.publish("a", "1");
        carryAll();
        SubscriberOptions moving = SubscriberOptions.builder()
                .startAt(StartAt.OLDEST_RETAINED)
                .maxRedeliveries(0)
                .onFailure(OnFailure.moveTo(queues.uri("dead")))
                .build();
        MessageQueue dead = queues.open("dead");
        List<String> got = Collections.synchronizedList(new ArrayList<>());
        try (Subscriber in = Bridges.dropDuplicates(b().createSubscriber(moving));
                Publisher back = b().createPublisher()) {
            in.setListener(message -> {
                got.add(message.text());
                if (got.size() == 1) throw new IllegalStateException("fails");
            });
            Patience.until("it was moved", () -> dead.stats().newestPosition() == 1);
            Message moved = all(dead).get(0);
            assertThat(moved.properties().names()).allMatch(OnFailure.ADDED::contains);
            back.publish(moved.text(), moved.properties());
            Patience.until("it came again", () -> got.size() == 2);
        }
    }

    /** By flags that this one does not know. What follows it is found. */
    @Test
    void shouldPassOverWhatALaterReleaseHasPublishedIntoTheTarget() throws IOException {
        queues = new Queues("shm");
        queues.publish("a", "1", "2");
        carryAll();
        queues.publish("b", "newer", "other", "newer", "other");
        makeNewer();
        queues.publish("a", "3");
        assertThat(carryAll().forwarded()).isOne();
        assertThat(log.text()).containsOnlyOnce("It is passed over").contains("message 3 needs a newer library");
        try (Subscriber in = b().createSubscriber(StartAt.at(6))) {
            assertThat(in.receive(Patience.limit()).text()).isEqualTo("other");
            assertThat(in.receive(Patience.limit()).text()).isEqualTo("3");
            assertThat(in.receiveNoWait()).isNull();
        }
    }

    /** The messages "newer" in the target. */
    private void makeNewer() throws IOException {
        Path memory = Path.of("/dev/shm/belfry." + URI.create(queues.uri("b")).getSchemeSpecificPart());
        String bytes = Files.readString(memory, StandardCharsets.ISO_8859_1);
        try (FileChannel file = FileChannel.open(memory, StandardOpenOption.WRITE)) {
            for (int at = -1; (at = bytes.indexOf("newer", at + 1)) >= 0; )
                file.write(
                        ByteBuffer.wrap(new byte[] {0x41}),
                        at - 4); // unknown flags and the type, in the word before the body
        }
    }

    /** Its reader is overtaken before it finds such a message, and again before it goes on after that. */
    @Test
    void shouldPassOverWhatALaterReleaseHasPublishedBesidePublishersThatOverwrite() throws IOException {
        queues = new Queues("shm");
        queues.open("b?capacity=4k&maxCapacity=4k");
        queues.publish("a", "1");
        carryAll();
        for (int i = 0; i < 60; i++) queues.publish("b", "newer");
        makeNewer();
        SubscriberOptions options = SubscriberOptions.builder()
                .startAt(StartAt.OLDEST_RETAINED)
                .ackMode(AckMode.NONE)
                .slowSubscriber(SlowSubscriber.OVERRUN)
                .build();
        Subscriber passed = standIn(Subscriber.class, b().createSubscriber(options), method -> {
            long oldest = b().stats().oldestPosition();
            boolean isPassed =
                    method.getName().equals("seek") || method.getName().equals("poll") && oldest == 1;
            while (isPassed && b().stats().oldestPosition() == oldest) queues.publish("b", "other");
            return null;
        });
        queues.publish("a", "2");
        MessageQueue target = answering(method -> method.getName().equals("createSubscriber") ? passed : null);
        try (Carrier carrier = new Carrier(queues.uri("a"), () -> target)) {
            assertThat(carrier.untilDone(a()).stats().forwarded()).isOne();
        }
        assertThat(log.text()).containsOnlyOnce("It is passed over").contains(" needs a newer library");
    }

    @Test
    void shouldPassOnIntoFilesAndOutOfThem(@TempDir Path directory) {
        queues = new Queues("shm");
        queues.publish("a", "1", "2", "3");
        String files = "file:" + directory.resolve("kept") + "?anyFileSystem=true";
        carry(a(), queues.uri("a"), files);
        try (MessageQueue kept = MessageQueues.open(files)) {
            assertThat(texts(kept)).containsExactly("1", "2", "3");
            carry(kept, files, queues.uri("b"));
        }
        assertThat(texts(b())).containsExactly("1", "2", "3");
        MessageQueues.delete(files);
    }

    @Test
    void shouldGoOnWhereItStoppedThoughOthersPublishThere() {
        queues.open("c");
        queues.publish("a", "a1", "a2");
        queues.publish("c", "c1");
        carryAll();
        carry(queues.open("c"), queues.uri("c"), queues.uri("b"));
        queues.publish("b", "b1");
        queues.publish("a", "a3");
        queues.publish("c", "c2");
        carryAll();
        carry(queues.open("c"), queues.uri("c"), queues.uri("b"));
        assertThat(texts(b())).containsExactly("a1", "a2", "c1", "b1", "a3", "c2");
    }

    /** Its own newest message is far back, and what says how far it came is that one alone. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 62, 63, 64, 65, 600, 6000})
    void shouldFindItsNewestMessageWhereItsPlaceIsGone(int others) {
        queues.publish("a", "a1", "a2");
        carryAll();
        String[] texts = new String[others];
        java.util.Arrays.fill(texts, "b");
        queues.publish("b", texts);
        assertThat(a().unsubscribe("bridge-to-mem-" + b().uri().getSchemeSpecificPart()))
                .isTrue();
        queues.publish("a", "a3");
        BridgeStats stats = carryAll();
        assertThat(stats.alreadyThere()).isEqualTo(2);
        assertThat(stats.lost()).isZero();
        assertThat(texts(b()).stream().filter(t -> t.startsWith("a"))).containsExactly("a1", "a2", "a3");
    }

    @Test
    void shouldBeginAgainWithAQueueThatIsAnotherOne() {
        queues.publish("a", "a1", "a2");
        carryAll();
        MessageQueues.delete(queues.uri("a"));
        try (MessageQueue another = MessageQueues.open(queues.uri("a"));
                Publisher out = another.createPublisher()) {
            out.publish("another");
            carry(another, queues.uri("a"), queues.uri("b"));
        }
        assertThat(texts(b())).containsExactly("a1", "a2", "another");
    }

    @Test
    void shouldSayWhatWasGone() {
        queues.open("a?capacity=4k&maxCapacity=4k");
        queues.publish("a", "a1");
        carryAll();
        a().unsubscribe("bridge-to-mem-" + b().uri().getSchemeSpecificPart());
        for (int i = 0; i < 1000; i++) queues.publish("a", "more");
        long oldest = a().stats().oldestPosition();
        assertThat(oldest).isGreaterThan(2);
        assertThat(carryAll().lost()).isEqualTo(oldest - 2);
    }

    @Test
    void shouldSendNothingBackBothWays() {
        queues.publish("a", "a1");
        queues.publish("b", "b1");
        try (Carrier there = new Carrier(queues.uri("a"), queues.uri("b"));
                Carrier back = new Carrier(queues.uri("b"), queues.uri("a"))) {
            for (int i = 2; i <= 100; i++) {
                queues.publish("a", "a" + i);
                queues.publish("b", "b" + i);
            }
            Patience.until(
                    "both are done",
                    () -> there.stats().forwarded() == 100
                            && back.stats().forwarded() == 100
                            && there.stats().sourcePosition() == 200
                            && back.stats().sourcePosition() == 200);
            assertThat(there.stats().echoes()).isEqualTo(100);
            assertThat(back.stats().echoes()).isEqualTo(100);
        }
        assertThat(texts(a())).hasSize(200).doesNotHaveDuplicates();
        assertThat(texts(b())).containsExactlyInAnyOrderElementsOf(texts(a()));
    }

    @Test
    void shouldSendNothingRoundACircleOfThree() {
        List<String> circle = List.of("a", "b", "c");
        for (String name : circle) queues.publish(name, name + "1", name + "2");
        for (int round = 0; round < 4; round++)
            for (int i = 0; i < 3; i++)
                carry(queues.open(circle.get(i)), queues.uri(circle.get(i)), queues.uri(circle.get((i + 1) % 3)));
        for (String name : circle)
            assertThat(texts(queues.open(name))).containsExactlyInAnyOrder("a1", "a2", "b1", "b2", "c1", "c2");
        Message far = all(queues.open("c")).stream()
                .filter(m -> m.text().equals("a2"))
                .findFirst()
                .orElseThrow();
        assertThat(far.properties().get("belfry_source")).isEqualTo(queues.id("b"));
        assertThat(far.properties().get("belfry_via")).isEqualTo(queues.id("a"));
        assertThat(far.properties().get("belfry_origin_position")).isEqualTo(2L);
    }

    @Test
    void shouldRefuseAQueueAsItsOwnTarget() {
        a();
        assertThatThrownBy(new Bridge(queues.uri("a"), queues.uri("a"))::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("from a queue to itself");
    }

    @Test
    void shouldSayWhatDoesNotFitAndGoOnWhereItDoes() {
        queues.open("b?capacity=4k&maxCapacity=4k");
        queues.publish("a", "a1", "x".repeat(1000), "a3");
        Throwable failure = new Carrier(queues.uri("a"), queues.uri("b")).failure();
        assertThat(failure)
                .isInstanceOf(MessageTooLargeException.class)
                .hasMessageContaining(
                        "' from '" + queues.uri("a") + "' to '" + queues.uri("b")
                                + "' cannot pass position 2 on: 1,084 bytes (1,000 of body, 84 of properties with the bridge's own); limit is 1,024");
        assertThat(texts(b())).containsExactly("a1");
        assertThat(a().stats().subscribers().get(0).acknowledgedPosition()).isLessThan(2);
        carry(a(), queues.uri("a"), queues.uri("c"));
        queues.open("c");
        assertThat(texts(queues.open("c"))).hasSize(3);
    }

    @Test
    void shouldSayThatPropertiesAreTooLong() {
        try (Publisher out = a().createPublisher()) {
            out.publish(
                    "x",
                    MessageProperties.builder().put("long", "y".repeat(65_500)).build());
        }
        b();
        assertThat(new Carrier(queues.uri("a"), queues.uri("b")).failure())
                .isInstanceOf(MessageTooLargeException.class)
                .hasMessageContaining("cannot pass position 1 on: Properties of 65,5")
                .hasMessageContaining("limit is 65,536");
    }

    @Test
    void shouldWaitForRoomAndGoOn() {
        queues.open("b?capacity=4k&maxCapacity=4k");
        String[] texts = new String[200];
        for (int i = 0; i < 200; i++) texts[i] = "message " + i;
        try (Subscriber slow = b().createSubscriber(SubscriberOptions.builder()
                .name("slow")
                .startAt(StartAt.OLDEST_RETAINED)
                .build())) {
            queues.publish("a", texts);
            try (Carrier carrier = new Carrier(queues.uri("a"), queues.uri("b"))) {
                carrier.until(
                        "it waits",
                        () -> carrier.stats().state() == State.WAITING_FOR_ROOM
                                && carrier.stats().roomWaitNanos() > 0);
                BridgeStats waiting = carrier.stats();
                assertThat(waiting.forwarded()).isBetween(1L, 199L);
                Patience.until(
                        "what is there is acknowledged", () -> carrier.stats().sourcePosition() == waiting.forwarded());
                for (int i = 0; i < 200; i++)
                    assertThat(slow.receive(Patience.limit()).text()).isEqualTo(texts[i]);
                assertThat(carrier.untilDone(a()).stats().roomWaits()).isPositive();
            }
        }
    }

    /** To end the count of the one before: it says so, and asks whether anybody finds the target. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldWaitForRoomBeforeItCounts(boolean isRemoved) {
        queues = new Queues("shm");
        queues.open("b?capacity=4k&maxCapacity=4k");
        queues.publish("a", "1", "2");
        BridgeOptions one =
                BridgeOptions.defaults().extent(new Extent(Long.MAX_VALUE, Instant.MAX, 1, Double.POSITIVE_INFINITY));
        Bridge.of(queues.uri("a"), queues.uri("b"), one).run();
        try (Subscriber slow = b().createSubscriber(reader());
                Publisher others = b().createPublisher()) {
            while (others.offer(ByteBuffer.wrap(new byte[1]), MessageProperties.empty(), Duration.ofMillis(50)) > 0) {}
            try (Carrier carrier = new Carrier(Bridge.of(queues.uri("a"), queues.uri("b"), one))) {
                carrier.until("it waits", () -> carrier.stats().state() == State.WAITING_FOR_ROOM);
                assertThat(a().stats().subscribers()).as("not yet").isEmpty();
                if (isRemoved) MessageQueues.delete(queues.uri("b"));
                else slow.poll(m -> {}, 10_000);
                carrier.until("it has ended", () -> carrier.stats().state() == State.ENDED);
                assertThat(carrier.stats().forwarded()).isOne();
                assertThat(carrier.stats().retries()).isEqualTo(isRemoved ? 1 : 0);
            }
        }
    }

    @Test
    void shouldCloseWhileItWaitsForRoom() {
        queues.open("b?capacity=4k&maxCapacity=4k");
        try (Subscriber slow = b().createSubscriber(SubscriberOptions.builder()
                .name("slow")
                .startAt(StartAt.OLDEST_RETAINED)
                .build())) {
            for (int i = 0; i < 200; i++) queues.publish("a", "" + i);
            Carrier carrier = new Carrier(queues.uri("a"), queues.uri("b"));
            carrier.until("it waits", () -> carrier.stats().state() == State.WAITING_FOR_ROOM);
            carrier.close();
            assertThat(carrier.stats().problem()).as("that it had to be forced").isNull();
            assertThat(a().stats().subscribers().get(0).acknowledgedPosition())
                    .isEqualTo(b().stats().newestPosition());
            assertThat(slow.receiveNoWait()).isNotNull();
        }
    }

    /** The target answers some calls as the test wants. */
    private MessageQueue answering(Function<Method, Object> answer) {
        MessageQueue real = Queues.another(queues.uri("b"));
        return standIn(MessageQueue.class, real, answer);
    }

    /** Where {@code answer} is null, the real one answers. */
    private static <T> T standIn(Class<T> type, T real, Function<Method, Object> answer) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    Object own = answer.apply(method);
                    if (own != null) return own;
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException failed) {
                        throw failed.getCause();
                    }
                }));
    }

    /** A target that says it has a message and never gives it. */
    @Test
    void shouldCloseWhileItReadsTheTargetBack() {
        queues.publish("a", "a1");
        queues.publish("b", "b1");
        AtomicInteger polls = new AtomicInteger();
        Subscriber silent = standIn(
                Subscriber.class,
                b().createSubscriber(SubscriberOptions.observer(StartAt.OLDEST_RETAINED)),
                method -> method.getName().equals("poll") ? Math.min(0, polls.incrementAndGet()) : null);
        Carrier carrier = new Carrier(
                queues.uri("a"),
                () -> answering(method -> method.getName().equals("createSubscriber") ? silent : null));
        carrier.until("it reads", () -> polls.get() > 0);
        carrier.close();
        assertThat(carrier.stats().state()).isEqualTo(State.ENDED);
        assertThat(carrier.stats().problem()).as("that it had to be forced").isNull();
    }

    @Test
    void shouldNotTakeARefusalForATransportWithoutPipelining() {
        queues.publish("a", "a1");
        b();
        record Refusing() implements PipelinedPublisher.Factory, EarlierIds, Remote {
            @Override
            public PipelinedPublisher createPipelinedPublisher(PublisherOptions options) {
                throw new IllegalArgumentException("refused");
            }

            @Override
            public List<Earlier> earlierIds() {
                return List.of();
            }

            @Override
            public String outage() {
                return null;
            }

            @Override
            public String place() {
                return "far away";
            }

            @Override
            public boolean detach(String subscription) {
                return false;
            }
        }
        Bridge bridge = Bridge.of(
                () -> MessageQueues.open(queues.uri("a")),
                () -> answering(method -> method.getName().equals("unwrap") ? new Refusing() : null),
                BridgeOptions.defaults().name("named"));
        assertThat(new Carrier(bridge).failure()).hasMessage("refused");
    }

    @Test
    void shouldTakeOverWhenTheFirstOneEnds() {
        queues.publish("a", "a1");
        b();
        Carrier first = new Carrier(queues.uri("a"), queues.uri("b")).untilDone(a());
        try (Carrier second = new Carrier(queues.uri("a"), queues.uri("b"))) {
            second.until("it waits for the name", () -> second.stats().state() == State.WAITING_TO_RETRY);
            assertThat(second.stats().problem()).contains("is attached by");
            queues.publish("a", "a2");
            first.untilDone(a()).close();
            queues.publish("a", "a3");
            second.untilDone(a());
            assertThat(second.stats().problem()).isNull();
        }
        assertThat(texts(b())).containsExactly("a1", "a2", "a3");
    }

    @Test
    void shouldRunOnce() {
        queues.publish("a", "a1");
        b();
        Bridge bridge = Bridge.of(
                queues.uri("a"), queues.uri("b"), BridgeOptions.defaults().name("once"));
        new Carrier(bridge).untilDone(a()).close();
        assertThatThrownBy(bridge::run).isInstanceOf(IllegalStateException.class);
        assertThat(bridge.stats().state()).isEqualTo(State.ENDED);
        assertThat(Set.of(a().stats().subscribers().get(0).name())).containsExactly("once");
    }

    @Test
    void shouldNameItsSubscriptionAfterTheTargetHoweverLong() {
        MessageQueue target = queues.open("b".repeat(170));
        assertThat(SubscriptionName.of(ShellWords.BRIDGE, target))
                .hasSize(128)
                .startsWith("bridge-to-mem-belfry-bridge-");
        assertThat(SubscriptionName.of(ShellWords.BRIDGE, b()))
                .isEqualTo("bridge-to-mem-" + b().uri().getSchemeSpecificPart());
    }

    @Test
    void shouldLeaveWhatALaterMessageSaysOfItself() {
        try (Publisher out = a().createPublisher()) {
            out.publish(
                    "forged",
                    MessageProperties.builder().putReceived("belfry_source", 7).build());
            out.publish(
                    ByteBuffer.wrap(new byte[1]),
                    MessageProperties.builder()
                            .putReceived("belfry_source", queues.id("b"))
                            .putReceived("belfry_position", "x")
                            .build());
        }
        b();
        carryAll();
        assertThat(all(b()))
                .extracting(m -> m.properties().get("belfry_position"))
                .containsExactly(1L, 2L);
        assertThat(all(b()).get(0).properties().names()).hasSize(2);
        assertThat(Duration.ofMillis(all(b()).get(0).timestampMillis())).isZero();
    }

    /** Nobody finds it any more: what comes after that goes into the queue that has the name now. */
    @Test
    void shouldGoOnInANewTargetWhenTheNameOfTheOldOneWasRemoved() {
        queues = new Queues("shm");
        queues.publish("a", "one");
        try (Carrier carrier = new Carrier(queues.uri("a"), queues.uri("b"))) {
            carrier.until("it is there", () -> carrier.stats().sourcePosition() == 1);
            assertThat(MessageQueues.delete(queues.uri("b"))).isTrue();
            carrier.until("it has noticed", () -> carrier.stats().retries() > 0);
            carrier.until("it goes on", () -> carrier.stats().state() == State.FORWARDING);
            queues.publish("a", "two");
            carrier.until("it is there", () -> carrier.stats().sourcePosition() == 2);
            assertThat(texts(b())).containsExactly("one", "two");
        }
    }

    /** As with --existing: it waits for who creates it. The first time a name may have a typing error. */
    @Test
    void shouldWaitForATargetWhoseNameWasRemovedThatItMayNotCreate() {
        queues = new Queues("shm");
        queues.publish("a", "one");
        QueueConfig existing =
                QueueConfig.builder().create(Create.OPEN_EXISTING).build();
        Supplier<MessageQueue> target = () -> MessageQueues.open(URI.create(queues.uri("b")), existing);
        Carrier tooEarly = new Carrier(queues.uri("a"), target);
        assertThat(tooEarly.failure()).isInstanceOf(QueueNotFoundException.class);
        MessageQueues.open(queues.uri("b")).close();
        try (Carrier carrier = new Carrier(queues.uri("a"), target)) {
            carrier.until("it is there", () -> carrier.stats().sourcePosition() == 1);
            assertThat(MessageQueues.delete(queues.uri("b"))).isTrue();
            carrier.until(
                    "it waits", () -> String.valueOf(carrier.stats().problem()).startsWith("No queue"));
            queues.publish("a", "two");
            MessageQueue b = b();
            carrier.until("it is there", () -> carrier.stats().sourcePosition() == 2);
            assertThat(texts(b)).containsExactly("one", "two");
        }
    }
}
