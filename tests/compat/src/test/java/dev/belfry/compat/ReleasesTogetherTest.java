package dev.belfry.compat;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.Create;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.QueueConfig;
import dev.belfry.testing.ByTurns;
import dev.belfry.testing.Depth;
import dev.belfry.testing.OwnMount;
import dev.belfry.testing.Patched;
import dev.belfry.testing.Seeded;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Processes of 0.1.0 and of today's build share a queue, a directory, a domain. They are killed at random moments, and
 * those that go on in their place are of the other release. Nothing is lost, doubled or torn.
 */
@Timeout(900)
@WaitsForOthers
@Slow
@Tag("F73")
class ReleasesTogetherTest {
    private static final int KILLS = Depth.pick(4, 8, 100);
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");
    private static final int QUEUE_ID = 40;
    private static final int HEADER = QUEUE_ID + 16;
    private static final int REBOOTS = Depth.pick(1, 2, 10);
    private static final String SMALL = "capacity=4k&maxCapacity=256k";
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final String name = "belfry-compat-" + ProcessHandle.current().pid() + "-" + NUMBER.incrementAndGet();

    @TempDir
    Path directory;

    /** Here a test may still be skipped. */
    @BeforeEach
    void build() throws IOException {
        Released.jars();
    }

    /** What a script does with seats. */
    private interface Script {
        void play(Seats seats) throws Exception;
    }

    private static void play(Seats.Play play, long seed, Script script) throws Exception {
        try (Seats seats = new Seats(play, seed)) {
            try {
                script.play(seats);
            } catch (Throwable failure) {
                seats.reportTo(failure);
                throw failure;
            }
        }
    }

    /** The next process that opens a queue clears up what those that were killed have left. */
    @AfterEach
    void remove() throws IOException {
        URI uri = URI.create("shm:" + name);
        String semaphores = "sem.belfry." + id() + ".*";
        try {
            QueueConfig there =
                    QueueConfig.builder().create(Create.OPEN_EXISTING).build();
            MessageQueues.open(uri, there).close();
        } catch (MessageQueueException noneOrADomain) {
            // it is deleted all the same
        }
        MessageQueues.delete(uri);
        // Of a queue that a planted mistake has spoiled nobody else knows them.
        try (DirectoryStream<Path> left = Files.newDirectoryStream(SHARED_MEMORY, semaphores)) {
            for (Path each : left) Files.delete(each);
        }
    }

    /** As it stands in the names of its semaphores; of no queue that is not there. */
    private String id() throws IOException {
        Path queue = SHARED_MEMORY.resolve("belfry." + name);
        if (!Files.exists(queue)) return "none";
        ByteBuffer header = ByteBuffer.wrap(new byte[HEADER]).order(ByteOrder.LITTLE_ENDIAN);
        try (InputStream in = Files.newInputStream(queue)) {
            in.readNBytes(header.array(), 0, HEADER);
        }
        return new UUID(header.getLong(QUEUE_ID), header.getLong(QUEUE_ID + 8))
                .toString()
                .replace("-", "");
    }

    @Seeded(7)
    void shouldAccountForEveryMessageOfAQueue(long seed) throws Exception {
        queue(seed, KILLS, null);
    }

    private void queue(long seed, int kills, Path planted) throws Exception {
        OneQueue queue = new OneQueue("shm:" + name + "?" + SMALL, planted);
        play(queue, seed, seats -> {
            seats.begin();
            seats.kill(kills);
            queue.finish(seats);
        });
    }

    /** Again and again all are killed at once, and the memory is lost; then one of them recovers the directory. */
    @Seeded(8)
    void shouldAccountForEveryMessageOfADirectory(long seed) throws Exception {
        OneQueue queue = new OneQueue("file:" + directory.resolve("q") + "?anyFileSystem=true&" + SMALL, null);
        play(queue, seed, seats -> {
            for (int i = 0; i < REBOOTS; i++) {
                try (OwnMount memory = OwnMount.ofShm("size=200m")) {
                    queue.in(memory);
                    seats.begin();
                    seats.kill(KILLS / 2);
                    seats.killAll();
                }
            }
            try (OwnMount memory = OwnMount.ofShm("size=200m")) {
                queue.in(memory);
                seats.begin();
                queue.finish(seats);
            }
        });
    }

    @Seeded(9)
    void shouldAccountForEveryMessageOfAQueueOfADomain(long seed) throws Exception {
        domain("queue", seed, KILLS, null);
    }

    @Seeded(10)
    void shouldAccountForEveryMessageOfASubscriptionOfADomain(long seed) throws Exception {
        domain("topic", seed, KILLS, null);
    }

    private void domain(String kind, long seed, int kills, Path planted) throws Exception {
        OneDomain domain =
                new OneDomain("shm:" + name + "?capacity=64k&maxCapacity=1m&linger=0s&maxDeliveries=0", kind, planted);
        play(domain, seed, seats -> {
            seats.begin();
            seats.kill(kills);
            domain.finish(seats);
        });
    }

    /** A release that has moved fields, and not the number of its layout. */
    @ByTurns
    @Test
    void shouldNoticeFieldsThatHaveMoved() {
        try (Patched twin = Patched.in("Creation", "int CAPACITY = 80;", "int CAPACITY = 88;")
                .and("Creation", "int MAX_CAPACITY = 88;", "int MAX_CAPACITY = 80;")) {
            Path planted = twin.directory();
            assertThatThrownBy(() -> queue(11, Seats.ALL, planted))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("impossible capacities");
        }
    }

    @ByTurns
    @Test
    void shouldNoticeAnotherTypeOfAProperty() {
        try (Patched twin = Patched.in("PropertiesCodec", "LONG = 5;", "LONG = 9;")) {
            Path planted = twin.directory();
            assertThatThrownBy(() -> queue(12, Seats.ALL, planted))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageMatching("(?s).*(Properties end beyond their block|has the properties).*");
        }
    }

    @ByTurns
    @Test
    void shouldNoticeAnotherTypeOfABody() {
        try (Patched twin = Patched.in("BodyType", "TEXT(1), BYTES(2),", "TEXT(2), BYTES(1),")) {
            Path planted = twin.directory();
            assertThatThrownBy(() -> domain("queue", 13, Seats.ALL, planted))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("cannot be cast to class jakarta.jms.TextMessage");
        }
    }
}
