package dev.belfry.shm.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.IncompatibleQueueException;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueCorruptedException;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberDisconnectedException;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.ShmProvider;
import dev.belfry.spi.Finding;
import dev.belfry.spi.QueueInspector;
import dev.belfry.testing.Depth;
import dev.belfry.testing.Seeded;
import dev.belfry.testing.Slow;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;

/**
 * Somebody writes some bytes into a quiet segment. Nobody crashes or hangs, no subscriber is
 * blamed, and what is read is what was published, or the reader or the doctor says that it is not;
 * but for what nothing repeats: payloads, their exact length within eight bytes, flags, and
 * settings that are possible.
 */
@Timeout(1800)
@Tag("F78")
@Slow
class ScribblesTest {
    private static final int INPUTS = Integer.getInteger("belfry.scribbles", Depth.pick(300, 2_000, 100_000));
    private static final int LONGEST = 64;
    private static final int SLOTS_AT = 4096;
    private static final int FIRST_RING = 65536;
    private static final Duration SOON = Duration.ofMillis(1);

    private final String name = "scribbles-" + ProcessHandle.current().pid();
    private final String uri = "shm:" + name;
    private final Path file = Path.of("/dev/shm/belfry." + name);
    private final List<int[]> pieces =
            List.of(new int[] {0, 12288}, new int[] {FIRST_RING, 4096}, new int[] {2 * FIRST_RING, 8192}, new int[] {
                3 * FIRST_RING, 16384
            });

    private MappedByteBuffer memory;
    private byte[] image;
    private Reading before;

    /** By position: the place of its header word in the file and its frame's length. */
    private final Map<Long, int[]> records = new TreeMap<>();

    /** The bodies that a reader of all and the named subscription got, by position; and the refused ones. */
    private static final class Reading {
        final List<Message> all = new ArrayList<>();
        final List<Message> audit = new ArrayList<>();
        Throwable refused;
    }

    @BeforeEach
    void publish() throws IOException {
        try (MessageQueue queue = MessageQueues.open(uri + "?capacity=4k&maxCapacity=16k&slots=4");
                Publisher publisher = queue.createPublisher();
                Subscriber all = queue.createSubscriber();
                Subscriber audit = queue.createSubscriber(
                        SubscriberOptions.builder().name("audit").build())) {
            Random random = new Random(1);
            for (int i = 0; i < 150; i++) {
                byte[] body = new byte[8 + random.nextInt(200)];
                random.nextBytes(body);
                publisher.publish(ByteBuffer.wrap(body));
                if (i < 30) {
                    all.receive(SOON);
                    audit.receive(SOON);
                }
            }
            assertThat(queue.stats().counters().get("grows")).isEqualTo(2);
        }
        map();
        image = new byte[memory.capacity()];
        for (int[] piece : pieces) memory.get(piece[0], image, piece[0], piece[1]);
        before = read();
        assertThat(before.refused).isNull();
        assertThat(before.audit).hasSize(120);
        place();
        restore();
        assertThat(findings()).as("nothing is said of a healthy one").isEmpty();
    }

    @AfterEach
    void remove() throws IOException {
        restore();
        MessageQueues.delete(uri);
    }

