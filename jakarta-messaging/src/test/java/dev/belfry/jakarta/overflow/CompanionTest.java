package dev.belfry.jakarta.overflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.belfry.api.InUseException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.file.DiskProvider;
import dev.belfry.jakarta.overflow.CompanionException.Why;
import dev.belfry.jakarta.wire.DestinationId;
import dev.belfry.jakarta.wire.Lot;
import dev.belfry.jakarta.wire.Paged;
import dev.belfry.jakarta.wire.Rest;
import dev.belfry.spi.QueueUri;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;

/** A companion over a real directory: what is there when, and each of its failures by a real one. */
@Timeout(120)
@WaitsForOthers
class CompanionTest {
    private static final String QUEUE = "orders";
    private static final long ID = DestinationId.of(DestinationId.QUEUE, QUEUE);
    private static final QueueUri SHM = QueueUri.parse("shm:shop");

    private Path directory; // a twin knows no annotation that makes one

    private final List<Companion> open = new ArrayList<>();
    private final CountDownLatch hangs = new CountDownLatch(1);

    @BeforeEach
    void begin() throws IOException {
        directory = Files.createTempDirectory("companions");
    }

    @AfterEach
    void close() throws IOException {
        DiskProvider.beforeSync = () -> 0;
        DiskProvider.before = call -> 0;
        hangs.countDown();
        for (Companion each : open) each.close(Patience.limit());
        for (Companion each : open)
            Patience.until("it is deleted", () -> isDeleted(each.binding().uri()));
        if (Files.exists(kept())) {
            Path queue = Files.createDirectory(directory.resolve("of-it"));
            Files.move(kept(), queue.resolve("queue"));
            MessageQueues.delete("file:" + queue + "?anyFileSystem=true");
        }
        removeAll(directory);
    }

    /** Of a directory that is removed: its live part is known by this file. */
    private Path kept() {
        return directory.resolve("queue");
    }

    /** A member's. */
    private Companion companion(Binding binding) {
        Companion companion = new Companion(binding, 1 << 20);
        open.add(companion);
        return companion;
    }

    private Binding binding() {
        return Binding.create(SHM, "file:" + directory + "?anyFileSystem=true");
    }

    /** Of small files, over a disk that a test may hold up. */
    private Binding small() {
        UUID id = UUID.randomUUID();
        return new Binding(id, "on", QueueUri.parse("disk:overflow-" + id + "?maxSize=64m"), 0);
    }

    private static Chunks chunks(Binding binding, UUID page, int messages, int bodyLength) {
        List<PagedMessage> all = new ArrayList<>();
        for (int i = 0; i < messages; i++) all.add(ChunksTest.message(10 + i, bodyLength));
        return Chunks.cut(binding.id(), page, QUEUE, all);
    }

    private static Paged page(Binding binding, UUID page, Chunks chunks, long position) {
        Lot lot = new Lot(ID, 4, chunks.messages().size(), 0, 1);
        long first = chunks.messages().get(0).mid();
        return new Paged(page, binding.id(), lot, chunks.at(position), new Rest(0, first));
    }

    private static List<PagedMessage> readAll(Companion companion, Paged page) {
        List<PagedMessage> all = new ArrayList<>();
        for (int i = 0; i < page.chunks().size(); i++)
            all.addAll(companion.read(page, i).messages());
        return all;
    }

    private static void assertSame(List<PagedMessage> found, Chunks expected) {
        assertThat(found.stream().map(CompanionTest::values).toList())
                .isEqualTo(
                        expected.messages().stream().map(CompanionTest::values).toList());
    }

    /** A comparison by fields would format each byte. */
    private static List<Object> values(PagedMessage one) {
        return List.of(one.mid(), one.author(), ByteBuffer.wrap(one.bytes()));
    }

    private static CompanionException assertFails(Why why, Executable call) {
        CompanionException failure = catchThrowableOfType(CompanionException.class, call::execute);
        assertThat(failure).as("no failure").isNotNull();
        assertThat(failure.why).as(failure.getMessage()).isEqualTo(why);
        assertThat(failure.getMessage()).doesNotContain("unsubscribe", "CREATE_OR_OPEN", "elete");
        return failure;
    }

    private static CompletableFuture<Void> run(Runnable step) {
        return CompletableFuture.runAsync(step, task -> new Thread(task).start());
    }

