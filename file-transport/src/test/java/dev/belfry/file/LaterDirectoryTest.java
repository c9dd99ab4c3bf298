package dev.belfry.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.IncompatibleVersionException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberStats;
import dev.belfry.shm.journal.SealedRecords;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.testing.Patience;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a newer library might write into the files of a directory, and what this one makes of it: the table of
 * docs/protocol.md. What 0.1.0 does here no later release can mend.
 */
@Timeout(60)
class LaterDirectoryTest {
    /** Of the subscription 'reader' in a block of {@code places}: after the head, two places, a count, and its name. */
    private static final int POLICY = Block.BODY + 32 + 4 + 4 + "reader".length();

    private static final int ACK_MODE = POLICY + 1;
    private static final int FLAGS = Block.BODY + 32;

    /** {@code at}, {@code to}: a byte of the block. */
    @ParameterizedTest
    @CsvSource({
        "queue, 8, 3, 'has version 3, this library reads version 2. Upgrade.'",
        "queue, 72, 22, 'has flags 10, which this library does not know. Upgrade.'",
        "queue, 77, 1, 'has flags 10000000000, which this library does not know. Upgrade.'",
        "life, 8, 2, 'has version 2, this library reads version 1. Upgrade.'",
        "places, 8, 2, 'has version 2, this library reads version 1. Upgrade.'",
        "places, 86, 8, 'has a place with code 8, this library reads those up to 7. Upgrade.'",
        "places, 87, 255, 'has a place with code 255, this library reads those up to 127. Upgrade.'"
    })
    void shouldRefuseWhatIsNewerAndChangeNothing(String file, int at, int to, String what) throws IOException {
        assertThat(FLAGS).isEqualTo(72);
        assertThat(POLICY).isEqualTo(86);
        try (Small queue = new Small("")) {
            queue.fill(3);
            String livePart = queue.livePart();
            set(queue.directory.resolve(file), at, to);
            Map<String, Integer> before = contents(queue.directory);
            for (int i = 0; i < 2; i++)
                assertThatThrownBy(() -> queue.open().close())
                        .isInstanceOf(IncompatibleVersionException.class)
                        .hasMessageEndingWith("/" + file + " " + what);
            assertThat(contents(queue.directory)).isEqualTo(before);
            assertThat(Path.of("/dev/shm", "belfry..file." + livePart)).doesNotExist();
        }
    }

    /** With three messages, of which none was read, and no process: so both blocks of the file were written. */
    private static Path afterTwoLives(Small queue, String file) throws IOException {
        queue.fill(3);
        queue.open().close();
        queue.forgetLivePart();
        return queue.directory.resolve(file);
    }

    /** An upgrade was killed in the middle: one of the two blocks of the file is of a later version. */
    @ParameterizedTest
    @CsvSource({"places, 0", "places, 1", "life, 0", "life, 1"})
    void shouldRefuseANewerBlockBesideOneOfItsOwn(String name, int which) throws IOException {
        try (Small queue = new Small("")) {
            Path file = afterTwoLives(queue, name);
            byte[] all = Files.readAllBytes(file);
            assertThat(areas(all)).as("blocks of " + name).hasSize(2);
            sealed(block(all, areas(all)[which]).putInt(8, 2));
            Files.write(file, all);
            Map<String, Integer> before = contents(queue.directory);
            for (int i = 0; i < 2; i++)
                assertThatThrownBy(() -> queue.open().close())
                        .isInstanceOf(IncompatibleVersionException.class)
                        .hasMessageEndingWith("/" + name + " has version 2, this library reads version 1. Upgrade.");
            assertThat(contents(queue.directory)).isEqualTo(before);
        }
    }

