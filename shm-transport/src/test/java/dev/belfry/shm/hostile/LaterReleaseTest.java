package dev.belfry.shm.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.belfry.api.AckMode;
import dev.belfry.api.Codecs;
import dev.belfry.api.InUseException;
import dev.belfry.api.IncompatibleVersionException;
import dev.belfry.api.InsufficientResourcesException;
import dev.belfry.api.LatestValues;
import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.OnFailure;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueCorruptedException;
import dev.belfry.api.Replier;
import dev.belfry.api.Requester;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.SubscriberState;
import dev.belfry.api.SubscriberStats;
import dev.belfry.api.Waiting;
import dev.belfry.shm.ShmProvider;
import dev.belfry.spi.Finding;
import dev.belfry.spi.QueueInspector;
import dev.belfry.spi.QueueReport;
import dev.belfry.testing.CaughtLog;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The bytes that a newer library might write into a queue at work, one at a time, and what this one makes of them: the
 * table of docs/protocol.md. What 0.1.0 does here no later release can mend.
 */
@Timeout(60)
class LaterReleaseTest {
    private static final AtomicLong NUMBERS = new AtomicLong();
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int MANY = 70_000;
    private static final int INCOMPATIBLE = 16;
    private static final int COMPATIBLE = 32;
    private static final int HANDLES = 4096;
    private static final int RING = 65536;
    private static final int SLOTS = HANDLES + 8 * 64;

    private static final int INSIDE = 24;
    private static final int IMPLEMENTATION = 28;
    private static final int WAITING = 32;
    private static final int NAME_LENGTH = 40;
    private static final int FENCE = 644;

    /** As the tables of Handles and Slots call them, each int of them. */
    private static final List<Integer> FREE_IN_HANDLE = List.of(44, 48, 52, 56, 60);

    private static final List<Integer> FREE_IN_SLOT = ints(96, 128, 184, 192, 200, 512);

    @RegisterExtension
    private final CaughtLog log = new CaughtLog();

    private final String name = "later-" + ProcessHandle.current().pid() + "-" + NUMBERS.incrementAndGet();
    private final String uri = "shm:" + name;
    private final Path file = Images.file(name);
    private FileChannel memory; // not mapped: what is mapped stays so until it is collected

    private static List<Integer> ints(int... ranges) {
        List<Integer> all = new ArrayList<>();
        for (int i = 0; i < ranges.length; i += 2) for (int at = ranges[i]; at < ranges[i + 1]; at += 4) all.add(at);
        return all;
    }