    @Test
    void shouldReadInAnotherMemberWhatIsDurable() {
        Binding binding = binding();
        Companion one = companion(binding);
        assertThat(binding.directory()).as("opened at its first use").doesNotExist();
        UUID page = UUID.randomUUID();
        Chunks chunks = chunks(binding, page, 300, 1000);
        long first = one.publish(chunks.encoded());
        long last = first + chunks.at(first).size() - 1;
        one.awaitDurable(last, Patience.limit());
        Companion another = companion(Binding.of(SHM, binding.overflow()));
        assertThat(another.newest()).isEqualTo(last);
        assertThat(another.durable()).isEqualTo(last);
        assertSame(readAll(another, page(binding, page, chunks, first)), chunks);
        long next = another.publish(chunks.encoded());
        assertThat(next).isEqualTo(last + 1);
        assertThat(another.freeOnDisk()).isPositive();
        assertThat(another.freeBytes()).isBetween(19L << 30, 20L << 30);
    }

    @Test
    void shouldMoveThePlaceForwardOnly() {
        Binding binding = binding();
        Companion companion = companion(binding);
        Chunks chunks = chunks(binding, UUID.randomUUID(), 3, 100_000);
        companion.publish(chunks.encoded());
        assertThat(companion.place()).isEqualTo(1);
        assertThat(companion.seek(3)).isTrue();
        assertThat(companion.place()).isEqualTo(3);
        assertThat(companion.seek(2)).isTrue();
        assertThat(companion.place()).isEqualTo(3);
        assertThat(companion.seek(4)).as("after the newest").isTrue();
        assertThat(companion.place()).isEqualTo(4);
        assertFails(Why.GONE, () -> companion.seek(6));
    }

    @Test
    void shouldLeaveThePlaceWhenAnotherMovesIt() {
        Binding binding = binding();
        Companion companion = companion(binding);
        companion.publish(chunks(binding, UUID.randomUUID(), 3, 100_000).encoded());
        try (MessageQueue queue = MessageQueues.open(binding.uri() + "?anyFileSystem=true");
                Subscriber other = queue.createSubscriber(
                        SubscriberOptions.builder().name(Companion.SUBSCRIPTION).build())) {
            assertThat(other.position()).isZero();
            assertThat(companion.seek(3)).isFalse();
            assertThat(companion(binding).newest()).as("one more may open it").isEqualTo(3);
        }
        assertThat(companion.seek(3)).isTrue();
    }

    /** Nine times, as the ring keeps 16 MiB. Returns the first position. */
    private static long publishBelowTheRing(Companion companion, Chunks chunks) {
        long first = companion.publish(chunks.encoded());
        long last = first;
        for (int i = 0; i < 8; i++) last = companion.publish(chunks.encoded());
        companion.awaitDurable(last, Patience.limit());
        return first;
    }

    @Test
    void shouldRemoveFilesBelowThePlaceThoughAllWasRead() throws IOException {
        Binding binding = small();
        Companion companion = companion(binding);
        UUID page = UUID.randomUUID();
        Chunks chunks = chunks(binding, page, 60, 50_000); // 3 MB
        long first = publishBelowTheRing(companion, chunks);
        long next = companion.newest() + 1 - chunks.encoded().size();
        assertSame(readAll(companion, page(binding, page, chunks, first)), chunks);
        String uri = "disk:" + binding.uri().name();
        long files = DiskProvider.segments(uri);
        assertThat(files).isGreaterThan(24);
        assertThat(companion.seek(next)).isTrue();
        Patience.until("the oldest have gone", () -> {
            companion.letGoUnused(); // what has read stands there still
            return DiskProvider.segments(uri) <= files - 4;
        });
        assertFails(Why.GONE, () -> companion.read(page(binding, page, chunks, first), 0));
    }

    /** To find a position half a file is read. */
    @Test
    void shouldFindAPageOnceAndReadItsChunksInTurn() {
        Binding binding = small();
        Companion companion = companion(binding);
        UUID page = UUID.randomUUID();
        Chunks chunks = chunks(binding, page, 60, 50_000); // 3 MB
        long first = publishBelowTheRing(companion, chunks);
        Paged paged = page(binding, page, chunks, first);
        AtomicInteger reads = new AtomicInteger();
        DiskProvider.before = call -> {
            if (call.equals("pread")) reads.incrementAndGet();
            return 0;
        };
        assertSame(readAll(companion, paged), chunks);
        assertThat(reads).hasValueLessThan(3 * paged.chunks().size());
        companion.letGoUnused();
        companion.letGoUnused();
        companion.read(paged, 1);
        companion.read(paged, 5);
        assertThat(companion.read(paged, 2).head().number()).as("another one").isEqualTo(2);
    }

