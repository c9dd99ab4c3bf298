package dev.belfry.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.belfry.api.AckMode;
import dev.belfry.api.IncompatibleVersionException;
import dev.belfry.api.QueueFullException;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.shm.journal.LogFiles;
import dev.belfry.shm.journal.Places;
import dev.belfry.shm.journal.Places.At;
import dev.belfry.shm.journal.Places.Named;
import dev.belfry.shm.journal.SealedRecords;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.layout.RecordTrailer;
import dev.belfry.shm.memory.RealMemory;
import dev.belfry.shm.posix.Directory;
import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.posix.RealLibC;
import dev.belfry.testing.CaughtLog;
import java.io.RandomAccessFile;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A queue's directory on a real file system: what is in it, and what is told of it when it is damaged. */
@Timeout(60)
class LogDirectoryTest {
    private static final int SEGMENT = 4096;
    private static final int BODY = 300;
    private static final int SIZE = (int) RecordHeader.size(8 + BODY, RecordHeader.pad(true));

    private final LibC c = RealLibC.load();
    private final UUID logId = UUID.randomUUID();

    @TempDir
    Path path;

    private LogDirectory files;

    @BeforeEach
    void create() {
        Origin origin = new Origin(logId, 64 << 10, 256 << 10, 0600, true, 8, false, true, SEGMENT, 0);
        try (Directory directory = Directory.open(c, path.toString())) {
            assertThat(LogDirectory.create(c, directory, origin)).isTrue();
            assertThat(LogDirectory.create(c, directory, origin)).isFalse();
        }
        files = open();
        assertThat(files.origin).isEqualTo(origin);
    }

    @RegisterExtension
    final CaughtLog log = new CaughtLog();

    @AfterEach
    void close() {
        files.close();
    }

    private LogDirectory open() {
        return LogDirectory.open(c, Directory.open(c, path.toString()));
    }

    private Restored restored() {
        files.close();
        files = open();
        return Restored.of(files, Recovery.PIECE, 0);
    }