    /** The later one was not whole on the disk: its own one counts, and the next is of its version. */
    @ParameterizedTest
    @ValueSource(strings = {"places", "life"})
    void shouldGoOnFromItsOwnBlockBesideANewerOneThatIsTorn(String name) throws IOException {
        try (Small queue = new Small("")) {
            Path file = afterTwoLives(queue, name);
            byte[] all = Files.readAllBytes(file);
            long newest = newest(file).getLong(16);
            ByteBuffer torn = block(all, areas(all)[(int) (newest + 1) & 1]);
            torn.putInt(8, 2).putLong(16, newest + 1);
            Files.write(file, all);
            try (MessageQueue open = queue.open()) {
                assertThat(open.stats().subscribers().get(0).lag()).isEqualTo(3);
                open.createPublisher().publish("one more");
            }
            queue.forgetLivePart();
            assertThat(newest(file).getInt(8)).isOne();
            try (MessageQueue open = queue.open()) {
                assertThat(open.stats().subscribers().get(0).lag()).isEqualTo(4);
            }
        }
    }

    /** In a queue at work nothing goes by it; what opens, and 'belfry keep', are refused. */
    @Test
    void shouldRefuseAHistoryThatIsKeptForWhatItDoesNotKnow() throws IOException {
        try (Small queue = new Small("&maxSize=64m&keep=90min")) {
            queue.fill(3);
            Path history = queue.directory.resolve("history");
            byte[] before = Files.readAllBytes(history);
            try (MessageQueue open = queue.open();
                    LogDirectory files = Small.files(queue.directory)) {
                for (String text : List.of("90yrs", "version")) {
                    if (text.equals("version")) set(history, 8, 9);
                    else for (int i = 0; i < text.length(); i++) set(history, Block.BODY + i, text.charAt(i));
                    byte[] newer = Files.readAllBytes(history);
                    assertRefused(files.history::keep, history);
                    assertThat(files.history.keepOrAll().isAll()).isTrue();
                    assertThat(files.history.keptFrom(0, 100, false)).isZero();
                    assertRefused(() -> files.history.keep(Keep.ALL), history);
                    assertRefused(() -> queue.open().close(), history);
                    assertThat(Files.readAllBytes(history)).isEqualTo(newer);
                    Files.write(history, before);
                }
                assertThat(open.createPublisher().publish("it goes on")).isEqualTo(4);
            }
            queue.open().close();
        }
    }

    private static void assertRefused(ThrowingCallable call, Path file) {
        assertThatThrownBy(call)
                .isInstanceOf(IncompatibleVersionException.class)
                .hasMessageContaining("" + file.getFileName())
                .hasMessageEndingWith("Upgrade.");
    }

    /** It gates, and its code is kept in this life and all that follow, until somebody attaches. */
    @ParameterizedTest
    @CsvSource({"3, 0", "7, 3", "0, 127"})
    void shouldKeepTheCodesOfAPlaceThatItDoesNotKnow(int policy, int ackMode) throws IOException {
        try (Small queue = new Small("")) {
            queue.fill(3);
            Path places = queue.directory.resolve("places");
            set(places, POLICY, policy);
            set(places, ACK_MODE, ackMode);
            for (int life = 0; life < 2; life++) {
                try (MessageQueue open = queue.open()) {
                    SubscriberStats reader = open.stats().subscribers().get(0);
                    assertThat(reader.slowSubscriber().name()).isEqualTo("GATE_PUBLISHER");
                    assertThat(reader.ackMode().name()).isEqualTo(ackMode == 0 ? "AUTO" : "CLIENT");
                    assertThat(reader.lag()).isEqualTo(3 + life);
                    open.createPublisher().publish("one more");
                }
                queue.forgetLivePart();
                assertThat(newest(places).get(POLICY)).isEqualTo((byte) policy);
                assertThat(newest(places).get(ACK_MODE)).isEqualTo((byte) ackMode);
            }
            try (MessageQueue open = queue.open();
                    Subscriber reader = open.createSubscriber(Small.READER)) {
                for (int i = 1; i <= 5; i++)
                    assertThat(reader.receive(Duration.ofSeconds(10)).position())
                            .isEqualTo(i);
            }
            assertThat(newest(places).get(POLICY)).isZero();
        }
    }