    @Test
    void shouldNotTakeWhatIsNotOfThePage() {
        Binding binding = binding();
        Companion companion = companion(binding);
        UUID page = UUID.randomUUID();
        Chunks chunks = chunks(binding, page, 200, 1000);
        long first = companion.publish(chunks.encoded());
        assertSame(readAll(companion, page(binding, page, chunks, first)), chunks);
        assertFails(Why.DAMAGED, () -> companion.read(page(binding, UUID.randomUUID(), chunks, first), 0));
        assertFails(Why.DAMAGED, () -> companion.read(page(binding(), page, chunks, first), 0));
        Paged right = page(binding, page, chunks, first);
        Lot other = new Lot(ID + 1, 4, right.lot().messages(), 0, 1);
        assertFails(
                Why.DAMAGED,
                () -> companion.read(new Paged(page, binding.id(), other, right.chunks(), right.rest()), 0));
        Chunks fewer = chunks.whole(each -> each.mid() != 10); // so its list names other chunks than they are
        assertFails(Why.DAMAGED, () -> companion.read(page(binding, page, fewer, first - 1), 2));
        assertFails(Why.GONE, () -> companion.read(page(binding, page, chunks, first + 100), 0));
        assertFails(Why.GONE, () -> companion.read(page(binding, page, chunks, companion.newest() + 1), 0));
    }

    @Test
    void shouldNotTakeAStrangersMessage() {
        Binding binding = binding();
        Companion companion = companion(binding);
        UUID page = UUID.randomUUID();
        Chunks chunks = chunks(binding, page, 3, 10);
        companion.publish(List.of("an order of another program".getBytes()));
        assertThat(assertFails(Why.DAMAGED, () -> companion.read(page(binding, page, chunks, 1), 0)))
                .hasMessageContaining("that at 1 is no chunk");
        byte[] later = chunks.encoded().get(0);
        later[4] = 2;
        companion.publish(List.of(later));
        assertThat(assertFails(Why.NOT_ALLOWED, () -> companion.read(page(binding, page, chunks, 2), 0)))
                .hasMessageContaining("of a later release");
    }

    @Test
    void shouldSayGoneWhenItsDirectoryIsRemoved() throws IOException {
        Binding binding = binding();
        Companion companion = companion(binding);
        companion.publish(chunks(binding, UUID.randomUUID(), 3, 10).encoded());
        Files.createLink(kept(), binding.directory().resolve("queue"));
        removeAll(binding.directory());
        Patience.until("its end is seen", () -> why(companion::newest) != null);
        Patience.until("it is opened again", () -> why(companion::newest) == Why.GONE);
        assertFails(Why.GONE, () -> companion.publish(List.of(new byte[8])));
        assertThat(binding.directory()).as("not made again").doesNotExist();
        Companion told = companion(Binding.of(SHM, binding.overflow().raised(binding.id(), 2)));
        assertThat(assertFails(Why.GONE, told::newest)).hasMessageContaining("put the directory back");
        Companion needed = companion(Binding.of(SHM, binding.overflow()));
        needed.expectThere();
        assertFails(Why.GONE, needed::newest);
        assertThat(binding.directory()).doesNotExist();
    }

    private static Why why(Runnable call) {
        try {
            call.run();
            return null;
        } catch (CompanionException failed) {
            return failed.why;
        }
    }

