package dev.belfry.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.api.IncompatibleQueueException;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueStats;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.shm.posix.Directory;
import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.posix.RealLibC;
import dev.belfry.spi.QueueCounter;
import dev.belfry.spi.QueueInspector;
import dev.belfry.testing.OwnMount;
import dev.belfry.testing.Patience;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A queue of segments of 1 MiB is copied while it is used. */
@ParameterizedClass
@MethodSource("kinds")
class BackupTest {
    private static final int F_OFD_GETLK = 36;

    private final Small small;
    private final Small copy;
    private MessageQueue queue;
    private Publisher publisher;

    static Stream<String> kinds() {
        return Stream.of("&sync=os&keep=all");
    }

    BackupTest(String form) {
        small = new Small("&flush=500ms&capacity=1m" + form);
        copy = new Small("");
        queue = small.open();
        publisher = queue.createPublisher();
    }

    @AfterEach
    void close() throws Exception {
        queue.close();
        copy.close();
        small.close();
    }

    private void publish(int from, int to) {
        for (int i = from; i <= to; i++) publisher.publish("message " + i + " ".repeat(1000));
    }

    private Map<String, Object> backup(Path to) {
        QueueInspector inspector = new FileProvider().inspector().orElseThrow();
        return inspector.backup(small.directory.toString(), to.toString(), QueueInspector.Progress.NOBODY);
    }

    /** From the first on, without a gap; returns the last. */
    private static long read(MessageQueue from) {
        long read = 0;
        try (Subscriber reader = from.createSubscriber(StartAt.OLDEST_RETAINED)) {
            for (Message m; (m = reader.receiveNoWait()) != null; ) {
                assertThat(m.position()).isEqualTo(++read);
                assertThat(m.text()).startsWith("message " + read + " ");
            }
        }
        return read;
    }

    private void end() {
        queue.close();
        small.forgetLivePart();
    }

    @Test
    void shouldHaveAllThatWasOnTheDiskWhenItBegan() throws Exception {
        queue.createSubscriber(Small.READER).close(); // needs all
        publish(1, 4000);
        AtomicLong last = new AtomicLong(4000);
        Thread goesOn = new Thread(() -> {
            while (!Thread.currentThread().isInterrupted()) {
                publish((int) last.get() + 1, (int) last.get() + 1);
                last.incrementAndGet();
            }
        });
        Patience.until("all is on the disk", () -> durable() == 4000);
        Patience.until("that is kept", () -> bound() > 3 << 20);
        goesOn.start();
        Map<String, Object> made = backup(copy.directory);
        goesOn.interrupt();
        goesOn.join();
        assertThat((int) made.get("linked")).isGreaterThanOrEqualTo(1);
        UUID original = queue.stats().id();
        assertThatThrownBy(copy::open).isInstanceOf(IncompatibleQueueException.class);
        end();
        try (MessageQueue restored = copy.open()) {
            assertThat(read(restored)).isBetween(4000L, last.get());
            assertThat(restored.stats().id()).isNotEqualTo(original);
            try (Subscriber reader = restored.createSubscriber(Small.READER)) {
                assertThat(reader.receive(Patience.limit()).position()).isEqualTo(1);
            }
        }
    }

    /** Whether others have it open may take a while to find out. */
    @Test
    void shouldHoldNobodyUpWhileItLooksForOthers() {
        publish(1, 10);
        end();
        List<Boolean> free = new ArrayList<>();
        try (LogDirectory keeper = Small.files(small.directory)) {
            LibC looking = (LibC) Proxy.newProxyInstance(
                    LibC.class.getClassLoader(), new Class<?>[] {LibC.class}, (proxy, method, arguments) -> {
                        if (method.getName().equals("fcntl") && (int) arguments[1] == F_OFD_GETLK) {
                            free.add(keeper.locks.tryLock(LogDirectory.KEEPING));
                            keeper.locks.unlock(LogDirectory.KEEPING);
                        }
                        return method.invoke(RealLibC.load(), arguments);
                    });
            try (LogDirectory files = LogDirectory.open(looking, Directory.open(looking, "" + small.directory))) {
                new Backup(files, small.uri(), copy.directory, QueueInspector.Progress.NOBODY).run();
            }
        }
        assertThat(free).isNotEmpty().doesNotContain(false);
    }

