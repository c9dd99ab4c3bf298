package dev.belfry.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.InUseException;
import dev.belfry.api.JournalFailedException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.QueueNotFoundException;
import dev.belfry.api.QueueStats;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.judgement.Judgement;
import dev.belfry.shm.ShmProvider;
import dev.belfry.shm.journal.DirectoryReads;
import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.posix.RealLibC;
import dev.belfry.spi.Finding;
import dev.belfry.spi.NoAnswerException;
import dev.belfry.spi.ProgramName;
import dev.belfry.spi.QueueCounter;
import dev.belfry.spi.QueueInspector;
import dev.belfry.spi.QueueReport;
import dev.belfry.spi.QueueUri;
import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What operators see of a queue by its directory. */
@WaitsForOthers
@Timeout(60)
class FileInspectorTest {
    private final QueueInspector inspector = new FileProvider().inspector().orElseThrow();

    @TempDir
    Path temporary;

    private String path;
    private String uri;

    @BeforeEach
    void create() {
        path = temporary + "/a queue";
        uri = "file:" + temporary + "/a%20queue?anyFileSystem=true";
        try (MessageQueue queue = MessageQueues.open(uri)) {
            queue.createPublisher().publish("one");
        }
    }

    @AfterEach
    void delete() {
        MessageQueues.delete(uri);
    }

    private List<Finding> found(String check) {
        return Stream.concat(inspector.diagnose(path, true).stream(), inspector.measure(List.of(path)).stream())
                .filter(finding -> finding.check().equals(check))
                .toList();
    }

    @Test
    void shouldTellHowFarADeepCheckHasComeWhetherItIsOpenOrNot() {
        try (MessageQueue queue = MessageQueues.open(uri)) {
            queue.createSubscriber(SubscriberOptions.builder().name("late").build())
                    .close(); // keeps all
            Publisher publisher = queue.createPublisher();
            byte[] body = new byte[32 << 10];
            for (int i = 0; i < 160; i++) publisher.publish(body);
            assertTold(2); // the ring's words, and the files
        }
        assertTold(1);
    }

    private void assertTold(int readings) {
        List<long[]> told = new ArrayList<>();
        inspector.diagnoseAll(List.of(path), true, (subject, done, bytes) -> {
            assertThat(subject).isEqualTo(uri.replace("?anyFileSystem=true", ""));
            assertThat(bytes).isBetween(done, 6L << 20);
            told.add(new long[] {done, bytes});
        });
        assertThat(told).hasSizeBetween(4 * readings, 6 * readings);
        assertThat(told.get(told.size() - 1)[0]).isGreaterThan(4 << 20);
        assertThat(told.get(0)[1]).as("of so many").isGreaterThan(5 << 20);
    }

    @Test
    void shouldShowAQueueThatIsOpenAndOneThatIsNot() {
        QueueReport closed = inspector.look(path);
        assertThat(closed.uri()).hasToString("file:" + temporary + "/a%20queue");
        assertThat(closed.stats().newestPosition()).isEqualTo(1);
        assertThat(closed.members()).isEmpty();
        assertThat(closed.properties()).containsEntry("directory", path);
        try (MessageQueue queue = MessageQueues.open(uri)) {
            queue.createPublisher().publish("two");
            QueueStats before;
            QueueReport open;
            do { // some figures change by themselves
                before = queue.stats();
                open = inspector.look(path);
            } while (!queue.stats().toString().equals(before.toString()));
            assertThat(open.stats()).usingRecursiveComparison().isEqualTo(before);
            assertThat(open.properties()).containsKey("inMemorySince").doesNotContainKey("created");
            assertThat(open.stats().counters()).containsEntry("durableLag", 0L).containsEntry("syncs", 2L);
        }
        assertThatThrownBy(() -> inspector.look(temporary + "/none")).isInstanceOf(QueueNotFoundException.class);
    }