    private static void removeAll(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) Files.delete(each);
        }
    }

    @Test
    void shouldRefuseAPlaceThatItMayNotUse() throws IOException {
        Files.writeString(directory.resolve("notes.txt"), "a stranger's");
        Binding stranger = new Binding(
                UUID.randomUUID(),
                "on",
                new QueueUri("file", directory.toString(), binding().uri().parameters()),
                0);
        assertThat(assertFails(Why.NOT_ALLOWED, companion(stranger)::newest)).hasMessageContaining("notes.txt");
        Files.delete(directory.resolve("notes.txt"));
        Binding missing = Binding.create(SHM, "file:" + directory.resolve("spool") + "?anyFileSystem=true");
        assertThat(assertFails(Why.GONE, companion(missing)::newest)).hasMessageContaining("/spool/");
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void shouldBeSharedWithTheGroupOfTheDirectoryAboveIt() throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwx---"));
        Binding binding = binding();
        companion(binding).newest();
        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(binding.directory().resolve("queue"))))
                .isEqualTo("rw-rw----");
    }

    @Test
    void shouldSayFullAtMaxSizeAndPublishAgainWhenPagesHaveLeft() {
        Binding binding = small();
        Companion companion = companion(binding);
        byte[] four = new byte[4 << 20];
        long[] last = {0};
        CompanionException full = null;
        while (full == null) {
            try {
                last[0] = companion.publish(List.of(four));
                companion.awaitDurable(last[0], Patience.limit());
            } catch (CompanionException failed) {
                full = failed;
            }
        }
        assertThat(full.why).as(full.getMessage()).isEqualTo(Why.FULL);
        assertThat(full).hasMessageContaining("'disk:overflow-").hasMessageNotContaining("unsubscribe");
        assertThat(last[0]).isBetween(12L, 16L);
        assertThat(companion.newest()).as("nothing of it").isEqualTo(last[0]);
        assertThat(companion.freeBytes()).isLessThan(8 << 20);
        assertThat(companion.seek(last[0])).isTrue();
        Patience.until("there is room", () -> why(() -> companion.publish(List.of(four))) == null);
        assertThat(companion.freeBytes()).isGreaterThan(32 << 20);
    }

    @Test
    void shouldCloseAtOnceWhenItsDiskHangs() {
        Binding binding = small();
        Companion companion = companion(binding);
        long first = companion.publish(List.of(new byte[8]));
        CountDownLatch stands = new CountDownLatch(1);
        DiskProvider.beforeSync = () -> {
            stands.countDown();
            await(hangs);
            return 0;
        };
        CompletableFuture<Void> waits = run(() -> companion.awaitDurable(first, Patience.limit()));
        await(stands);
        assertFails(Why.HUNG, () -> companion.awaitDurable(first, Duration.ofMillis(50)));
        assertThat(companion.publish(List.of(new byte[8])))
                .as("none waits for another")
                .isEqualTo(first + 1);
        companion.close();
        assertFails(Why.NOT_ALLOWED, companion::newest);
        Patience.until("that ends it", waits::isCompletedExceptionally);
        assertThat(hangs.getCount()).as("the disk still hangs").isOne();
    }

    @Test
    void shouldWaitForNoOpenThatHangs() {
        Binding binding = small();
        Companion companion = companion(binding);
        CountDownLatch stands = new CountDownLatch(1);
        DiskProvider.beforeSync = () -> {
            stands.countDown();
            await(hangs);
            return 0;
        };
        CompletableFuture<Void> opens = run(companion::newest);
        await(stands);
        assertFails(Why.HUNG, companion::newest);
        companion.close();
        assertFails(Why.NOT_ALLOWED, companion::newest);
        assertThat(opens).isNotDone();
        hangs.countDown();
        Patience.until("the opener sees the close", opens::isCompletedExceptionally);
        Patience.until("it has closed it", () -> isDeleted(binding.uri()));
    }

    private static boolean isDeleted(QueueUri uri) {
        try {
            MessageQueues.delete(uri.toString());
            return true;
        } catch (InUseException inUse) {
            return false;
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void shouldBeOpenedAgainWhenASyncHasFailed() {
        Binding binding = small();
        Companion companion = companion(binding);
        long first = companion.publish(List.of(new byte[8]));
        int eio = 5;
        DiskProvider.beforeSync = () -> eio;
        assertFails(Why.HUNG, () -> companion.awaitDurable(first, Patience.limit()));
        DiskProvider.beforeSync = () -> 0;
        Patience.until("it goes on", () -> why(companion::newest) == null);
        assertThat(companion.newest()).isLessThanOrEqualTo(first);
    }

    /** Publishes a page, says where, and waits to be killed. */
    static final class Pager {
        public static void main(String[] told) throws InterruptedException {
            Binding binding = Binding.of(SHM, new dev.belfry.jakarta.wire.Overflow(UUID.fromString(told[0]), told[1]));
            Companion companion = new Companion(binding, 1 << 20);
            Chunks chunks = chunks(binding, UUID.fromString(told[2]), 300, 1000);
            System.out.println(companion.publish(chunks.encoded()));
            Thread.sleep(Long.MAX_VALUE);
        }
    }

    @Test
    void shouldHaveAllWhenAProcessIsKilledBetweenPublishAndDurable() {
        Binding binding = binding();
        UUID page = UUID.randomUUID();
        long first;
        try (ChildJvm child = JavaCommand.of(Pager.class, binding.id().toString(), binding.told(), page.toString())
                .start()) {
            first = Long.parseLong(child.line());
            child.kill();
        }
        Companion companion = companion(binding);
        Chunks chunks = chunks(binding, page, 300, 1000);
        Paged told = page(binding, page, chunks, first);
        long last = told.chunks().get(told.chunks().size() - 1).position();
        assertThat(companion.newest()).isEqualTo(last);
        companion.awaitDurable(last, Patience.limit());
        assertSame(readAll(companion, told), chunks);
    }
}
