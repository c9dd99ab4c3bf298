package dev.belfry.shm.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.api.Create;
import dev.belfry.api.InUseException;
import dev.belfry.api.IncompatibleQueueException;
import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.QueueCorruptedException;
import dev.belfry.api.QueueFullException;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.ShmProvider;
import dev.belfry.shm.posix.Isolated;
import dev.belfry.spi.Finding;
import dev.belfry.spi.QueueInspector;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Depth;
import dev.belfry.testing.Luck;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Seeded;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import dev.belfry.testing.Yardstick;
import java.io.File;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One stranger's deed at a time, and what exactly comes of it; the fuzzer does them all at random. */
@Timeout(300)
@WaitsForOthers
class StrangersTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final AtomicLong NUMBERS = new AtomicLong();
    private static final int PUBLISH_LOCK = 128;

    private final String name = "strangers-" + ProcessHandle.current().pid() + "-" + NUMBERS.incrementAndGet();
    private final String uri = "shm:" + name;
    private final Path file = Images.file(name);

    @AfterEach
    void remove() throws IOException {
        try {
            MessageQueues.delete(uri);
        } catch (MessageQueueException notAQueue) {
            Files.deleteIfExists(file);
        }
    }

    private MessageQueue open() {
        return MessageQueues.open(uri + "?capacity=4k&maxCapacity=16k&slots=4&deleteOnLastClose=true");
    }

    private static void write(Path file, long at, ByteBuffer bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(bytes, at);
        }
    }

    private static ByteBuffer word(long value) {
        return ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .flip();
    }

    private static ByteBuffer integer(int value) {
        return ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .flip();
    }

    // Content

    @ParameterizedTest
    @CsvSource({"80, 2097152", "88, 4096", "88, 0", "56, 1048576", "1160, 1073741824", "1152, 1073741824", "1152, 0"})
    @Tag("F34")
    void f34NoMoreIsBelievedThanTheFileHas(int at, long value) throws IOException {
        MessageQueues.open(uri + "?capacity=8k&maxCapacity=16k").close();
        write(file, at, word(value));
        assertThatThrownBy(() -> {
                    try (MessageQueue queue = MessageQueues.open(uri);
                            Publisher publisher = queue.createPublisher()) {
                        publisher.publish("x");
                    }
                })
                .isInstanceOf(QueueCorruptedException.class);
    }

    @Test
    @Tag("F32")
    void f32PropertiesThatCannotBeReadAreDamage() throws IOException {
        try (MessageQueue queue = open();
                Publisher publisher = queue.createPublisher();
                Subscriber subscriber = queue.createSubscriber()) {
            publisher.publish(
                    ByteBuffer.allocate(8),
                    MessageProperties.builder().put("price", 1L).build());
            String content = Files.readString(file, StandardCharsets.ISO_8859_1);
            write(file, content.indexOf("price") - 3, ByteBuffer.wrap(new byte[] {0})); // its type
            assertThatThrownBy(() -> subscriber.receive(Duration.ofSeconds(1)))
                    .isInstanceOf(QueueCorruptedException.class)
                    .hasMessageContaining("properties of message 1");
        }
    }

    private static final int FIRST_SLOT = 4096 + 8 * 64;
    private static final int RING = 65536;
    private static final int TAIL = 384;

    /** The word that says how long a message is: without it there seems to be none. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Tag("F78")
    void f78ALogThatGoesOnBehindNothingIsDamage(boolean polls) throws IOException {
        try (MessageQueue queue = open();
                Publisher publisher = queue.createPublisher();
                Subscriber subscriber = queue.createSubscriber()) {
            publisher.publish("one");
            publisher.publish("two");
            write(file, RING + 16, integer(0));
            assertThat(subscriber.receive(Duration.ofSeconds(1)).text()).isEqualTo("one");
            assertThatThrownBy(() -> {
                        if (!polls) subscriber.receive(Duration.ofSeconds(5));
                        else for (int i = 0; i < 1000; i++) subscriber.receiveNoWait();
                    })
                    .isInstanceOf(QueueCorruptedException.class)
                    .hasMessageContaining("there is no message at 16, and the log goes on to 32");
        }
    }

    /** Frames of 64 bytes, so that a walk that goes on there meets the laps before, again and again. */
    @Test
    @Tag("F78")
    void f78ASeekByTimeEndsWhereTheEndIsGone() throws IOException {
        PublisherOptions dated = PublisherOptions.builder().timestamps(true).build();
        try (MessageQueue queue =
                        MessageQueues.open(uri + "?capacity=4k&maxCapacity=4k&slots=4&deleteOnLastClose=true");
                Publisher publisher = queue.createPublisher(dated);
                Subscriber subscriber = queue.createSubscriber()) {
            for (int i = 0; i < 500; i++) {
                publisher.publish("x".repeat(24));
                subscriber.receive();
            }
            int last = RING + 499 * 64 % 4096;
            byte[] before = Arrays.copyOfRange(Files.readAllBytes(file), last, last + 8);
            write(file, RING + 500 * 64 % 4096, ByteBuffer.wrap(before));
            StartAt later = StartAt.time(Instant.now().plusSeconds(3600));
            assertThatThrownBy(() -> assertTimeoutPreemptively(PATIENCE, () -> queue.createSubscriber(later)))
                    .isInstanceOf(QueueCorruptedException.class)
                    .hasMessageContaining("no record 501");
        }
    }

    /** Also of one that has waited long before it happened. */
    @Test
    @Tag("F78")
    void f78APollerLooksAgainAndAgainWhetherTheLogEnds() throws IOException {
        try (MessageQueue queue = open();
                Publisher publisher = queue.createPublisher();
                Subscriber subscriber = queue.createSubscriber()) {
            for (int i = 0; i < 100; i++) assertThat(subscriber.receiveNoWait()).isNull();
            publisher.publish("one");
            write(file, RING, integer(0));
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 1000; i++) subscriber.receiveNoWait();
                    })
                    .isInstanceOf(QueueCorruptedException.class)
                    .hasMessageContaining("there is no message at 0, and the log goes on to 16");
        }
    }

    @Test
    @Tag("F78")
    void f78ASleeperLooksAgainAndAgainWhetherTheLogEnds() throws Exception {
        try (MessageQueue queue = open();
                Subscriber subscriber = queue.createSubscriber()) {
            CompletableFuture<Message> waiting = CompletableFuture.supplyAsync(() -> subscriber.receive(PATIENCE));
            Patience.until(
                    "it sleeps",
                    () -> queue.stats().subscribers().get(0).counters().get("sleeps") > 0);
            write(file, TAIL, word(16));
            assertThatThrownBy(waiting::get)
                    .hasCauseInstanceOf(QueueCorruptedException.class)
                    .hasMessageContaining("there is no message at 0, and the log goes on to 16");
        }
    }

    /** A publisher stores both at a subscription that it ends before it has found its start. */
    @Test
    @Tag("F78")
    void f78OneThatWasEndedBeforeItStartedIsNoDamage() throws IOException {
        QueueInspector inspector = new ShmProvider().inspector().orElseThrow();
        SubscriberOptions audit = SubscriberOptions.builder().name("audit").build();
        try (MessageQueue queue =
                MessageQueues.open(uri + "?capacity=4k&maxCapacity=4k&slots=4&maxGateTime=1h&deleteOnLastClose=true")) {
            try (Subscriber subscriber = queue.createSubscriber()) {
                assertThat(subscriber.receiveNoWait()).isNull();
                byte flags = Files.readAllBytes(file)[FIRST_SLOT + 1];
                write(file, FIRST_SLOT + 1, ByteBuffer.wrap(new byte[] {(byte) (flags | 0x30)}));
                assertThat(inspector.diagnose(name, true))
                        .noneSatisfy(f -> assertThat(f.check()).startsWith("corrupt"));
            }
            assertThat(inspector.diagnose(name, true))
                    .noneSatisfy(f -> assertThat(f.check()).startsWith("corrupt"));
            queue.createSubscriber(audit).close();
        }
    }

    /** What no policy ends was not ended by its policy. */
    @Test
    @Tag("F78")
    void f78NoSubscriberIsBlamedForDamage() throws IOException {
        try (MessageQueue queue = open();
                Publisher publisher = queue.createPublisher();
                Subscriber observer = queue.createSubscriber(SubscriberOptions.observer(StartAt.NOW))) {
            publisher.publish("one");
            write(file, FIRST_SLOT + 1, ByteBuffer.wrap(new byte[] {0x24})); // ended, and OVERRUN
            assertThatThrownBy(() -> observer.receive(Duration.ofSeconds(1)))
                    .isInstanceOf(QueueCorruptedException.class)
                    .hasMessageContaining("slot 0 with state");
        }
    }

    /** Its state; what is all zeros; its name; the offset at which it is to go on. */
    @ParameterizedTest
    @CsvSource({"0, 8, 7", "0, 48, 0", "512, 4, 120", "152, 8, 0"})
    @Tag("F78")
    void f78ANamedSubscriptionDoesNotBeginAnewWithoutAWord(int at, int length, int value) throws IOException {
        SubscriberOptions audit = SubscriberOptions.builder().name("audit").build();
        try (MessageQueue queue = MessageQueues.open(uri + "?capacity=4k&maxCapacity=4k&slots=4");
                Publisher publisher = queue.createPublisher()) {
            try (Subscriber subscriber = queue.createSubscriber(audit)) {
                for (int i = 0; i < 200; i++) {
                    publisher.publish("x".repeat(50));
                    subscriber.receive();
                }
            }
            publisher.publish("kept");
            byte[] scribble = new byte[length];
            Arrays.fill(scribble, (byte) value);
            write(file, FIRST_SLOT + at, ByteBuffer.wrap(scribble));
            QueueInspector inspector = new ShmProvider().inspector().orElseThrow();
            assertThat(inspector.diagnose(name, false))
                    .anySatisfy(
                            finding -> assertThat(finding.level().isProblem()).isTrue());
            assertThatThrownBy(() -> queue.createSubscriber(audit)).isInstanceOf(QueueCorruptedException.class);
        }
    }

    /** The doctor's look at tables and ends, without the whole log. */
    @ParameterizedTest
    @CsvSource({
        "392, 99, corrupt-log", // count
        "512, 0, corrupt-log", // the position at the gate
        "408, 8192, corrupt-log", // limit
        "768, -256, corrupt-header", // sleepers in slots that were never used
        "4104, 0, corrupt-handles", // pid of the process that has it open
        "4128, 3, corrupt-handles", // waits for nothing that is
        "4128, 4, corrupt-handles", // waits for nothing, because of a slot
        "4128, 8193, corrupt-handles", // waits for room, and more
        "4752, 5000, corrupt-slots", // acknowledged what was never published
        "5632, 18, corrupt-slots" // a subscriber in a slot that nobody was given
    })
    @Tag("F78")
    void f78TheDoctorComparesWhatIsSaidTwice(int at, long value, String check) throws IOException {
        try (MessageQueue queue = open();
                Publisher publisher = queue.createPublisher();
                Subscriber subscriber = queue.createSubscriber()) {
            for (int i = 0; i < 200; i++) {
                publisher.publish("x".repeat(50));
                subscriber.receive();
            }
            QueueInspector inspector = new ShmProvider().inspector().orElseThrow();
            assertThat(inspector.diagnose(name, true))
                    .noneSatisfy(f -> assertThat(f.check()).startsWith("corrupt"));
            write(file, at, word(value));
            assertThat(inspector.diagnose(name, false))
                    .extracting(Finding::check)
                    .contains(check);
        }
    }

    /** Removed by a cleaner, say: nothing is lost, but each message is heard of a slice late. */
    @Test
    @Tag("F78")
    void f78TheDoctorMissesASemaphore() throws IOException {
        try (MessageQueue queue = open();
                Subscriber subscriber = queue.createSubscriber()) {
            Files.delete(semaphore(queue));
            assertThat(new ShmProvider().inspector().orElseThrow().diagnose(name, false))
                    .extracting(Finding::check)
                    .contains("missing-semaphore");
            assertThat(subscriber.receive(Duration.ofMillis(5))).isNull();
        }
    }

    /** Published, read, grown, joined and left as fast as possible, while the doctor checks. */
    @Test
    @Slow
    @Tag("F78")
    void f78NothingIsSaidOfABusyQueue() {
        AtomicBoolean stop = new AtomicBoolean();
        try (MessageQueue queue = open();
                Publisher publisher = queue.createPublisher();
                Subscriber subscriber = queue.createSubscriber();
                Subscriber observer = queue.createSubscriber(SubscriberOptions.observer(StartAt.NOW))) {
            SubscriberOptions audit = SubscriberOptions.builder().name("audit").build();
            List<CompletableFuture<Void>> busy = List.of(
                    CompletableFuture.runAsync(() -> {
                        for (int i = 0; !stop.get(); i++)
                            publisher.offer(ByteBuffer.allocate(i % 700), Duration.ofMillis(1));
                    }),
                    CompletableFuture.runAsync(() -> {
                        while (!stop.get()) subscriber.receive(Duration.ofMillis(1));
                    }),
                    CompletableFuture.runAsync(() -> {
                        while (!stop.get()) observer.receive(Duration.ofMillis(1));
                    }),
                    CompletableFuture.runAsync(() -> {
                        while (!stop.get())
                            try (Subscriber named = queue.createSubscriber(audit)) {
                                for (int i = 0; i < 50; i++) named.receive(Duration.ofMillis(1));
                            }
                    }));
            QueueInspector inspector = new ShmProvider().inspector().orElseThrow();
            for (int i = 0; i < 50; i++)
                assertThat(inspector.diagnose(name, true))
                        .noneSatisfy(f -> assertThat(f.check()).startsWith("corrupt"));
            stop.set(true);
            busy.forEach(CompletableFuture::join);
        } finally {
            stop.set(true);
        }
    }

    /** Between gate and tail only the deep look reads every word. */
    @Test
    @Tag("F78")
    void f78OnlyTheDeepLookReadsTheWholeLog() throws IOException {
        try (MessageQueue queue = open();
                Publisher publisher = queue.createPublisher();
                Subscriber subscriber = queue.createSubscriber()) {
            for (int i = 0; i < 3; i++) publisher.publish("message");
            write(file, RING + 16, integer(24)); // the second one's length
            QueueInspector inspector = new ShmProvider().inspector().orElseThrow();
            assertThat(inspector.diagnose(name, false))
                    .noneSatisfy(f -> assertThat(f.check()).startsWith("corrupt"));
            assertThat(inspector.diagnose(name, true))
                    .extracting(Finding::check)
                    .contains("corrupt-log");
            assertThat(subscriber.receive(Duration.ofMillis(5)).text()).isEqualTo("message");
        }
    }

    @Test
    @Tag("F27")
    @Tag("F37")
    void f37ASemaphoreWithBillionsOfPostsIsNotDrained() throws Exception {
        waitsOnASemaphoreWithBillionsOfPosts();
    }

    @Luck
    @Seeded(37)
    void f37ASemaphoreWithBillionsOfPostsDelaysNobody() throws Exception {
        try (Yardstick yardstick = new Yardstick()) {
            waitsOnASemaphoreWithBillionsOfPosts();
            assertThat(yardstick.took()).isLessThan(Duration.ofSeconds(8));
        }
    }

    private void waitsOnASemaphoreWithBillionsOfPosts() throws Exception {
        try (MessageQueue queue = open();
                Publisher publisher = queue.createPublisher();
                Subscriber subscriber = queue.createSubscriber()) {
            write(semaphore(queue), 0, integer(Integer.MAX_VALUE));
            assertThat(subscriber.receive(Duration.ofMillis(200))).isNull();
            CompletableFuture<Message> waiting = CompletableFuture.supplyAsync(() -> subscriber.receive(PATIENCE));
            publisher.publish("x");
            assertThat(waiting.get().text()).isEqualTo("x");
        }
    }

    /** Kind 0x5a is not one that the C library knows: it would call abort. */
    @ParameterizedTest
    @ValueSource(ints = {4, 8})
    @Tag("F37")
    void f37AScribbledSemaphoreCostsASliceAtMost(int at) throws Exception {
        try (MessageQueue queue = open();
                Publisher publisher = queue.createPublisher();
                Subscriber subscriber = queue.createSubscriber()) {
            write(semaphore(queue), at, integer(0x5a));
            for (int i = 0; i < 5; i++) {
                CompletableFuture<Message> waiting = CompletableFuture.supplyAsync(() -> subscriber.receive(PATIENCE));
                publisher.publish("x");
                assertThat(waiting.get().text()).isEqualTo("x");
            }
            assertThat(subscriber.receive(Duration.ofMillis(150))).isNull();
        }
    }

    private static Path semaphore(MessageQueue queue) throws IOException {
        String prefix = "sem.belfry." + queue.stats().id().toString().replace("-", "");
        try (var files = Files.newDirectoryStream(Path.of("/dev/shm"), prefix + "*")) {
            return files.iterator().next();
        }
    }

    /** Only waiters; a free handle; one that does not exist; another life of this one; no handle at all. */
    @ParameterizedTest
    @ValueSource(ints = {0x8000_0000, 0x0000_0805, 0x0000_07FF, 0x7FFF_F801, 0x0000_0800})
    @Tag("F38")
    void f38ALockOfNobodyIsTaken(int word) throws IOException {
        try (MessageQueue queue = open();
                Publisher publisher = queue.createPublisher()) {
            for (int lock : new int[] {PUBLISH_LOCK, 256}) {
                write(file, lock, integer(word));
                assertThat(publisher.publish("x")).isPositive();
                queue.createSubscriber().close();
            }
        }
    }

    @Test
    @Tag("F38")
    void f38ALockOfTheLivingIsATimeout() throws IOException {
        try (MessageQueue queue = open();
                MessageQueue other = open();
                Publisher publisher = queue.createPublisher(PublisherOptions.builder()
                        .timeout(Duration.ofMillis(200))
                        .build())) {
            write(file, PUBLISH_LOCK, integer(1 << 11 | 2)); // the other's
            assertThatThrownBy(() -> publisher.publish("x")).isInstanceOf(QueueFullException.class);
            write(file, PUBLISH_LOCK, integer(0));
            assertThat(publisher.publish("x")).isEqualTo(1);
            assertThat(other.stats().newestPosition()).isEqualTo(1);
        }
    }

    // Whose it is, and what it is

    static final class Locks {
        public static void main(String[] args) throws Exception {
            try (FileChannel channel =
                    FileChannel.open(Path.of(args[0]), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                channel.lock();
                System.out.println("locked");
                System.in.read();
            }
        }
    }

    @Test
    @Slow
    @Tag("F39")
    void f39WhoLocksTheWholeFileIsNamed() throws Exception {
        MessageQueues.open(uri).close();
        try (ChildJvm backup = Isolated.command(Locks.class, file.toString()).start()) {
            assertThat(backup.line()).isEqualTo("locked");
            assertThatThrownBy(() -> MessageQueues.open(uri))
                    .isInstanceOf(InUseException.class)
                    .hasMessageContaining("a program that locks the whole file");
            backup.kill();
        }
        MessageQueues.open(uri).close();
    }

    @Test
    @Tag("F40")
    void f40WhoIsInsideGoesOnWhenTheNameIsRemoved() throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        try (MessageQueue old = MessageQueues.open(uri);
                Publisher publisher = old.createPublisher();
                Subscriber subscriber = old.createSubscriber()) {
            CompletableFuture<Long> traffic = CompletableFuture.supplyAsync(() -> {
                long last = 0;
                while (!stop.get()) last = publisher.publish("tick");
                return last;
            });
            while (subscriber.position() < 1000) subscriber.receive(PATIENCE);
            Files.delete(file);
            try (MessageQueue fresh = MessageQueues.open(uri);
                    Publisher other = fresh.createPublisher()) {
                assertThat(fresh.stats().id()).isNotEqualTo(old.stats().id());
                assertThat(other.publish("first")).isEqualTo(1);
            }
            while (subscriber.position() < 5000) subscriber.receive(PATIENCE);
            try (Subscriber late = old.createSubscriber(StartAt.OLDEST_RETAINED)) {
                assertThat(late.receive(PATIENCE).text()).isEqualTo("tick");
            }
            stop.set(true);
            long last;
            while (!traffic.isDone() || subscriber.position() < traffic.join())
                subscriber.receive(Duration.ofMillis(50));
            last = traffic.join();
            assertThat(subscriber.position()).isEqualTo(last);
            assertThat(subscriber.lostCount()).isZero();
        }
    }

    @Test
    @Tag("F41")
    @Slow
    void f41WhoJoinsWhileTheNameChangesHandsIsInOneQueueWhole() {
        AtomicBoolean stop = new AtomicBoolean();
        CompletableFuture<Integer> changes = CompletableFuture.supplyAsync(() -> {
            int changed = 0;
            while (!stop.get()) {
                MessageQueues.open(uri).close();
                if (MessageQueues.delete(uri)) changed++;
            }
            return changed;
        });
        int together = 0;
        for (int i = 0; i < 300; i++) {
            try (MessageQueue one = MessageQueues.open(uri);
                    MessageQueue two = MessageQueues.open(uri);
                    Publisher publisher = one.createPublisher()) {
                UUID first = one.stats().id();
                publisher.publish(first.toString());
                try (Subscriber subscriber = two.createSubscriber(StartAt.OLDEST_RETAINED)) {
                    Message message = subscriber.receiveNoWait();
                    if (!two.stats().id().equals(first)) {
                        assertThat(message).isNull();
                        continue;
                    }
                    together++;
                    assertThat(message.text()).isEqualTo(first.toString());
                }
            }
        }
        stop.set(true);
        assertThat(changes.join()).isPositive();
        System.out.println("F41: " + changes.join() + " changes, met " + together + " times of 300");
    }

    /** A program that watches queues reads a file that is none again and again. */
    @Test
    @Tag("F42")
    void f42LookingAtWhatIsNoQueueKeepsNothingOpen() throws IOException {
        Files.write(file, new byte[8192]);
        QueueInspector inspector = new ShmProvider().inspector().orElseThrow();
        inspector.diagnose(name, false);
        int before = descriptors();
        for (int i = 0; i < 20; i++)
            assertThat(inspector.diagnose(name, false))
                    .extracting(Finding::check)
                    .contains("foreign-file");
        assertThat(descriptors()).isLessThan(before + 20);
    }

    private static int descriptors() {
        return new File("/proc/self/fd").list().length;
    }

    @Test
    @Tag("F42")
    void f42ADeviceOrASocketIsNoQueue() throws Exception {
        try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.bind(UnixDomainSocketAddress.of(file));
            assertRefused();
        }
        Files.delete(file);
        Process mknod = new ProcessBuilder("mknod", file.toString(), "c", "1", "3")
                .redirectErrorStream(true)
                .start();
        assumeTrue(mknod.waitFor() == 0, "only root may make devices");
        assertRefused();
        assertThat(file).exists();
    }

    private void assertRefused() {
        for (Create create : Create.values())
            assertThatThrownBy(() -> MessageQueues.open(
                            URI.create(uri),
                            QueueConfig.builder().create(create).build()))
                    .isInstanceOf(MessageQueueException.class)
                    .hasMessageContaining(name);
        assertThat(MessageQueues.list("shm"))
                .anySatisfy(info -> assertThat(info.problem()).contains(name));
    }

    /**
     * The magic word of a big-endian machine, no version, earlier ones, a later one, a domain,
     * another kind, a feature that must be understood, one to write, sizes of another layout.
     */
    @ParameterizedTest
    @CsvSource({
        "0, 0x42454C4652593100, belongs to another program",
        "8, 0x0000000100000000, has layout 0",
        "8, 0x0000000100000001, has layout 1",
        "8, 0x0000000100000002, has layout 2",
        "8, 0x0000000100000004, has layout 4",
        "8, 0x0000000200000003, is a domain of Jakarta Messaging",
        "8, 0x0000000300000003, queue kind 3",
        "16, 0x8000000000000000, features 8000000000000000",
        "24, 1, features to write 1"
    })
    @Tag("F44")
    void f44AnotherFormatIsRefusedInWords(int at, String value, String text) throws IOException {
        MessageQueues.open(uri).close();
        byte[] before = Files.readAllBytes(file);
        ByteBuffer.wrap(before)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(at, Long.parseUnsignedLong(value.replace("0x", ""), 16));
        Files.write(file, before);
        assertThatThrownBy(() -> MessageQueues.open(uri))
                .isInstanceOf(IncompatibleQueueException.class)
                .hasMessageContaining(text);
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
    }

    /** Its rule for names is another one. What holds publishers up must be possible to end. */
    @Test
    @Tag("F44")
    void f44ANameThatAnotherImplementationGaveIsUnsubscribed() throws IOException {
        byte[] given = "ca\u0085".getBytes(StandardCharsets.UTF_8);
        try (MessageQueue queue = open()) {
            queue.createSubscriber(SubscriberOptions.builder().name("cafe").build())
                    .close();
            CRC32 sum = new CRC32();
            sum.update(given);
            write(file, FIRST_SLOT + 40, integer((int) sum.getValue() << 10 | given.length));
            write(file, FIRST_SLOT + 512, ByteBuffer.wrap(given));
            assertThat(queue.stats().subscribers().get(0).name()).isEqualTo("ca\u0085");
            assertThat(queue.unsubscribe("cafe")).isFalse();
            assertThat(queue.unsubscribe("ca\u0085")).isTrue();
            assertThat(queue.stats().subscribers()).isEmpty();
        }
    }

    /** What may be ignored is. */
    @Test
    @Tag("F44")
    void f44AFeatureThatMayBeIgnoredIsNoHindrance() throws IOException {
        MessageQueues.open(uri).close();
        write(file, 32, word(-1));
        try (MessageQueue queue = MessageQueues.open(uri)) {
            assertThat(queue.createPublisher().publish("x")).isEqualTo(1);
        }
    }

    /**
     * In a JVM of its own, which must live; what is owed of a page that is gone must not come up as
     * something else, in a call of the C library.
     */
    @Test
    @Slow
    @Tag("F35")
    void shouldGiveEachLookAnAnswerWhileTheFileIsCutShortAgainAndAgain() throws Exception {
        String rounds = "" + Depth.pick(250, 250, 5_000);
        try (ChildJvm child = Isolated.command(CutShortWhileLookedAt.class, name, rounds)
                .flags(List.of("-Dorg.slf4j.simpleLogger.defaultLogLevel=off"))
                .start()) {
            assertThat(child.rest()).as(child::report).containsExactly(CutShortWhileLookedAt.ALL_WELL, "exit 0");
        }
    }
}