    /** In the files it is passed over, as in the ring, by who looks for a place or a time behind it. */
    @Test
    void shouldPassARecordWithFlagsThatItDoesNotKnowInTheFiles() throws IOException {
        try (Small small = new Small("&sync=os&flush=500ms&capacity=64k&maxCapacity=64k");
                MessageQueue queue = small.open();
                Publisher publisher = queue.createPublisher(
                        PublisherOptions.builder().timestamps(true).build())) {
            publisher.publish("one");
            publisher.publish("two");
            long then = System.currentTimeMillis();
            Patience.until("a later millisecond", () -> System.currentTimeMillis() > then);
            for (int i = 3; i <= 200; i++) publisher.publish(new byte[1000]);
            assertThat(publisher.awaitDurable(200, Patience.limit())).isTrue();
            withFlags(small, 4);
            try (Subscriber behind = queue.createSubscriber(StartAt.at(3));
                    Subscriber later = queue.createSubscriber(StartAt.time(Instant.ofEpochMilli(then + 1)));
                    Subscriber first = queue.createSubscriber(StartAt.at(1))) {
                assertThat(behind.receive(Patience.limit()).position()).isEqualTo(3);
                assertThat(later.receive(Patience.limit()).position()).isEqualTo(3);
                assertThat(first.receive(Patience.limit()).text()).isEqualTo("one");
                for (int i = 0; i < 2; i++)
                    assertThatThrownBy(first::receiveNoWait)
                            .isInstanceOf(IncompatibleVersionException.class)
                            .hasMessageContaining("message 2 needs a newer library, for its flags 6.");
                first.seek(StartAt.at(3));
                assertThat(first.receive(Patience.limit()).position()).isEqualTo(3);
            }
        }
    }

    /** Of the second record, which proves itself all the same. */
    private static void withFlags(Small small, int flags) throws IOException {
        Path log = small.directory.resolve("log.0000000000000000");
        try (FileChannel file = FileChannel.open(log, StandardOpenOption.READ, StandardOpenOption.WRITE);
                LogDirectory directory = Small.files(small.directory)) {
            ByteBuffer both = ByteBuffer.allocate(256).order(ByteOrder.LITTLE_ENDIAN);
            file.read(both, 0);
            int at = size(both.getLong(0));
            int end = at + size(both.getLong(at));
            both.putLong(at, both.getLong(at) | (long) flags << 36);
            both.putInt(end - Integer.BYTES, 0); // the checksum
            new SealedRecords(directory.origin.logId(), 64 << 10, at, 2)
                    .seal(both.limit(end).position(at));
            file.write(both.position(at), at);
        }
    }

    private static int size(long word) {
        return (int) RecordHeader.size(RecordHeader.frameLength(word), RecordHeader.pad(true));
    }

    private static Map<String, Integer> contents(Path directory) throws IOException {
        Map<String, Integer> all = new TreeMap<>();
        for (String each : Small.names(directory))
            all.put(each, Arrays.hashCode(Files.readAllBytes(directory.resolve(each))));
        return all;
    }

    /** In each block of the file that is whole, with its checksum. */
    private static void set(Path file, int at, int to) throws IOException {
        byte[] all = Files.readAllBytes(file);
        for (int area : areas(all)) sealed(block(all, area).put(at, (byte) to));
        Files.write(file, all);
    }

    private static void sealed(ByteBuffer block) {
        int length = block.getInt(12);
        CRC32C sum = new CRC32C();
        sum.update(block.duplicate().position(0).limit(length - 4));
        block.putInt(length - 4, (int) sum.getValue());
    }

    private static ByteBuffer newest(Path file) throws IOException {
        byte[] all = Files.readAllBytes(file);
        ByteBuffer newest = null;
        for (int area : areas(all)) {
            ByteBuffer each = block(all, area);
            if (newest == null || each.getLong(16) > newest.getLong(16)) newest = each;
        }
        return newest;
    }

    private static int[] areas(byte[] all) {
        int second = all.length / 2;
        boolean hasTwo = all.length > 1024 && block(all, second).getInt(12) != 0;
        return hasTwo ? new int[] {0, second} : new int[] {0};
    }

    private static ByteBuffer block(byte[] all, int at) {
        return ByteBuffer.wrap(all, at, all.length - at).slice().order(ByteOrder.LITTLE_ENDIAN);
    }
}