    private void map() throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            memory = channel.map(FileChannel.MapMode.READ_WRITE, 0, 3 * FIRST_RING + 16384);
        }
        memory.order(ByteOrder.LITTLE_ENDIAN);
    }

    /** A scribble may say that it goes with its last handle. */
    private void restore() throws IOException {
        if (!Files.exists(file)) map();
        for (int[] piece : pieces) memory.put(piece[0], image, piece[0], piece[1]);
    }

    /** Where each record lies: by its stamp, in the regions' order. */
    private void place() {
        long position = before.all.get(0).position();
        long gate = memory.getLong(520);
        for (int region = 0; region < 3; region++) {
            long base = memory.getLong(1152 + 32 * region + 16);
            int place = (int) memory.getLong(1152 + 32 * region);
            int capacity = (int) memory.getLong(1152 + 32 * region + 8);
            long end = region == 2 ? memory.getLong(384) : memory.getLong(1152 + 32 * (region + 1) + 16);
            for (long offset = Math.max(base, gate); offset < end; ) {
                int at = place + (int) ((offset - base) % capacity);
                int length = memory.getInt(at);
                if ((memory.getInt(at + 4) & 0xF) == 1) records.put(position++, new int[] {at, length});
                offset += length + 7 & ~7;
            }
        }
        assertThat(records).hasSize(before.all.size());
    }

    private Reading read() {
        Reading reading = new Reading();
        try (MessageQueue queue = MessageQueues.open(uri + "?create=OPEN_EXISTING")) {
            try (Subscriber all = queue.createSubscriber(SubscriberOptions.observer(StartAt.OLDEST_RETAINED))) {
                for (Message m; reading.all.size() < 1000 && (m = all.receive(SOON)) != null; ) reading.all.add(m);
            }
            try (Subscriber audit = queue.createSubscriber(
                    SubscriberOptions.builder().name("audit").build())) {
                for (Message m; reading.audit.size() < 1000 && (m = audit.receive(SOON)) != null; )
                    reading.audit.add(m);
            }
        } catch (MessageQueueException | IllegalArgumentException refused) { // such as: it refuses gating subscribers
            reading.refused = refused;
        }
        return reading;
    }

    /** Problems, and slots of which the doctor says that it cannot judge them. */
    private List<Finding> findings() {
        QueueInspector inspector = new ShmProvider().inspector().orElseThrow();
        return inspector.diagnose(name, true).stream()
                .filter(f -> f.subject().equals(uri))
                .filter(f -> f.level().isProblem()
                        || f.check().equals("newer") && f.what().contains("is in slot"))
                .toList();
    }

    private boolean differs(List<Message> was, List<Message> is, int from, int length) {
        if (was.size() != is.size()) return true;
        for (int i = 0; i < was.size(); i++) {
            Message a = was.get(i);
            Message b = is.get(i);
            if (a.position() != b.position()) return true;
            int[] place = records.get(a.position());
            int header = place[0];
            boolean hitsFlags = from <= header + 4 && header + 4 < from + length;
            if (hitsFlags) continue;
            byte[] one = a.bytes();
            byte[] other = b.bytes();
            if ((one.length + 7 & ~7) != (other.length + 7 & ~7)) return true;
            boolean hitsLength = from <= header && header < from + length;
            boolean wraps = false;
            for (int[] piece : pieces)
                wraps |= header >= piece[0] && header < piece[0] + piece[1] && header + place[1] > piece[0] + piece[1];
            boolean hitsPayload = from < header + place[1] && from + length > header + 8;
            if (!hitsLength && !hitsPayload && !wraps && !Arrays.equals(one, other)) return true;
        }
        return false;
    }

    @Seeded(20261121)
    void f78WhatDiffersIsSaidBySomebody(long seed) throws IOException {
        Map<String, Integer> outcomes = new TreeMap<>();
        List<String> unnoticed = new ArrayList<>();
        long slowest = 0;
        for (int i = 0; i < INPUTS; i++) {
            Random random = new Random(seed + i);
            byte[] scribble = new byte[1 + random.nextInt(LONGEST)];
            random.nextBytes(scribble);
            if (random.nextInt(4) == 0) Arrays.fill(scribble, (byte) (random.nextBoolean() ? 0 : 0xFF));
            int from = place(random, scribble.length);
            restore();
            memory.put(from, scribble);
            long began = System.nanoTime();
            Reading reading = read();
            slowest = Math.max(slowest, System.nanoTime() - began);
            String id = "input " + i + ", " + scribble.length + " bytes at " + from;
            if (reading.refused instanceof SubscriberDisconnectedException)
                unnoticed.add(id + " is blamed on a subscriber: " + reading.refused.getMessage());
            boolean said = reading.refused instanceof QueueCorruptedException
                    || reading.refused instanceof IncompatibleQueueException
                    || reading.refused instanceof IllegalArgumentException;
            boolean differs = reading.refused != null
                    || differs(before.all, reading.all, from, scribble.length)
                    || differs(before.audit, reading.audit, from, scribble.length);
            String outcome = !differs ? "the same" : said ? "said by a reader" : "said by the doctor";
            if (differs && !said) {
                restore();
                memory.put(from, scribble);
                if (findings().isEmpty()) {
                    outcome = "unnoticed";
                    unnoticed.add(
                            id + ": " + reading.refused + ", " + reading.all.size() + " and " + reading.audit.size());
                }
            }
            outcomes.merge(outcome, 1, Integer::sum);
            removeSemaphores();
        }
        System.out.printf(
                "scribbles, seed %d: %d inputs, %s, the slowest %d ms%n", seed, INPUTS, outcomes, slowest / 1_000_000);
        assertThat(unnoticed).isEmpty();
    }

    /** The header and the tables as often as the rings. */
    private int place(Random random, int length) {
        int[] piece = pieces.get(Math.max(0, random.nextInt(7) - 3));
        int most = piece[0] == 0 && random.nextInt(4) == 0 ? SLOTS_AT : piece[1];
        return piece[0] + random.nextInt(most - length + 1);
    }

    /** Of the id that the header has now. */
    private void removeSemaphores() throws IOException {
        String id = String.format("%016x%016x", memory.getLong(40), memory.getLong(48));
        try (var files = Files.newDirectoryStream(Path.of("/dev/shm"), "sem.belfry." + id + ".*")) {
            for (Path semaphore : files) Files.deleteIfExists(semaphore);
        }
    }
}
