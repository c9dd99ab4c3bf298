package dev.belfry.shm.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.ShmProvider;
import dev.belfry.spi.Finding;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The bytes that a newer library might write into a queue at work, one at a time, and what this one makes of them: the
 * table of docs/protocol.md. What 0.1.0 does here no later release can mend.
 */
@Timeout(60)
class LaterReleaseTest {
    private static final AtomicLong NUMBERS = new AtomicLong();
    private static final int COMPATIBLE = 32;
    private static final int HANDLES = 4096;
    private static final int SLOTS = HANDLES + 8 * 64;

    /** As the tables of Handles and Slots call them, each int of them. */
    private static final List<Integer> FREE_IN_HANDLE = List.of(28, 40, 44, 48, 52, 56, 60);

    private static final List<Integer> FREE_IN_SLOT = ints(96, 128, 184, 192, 200, 512);

    private final String name = "later-" + ProcessHandle.current().pid() + "-" + NUMBERS.incrementAndGet();
    private final String uri = "shm:" + name;
    private final Path file = Images.file(name);
    private MappedByteBuffer memory;

    private static List<Integer> ints(int... ranges) {
        List<Integer> all = new ArrayList<>();
        for (int i = 0; i < ranges.length; i += 2) for (int at = ranges[i]; at < ranges[i + 1]; at += 4) all.add(at);
        return all;
    }

    @BeforeEach
    void create() throws IOException {
        open().close();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            memory = channel.map(FileChannel.MapMode.READ_WRITE, 0, channel.size());
            memory.order(ByteOrder.LITTLE_ENDIAN);
        }
    }

    @AfterEach
    void remove() throws IOException {
        try {
            MessageQueues.delete(uri);
        } catch (MessageQueueException refused) {
            Files.deleteIfExists(file);
        }
    }

    private MessageQueue open() {
        return MessageQueues.open(uri + "?capacity=4k&maxCapacity=16k&slots=4");
    }

    private void plant(int base, List<Integer> free) {
        for (int at : free) memory.putInt(base + at, 7);
    }

    private void assertClear(int base, List<Integer> free) {
        for (int at : free) assertThat(memory.getInt(base + at)).as("+" + at).isZero();
    }

    // Reserved words

    @Test
    void shouldClearTheReservedWordsOfAHandleWhenItOpens() {
        open().close();
        plant(HANDLES, FREE_IN_HANDLE);
        try (MessageQueue queue = open()) {
            assertThat(queue.stats().publishers()).isZero();
            assertThat(memory.getLong(HANDLES) & 15).isOne();
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
            assertThat(memory.getLong(SLOTS) & 15).isEqualTo(2);
            assertClear(SLOTS, FREE_IN_SLOT);
        }
    }

    /** Each word is either one that an owner stores, or one that it clears. */
    @Test
    void shouldLeaveNothingOfThePredecessorInAHandle() {
        open().close();
        for (int at = 8; at < 64; at += 4) memory.putInt(HANDLES + at, 0x5555_5555);
        open().close();
        for (int at = 8; at < 64; at += 4)
            assertThat(memory.getInt(HANDLES + at)).as("+" + at).isNotEqualTo(0x5555_5555);
    }

    @Test
    void shouldJudgeReservedWordsOnlyWhereNoCompatibleFeatureIsSet() {
        try (MessageQueue queue = open();
                Subscriber subscriber = queue.createSubscriber()) {
            assertThat(subscriber.receiveNoWait()).isNull();
            assertThat(deep()).extracting(Finding::check).containsExactly("queue");
            for (int at : new int[] {120, 2240, 4092}) assertJudged(at, "corrupt-header");
            for (int at : FREE_IN_HANDLE) assertJudged(HANDLES + at, "corrupt-handles");
            for (int at : FREE_IN_SLOT) assertJudged(SLOTS + at, "corrupt-slots"); // in use
            assertJudged(SLOTS + 1024 + 96, "corrupt-slots"); // never used
        }
    }

    private void assertJudged(int at, String check) {
        memory.putInt(at, 7);
        assertThat(deep()).as("+" + at).extracting(Finding::check).containsExactly(check);
        memory.putInt(COMPATIBLE, 4);
        Finding finding = deep().get(0);
        assertThat(finding.level()).as("+" + at).isEqualTo(Finding.Level.NOTE);
        assertThat(finding.what())
                .isEqualTo("it is used by a newer library, with features 4 that this one may ignore; reserved words are"
                        + " not judged");
        memory.putInt(COMPATIBLE, 0);
        memory.putInt(at, 0);
    }

    private List<Finding> deep() {
        return new ShmProvider()
                .inspector().orElseThrow().diagnoseAll(List.of(name), true, (what, done, all) -> {}).stream()
                        .filter(each -> each.subject().equals(uri))
                        .toList();
    }
}