    @Test
    void shouldFindWhatIsWrongWithTheDirectory() throws Exception {
        assertThat(found("log")).extracting(Finding::what).first().asString().contains("is as it was written");
        assertThat(found("sync")).extracting(Finding::what).first().asString().matches("a sync takes [0-9,]+ µs.*");
        Files.writeString(Path.of(path, "cut.0000000000000100.1"), "x");
        Files.writeString(Path.of(path, "next.abc"), "x");
        assertThat(found("cut")).hasSize(1);
        assertThat(found("temporary-file")).hasSize(1);
        byte[] whole = Files.readAllBytes(Path.of(path, "log.0000000000000000"));
        try (var log = Files.newByteChannel(Path.of(path, "log.0000000000000000"), StandardOpenOption.WRITE)) {
            log.position(9).write(ByteBuffer.wrap(new byte[] {77}));
        }
        assertThat(found("damaged-log"))
                .extracting(Finding::what)
                .first()
                .asString()
                .contains("message 1 is not as it was written");
        assertThat(found("damaged-log"))
                .extracting(Finding::remedy)
                .first()
                .asString()
                .endsWith("'belfry salvage file:" + temporary + "/a%20queue \"" + path + ".salvaged\"'.");
        String part = "belfry..file." + livePart();
        Files.delete(Path.of("/dev/shm", part));
        assertThat(inspector.look(path).properties()).containsEntry("readOnly", true);
        Files.write(Path.of(path, "log.0000000000000000"), whole);
        try (MessageQueue queue = MessageQueues.open(uri)) {
            assertThat(queue.stats().newestPosition()).isEqualTo(1);
            assertThat(found("damaged-log")).isEmpty();
            assertThat(found("temporary-file")).isEmpty();
        }
    }

    /** Its subscription cannot be ended meanwhile, so nobody is told to. */
    @Test
    void shouldNameTheProcessThatAllWaitForWhileItOpensTheQueue() {
        try (MessageQueue queue = MessageQueues.open(uri)) {
            queue.createSubscriber(SubscriberOptions.builder().name("audit").build());
            queue.createPublisher().publish("two");
        }
        assertThat(found("unattended")).hasSize(1);
        assertThat(found("opening")).isEmpty();
        try (LogDirectory opener = DirectoryCheckup.files(RealLibC.load(), path)) {
            assertThat(opener.locks.tryLock(LogDirectory.OPENING)).isTrue();
            opener.tell(5 << 20);
            assertThat(found("opening"))
                    .extracting(Finding::what)
                    .singleElement()
                    .asString()
                    .matches("pid " + ProcessHandle.current().pid()
                            + " \\(.*\\) opens it, and has read 5 MiB of its log: others wait until it has");
            assertThat(found("unattended")).isEmpty();
        }
        try (MessageQueue queue = MessageQueues.open(uri)) {
            queue.unsubscribe("audit");
        }
    }