    private long bound() {
        try (LogDirectory files = Small.files(small.directory)) {
            return files.placesNow().bound().offset();
        }
    }

    private long durable() {
        QueueStats stats = queue.stats();
        return stats.newestPosition() - stats.counters().get(QueueCounter.DURABLE_LAG.key());
    }

    @Test
    void shouldBeWholeThoughTheOriginalGoesOn() throws Exception {
        Subscriber reader = queue.createSubscriber(Small.READER);
        publish(1, 4000);
        Patience.until("all is on the disk", () -> durable() == 4000);
        Path elsewhere = Path.of("/dev/shm/belfry-copy-" + copy.name);
        try {
            assertThat(backup(elsewhere).get("linked")).isEqualTo(0); // another file system
            backup(copy.directory);
            if (small.uri().contains("keep")) inspectorKeeps("needed");
            while (reader.receiveNoWait() != null) {}
            for (int i = 4001; i <= 10_000; i++) {
                publish(i, i);
                reader.receiveNoWait();
            }
            Patience.until("files of the original are removed", () -> first() > 0);
            end();
            for (String each : copy.names())
                if (each.startsWith(Segments.PREFIX) && Files.exists(elsewhere.resolve(each))) // not one made since
                assertThat(elsewhere.resolve(each)).hasSameBinaryContentAs(copy.directory.resolve(each));
            try (MessageQueue restored = copy.open()) {
                assertThat(read(restored)).isEqualTo(4000);
            }
        } finally {
            for (String each : Small.names(elsewhere)) Files.delete(elsewhere.resolve(each));
            Files.delete(elsewhere);
        }
    }

    private void inspectorKeeps(String what) {
        new FileProvider().inspector().orElseThrow().keep(small.directory.toString(), what);
    }

    private long first() {
        try (LogDirectory files = Small.files(small.directory)) {
            return files.segments.present().firstKey();
        }
    }

    @Test
    void shouldTellThatAFileIsMissing() throws Exception {
        queue.createSubscriber(Small.READER).close(); // needs all
        publish(1, 4000);
        Patience.until("it is kept", () -> bound() > 3 << 20);
        Path second = small.directory.resolve("log.0000000000100000");
        Path aside = small.directory.resolveSibling(small.name + ".aside");
        Files.move(second, aside);
        assertThatThrownBy(() -> backup(copy.directory))
                .isInstanceOf(IncompatibleQueueException.class)
                .hasMessageContaining("files of it are missing");
        assertThat(copy.directory).doesNotExist();
        Files.move(aside, second);
        backup(copy.directory);
    }

    /** It was removed, or is in another container: the queue is at work, so its files above the bound count, too. */
    @Test
    void shouldTellThatAFileIsMissingThoughTheLivePartIsNotSeen() throws Exception {
        publish(1, 10);
        Patience.until("all is on the disk", () -> durable() == 10);
        small.forgetLivePart();
        try (LogDirectory files = Small.files(small.directory)) {
            Path next = Path.of(files.segments.path(last() + 2)); // without the one before it
            Files.copy(Path.of(files.segments.path(last())), next);
        }
        assertThatThrownBy(() -> backup(copy.directory))
                .isInstanceOf(IncompatibleQueueException.class)
                .hasMessageContaining("files of it are missing");
    }

