package dev.belfry.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueConfig;
import dev.belfry.shm.LivePart;
import dev.belfry.shm.journal.SealedRecords;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.posix.Directory;
import dev.belfry.spi.QueueSettings;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Publishers of the real live part, with its real leaders, over a {@link Disk}: again and again the power goes, on a
 * copy. Whatever had returned by then is there, in order and whole.
 */
@WaitsForOthers
@Timeout(300)
class LeaderPowerLossTest {
    private static final int SEGMENT = 64 << 10;
    private static final int PUBLISHERS = 4;
    private static final long MOST = 1 << 20;
    private static final int AT_ONCE = 100;

    private final Random random = new Random(11);
    private final Disk disk = new Disk(new Random(12));
    private final UUID logId = UUID.randomUUID();
    private final String name = logId.toString().replace("-", "");
    private final QueueSettings settings = QueueSettings.of(
            QueueConfig.builder().capacity(64 << 10).maxCapacity(MOST).build());
    private final List<MessageQueue> handles = new ArrayList<>();
    private final Map<String, Long> returned = new ConcurrentHashMap<>();
    private final AtomicInteger permits = new AtomicInteger(); // to publish; a disk of memory is too fast
    private volatile boolean ends;

    @BeforeEach
    void create() {
        Origin origin = new Origin(logId, 64 << 10, MOST, 0600, true, 8, false, true, SEGMENT);
        LogDirectory.create(disk.libC(), Directory.open(disk.libC(), Disk.DIRECTORY), origin, -1);
    }

    @AfterEach
    void close() {
        handles.forEach(MessageQueue::close);
        LivePart.setAside(name);
    }

    private LogDirectory files(Disk on) {
        return LogDirectory.open(on.libC(), Directory.open(on.libC(), Disk.DIRECTORY));
    }

    private LivePart.Spec spec(Life life) {
        return new LivePart.Spec(
                name,
                URI.create("file:/disk"),
                logId,
                life.token(),
                life.queueId(),
                life.number(),
                1,
                1,
                settings,
                8,
                false,
                true,
                50_000_000);
    }

    /** The first handle makes the live part, a second one joins it: leaders of two. */
    private void open() {
        LogDirectory files = files(disk);
        Restored restored = Restored.of(files, Recovery.PIECE);
        QueueFiles queue = new QueueFiles(files);
        try (LivePart part = LivePart.create(
                spec(restored.life), queue, restored.start(), restored.end.offset(), restored.readyUpTo)) {
            restored.refill(part::refill);
            restored.named().forEach(part::named);
            handles.add(part.link());
        }
        handles.add(LivePart.open(spec(restored.life), QueueConfig.defaults(), new QueueFiles(files(disk))));
    }

    private Thread publisher(int number) {
        return new Thread(
                () -> {
                    Random own = new Random(number);
                    try (Publisher publisher = handles.get(number % 2).createPublisher()) {
                        for (long i = 0; !ends; i++) {
                            while (permits.getAndDecrement() <= 0 && !ends) {
                                permits.incrementAndGet();
                                Thread.onSpinWait();
                            }
                            String text =
                                    number + "-" + i + "-" + "x".repeat(own.nextInt(own.nextInt(9) == 0 ? 9000 : 200));
                            returned.put(text, publisher.publish(text));
                        }
                    }
                },
                "publisher-" + number);
    }

    /** All messages that a directory has, by their positions. */
    private static Map<Long, String> messages(Disk on) {
        LogDirectory files = LogDirectory.open(on.libC(), Directory.open(on.libC(), Disk.DIRECTORY));
        Restored restored = Restored.of(files, 1 << 16);
        ByteBuffer all = ByteBuffer.allocate(
                        (int) (restored.end.offset() - restored.start().offset()))
                .order(ByteOrder.LITTLE_ENDIAN);
        SealedRecords walked = new SealedRecords(
                files.origin.logId(),
                MOST,
                restored.start().offset(),
                restored.start().position());
        restored.refill(proven -> {
            ByteBuffer piece =
                    ByteBuffer.allocate(proven.remaining()).put(proven).flip();
            while (piece.hasRemaining()) walked.unseal(piece);
            all.put(piece.position(0));
        });
        Map<Long, String> messages = new ConcurrentHashMap<>();
        long position = restored.start().position();
        int pad = RecordHeader.pad(true);
        for (int at = 0; at < all.limit(); ) {
            long word = all.getLong(at);
            if (RecordHeader.type(word) == RecordHeader.HOP) {
                at += RecordHeader.SIZE;
                continue;
            }
            byte[] body = new byte[RecordHeader.frameLength(word) - RecordHeader.SIZE];
            all.get(at + RecordHeader.SIZE, body);
            messages.put(position++, new String(body));
            at += (int) RecordHeader.size(RecordHeader.frameLength(word), pad);
        }
        assertThat(position).isEqualTo(restored.end.position());
        messages.put(-1L, Long.toString(restored.start().position()));
        return messages;
    }

    private void losePower() {
        Map<String, Long> before = Map.copyOf(returned);
        Disk after = disk.afterPowerLoss(random);
        Map<Long, String> found = messages(after);
        long kept = Long.parseLong(found.get(-1L));
        before.forEach((text, position) -> {
            if (position >= kept)
                assertThat(found.get(position))
                        .as("message %d of %d", position, found.size())
                        .isEqualTo(text);
        });
    }

    private void publish(int losses) throws InterruptedException {
        open();
        List<Thread> publishers = new ArrayList<>();
        for (int i = 0; i < PUBLISHERS; i++) publishers.add(publisher(i));
        publishers.forEach(Thread::start);
        try {
            for (int i = 0; i < losses; i++) {
                permits.addAndGet(AT_ONCE);
                losePower();
            }
        } finally {
            ends = true;
            for (Thread each : publishers) each.join();
        }
        losePower();
        Set<Long> positions = new HashSet<>(returned.values());
        assertThat(positions).hasSameSizeAs(returned.keySet()).hasSizeGreaterThan(losses);
    }

    @Test
    void shouldHaveWhatHadReturned() throws Exception {
        publish(60);
    }

    @Test
    @Slow
    void shouldHaveWhatHadReturnedManyTimes() throws Exception {
        publish(300);
    }
}