    /** Publishes messages up to that number, and syncs them. */
    private void write(Restored after, int upTo) {
        QueueFiles queue = new QueueFiles(files);
        long from = after.end.offset();
        int count = upTo - (int) after.end.position() + 1;
        ByteBuffer records = ByteBuffer.allocateDirect(count * SIZE).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            long position = after.end.position() + i;
            records.putLong(i * SIZE, RecordHeader.data(8 + BODY, 0, position));
            records.putLong(i * SIZE + 8, position);
            records.putLong((i + 1) * SIZE - 8, RecordTrailer.of(position, false));
        }
        queue.makeReady(from + count * SIZE + 8);
        new SealedRecords(logId, 256 << 10, from, after.end.position()).seal(records);
        try (LogFiles.Span span = queue.span(from, from + count * SIZE, begin -> 0)) {
            span.write(records.flip(), from);
            span.sync();
        }
        queue.open.forgetBelow(Long.MAX_VALUE);
    }

    private static At at(int message) {
        return new At((long) (message - 1) * SIZE, message);
    }

    private boolean isKept(int kept, int bound, Named... named) {
        return files.storePlaces(() -> new Places(at(kept), at(bound), List.of(named)), true);
    }

    private void keep(int kept, int bound, Named... named) {
        assertThat(isKept(kept, bound, named)).isTrue();
    }

    private List<String> names() {
        return List.copyOf(files.directory.names());
    }

    private void change(String name, long offset, byte[] bytes) throws Exception {
        try (RandomAccessFile file = new RandomAccessFile(path.resolve(name).toFile(), "rw")) {
            file.seek(offset);
            file.write(bytes);
        }
    }

    private static List<Long> read(Restored restored) {
        List<Long> numbers = new ArrayList<>();
        ByteBuffer all = ByteBuffer.allocate(256 << 10).order(ByteOrder.LITTLE_ENDIAN);
        restored.refill(all::put);
        for (int i = 0; i < all.position() / SIZE; i++) numbers.add(all.getLong(i * SIZE + 8));
        return numbers;
    }

    @Test
    void shouldKeepWhatWasWrittenFromTheFirstThatIsNeeded() {
        Restored first = restored();
        assertThat(first.end).isEqualTo(at(1));
        assertThat(names()).containsExactly("life", "log.0000000000000000", "places", "queue");
        write(first, 40);
        Named reader = new Named("reader", SlowSubscriber.OVERRUN, AckMode.CLIENT, at(30), 7, 3);
        Named ahead = new Named("ahead", SlowSubscriber.GATE_PUBLISHER, AckMode.AUTO, at(99), 1, 0);
        keep(28, 35, reader, ahead);
        assertThat(names()).doesNotContain("log.0000000000000000", "log.0000000000001000");
        Restored again = restored();
        assertThat(again.end).isEqualTo(at(41));
        assertThat(again.start()).isEqualTo(at(28));
        assertThat(again.named())
                .containsExactly(reader, new Named("ahead", SlowSubscriber.GATE_PUBLISHER, AckMode.AUTO, at(41), 1, 0));
        assertThat(read(again)).hasSize(13).startsWith(28L).endsWith(40L);
        assertThat(again.life.number()).isEqualTo(2);
        assertThat(again.life.token()).isNotEqualTo(first.life.token());
        assertThat(again.life.queueId()).isEqualTo(first.life.queueId());
    }

    /** Places are written now and then: meanwhile a ring may have gone round. */
    @Test
    void shouldBeginWhereTheRestFitsIntoARing() throws Exception {
        Files.delete(path.resolve("queue"));
        try (Directory directory = Directory.open(c, path.toString())) {
            LogDirectory.create(c, directory, new Origin(logId, 4096, 4096, 0600, true, 8, false, true, SEGMENT, 0));
        }
        write(restored(), 40);
        keep(3, 35, new Named("old", SlowSubscriber.GATE_PUBLISHER, AckMode.AUTO, at(3), 1, 0));
        Restored again = restored();
        assertThat(again.end).isEqualTo(at(41));
        assertThat(again.start()).isEqualTo(at(29)); // 12 messages of 320 bytes, and an empty word
        assertThat(read(again)).hasSize(12).startsWith(29L).endsWith(40L);
    }

    /** On a full disk it is opened all the same: those that read it make room. */
    @Test
    void shouldWriteNoNewSegmentWhereNothingIsCut() throws Exception {
        write(restored(), 40);
        Path last = path.resolve("log.0000000000003000");
        Object inode = Files.getAttribute(last, "unix:ino");
        assertThat(restored().end).isEqualTo(at(41));
        assertThat(Files.getAttribute(last, "unix:ino")).isEqualTo(inode);
    }

    /** A process that has it mounted for reading only sees no lock: the writer removes what is not needed. */
    @Test
    void shouldEndWhenASegmentGoesWhileItIsRead() throws Exception {
        write(restored(), 900);
        keep(3, 895);
        Recovery recovery = new Recovery(files, files.placesNow(), 0, Recovery.PIECE);
        assertThat(recovery.scan()).isEqualTo(at(901));
        Files.delete(path.resolve("log.0000000000003000"));
        assertThatThrownBy(() -> assertTimeoutPreemptively(Duration.ofSeconds(20), () -> recovery.start(at(901))))
                .isInstanceOf(DamagedFileException.class)
                .hasMessageContaining("differs or is gone");
    }

    @Test
    void shouldNotLetPlacesGoBack() {
        write(restored(), 40);
        keep(20, 40);
        assertThat(isKept(10, 41)).isFalse();
        assertThat(isKept(20, 30)).isFalse();
        assertThat(files.places()).isEqualTo(new Places(at(20), at(40), List.of()));
    }

    @Test
    void shouldCutAtTheFirstRecordThatIsNotWholeAndKeepWhatItCuts() throws Exception {
        write(restored(), 40);
        keep(1, 20);
        change("log.0000000000002000", 29 * SIZE + 100 - 8192, new byte[] {1});
        byte[] whole = Files.readAllBytes(path.resolve("log.0000000000003000"));
        int length = 40 * SIZE - 12_288;
        while (whole[length - 1] == 0) length--; // the checksum of the last record may end in zeros
        Restored again = restored();
        assertThat(again.end).isEqualTo(at(30));
        assertThat(names())
                .containsExactly(
                        "cut." + String.format("%016x", at(30).offset()) + ".1",
                        "cut.0000000000003000.1",
                        "life",
                        "log.0000000000000000",
                        "log.0000000000001000",
                        "log.0000000000002000",
                        "places",
                        "queue");
        assertThat(Files.readAllBytes(path.resolve("cut.0000000000003000.1"))).isEqualTo(Arrays.copyOf(whole, length));
        byte[] tail = Files.readAllBytes(path.resolve("log.0000000000002000"));
        for (int i = (int) at(30).offset() % SEGMENT; i < SEGMENT; i++)
            assertThat(tail[i]).isZero();
        write(again, 33);
        assertThat(restored().end).isEqualTo(at(34));
    }

    @Test
    void shouldTellOfDamageBelowTheBoundAndChangeNothing() throws Exception {
        write(restored(), 40);
        keep(1, 35);
        change("log.0000000000001000", 20 * SIZE + 100 - 4096, new byte[] {1});
        List<String> before = names();
        byte[] damaged = Files.readAllBytes(path.resolve("log.0000000000001000"));
        assertThatThrownBy(this::restored)
                .isInstanceOf(DamagedFileException.class)
                .hasMessageContaining("damaged at byte " + 20 * SIZE)
                .hasMessageContaining(path + "/log.0000000000001000")
                .hasMessageContaining("message 21");
        assertThat(names()).isEqualTo(before);
        assertThat(Files.readAllBytes(path.resolve("log.0000000000001000"))).isEqualTo(damaged);
    }

    @Test
    void shouldTellOfASegmentThatIsMissingOrCutShort() throws Exception {
        write(restored(), 40);
        keep(1, 35);
        change("log.0000000000001000", SEGMENT, new byte[] {1});
        assertThatThrownBy(this::restored).hasMessageContaining("has 4097 bytes, a segment has 4096");
        Files.delete(path.resolve("log.0000000000001000"));
        assertThatThrownBy(this::restored).hasMessageContaining("log.0000000000001000 is missing");
    }

    @Test
    void shouldTellWhichSmallFileIsTorn() throws Exception {
        write(restored(), 3);
        keep(1, 4);
        keep(2, 4);
        for (String name : List.of("places", "life")) {
            byte[] whole = Files.readAllBytes(path.resolve(name));
            Files.write(path.resolve(name), new byte[0]);
            assertThatThrownBy(this::restored).hasMessageContaining(name + " (0 bytes) holds nothing that is whole");
            Files.delete(path.resolve(name));
            assertThatThrownBy(this::restored).hasMessageContaining(path + "/" + name + " is missing");
            Files.write(path.resolve(name), whole);
        }
        assertThat(log.text()).doesNotContain("not whole");
        change("places", 60, new byte[] {77}); // one of two areas
        assertThat(restored().end).isEqualTo(at(4));
        assertThat(log.text()).contains(path + "/places: one of its two blocks is not whole");
        Files.write(path.resolve("queue"), new byte[100]);
        assertThatThrownBy(this::restored)
                .hasMessageContaining("queue (100 bytes) is not what a queue was created with");
    }

    @Test
    void shouldTellWhoseFilesAreMixed() throws Exception {
        write(restored(), 3);
        Origin other = new Origin(UUID.randomUUID(), 64 << 10, 256 << 10, 0600, true, 8, false, true, SEGMENT, 0);
        Files.delete(path.resolve("queue"));
        try (Directory directory = Directory.open(c, path.toString())) {
            LogDirectory.create(c, directory, other);
        }
        assertThatThrownBy(this::restored)
                .hasMessageContaining("life belongs to another directory: its log is " + logId);
    }

    @Test
    void shouldRefuseANewerVersion() throws Exception {
        ByteBuffer newer = Block.begin(8);
        newer.putInt(8, 2);
        Block kind = new Block("BelfryQu");
        kind.seal(newer, 0, logId);
        newer.putInt(8, 2);
        CRC32C sum = new CRC32C();
        sum.update(newer.duplicate().limit(newer.limit() - 4).position(0));
        newer.putInt(newer.limit() - 4, (int) sum.getValue());
        assertThatThrownBy(() -> kind.open(newer, "/x/queue"))
                .isInstanceOf(IncompatibleVersionException.class)
                .hasMessage("/x/queue has version 2, this library reads version 1. Upgrade.");
    }

    @Test
    void shouldMakeSegmentsOnceThoughTwoProcessesDo() {
        restored();
        LogDirectory other = open();
        assertThat(new QueueFiles(files).makeReady(3 * SEGMENT)).isEqualTo(3 * SEGMENT);
        assertThat(new QueueFiles(other).makeReady(2 * SEGMENT)).isEqualTo(3 * SEGMENT);
        assertThat(new QueueFiles(other).makeReady(3 * SEGMENT + 1)).isEqualTo(4 * SEGMENT);
        assertThat(names()).hasSize(7).noneMatch(name -> name.startsWith("next."));
        other.close();
    }

    /** The real library, but for what is free on the disk: a block, of a size that the test gives. */
    private LibC withFree(long bytes) {
        return (LibC)
                Proxy.newProxyInstance(LibC.class.getClassLoader(), new Class<?>[] {LibC.class}, (p, method, a) -> {
                    Object result = method.invoke(c, a);
                    if (method.getName().equals("fstatfs"))
                        RealMemory.MEMORY
                                .view((long) a[1], 120)
                                .order(ByteOrder.nativeOrder())
                                .putLong(8, bytes)
                                .putLong(32, 1);
                    return result;
                });
    }

    @Test
    void shouldLeaveRoomOnADiskThatIsNearlyFull() {
        write(restored(), 3);
        for (long free : new long[] {2 * SEGMENT - 1, 2 * SEGMENT}) {
            LibC library = withFree(free);
            QueueFiles queue = new QueueFiles(LogDirectory.open(library, Directory.open(library, path.toString())));
            boolean fits = free == 2 * SEGMENT;
            if (fits) assertThat(queue.makeReady(SEGMENT + 1)).isEqualTo(2 * SEGMENT);
            else
                assertThatThrownBy(() -> queue.makeReady(SEGMENT + 1))
                        .isInstanceOf(QueueFullException.class)
                        .hasMessageContaining(path + "' cannot grow: room for two segments of 4 KiB is needed")
                        .hasMessageContaining("its disk has 8,191 bytes free");
            queue.close();
            assertThat(names()).noneMatch(name -> name.startsWith("next."));
        }
    }

    /** Their numbers stand in files, which a later version reads. */
    @Test
    void shouldNumberWhatStandsInPlaces() {
        assertThat(SlowSubscriber.values())
                .startsWith(SlowSubscriber.GATE_PUBLISHER, SlowSubscriber.OVERRUN, SlowSubscriber.DISCONNECT);
        assertThat(AckMode.values()).startsWith(AckMode.AUTO, AckMode.CLIENT, AckMode.NONE);
    }

    @Test
    void shouldLetOneProcessAloneOrManyShare() {
        LogDirectory other = open();
        assertThat(files.locks.tryLock(LogDirectory.USE)).isTrue();
        assertThat(other.locks.tryLockShared(LogDirectory.USE)).isFalse();
        assertThat(files.locks.tryLockShared(LogDirectory.USE)).isTrue();
        assertThat(other.locks.tryLockShared(LogDirectory.USE)).isTrue();
        assertThat(other.locks.tryLock(LogDirectory.USE)).isFalse();
        files.close();
        assertThat(other.locks.tryLock(LogDirectory.USE)).isTrue();
        other.close();
    }
}