    /** It answers no jstack, and heeds no other signal. It has the directory's file as its input. */
    @Test
    void shouldSayWhatHelpsWhereAJavaDebuggerHasSuspendedAProcess() throws IOException {
        Path queue = Path.of(path, LogDirectory.QUEUE);
        Process suspended = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-agentlib:jdwp=transport=dt_socket,server=y,suspend=y,address=127.0.0.1:0",
                        "-version")
                .redirectInput(queue.toFile())
                .start();
        String kill = "'kill -KILL " + suspended.pid() + "'";
        try (LogDirectory user = DirectoryCheckup.files(RealLibC.load(), path)) {
            Patience.until("its agent is there", () -> ProgramName.isDebugged(suspended.pid()));
            assertThat(user.locks.tryLockShared(LogDirectory.USE)).isTrue();
            assertThat(found("live-part")).singleElement().satisfies(found -> assertThat(found.remedy())
                    .startsWith("Close it there, or end that process (" + kill + "): "));
            assertThat(user.locks.tryLock(LogDirectory.OPENING)).isTrue();
            user.tell(5 << 20);
            try (FileChannel says = FileChannel.open(queue, StandardOpenOption.WRITE)) {
                ByteBuffer pid = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
                says.write(pid.putInt(0, (int) suspended.pid()), 4096 + 8);
            }
            assertThat(found("opening"))
                    .extracting(Finding::remedy)
                    .containsExactly("A Java debugger may have suspended it: let it go on there. " + kill
                            + " ends it: the next one opens it.");
        } finally {
            suspended.destroyForcibly();
        }
    }

    @Test
    void shouldForgetTheLogsOfDirectoriesThatAreGone() {
        inspector.look(path);
        int before = ClosedQueue.known();
        for (int i = 0; i < 3; i++) {
            String other = "file:" + temporary + "/other?anyFileSystem=true";
            try (MessageQueue queue = MessageQueues.open(other)) {
                queue.createPublisher().publish("one");
            }
            inspector.look(temporary + "/other");
            MessageQueues.delete(other);
        }
        assertThat(ClosedQueue.known()).isLessThanOrEqualTo(before + 1);
    }

    @Test
    void shouldFindNoDamageWhereNoneIs() {
        try (MessageQueue queue = MessageQueues.open(uri)) {
            queue.createPublisher().publish("two");
            assertThat(inspector.diagnose(path, true))
                    .noneMatch(each -> each.level().isProblem());
        }
    }

    @Test
    void shouldNameASubscriptionThatIsBehindAndThatNobodyAttends() {
        SubscriberOptions options = SubscriberOptions.builder()
                .name("reader")
                .slowSubscriber(SlowSubscriber.OVERRUN)
                .build();
        String reader = options.name();
        try (MessageQueue queue = MessageQueues.open(uri)) {
            queue.createSubscriber(options).close();
        }
        assertThat(found("unattended")).as("it has all").isEmpty();
        try (MessageQueue queue = MessageQueues.open(uri)) {
            queue.createPublisher().publish("two");
        }
        assertThat(found("unattended")).singleElement().satisfies(found -> {
            assertThat(found.what()).isEqualTo("no process is attached to '" + reader + "'");
            assertThat(found.remedy()).contains("'belfry unsubscribe file:" + temporary + "/a%20queue " + reader + "'");
        });
        try (MessageQueue queue = MessageQueues.open(uri)) {
            queue.createSubscriber(options).poll(view -> {}, 10);
        }
        assertThat(found("unattended")).as("it has all").isEmpty();
    }

    /** Publishers will wait for it: {@code health} warns of it, too. */
    @Test
    void shouldNameASubscriptionThatGatesAndThatNobodyAttendsAlsoIfItHasAll() {
        try (MessageQueue queue = MessageQueues.open(uri)) {
            queue.createSubscriber(Small.READER).close();
        }
        assertThat(new Judgement(Judgement.MAX_LAG, Duration.ofSeconds(1), System::nanoTime)
                        .of(inspector.look(path).stats()))
                .extracting(reason -> reason.kind().check)
                .containsExactly("unattended");
        assertThat(found("unattended")).singleElement().satisfies(found -> assertThat(found.remedy())
                .contains("'belfry unsubscribe file:" + temporary + "/a%20queue reader'"));
    }

    @Test
    void shouldQuoteASubscriptionThatNobodyAttendsForAShell() {
        SubscriberOptions options =
                SubscriberOptions.builder().name("the \"$audit\"").build();
        try (MessageQueue queue = MessageQueues.open(uri)) {
            queue.createSubscriber(options).close();
            queue.createPublisher().publish("one");
        }
        assertThat(found("unattended")).singleElement().satisfies(found -> assertThat(found.remedy())
                .contains("a%20queue \"the \\\"\\$audit\\\"\"'"));
    }

    private String livePart() {
        try (LogDirectory files = DirectoryCheckup.files(RealLibC.load(), path)) {
            return Door.name(files);
        }
    }

    @Test
    void shouldRemoveOnlyWhatNobodyUses() throws IOException {
        try (MessageQueue queue = MessageQueues.open(uri)) {
            assertThatThrownBy(() -> inspector.deleteUnused(path)).isInstanceOf(InUseException.class);
            queue.createSubscriber(Small.READER).close();
            assertThatThrownBy(() -> inspector.deleteUnused(path))
                    .as("nothing helps but to close it")
                    .isInstanceOf(InUseException.class)
                    .hasMessageContaining("attached are the processes ["
                            + ProcessHandle.current().pid() + "]")
                    .hasMessageNotContaining("--force");
        }
        assertThatThrownBy(() -> inspector.deleteUnused(path))
                .isInstanceOf(InUseException.class)
                .hasMessageContaining("reader");
        Path places = Path.of(path, "places");
        byte[] whole = Files.readAllBytes(places);
        Files.write(places, new byte[100]);
        assertThatThrownBy(() -> inspector.deleteUnused(path))
                .isInstanceOf(InUseException.class)
                .hasMessageContaining("its subscriptions cannot be counted");
        Files.write(places, whole);
        try (MessageQueue queue = MessageQueues.open(uri)) {
            queue.unsubscribe("reader");
        }
        assertThat(inspector.deleteUnused(path)).isTrue();
        assertThat(Path.of(path)).doesNotExist();
    }

    /** The real calls; those that name a path below {@code hung} stand there until it goes on. */
    private static final class Calls {
        private static final int O_CREAT = 0100;
        private static final Set<String> CHANGES = Set.of(
                "pwrite",
                "fsync",
                "fdatasync",
                "posix_fallocate",
                "linkat",
                "unlink",
                "rename",
                "mkdir",
                "rmdir",
                "fchmod");

        final Set<String> changes = ConcurrentHashMap.newKeySet();
        final AtomicInteger syncs = new AtomicInteger();
        final AtomicInteger inside = new AtomicInteger();
        volatile String hung = "nothing";
        volatile CountDownLatch goesOn = new CountDownLatch(1);

        LibC over(LibC real) {
            return (LibC) Proxy.newProxyInstance(
                    LibC.class.getClassLoader(), new Class<?>[] {LibC.class}, (proxy, method, arguments) -> {
                        if (CHANGES.contains(method.getName())) changes.add(method.getName());
                        if (method.getName().equals("open") && ((int) arguments[1] & O_CREAT) != 0) changes.add("open");
                        if (method.getName().equals("fdatasync")) syncs.incrementAndGet();
                        if (arguments != null && arguments[0] instanceof String path && path.startsWith(hung)) {
                            inside.incrementAndGet();
                            goesOn.await();
                        }
                        try {
                            return method.invoke(real, arguments);
                        } catch (InvocationTargetException failed) {
                            throw failed.getCause();
                        }
                    });
        }
    }

    private final Calls calls = new Calls();

    /** {@code millis}: how long it waits for a disk. */
    private QueueInspector inspector(int millis) {
        return new FileInspector(
                new ShmProvider().inspector().orElseThrow(),
                new FileProvider(),
                new DirectoryReads(calls.over(RealLibC.load()), millis * 1_000_000L, DirectoryReads.THREADS));
    }

    private Stream<String> problems(List<Finding> found) {
        return found.stream()
                .filter(each ->
                        each.subject().startsWith("file:") && each.level().isProblem())
                .map(each -> each.subject() + " " + each.check());
    }

    @Test
    void shouldTellAllOthersAndKeepOneThreadADirectoryWhereADiskHangs() {
        String other = temporary + "/other";
        try (MessageQueue queue = MessageQueues.open("file:" + other + "?anyFileSystem=true")) {
            queue.createPublisher().publish("one");
        }
        String uri = "file:" + temporary + "/a%20queue";
        QueueInspector patient = inspector(1500);
        calls.hung = path;
        for (int i = 0; i < 5; i++) {
            assertThatThrownBy(() -> patient.look(path))
                    .isInstanceOf(NoAnswerException.class)
                    .hasMessageMatching(
                            "'" + uri + "': the disk under " + path + " has not answered for [0-9,]+ s\\. .*");
            assertThatThrownBy(() -> patient.keep(path, null)).isInstanceOf(NoAnswerException.class);
            assertThat(patient.look(other).stats().newestPosition()).isEqualTo(1);
            assertThat(patient.names()).contains(path, other);
            assertThat(patient.namesIn(temporary.toString())).contains(path, other);
            assertThat(patient.namesIn(path)).containsExactly(path);
            assertThat(problems(patient.diagnoseAll(List.of(path, other), i == 0, QueueInspector.Progress.NOBODY)))
                    .containsExactly(uri + " no-answer");
            assertThat(problems(patient.measure(List.of(path)))).containsExactly(uri + " no-answer");
        }
        assertThat(calls.inside).as("threads in the disk").hasValue(1);
        calls.hung = "nothing";
        calls.goesOn.countDown();
        Patience.until(
                "it answers", () -> problems(patient.diagnoseAll(List.of(path), false, QueueInspector.Progress.NOBODY))
                        .findAny()
                        .isEmpty());
        assertThat(patient.look(path).stats().newestPosition()).isEqualTo(1);
        MessageQueues.delete("file:" + other);
    }

    /** One after the other; of those that wait meanwhile none is told that the disk hangs. */
    @Test
    void shouldAnswerAllThatAskAtOnceOneAfterTheOther() {
        QueueInspector patient = inspector(60_000);
        calls.hung = path;
        List<CompletableFuture<QueueReport>> asked = new ArrayList<>();
        for (int i = 0; i < 4; i++)
            asked.add(CompletableFuture.supplyAsync(() -> patient.look(path), task -> new Thread(task).start()));
        Patience.until("one is inside", () -> calls.inside.get() == 1);
        calls.hung = "nothing";
        calls.goesOn.countDown();
        for (CompletableFuture<QueueReport> each : asked)
            assertThat(each.join().stats().newestPosition()).isEqualTo(1);
        assertThat(calls.inside).hasValue(1);
    }

    /** Its handle has let go of its memory, and still has the files. */
    @Test
    void shouldTellFirstThatASyncHasFailed() {
        try (MessageQueue queue = MessageQueues.open(uri)) {
            queue.createSubscriber(Small.READER).close();
        }
        LibC refusing = (LibC) Proxy.newProxyInstance(
                LibC.class.getClassLoader(), new Class<?>[] {LibC.class}, (proxy, method, arguments) -> {
                    boolean refuses = method.getName().equals("fdatasync") && calls.inside.get() != 0;
                    if (refuses) return -1;
                    if (method.getName().equals("errno") && calls.inside.get() != 0) return 30; // EROFS
                    try {
                        return method.invoke(RealLibC.load(), arguments);
                    } catch (InvocationTargetException failed) {
                        throw failed.getCause();
                    }
                });
        QueueUri parsed = QueueUri.parse(uri);
        QueueConfig config = QueueConfig.builder().build();
        try (MessageQueue queue =
                new Door(refusing, parsed.toUri(), path).open(config, Settings.of(parsed, config, 1 << 20))) {
            queue.createPublisher().publish("two");
            calls.inside.set(1);
            assertThatThrownBy(() -> queue.createPublisher().publish("three"))
                    .isInstanceOf(JournalFailedException.class);
            calls.inside.set(0);
            String what = "a read, write or sync in " + path + " failed, so it has ended for all processes: EROFS (30)"
                    + " Read-only file system";
            assertThat(inspector.diagnose(path, false).get(0)).satisfies(first -> {
                assertThat(first.check()).isEqualTo("disk-failed");
                assertThat(first.what()).isEqualTo(what);
                assertThat(first.remedy()).startsWith("See to the disk, close the queue in all processes (");
            });
            assertThat(inspector.diagnose(path, false))
                    .extracting(Finding::check)
                    .doesNotContain("live-part", "unattended");
            assertThat(inspector.look(path).properties())
                    .containsEntry("failure", what)
                    .doesNotContainKey("problem");
        }
        assertThat(found("disk-failed")).as("closed: the next opening goes on").isEmpty();
        assertThat(inspector.look(path).properties()).doesNotContainKey("failure");
    }

    /** A slow disk does not hang: each read and each sync of it says that it goes on. */
    @Test
    void shouldCountEachReadAndEachSyncAsAnAnswerOfTheDisk() {
        try (MessageQueue queue = MessageQueues.open(uri)) {
            queue.createSubscriber(Small.READER).close(); // keeps all
            Publisher publisher = queue.createPublisher();
            for (int i = 0; i < 64; i++) publisher.publish(new byte[32 << 10]);
        }
        AtomicInteger answers = new AtomicInteger();
        QueueInspector slow = new FileInspector(
                new ShmProvider().inspector().orElseThrow(),
                new FileProvider(),
                new DirectoryReads(RealLibC.load(), DirectoryReads.PATIENCE_NANOS, DirectoryReads.THREADS) {
                    @Override
                    public <T> T in(String directory, long mostNanos, Function<Runnable, T> question) {
                        return super.in(
                                directory,
                                mostNanos,
                                moves -> question.apply(() -> {
                                    answers.incrementAndGet();
                                    moves.run();
                                }));
                    }
                });
        slow.look(path);
        assertThat(answers.getAndSet(0)).as("pieces of 64 KiB").isBetween(32, 34);
        slow.measure(List.of(path));
        assertThat(answers.getAndSet(0)).as("syncs").isEqualTo(9);
        slow.diagnose(path, true);
        assertThat(answers).as("pieces of a MiB, and its segment").hasValue(3);
        try (MessageQueue queue = MessageQueues.open(uri)) {
            queue.unsubscribe("reader");
        }
    }

    /** Of all that it keeps, a subscription needs what it has not acknowledged alone. */
    @Test
    void shouldTellTheSizeOfItsDirectoryAndWhatIsNeededOfIt() {
        String kept = temporary + "/kept";
        String all = "file:" + kept + "?anyFileSystem=true&capacity=64k&maxCapacity=64k&keep=all&maxSize=1g";
        try (MessageQueue queue = MessageQueues.open(all)) {
            Subscriber reader = queue.createSubscriber(Small.READER);
            Publisher publisher = queue.createPublisher();
            for (int i = 0; i < 200; i++) {
                publisher.publish(new byte[10_000]);
                if (i < 190) reader.receive();
            }
            assertSizes(inspector.look(kept));
            reader.close();
            SubscriberOptions loses = SubscriberOptions.builder()
                    .name("loses")
                    .slowSubscriber(SlowSubscriber.OVERRUN)
                    .startAt(StartAt.OLDEST_RETAINED)
                    .build();
            queue.createSubscriber(loses).close();
            assertSizes(inspector.look(kept));
        }
        assertSizes(inspector.look(kept));
        MessageQueues.delete(all);
    }

    private static void assertSizes(QueueReport report) {
        assertThat(report.size()).isBetween(200 * 10_000L, 200 * 10_100L);
        assertThat(report.maxSize()).isEqualTo(1L << 30);
        assertThat(QueueCounter.IN_USE.of(report.stats())).isBetween(10 * 10_000L, 10 * 10_100L);
    }

    @Test
    void shouldChangeNothingButWhereItMeasures() {
        QueueInspector counting = inspector(60_000);
        for (boolean open : new boolean[] {false, true})
            try (MessageQueue queue = open ? MessageQueues.open(uri) : null) {
                counting.look(path);
                counting.names();
                counting.namesIn(temporary.toString());
                counting.diagnoseAll(List.of(path), true, QueueInspector.Progress.NOBODY);
                counting.leftOvers();
                assertThat(queue != null).isEqualTo(open);
                assertThat(calls.changes).isEmpty();
            }
        assertThat(counting.measure(List.of(path))).extracting(Finding::check).containsExactly("sync");
        assertThat(calls.syncs).hasValue(9);
    }
}