    @BeforeEach
    void create() throws IOException {
        open().close();
        memory = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    @AfterEach
    void remove() throws IOException {
        memory.close();
        try {
            MessageQueues.delete(uri);
        } catch (MessageQueueException refused) {
            Files.deleteIfExists(file);
        }
    }

    private MessageQueue open() {
        return MessageQueues.open(uri + "?capacity=4k&maxCapacity=16k&slots=4");
    }

    private void put(long at, int value) {
        put(at, buffer(4).putInt(value));
    }

    private void putLong(long at, long value) {
        put(at, buffer(8).putLong(value));
    }

    private void put(long at, ByteBuffer value) {
        try {
            memory.write(value.flip(), at);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private int get(long at) {
        return (int) getLong(at);
    }

    private long getLong(long at) {
        try {
            ByteBuffer value = buffer(8);
            memory.read(value, at);
            return value.getLong(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ByteBuffer buffer(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    private void plant(int base, List<Integer> free) {
        for (int at : free) put(base + at, 7);
    }

    private void assertClear(int base, List<Integer> free) {
        for (int at : free) assertThat(get(base + at)).as("+" + at).isZero();
    }

    // Reserved words

    @Test
    void shouldClearTheReservedWordsOfAHandleWhenItOpens() {
        open().close();
        plant(HANDLES, FREE_IN_HANDLE);
        try (MessageQueue queue = open()) {
            assertThat(queue.stats().publisherCount()).isZero();
            assertThat(getLong(HANDLES) & 15).isOne();
            assertClear(HANDLES, FREE_IN_HANDLE);
        }
    }

    @Test
    void shouldClearTheReservedWordsOfASlotWhenASubscriberJoinsOrAttachesAgain() {
        try (MessageQueue queue = open()) {
            SubscriberOptions named = SubscriberOptions.builder().name("audit").build();
            queue.createSubscriber(named).close();
            plant(SLOTS, FREE_IN_SLOT);
            queue.createSubscriber(named).close();
            assertClear(SLOTS, FREE_IN_SLOT);
            plant(SLOTS, FREE_IN_SLOT);
            queue.unsubscribe("audit");
            List<Subscriber> all = new ArrayList<>();
            for (int i = 0; i < 4; i++) all.add(queue.createSubscriber()); // the last one is in slot 0
            assertThat(getLong(SLOTS) & 15).isEqualTo(2);
            assertClear(SLOTS, FREE_IN_SLOT);
        }
    }

    /** A member in another language says so with its number; the next one here is a JVM. */
    @Test
    void shouldNotJudgeWhichImplementationAMemberIs() {
        try (MessageQueue queue = open()) {
            put(HANDLES + IMPLEMENTATION, 7);
            assertThat(deep()).extracting(Finding::check).containsExactly("queue");
            assertThat(queue.stats().publisherCount()).isZero();
        }
        open().close();
        assertThat(get(HANDLES + IMPLEMENTATION)).isZero();
    }

    /** Each word is either one that an owner stores, or one that it clears. */
    @Test
    void shouldLeaveNothingOfThePredecessorInAHandle() {
        open().close();
        for (int at = 8; at < 64; at += 4) put(HANDLES + at, 0x5555_5555);
        open().close();
        for (int at = 8; at < 64; at += 4)
            assertThat(get(HANDLES + at)).as("+" + at).isNotEqualTo(0x5555_5555);
    }

    @Test
    void shouldJudgeReservedWordsOnlyWhereNoCompatibleFeatureIsSet() {
        assertJudged(List.of(120, FENCE), List.of(FREE_IN_HANDLE.get(0), WAITING), FREE_IN_SLOT.subList(0, 1));
    }

    @Test
    @Slow
    void shouldJudgeEachReservedWordOnlyWhereNoCompatibleFeatureIsSet() {
        List<Integer> inHandle = new ArrayList<>(FREE_IN_HANDLE);
        inHandle.addAll(List.of(INSIDE, WAITING));
        assertJudged(List.of(120, FENCE, 900, 2240, 4092), inHandle, FREE_IN_SLOT);
    }

    private void assertJudged(List<Integer> inHeader, List<Integer> inHandle, List<Integer> inSlot) {
        try (MessageQueue queue = open();
                Subscriber subscriber = queue.createSubscriber()) {
            assertThat(subscriber.receiveNoWait()).isNull();
            assertThat(deep()).extracting(Finding::check).containsExactly("queue");
            for (int at : inHeader) assertJudged(at, "corrupt-header");
            for (int at : inHandle) assertJudged(HANDLES + at, "corrupt-handles");
            for (int at : inSlot) assertJudged(SLOTS + at, "corrupt-slots"); // in use
            assertJudged(SLOTS + 1024 + 96, "corrupt-slots"); // never used
        }
    }

    private void assertJudged(int at, String check) {
        put(at, 7);
        assertThat(deep()).as("+" + at).extracting(Finding::check).containsExactly(check);
        put(COMPATIBLE, 4);
        Finding finding = deep().get(0);
        assertThat(finding.level()).as("+" + at).isEqualTo(Finding.Level.INFORMATION);
        assertThat(finding.remedy()).doesNotContain("salvage", "belfry rm");
        assertThat(finding.what())
                .isEqualTo("it is used by a newer library, with features 4 that this one may ignore; reserved words are"
                        + " not judged");
        put(COMPATIBLE, 0);
        put(at, 0);
    }

    // Features and levels

    @Test
    void shouldSayItsLevelWithEachHandle() {
        put(HANDLES + 40, 9); // of a newer one that has left
        try (MessageQueue one = open();
                MessageQueue two = open()) {
            put(HANDLES + 64 + 40, 9);
            assertThat(one.stats().id()).isEqualTo(two.stats().id());
            assertThat(inspector().look(name).members())
                    .extracting(QueueReport.Member::level)
                    .containsExactly(2, 9);
        }
    }

    /** It was opened before; who has the admin byte raises the feature, and an open that waited for it is refused. */
    @Test
    void shouldAskForFeaturesAgainUnderTheAdminByte() throws Exception {
        try (MessageQueue inside = open();
                Publisher publisher = inside.createPublisher()) {
            CompletableFuture<Throwable> refused = new CompletableFuture<>();
            Thread opener = new Thread(() -> {
                try {
                    open().close();
                    refused.complete(null);
                } catch (Throwable failure) {
                    refused.complete(failure);
                }
            });
            dev.belfry.shm.Inside.handle(inside).admin.under(deadline -> {
                opener.start();
                Patience.until("it sleeps for the byte", () -> opener.getState() == Thread.State.TIMED_WAITING);
                putLong(INCOMPATIBLE, 4);
                return null;
            });
            assertThat(refused.get())
                    .isInstanceOf(IncompatibleVersionException.class)
                    .hasMessage("'" + name + "' needs a newer library, for its features 4. Upgrade.");
            for (int h = 1; h < 8; h++)
                assertThat(getLong(HANDLES + 64 * h)).as("handle " + h).isZero();
            assertThat(publisher.publish("one that is inside goes on")).isOne();
            putLong(INCOMPATIBLE, 0);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "12, 3, queue kind 3",
        "16, 4, features 4",
        "24, 1, features to write 1",
        "104, 32, creation flags 20",
        "108, 256, creation flags 10000000000"
    })
    void shouldRefuseWhatIsNewerInTheHeader(int at, int value, String what) {
        int before = get(at);
        put(at, value);
        assertThatThrownBy(this::open)
                .isInstanceOf(IncompatibleVersionException.class)
                .hasMessage("'" + name + "' needs a newer library, for its " + what + ". Upgrade.");
        put(at, before);
        open().close();
    }

    /** It is shown if its kind is known, and without its cause if only that is not. */
    @ParameterizedTest
    @CsvSource({"0, 5, 0", "3, 5, 0", "1, 2000, 1", "2, 2000, 1", "1, 6144, 1"})
    void shouldPassOverAWaitOfAKindOrCauseThatItDoesNotKnow(int kind, int cause, int shown) {
        try (MessageQueue queue = open();
                Publisher publisher = queue.createPublisher()) {
            putLong(HANDLES + WAITING, 1_700_000_000_000L << 21 | (long) cause << 2 | kind);
            assertThat(queue.stats().waiting())
                    .extracting(Waiting::cause)
                    .hasSize(shown)
                    .allMatch(Objects::isNull);
            assertThat(publisher.publish("it goes on")).isOne();
            putLong(HANDLES + WAITING, 0);
        }
    }

    // Slots

    /** A policy of three bits: what is not known gates, and is there as it was. */
    @ParameterizedTest
    @ValueSource(ints = {3, 4, 7})
    @SuppressWarnings("try")
    void shouldWaitForASubscriptionOfAPolicyThatItDoesNotKnow(int policy) {
        try (MessageQueue queue = open();
                Publisher publisher = queue.createPublisher();
                Subscriber newer = queue.createSubscriber(
                        SubscriberOptions.builder().name("newer").build());
                Subscriber other = queue.createSubscriber()) {
            long state = getLong(SLOTS);
            putLong(SLOTS, state | (policy & 3L) << 9 | (policy & 4L) << 12);
            long policed = getLong(SLOTS);
            assertThat(fill(publisher, other)).isPositive();
            assertThat(getLong(SLOTS)).isEqualTo(policed);
            assertThat(queue.stats().subscribers())
                    .extracting(SubscriberStats::name, SubscriberStats::slowSubscriber)
                    .contains(tuple("newer", SlowSubscriber.GATE_PUBLISHER));
            assertThat(deep()).extracting(Finding::check).contains("newer").doesNotContain("corrupt-slots");
            assertThat(newer.receive(PATIENCE).position()).isOne();
            newer.close();
            assertThat(getLong(SLOTS) & ~15).isEqualTo(policed & ~15);
            queue.createSubscriber(SubscriberOptions.builder().name("newer").build());
            assertThat(getLong(SLOTS) & (3 << 9 | 1 << 14))
                    .as("its new owner's")
                    .isZero();
        }
    }

    /** It gates, whether its owner lives or not; nothing is stored in it, and it is no subscription here. */
    @ParameterizedTest
    @ValueSource(longs = {0x20, 0xF0, 0xFF20})
    void shouldLeaveASlotOfAKindThatItDoesNotKnowAsItIs(long kindAndFlags) {
        try (MessageQueue queue = open();
                Publisher publisher = queue.createPublisher()) {
            queue.createSubscriber(SubscriberOptions.builder().name("newer").build())
                    .close();
            putLong(SLOTS, 1L << 16 | kindAndFlags | 2);
            long alive = getLong(SLOTS + 8); // as it would be here
            putLong(SLOTS + 8, 99L << 16); // its owner is dead
            put(SLOTS + NAME_LENGTH, 600); // or whatever that is in such a kind
            List<Long> before = slot();
            try (Subscriber other = queue.createSubscriber()) {
                assertThat(fill(publisher, other)).isPositive();
                assertThat(queue.stats().subscribers()).hasSize(1);
                assertThat(deep()).extracting(Finding::check).contains("newer").doesNotContain("corrupt-slots");
                assertThat(queue.unsubscribe("newer")).isFalse();
                putLong(HANDLES + WAITING, 1_700_000_000_000L << 21 | 1 << 2 | 1);
                assertThat(queue.stats().waiting())
                        .extracting(Waiting::cause)
                        .containsExactly(new Waiting.Cause(null, 0, 0, null, false));
                long dead = getLong(SLOTS + 8);
                putLong(SLOTS + 8, alive);
                assertThat(queue.stats().waiting())
                        .extracting(Waiting::cause)
                        .containsExactly(new Waiting.Cause(null, 0, 0, null, false));
                putLong(SLOTS + 8, dead);
                putLong(HANDLES + WAITING, 0);
            }
            List<Subscriber> all = new ArrayList<>();
            for (int i = 0; i < 3; i++) all.add(queue.createSubscriber());
            assertThatThrownBy(queue::createSubscriber).isInstanceOf(InsufficientResourcesException.class);
            all.forEach(Subscriber::close);
            assertThat(slot()).isEqualTo(before);
            assertThat(inspector().diagnoseAll(List.of(name), false, (what, done, of) -> {}))
                    .extracting(Finding::check)
                    .doesNotContain("stale-slots");
            putLong(SLOTS, 1L << 16 | 0x10);
        }
    }

    @Test
    void shouldNotRemoveAQueueThatHasASubscriptionOfAKindThatItDoesNotKnow() {
        try (MessageQueue queue = open()) {
            queue.createSubscriber(SubscriberOptions.builder().name("newer").build())
                    .close();
            putLong(SLOTS, 1L << 16 | 0x20 | 3);
        }
        assertThatThrownBy(() -> inspector().deleteUnused(name))
                .isInstanceOf(InUseException.class)
                .hasMessageContaining("the subscriptions [one of a newer library, in slot 0] would be lost");
        putLong(SLOTS, 1L << 16 | 0x20);
        assertThat(inspector().deleteUnused(name)).isTrue();
    }

    /** Its flags say nothing here, and of its figures only that which says what it still needs. */
    @ParameterizedTest
    @ValueSource(longs = {0x20, 0x3F20, 0xFF20, 0x1020, 0x2020, 0x420})
    void shouldWaitForAcknowledgementsOfAKindThatItDoesNotKnow(long kindAndFlags) {
        try (MessageQueue queue = open();
                Publisher publisher = queue.createPublisher()) {
            queue.createSubscriber(SubscriberOptions.builder().name("newer").build())
                    .close();
            Subscriber other = queue.createSubscriber();
            long position = publisher.publish("body");
            putLong(SLOTS, 1L << 16 | kindAndFlags | 2);
            List<Long> before = slot();
            other.receive(PATIENCE);
            assertThat(publisher.awaitAcknowledged(position, 1, Duration.ZERO)).isFalse();
            assertThat(slot()).isEqualTo(before);
            putLong(SLOTS + 144, position);
            assertThat(publisher.awaitAcknowledged(position, 1, Duration.ZERO)).isTrue();
            assertThat(publisher.awaitAcknowledged(position, 2, Duration.ZERO)).isFalse();
            putLong(SLOTS, 1L << 16 | 0x10);
        }
    }

    /** A scribble makes such a slot, too: the subscription that was there is gone, and nothing else says so. */
    @ParameterizedTest
    @CsvSource({
        "0, has ended",
        "1, 'has not ended its start, and keeps the slot'",
        "2, holds publishers up",
        "3, holds publishers up"
    })
    void shouldSayInEachPhaseThatASlotIsOfAKindThatItDoesNotKnow(int phase, String what) {
        try (MessageQueue queue = open()) {
            queue.createSubscriber(SubscriberOptions.builder().name("audit").build())
                    .close();
            long state = getLong(SLOTS);
            putLong(SLOTS, state & ~0xFF | 0xC0 | phase);
            String text =
                    "it is used by a newer library: what is in slot 0 is of a kind that this one does not know, and ";
            assertThat(deep())
                    .extracting(Finding::check, Finding::level, Finding::what)
                    .contains(tuple("newer", Finding.Level.NOTE, text + what));
            put(COMPATIBLE, 4);
            assertThat(deep())
                    .extracting(Finding::what)
                    .filteredOn(each -> each.startsWith(text))
                    .hasSize(phase < 2 ? 0 : 1);
            put(COMPATIBLE, 0);
            putLong(SLOTS, state);
        }
    }

    private List<Long> slot() {
        List<Long> all = new ArrayList<>();
        for (int at = 0; at < 1024; at += 8) all.add(getLong(SLOTS + at));
        return all;
    }

    /** While the other one reads all of it: how many messages, until there is no room. */
    private static int fill(Publisher publisher, Subscriber other) {
        for (int i = 0; i < 1_000; i++) {
            if (publisher.offer(ByteBuffer.allocate(1_000), Duration.ZERO) < 0) return i;
            other.receiveNoWait();
        }
        throw new AssertionError("it does not gate");
    }

    // Messages

    @Test
    void shouldLeaveOutPropertiesOfTypesThatItDoesNotKnowAndReadAllNames() throws IOException {
        try (MessageQueue queue = open();
                Publisher publisher = queue.createPublisher();
                Subscriber subscriber = queue.createSubscriber();
                Subscriber listener = queue.createSubscriber()) {
            publisher.publish(
                    "body",
                    MessageProperties.builder()
                            .put("newer", "x")
                            .put("content_type", "y")
                            .put("good", 5)
                            .build());
            put(found("newer") - 3, buffer(1).put((byte) 9));
            put(found("content_type") + 7, buffer(1).put((byte) '-'));
            List<Message> all = Collections.synchronizedList(new ArrayList<>());
            listener.setListener(message -> all.add(message.copy()));
            Patience.until("the listener has it", () -> all.size() == 1);
            all.add(subscriber.receive(Duration.ofSeconds(10)));
            for (Message message : all) {
                assertThat(message.text()).isEqualTo("body");
                assertThat(message.properties().names()).containsExactly("content-type", "good");
                assertThat(message.properties().get("good")).isEqualTo(5);
            }
            assertThat(publisher.publish("next")).isEqualTo(2);
            assertThat(deep()).extracting(Finding::check).containsExactly("queue");
        }
    }

    /** Such a record has no position: its stamp is that of the message after it. */
    @ParameterizedTest
    @ValueSource(ints = {8, 15})
    void shouldPassOverARecordOfATypeThatNobodyNeedsToUnderstand(int type) {
        two(type);
        putLong(RING + 32, 2L << 40); // the empty word, and the count
        putLong(392, 1);
        try (MessageQueue queue = open();
                Publisher publisher = queue.createPublisher();
                Subscriber subscriber = queue.createSubscriber(SubscriberOptions.observer(StartAt.OLDEST_RETAINED))) {
            assertThat(publisher.publish("two")).isEqualTo(2);
            assertThat(subscriber.receive(PATIENCE).text()).isEqualTo("one");
            assertThat(subscriber.receive(PATIENCE).text()).isEqualTo("two");
            assertThat(subscriber.position()).isEqualTo(2);
            assertThat(deep()).extracting(Finding::check).containsExactly("corrupt-log");
            put(COMPATIBLE, 4);
            assertThat(deep()).extracting(Finding::level).containsOnly(Finding.Level.INFORMATION);
        }
    }

    /** As many as messages are no sign of damage: a walk passes over each of them. */
    @Test
    void shouldFindATimeBehindAnyNumberOfSuchRecords() throws IOException {
        makeEachOtherRecordOfALaterType(true);
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher publisher = queue.createPublisher();
                Subscriber subscriber =
                        queue.createSubscriber(StartAt.time(Instant.now().plusSeconds(3600)))) {
            assertThat(publisher.publish("last")).isEqualTo(MANY + 1);
            assertThat(subscriber.receive(PATIENCE).position()).isEqualTo(MANY + 1);
        }
    }

    @Test
    void shouldAcknowledgeBehindAnyNumberOfSuchRecords() throws IOException {
        makeEachOtherRecordOfALaterType(false);
        SubscriberOptions options = SubscriberOptions.builder()
                .ackMode(AckMode.CLIENT)
                .startAt(StartAt.OLDEST_RETAINED)
                .build();
        try (MessageQueue queue = MessageQueues.open(uri);
                Subscriber subscriber = queue.createSubscriber(options)) {
            while (subscriber.position() < MANY) subscriber.receive(PATIENCE);
            subscriber.acknowledge(MANY);
            assertThat(queue.stats().subscribers())
                    .extracting(SubscriberStats::acknowledgedPosition)
                    .containsExactly((long) MANY);
        }
    }

    @Test
    void shouldSalvageEachMessageBetweenSuchRecords() throws IOException {
        makeEachOtherRecordOfALaterType(false);
        assertSalvaged(MANY, 0);
    }

    /** A message that only a later release can read is a gap of one. */
    @Test
    void shouldSalvageEachMessageBetweenThoseWithFlagsThatItDoesNotKnow() {
        try (MessageQueue queue = open();
                Publisher publisher = queue.createPublisher()) {
            for (int i = 1; i <= 60; i++) publisher.publish("body");
            for (int position = 3; position <= 60; position += 3) putFlags(position, 4);
            assertSalvaged(40, 20);
        }
    }

    private void assertSalvaged(long messages, long missing) {
        List<Long> found = new ArrayList<>();
        List<Long> gaps = new ArrayList<>();
        QueueInspector.Salvaged told = new QueueInspector.Salvaged() {
            @Override
            public void begins(long bytes, long maxCapacity) {
                assertThat(bytes).isPositive();
            }

            @Override
            public void message(Message proven) {
                assertThat(proven.text()).isEqualTo("body");
                found.add(proven.position());
            }

            @Override
            public void gap(long first, long last, long offset, long bytes) {
                for (long each = first; each <= last; each++) gaps.add(each);
            }
        };
        inspector().salvage(name, told, QueueInspector.Progress.NOBODY);
        assertThat(found).hasSize((int) messages);
        assertThat(gaps).hasSize((int) missing).doesNotContainAnyElementsOf(found.subList(0, 40));
    }

    /** Of twice {@link #MANY}: the other ones stay messages, and are numbered anew. */
    private void makeEachOtherRecordOfALaterType(boolean timestamps) throws IOException {
        int size = timestamps ? 48 : 16;
        remove();
        try (MessageQueue queue = MessageQueues.open(uri + "?capacity=8m&maxCapacity=8m&slots=4");
                Publisher publisher = queue.createPublisher(
                        PublisherOptions.builder().timestamps(timestamps).build())) {
            for (int i = 0; i < 2 * MANY; i++) publisher.publish("body");
        }
        memory = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        ByteBuffer ring = buffer(2 * MANY * size + 8);
        memory.read(ring, RING);
        for (int i = 0; i <= 2 * MANY; i++) {
            long word = ring.getLong(i * size) & (1L << 40) - 1;
            if (i % 2 == 0 && i < 2 * MANY) word = word & ~(15L << 32) | 8L << 32;
            ring.putLong(i * size, word | (i / 2 + 1L) << 40);
        }
        put(RING, ring);
        putLong(392, MANY);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 7})
    void shouldCallARecordOfAnotherTypeDamage(int type) {
        two(type);
        try (MessageQueue queue = open();
                Subscriber subscriber = queue.createSubscriber(SubscriberOptions.observer(StartAt.OLDEST_RETAINED))) {
            assertThat(subscriber.receive(PATIENCE).text()).isEqualTo("one");
            assertThatThrownBy(subscriber::receive)
                    .isInstanceOf(QueueCorruptedException.class)
                    .hasMessageContaining("record of type " + type);
        }
    }

    /** Two messages, of which the second becomes a record of that type. */
    private void two(int type) {
        try (MessageQueue queue = open();
                Publisher publisher = queue.createPublisher()) {
            publisher.publish("one");
            publisher.publish("newer");
        }
        put(RING + 20, buffer(1).put((byte) type));
    }

    /** It is an error of that message alone: handle and cursor stay, and whoever wants to goes on behind it. */
    @ParameterizedTest
    @ValueSource(ints = {4, 8, 5, 15})
    @SuppressWarnings("try") // one is closed early
    void shouldRefuseARecordWithFlagsThatItDoesNotKnow(int flags) throws Exception {
        try (MessageQueue queue = open();
                Publisher publisher = queue.createPublisher();
                Subscriber gating = queue.createSubscriber();
                Subscriber jumping = queue.createSubscriber(SubscriberOptions.observer(StartAt.NOW));
                Subscriber listener = queue.createSubscriber();
                Subscriber poller = queue.createSubscriber(
                        SubscriberOptions.builder().name("poller").build())) {
            for (String text : List.of("one", "two", "three")) publisher.publish(text);
            putFlags(2, flags);
            for (Subscriber each : List.of(gating, jumping)) {
                assertThat(each.receive(PATIENCE).text()).isEqualTo("one");
                for (int i = 0; i < 2; i++) {
                    assertNewer(() -> each.receive(PATIENCE), flags);
                    assertNewer(each::receiveNoWait, flags);
                    assertThat(each.position()).isOne();
                }
                each.seek(StartAt.at(3));
                assertThat(each.receive(PATIENCE).text()).isEqualTo("three");
            }
            List<String> texts = new ArrayList<>();
            for (int i = 0; i < 2; i++)
                assertNewer(
                        () -> {
                            while (poller.poll(view -> texts.add(view.text()), 10, PATIENCE) > 0) {}
                        },
                        flags);
            assertThat(texts).containsExactly("one");
            List<String> heard = Collections.synchronizedList(new ArrayList<>());
            listener.setListener(message -> heard.add(message.text()));
            Patience.until("the listener has stopped", () -> listener.state() instanceof SubscriberState.Stopped);
            assertThat(((SubscriberState.Stopped) listener.state()).reason())
                    .isInstanceOf(IncompatibleVersionException.class);
            assertThat(heard).containsExactly("one");
            listener.close(); // it may still be giving its slot back, and there are four
            try (Subscriber behind = queue.createSubscriber(StartAt.at(3))) { // it walks over it
                assertThat(behind.receive(PATIENCE).text()).isEqualTo("three");
            }
            assertThat(publisher.publish("four")).isEqualTo(4);
            assertThat(gating.receive(PATIENCE).text()).isEqualTo("four");
            assertThat(deep()).extracting(Finding::check).contains("corrupt-log");
            put(COMPATIBLE, 4);
            assertThat(deep()).extracting(Finding::check).contains("newer").doesNotContain("corrupt-log");
            put(COMPATIBLE, 0);
        }
    }

    /** It counts as a message that fails. In CLIENT mode nothing may be acknowledged for the program. */
    @ParameterizedTest
    @CsvSource({"AUTO, false", "NONE, false", "CLIENT, true", "CLIENT, false"})
    void shouldSkipARecordWithFlagsThatItDoesNotKnowWhereMessagesThatFailAre(AckMode mode, boolean acknowledges) {
        List<Throwable> told = Collections.synchronizedList(new ArrayList<>());
        List<String> heard = Collections.synchronizedList(new ArrayList<>());
        SubscriberOptions skips = SubscriberOptions.builder()
                .ackMode(mode)
                .onFailure(OnFailure.skip())
                .onError(told::add)
                .build();
        try (MessageQueue queue = open();
                Publisher publisher = queue.createPublisher();
                Subscriber listener = queue.createSubscriber(skips)) {
            for (String text : List.of("one", "two", "three", "four", "five")) publisher.publish(text);
            for (int position : new int[] {2, 3}) putFlags(position, 4);
            listener.setListener(message -> {
                heard.add(message.text());
                if (acknowledges) listener.acknowledge(message.position());
            });
            if (mode == AckMode.CLIENT && !acknowledges) {
                Patience.until("it has stopped", () -> listener.state() instanceof SubscriberState.Stopped);
                assertThat(heard).containsExactly("one");
                return;
            }
            Patience.until("the others are heard", () -> heard.size() == 3);
            assertThat(heard).containsExactly("one", "four", "five");
            assertThat(told)
                    .extracting(each -> ((IncompatibleVersionException) each).position())
                    .containsExactly(2L, 3L);
        }
    }

    /** What reads by itself has nobody to ask: it warns once, and goes on with the messages after it. */
    @Test
    void shouldPassOverRecordsWithFlagsThatItDoesNotKnowWhereTheLibraryReadsByItself() {
        try (MessageQueue answers = open();
                MessageQueue requests = MessageQueues.open(uri + "-requests?deleteOnLastClose=true");
                Publisher publisher = answers.createPublisher();
                Requester<String, String> requester = Requester.of(requests, Codecs.text(), answers, Codecs.text())) {
            for (String text : List.of("a1", "b2", "a3", "b4")) publisher.publish(text);
            for (int position : new int[] {2, 4}) putFlags(position, 4);
            Replier<String, String> replier = Replier.of(
                    requests,
                    Codecs.text(),
                    SubscriberOptions.defaults(),
                    answers,
                    Codecs.text(),
                    (question, view) -> "to " + question);
            try (replier) {
                assertThat(requester.request("one", PATIENCE)).isEqualTo("to one");
            }
            assertPassesOverOnce(answers, publisher);
        }
    }

    private void assertPassesOverOnce(MessageQueue queue, Publisher publisher) {
        try (LatestValues<Character, String> latest =
                LatestValues.of(queue, Codecs.text(), text -> text.length() == 2 ? text.charAt(0) : null)) {
            assertThat(latest.position()).isEqualTo(5); // the answer
            assertThat(latest.since()).isEqualTo(5);
            assertThat(latest.lost()).isEqualTo(2);
            assertThat(latest.isComplete()).isFalse();
            assertThat(latest.size()).isOne();
            assertThat(latest.get('a').value()).isEqualTo("a3");
            publisher.publish("b6");
            assertThat(latest.await('b', 0, PATIENCE).value()).isEqualTo("b6");
            assertThat(latest.since()).isEqualTo(5);
            assertThat(latest.state()).isInstanceOf(SubscriberState.Running.class);
        }
        assertThat(log.text().split("message 2 needs a newer library", -1)).hasSize(1 + 2);
        assertThat(log.text()).doesNotContain("message 4 needs");
    }

    /** Else its beginning would wait for a message that never comes. */
    @Test
    void shouldBeginWithoutTheNewestIfOnlyALaterReleaseCanReadThat() {
        try (MessageQueue queue = open();
                Publisher publisher = queue.createPublisher()) {
            for (String text : List.of("a1", "b2", "a3")) publisher.publish(text);
            putFlags(3, 4);
            try (LatestValues<Character, String> latest =
                    LatestValues.of(queue, Codecs.text(), text -> text.charAt(0))) {
                assertThat(latest.position()).isEqualTo(3);
                assertThat(latest.since()).isEqualTo(4);
                assertThat(latest.lost()).isOne();
                assertThat(latest.isComplete()).isFalse();
                assertThat(latest.get('a').value()).isEqualTo("a1");
                publisher.publish("b4");
                assertThat(latest.await('b', 3, PATIENCE).value()).isEqualTo("b4");
                assertThat(latest.since()).isEqualTo(4);
            }
        }
    }

    private void putFlags(int position, int flags) {
        long word = RING + 16L * (position - 1);
        putLong(word, getLong(word) | (long) flags << 36);
    }

    /** Its time is not known, which is not the same as none. */
    @Test
    void shouldFindATimeBehindARecordWithFlagsThatItDoesNotKnow() throws Exception {
        try (MessageQueue queue = open();
                Publisher publisher = queue.createPublisher(
                        PublisherOptions.builder().timestamps(true).build())) {
            publisher.publish("one");
            publisher.publish("two");
            long then = System.currentTimeMillis();
            Patience.until("a later millisecond", () -> System.currentTimeMillis() > then);
            publisher.publish("three");
            long word = found("two") - 40;
            putLong(word, getLong(word) | 4L << 36);
            try (Subscriber later = queue.createSubscriber(StartAt.time(Instant.ofEpochMilli(then + 1)))) {
                assertThat(later.receive(PATIENCE).text()).isEqualTo("three");
            }
        }
    }

    private void assertNewer(ThrowingCallable call, int flags) {
        assertThatThrownBy(call)
                .isInstanceOf(IncompatibleVersionException.class)
                .hasMessage(
                        "'" + uri + "': message 2 needs a newer library, for its flags " + Integer.toHexString(flags)
                                + ". Upgrade; or pass over it: seek(StartAt.at(3)) or, of a named subscription, 'belfry"
                                + " skip'.");
    }

    private long found(String text) throws IOException {
        return Files.readString(file, StandardCharsets.ISO_8859_1).indexOf(text);
    }

    private static QueueInspector inspector() {
        return new ShmProvider().inspector().orElseThrow();
    }

    private List<Finding> deep() {
        return inspector().diagnoseAll(List.of(name), true, (what, done, all) -> {}).stream()
                .filter(each -> each.subject().equals(uri))
                .toList();
    }
}