    /** The next opening puts them aside. If the newer life has left its live part, that counts no more. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldNotCallAFileMissingWhereABackupLiesOverANewerLog(boolean isPartLeft) throws Exception {
        queue.createSubscriber(Small.READER).close(); // needs all
        publish(1, 4000);
        Patience.until("all is on the disk", () -> durable() == 4000);
        backup(copy.directory);
        publish(4001, 6000);
        queue.close();
        if (!isPartLeft) small.forgetLivePart();
        String part = small.livePart();
        long last = last();
        // It says of each linked file that both are the same, and goes on.
        new ProcessBuilder("cp", "-a", copy.directory + "/.", small.directory + "/")
                .start()
                .waitFor();
        assertThat(small.livePart()).as("its queue is the same file").isEqualTo(part);
        for (String each : copy.names())
            assertThat(small.directory.resolve(each)).hasSameBinaryContentAs(copy.directory.resolve(each));
        try (LogDirectory files = Small.files(small.directory)) {
            Files.delete(Path.of(files.segments.path(last - 1))); // as retention does, of a log that has gone far
            assertThat(files.missing(Door.hasPart(files))).isNull();
        }
        Path again = copy.directory.resolveSibling(copy.name + ".again");
        backup(again);
        for (String each : Small.names(again)) Files.delete(again.resolve(each));
        Files.delete(again);
    }

    private long last() {
        try (LogDirectory files = Small.files(small.directory)) {
            return files.segments.present().lastKey();
        }
    }

    @Test
    void shouldRefuseWhatItCannotMake() throws Exception {
        publish(1, 10);
        Path inside = small.directory.resolve("copy");
        assertThatThrownBy(() -> backup(inside)).hasMessageContaining("own directory");
        assertThatThrownBy(() -> backup(small.directory)).hasMessageContaining("exists");
        Files.createDirectory(part());
        assertThatThrownBy(() -> backup(copy.directory)).hasMessageContaining(".part' exists, and no backup writes it");
        Files.delete(part());
        assertThatThrownBy(() -> backup(copy.directory.resolve("missing/copy")))
                .hasMessageContaining("/missing' is not there");
        assertThat(copy.directory).doesNotExist();
        assertThat(small.names()).noneMatch(each -> each.startsWith("copy"));
    }

    private Path part() {
        return copy.directory.resolveSibling(copy.directory.getFileName() + ".part");
    }

    @Test
    void shouldTellWhetherAnotherOneRuns() {
        publish(1, 10);
        QueueInspector inspector = new FileProvider().inspector().orElseThrow();
        String from = small.directory.toString();
        String to = copy.directory.toString();
        List<Throwable> refused = new ArrayList<>();
        inspector.backup(from, to, (uri, done, all) -> {
            if (refused.isEmpty())
                refused.add(catchThrowable(() -> inspector.backup(from, to, QueueInspector.Progress.NOBODY)));
        });
        assertThat(refused.get(0)).hasMessageContaining("another backup");
        assertThat(copy.directory).exists();
        assertThat(part()).doesNotExist();
    }

    @Test
    void shouldLeaveNothingAndNoDescriptorIfItFails() throws Exception {
        publish(1, 10);
        QueueInspector inspector = new FileProvider().inspector().orElseThrow();
        assertThatThrownBy(() ->
                        inspector.backup(small.directory.toString(), copy.directory.toString(), (uri, done, all) -> {
                            throw new IllegalStateException("ended");
                        }))
                .hasMessage("ended");
        assertThat(part()).doesNotExist();
        assertThat(openFilesIn(part())).isEmpty();
    }

    private static List<String> openFilesIn(Path directory) throws IOException {
        List<String> open = new ArrayList<>();
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            for (Path each : all.toList()) {
                try {
                    open.add(Files.readSymbolicLink(each).toString());
                } catch (IOException closedMeanwhile) {
                    continue;
                }
            }
        }
        open.removeIf(each -> !each.startsWith(directory.toString()));
        return open;
    }

    /** Root may write anywhere: the place is refused by its file system. */
    @Test
    void shouldNameThePlaceOfTheCopyIfThatIsRefused() {
        publish(1, 10);
        assertThatThrownBy(() -> backup(Path.of("/proc/copy")))
                .hasMessageStartingWith("'file:/proc/copy': mkdir(/proc/copy.part")
                .hasMessageNotContaining(small.name);
    }

    @Test
    void shouldBelongToTheOwnerOfTheOriginalIfRootMakesIt() throws Exception {
        assumeTrue(OwnMount.isRoot(), "only root may give files away");
        publish(1, 10);
        queue.close();
        for (String each : small.names()) Files.setAttribute(small.directory.resolve(each), "unix:uid", 65534);
        Files.setAttribute(small.directory, "unix:uid", 65534);
        backup(copy.directory);
        assertThat(Files.getAttribute(copy.directory, "unix:uid")).isEqualTo(65534);
        for (String each : copy.names())
            assertThat(Files.getAttribute(copy.directory.resolve(each), "unix:uid"))
                    .as(each)
                    .isEqualTo(65534);
    }
}
