package dev.belfry.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.api.IncompatibleQueueException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueHealth;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.shm.posix.Directory;
import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.posix.RealLibC;
import dev.belfry.spi.QueueInspector;
import dev.belfry.testing.CaughtLog;
import dev.belfry.testing.OwnMount;
import dev.belfry.testing.Patience;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a queue of segments of 1 MiB, and with a ring of 64 KiB, keeps that nobody needs. */
class KeepTest {
    private static final long SEGMENT = 1 << 20;
    private static final int TIMES = 512;
    private static final int ENTRY = 16;

    @RegisterExtension
    final CaughtLog log = new CaughtLog();

    private Small small;
    private MessageQueue queue;
    private Publisher publisher;

    private void open(String parameters) {
        small = new Small("&sync=os&flush=500ms&capacity=64k&maxCapacity=64k" + parameters);
        reopen();
    }

    private void reopen() {
        queue = small.open();
        publisher = queue.createPublisher();
    }

    @AfterEach
    void close() throws IOException {
        if (small == null) return;
        queue.close();
        small.close();
    }

    private void publish(int from, int to) {
        for (int i = from; i <= to; i++) publisher.publish(body(i));
    }

    private static byte[] body(int i) {
        byte[] body = new byte[1000];
        body[0] = (byte) i;
        return body;
    }

    private boolean offer(Duration limit) {
        return publisher.offer(ByteBuffer.wrap(body(0)), limit) != Publisher.REJECTED;
    }

    private long oldest() {
        return queue.stats().oldestPosition();
    }

    private long files() {
        try (LogDirectory files = Small.files(small.directory)) {
            return files.segments.present().size();
        }
    }

    private void awaitKept(long files) {
        Patience.until(files + " files are left", () -> files() == files);
    }

    @Test
    void shouldKeepOnlyWhatIsNeededIfNothingElseIsSaid() {
        open("&maxSize=none");
        publish(1, 4500); // 4.5 MiB: the next file is not made yet
        awaitKept(1);
        assertThat(oldest()).isGreaterThan(3500);
    }

    @Test
    void shouldKeepAsMuchAsWasSaid() {
        open("&keep=2M");
        publish(1, 5000);
        awaitKept(4); // it is in the fifth file, and two whole ones before it have 2 MiB and more
        assertThat(oldest()).isBetween(1000L, 3000L);
    }

    @Test
    void shouldKeepAll() throws Exception {
        open("&keep=all");
        publish(1, 5000);
        awaitTurn();
        assertThat(oldest()).isEqualTo(1);
        assertThat(files()).isGreaterThanOrEqualTo(5);
    }

    @Test
    void shouldLetPublishersWaitForWhatIsKept() {
        open("&keep=all&maxSize=3m");
        queue.createSubscriber(Small.READER).close(); // though it were read, nothing would go
        publisher = queue.createPublisher(
                PublisherOptions.builder().timeout(Duration.ofMillis(200)).build());
        int published = 0;
        while (offer(Duration.ofMillis(200))) published++;
        assertThat(published).isBetween(2000, 3100);
        assertThat(oldest()).isEqualTo(1);
        assertThatThrownBy(() -> publisher.publish(body(0)))
                .hasMessageContaining("maxSize of 3 MiB. It keeps all that was read, too: 'belfry keep' changes")
                .hasMessageNotContaining("waiting for");
        queue.unsubscribe("reader");
        inspector().keep(path(), "needed");
        assertThat(offer(Patience.limit())).isTrue();
    }

    /** A probe of its process tells it, too, though nobody waits any more. */
    @Test
    void shouldNameTheOldestPlaceWhereItHasItsSize() {
        open("&maxSize=3m");
        queue.createSubscriber(Small.READER).close();
        assertThat(new QueueHealth(queue, 1_000_000, QueueHealth.STUCK_AFTER)
                        .check()
                        .checks())
                .doesNotContain("disk-full");
        while (offer(Duration.ofMillis(200))) continue;
        QueueHealth.Report health = new QueueHealth(queue, 1_000_000, QueueHealth.STUCK_AFTER).check();
        assertThat(health.status()).isEqualTo(QueueHealth.Status.LAGGING);
        assertThat(health.checks()).contains("disk-full");
        assertThat(health.reasons()).anyMatch(why -> why.endsWith(": its disk is full, or it has its maxSize"));
        assertThat(inspector().diagnose(path(), false))
                .noneMatch(found -> found.check().equals("disk-full"));
        Patience.until("it is logged", () -> log.text()
                .contains("has its maxSize of 3 MiB. Its oldest place is that of" + " 'reader'."));
    }

    /** Others could not read it. */
    @Test
    void shouldBelongToTheOwnerOfTheQueueIfRootMakesIt() throws Exception {
        assumeTrue(OwnMount.isRoot(), "only root may give files away");
        Set<Thread> others = keepers();
        open("&maxSize=5m");
        queue.close();
        Patience.until("its keeper has ended", () -> others.containsAll(keepers()));
        List<String> before = small.names(); // its keeper has made files ahead
        Files.deleteIfExists(small.directory.resolve(History.NAME));
        Files.setAttribute(small.directory.resolve(LogDirectory.QUEUE), "unix:uid", 65534);
        inspector().keep(path(), "all");
        assertThat(Files.getAttribute(small.directory.resolve(History.NAME), "unix:uid"))
                .isEqualTo(65534);
        reopen();
        publish(1, 3500);
        List<String> made = small.names();
        made = made.stream()
                .filter(each -> each.startsWith("log.") && !before.contains(each))
                .toList();
        assertThat(made).isNotEmpty();
        for (String each : made)
            assertThat(Files.getAttribute(small.directory.resolve(each), "unix:uid"))
                    .isEqualTo(65534);
    }

    private static Set<Thread> keepers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(each -> each.getName().equals("belfry-files"))
                .collect(Collectors.toSet());
    }

    /** As its directory goes. */
    @Test
    void shouldMakeItLaterIfItIsRemovedAsSoonAsItIsMade() throws IOException {
        small = new Small("&sync=os");
        small.makeWithoutHistory(); // no keeper is there
        Path history = small.directory.resolve(History.NAME);
        LibC real = RealLibC.load();
        LibC removes = (LibC) Proxy.newProxyInstance(
                LibC.class.getClassLoader(), new Class<?>[] {LibC.class}, (proxy, call, arguments) -> {
                    if (call.getName().equals("fsync")) Files.deleteIfExists(history);
                    return call.invoke(real, arguments);
                });
        String path = small.directory.toString();
        try (LogDirectory files = LogDirectory.open(removes, Directory.open(removes, path))) {
            assertThat(files.history.keptFrom(0, 1, false)).isEqualTo(Long.MAX_VALUE);
        }
        assertThat(history).doesNotExist();
        try (LogDirectory files = Small.files(small.directory)) {
            files.history.keptFrom(0, 1, false);
        }
        assertThat(history).exists();
        reopen();
    }

    @Test
    void shouldGiveUpWhatIsKeptForItsAgeBeforePublishersWait() {
        open("&keep=1d&maxSize=3m");
        publish(1, 9000);
        assertThat(oldest()).isGreaterThan(5000);
    }

    @Test
    void shouldRemoveWhatIsOld() throws Exception {
        open("&keep=1h");
        publish(1, 3000);
        awaitTimeOf(2);
        publish(3001, 5000);
        awaitTimeOf(4);
        assertThat(oldest()).isEqualTo(1);
        for (int i = 1; i <= 2; i++) setTime(i, Instant.now().minus(Duration.ofHours(2)));
        Patience.until("it begins with the third file", () -> oldest() > 2000);
        assertThat(oldest()).isLessThan(3000);
        assertThat(files()).isGreaterThanOrEqualTo(3);
    }

    @Test
    void shouldForgetTimesOfALogThatWasCut() throws Exception {
        open("&keep=1h");
        publish(1, 3000);
        awaitTimeOf(2);
        queue.close();
        small.forgetLivePart();
        setTime(3, Instant.now().minus(Duration.ofDays(30))); // as if it had gone on
        setTime(4, Instant.now().minus(Duration.ofDays(30)));
        reopen();
        assertThat(time(2)).isNotZero();
        assertThat(time(3)).isZero();
        assertThat(time(4)).isZero();
    }

    @Test
    void shouldKeepAllWhileItCannotReadWhatItKeeps() throws Exception {
        open("&keep=needed");
        try (RandomAccessFile file =
                new RandomAccessFile(small.directory.resolve(History.NAME).toFile(), "rw")) {
            file.seek(Block.BODY);
            file.write('x');
        }
        publish(1, 3000);
        awaitTurn();
        assertThat(oldest()).isEqualTo(1);
        assertThat(log.text().lines().filter(line -> line.contains("history is torn: 'belfry keep'")))
                .hasSize(1);
        assertThat(inspector().keep(path(), null)).isEqualTo("all");
        inspector().keep(path(), "1g");
        assertThat(inspector().keep(path(), null)).isEqualTo("1g");
    }

    @Test
    void shouldPassOverFilesThatAreOlderThanATime() throws Exception {
        open("&keep=all");
        publish(1, 3000); // without timestamps: to walk over one of them is refused
        awaitTimeOf(2);
        publisher.close();
        publisher = queue.createPublisher(
                PublisherOptions.builder().timestamps(true).build());
        publish(3001, 5000);
        awaitTimeOf(4);
        for (int i = 1; i <= 3; i++) setTime(i, Instant.now().minus(Duration.ofHours(1)));
        Subscriber reader = queue.createSubscriber(StartAt.time(Instant.now().minus(Duration.ofMinutes(30))));
        assertThat(reader.receive(Patience.limit()).position()).isBetween(3001L, 3100L);
    }

    @Test
    void shouldFindATimeAndAPositionInManyFiles() {
        open("&keep=all");
        publisher.close();
        publisher = queue.createPublisher(
                PublisherOptions.builder().timestamps(true).build());
        publish(1, 6000);
        Instant middle = Instant.now();
        publish(6001, 12000);
        Subscriber reader = queue.createSubscriber();
        for (long to : new long[] {1, 11_000, 5_500, 2, 5_501}) {
            reader.seek(StartAt.at(to));
            assertThat(reader.receive(Patience.limit()).position()).isEqualTo(to);
        }
        reader.seek(StartAt.time(middle));
        assertThat(reader.receive(Patience.limit()).position()).isBetween(5_000L, 6_001L); // the same millisecond
    }

    @Test
    void shouldBeRefusedWithAnotherThanItHas() {
        open("&keep=2M");
        assertThatThrownBy(() -> MessageQueues.open(small.uri().replace("keep=2M", "keep=1d")))
                .isInstanceOf(IncompatibleQueueException.class)
                .hasMessageContaining("keep 1d requested")
                .hasMessageContaining("has 2M")
                .hasMessageContaining("change it: 'belfry keep " + small.directory + " 1d'");
        inspector().keep(path(), "1d");
        MessageQueues.open(small.uri().replace("keep=2M", "keep=1d")).close();
        assertThat(inspector().look(path()).properties())
                .containsEntry("keep", "1d")
                .containsEntry("maxSize", 10L << 30);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldBeRefusedWithAnotherThoughNothingSaysWhatItHas(boolean isOpen) throws Exception {
        open("");
        if (!isOpen) queue.close();
        Files.deleteIfExists(small.directory.resolve(History.NAME));
        assertThatThrownBy(() -> MessageQueues.open(small.uri() + "&keep=1d"))
                .isInstanceOf(IncompatibleQueueException.class)
                .hasMessageContaining("keep 1d requested")
                .hasMessageContaining("has needed");
        MessageQueues.open(small.uri() + "&keep=needed").close();
    }

    @Test
    void shouldFindAgainWhatIsKeptIfTheFileWasRemoved() throws Exception {
        open("&keep=needed");
        publish(1, 2000);
        awaitTimeOf(1);
        Files.delete(small.directory.resolve(History.NAME));
        inspector().keep(path(), "all");
        long before = oldest();
        publish(2001, 6000);
        awaitTimeOf(5);
        assertThat(oldest()).isEqualTo(before);
    }

    @Test
    void shouldGoOnWhereItCannotReadWhatIsKept() throws Exception {
        open("&keep=needed");
        queue.createSubscriber(Small.READER).close();
        awaitTimeOf(0);
        Path refused = small.directory.resolve("refused"); // ELOOP
        Files.createSymbolicLink(refused, Path.of("/nothing"));
        Files.move(refused, small.directory.resolve(History.NAME), StandardCopyOption.REPLACE_EXISTING);
        publish(1, 2000);
        try (Subscriber reader = queue.createSubscriber(Small.READER)) {
            while (reader.receive(Patience.limit()).position() < 2000) {}
        }
        Patience.until("places are kept all the same", () -> {
            try (LogDirectory files = Small.files(small.directory)) {
                return files.placesNow().named().get(0).acknowledged().position() == 2001;
            }
        });
        assertThat(oldest()).isEqualTo(1);
        Files.delete(small.directory.resolve(History.NAME));
    }

    @Test
    void shouldRefuseToKeepMoreThanItsMostSize() {
        open("&maxSize=3m");
        assertThatThrownBy(() -> inspector().keep(path(), "20g"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("maxSize")
                .hasMessageContaining("3 MiB");
    }

    @Test
    void shouldTellThatTheLastFileIsMissing() throws Exception {
        open("&keep=all");
        publish(1, 2500);
        queue.close();
        small.forgetLivePart();
        Path last = small.directory.resolve("log.0000000000200000");
        Path aside = small.directory.resolveSibling(small.name + ".aside");
        Files.move(last, aside);
        try (MessageQueue toReadOnly = small.open()) {
            assertThatThrownBy(toReadOnly::createPublisher).hasMessageContaining(last + " is missing");
        }
        assertThat(last).doesNotExist();
        Files.move(aside, last);
        reopen();
        assertThat(queue.stats().newestPosition()).isEqualTo(2500);
    }

    @Test
    void shouldBeRefusedByAQueueWithoutAHistory() throws Exception {
        small = new Small("&sync=os");
        small.makeWithoutHistory();
        reopen();
        assertThatThrownBy(() -> MessageQueues.open(small.uri() + "&keep=1d"))
                .isInstanceOf(IncompatibleQueueException.class)
                .hasMessageContaining("no history");
        assertThatThrownBy(() -> inspector().keep(path(), "1d"))
                .isInstanceOf(IncompatibleQueueException.class)
                .hasMessageContaining("without a history");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "0s", "0d", "1d,", "1d,2d", "5g,5g", "1d,5g,1s", "soon", "30m", "-1", "5x", "1 d"})
    void shouldRefuseNonsense(String keep) {
        assertThatThrownBy(() -> Keep.parse(keep))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + keep + "'");
    }

    @Test
    void shouldAskForTheUnitOfANumber() {
        for (String number : new String[] {"1", "30d,1", "1000000"})
            assertThatThrownBy(() -> Keep.parse(number))
                    .hasMessageContaining("a duration such as 30d or 90min, a size such as 500M or 5g")
                    .hasMessageEndingWith("each with its unit, and more than 0; was '" + number + "'");
    }

    /** Else a reader that wants to begin at yesterday is refused, days after the first message. */
    @ParameterizedTest
    @CsvSource({"keep=30d, true", "'keep=30d,2M', true", "keep=2M, false", "keep=all, false", "keep=needed, false"})
    void shouldDateEachMessageIfItIsKeptForItsAge(String keep, boolean isDated) {
        open("&" + keep);
        Instant before = Instant.ofEpochMilli(System.currentTimeMillis());
        publisher.publish("a message");
        try (Subscriber reader = queue.createSubscriber(StartAt.OLDEST_RETAINED)) {
            long millis = reader.receive(Patience.limit()).timestampMillis();
            if (!isDated) assertThat(millis).isZero();
            else assertThat(millis).isGreaterThanOrEqualTo(before.toEpochMilli());
        }
        if (!isDated) return;
        try (Subscriber reader = queue.createSubscriber(StartAt.time(before))) {
            assertThat(reader.receive(Patience.limit()).text()).isEqualTo("a message");
        }
    }

    /** It was torn for a moment: the keeper asks again. */
    @Test
    void shouldDateEachMessageThoughItsHistoryCouldNotBeReadAtFirst() throws Exception {
        open("&keep=30d");
        queue.close();
        Path history = small.directory.resolve(History.NAME);
        byte[] whole = Files.readAllBytes(history);
        byte[] torn = whole.clone();
        torn[Block.BODY] ^= 1;
        Files.write(history, torn);
        queue = MessageQueues.open("small:" + small.name + "?anyFileSystem=true&sync=os");
        try (Subscriber reader = queue.createSubscriber()) {
            queue.createPublisher().publish("before");
            assertThat(reader.receive(Patience.limit()).timestampMillis()).isZero();
            Files.write(history, whole);
            Patience.until("a new publisher knows it", () -> {
                queue.createPublisher().publish("after");
                return reader.receive(Patience.limit()).timestampMillis() > 0;
            });
        }
    }

    /** It may come while the disk hangs, and has no limit. */
    @Test
    void shouldReadItsHistoryForNoNewPublisher() {
        Disk disk = new Disk(new Random(1));
        LibC c = disk.libC();
        Origin origin = new Origin(
                UUID.randomUUID(), 64 << 10, 64 << 10, 0600, true, 8, false, true, SEGMENT, Settings.NO_LIMIT);
        LogDirectory.create(c, Directory.open(c, Disk.DIRECTORY), origin);
        try (LogDirectory files = LogDirectory.open(c, Directory.open(c, Disk.DIRECTORY))) {
            files.history.begin(Keep.parse("30d"), true);
            disk.flip(History.NAME, Block.BODY);
            QueueFiles opened = new QueueFiles(files);
            disk.flip(History.NAME, Block.BODY);
            long reads = disk.reads();
            assertThat(opened.keepsByAge()).isFalse();
            assertThat(disk.reads()).isEqualTo(reads);
            opened.keptFrom(0, 0, false); // a turn of the keeper
            assertThat(opened.keepsByAge()).isTrue();
        }
    }

    @Test
    void shouldSayWhatAnEndingOfOneLetterMayMean() {
        assertThatThrownBy(() -> Keep.parse("30d,200m"))
                .hasMessage("keep: '200m' may be minutes or MiB: write 200min or 200M; was '30d,200m'");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "needed|0|0",
                "30d|2592000000|0",
                "5g|0|5368709120",
                "1h,2M|3600000|2097152",
                "2M,1h|3600000|2097152"
            })
    void shouldReadWhatIsToBeKept(String text, long millis, long bytes) {
        assertThat(Keep.parse(text)).isEqualTo(new Keep(text, millis, bytes));
    }

    private QueueInspector inspector() {
        return new FileProvider().inspector().orElseThrow();
    }

    private String path() {
        return small.directory.toString();
    }

    /** Places are kept after files have gone: one turn of the keeper, at least, has found all that was published. */
    private void awaitTurn() {
        Patience.until("places are kept up to here", () -> {
            try (LogDirectory files = Small.files(small.directory)) {
                return files.placesNow().bound().position() > queue.stats().newestPosition();
            }
        });
    }

    private void awaitTimeOf(int number) {
        Patience.until("it is noted when file " + number + " began", () -> time(number) != 0);
    }

    private long time(int number) {
        try (RandomAccessFile file =
                new RandomAccessFile(small.directory.resolve(History.NAME).toFile(), "r")) {
            if (file.length() < TIMES + (number + 1) * ENTRY) return 0;
            file.seek(TIMES + number * ENTRY);
            return Long.reverseBytes(file.readLong());
        } catch (IOException none) {
            return 0;
        }
    }

    private void setTime(int number, Instant time) throws IOException {
        long stamp;
        try (LogDirectory files = Small.files(small.directory)) {
            stamp = files.origin.logId().getMostSignificantBits() + number;
        }
        try (RandomAccessFile file =
                new RandomAccessFile(small.directory.resolve(History.NAME).toFile(), "rw")) {
            file.seek(TIMES + number * ENTRY);
            file.writeLong(Long.reverseBytes(time.toEpochMilli()));
            file.writeLong(Long.reverseBytes(time.toEpochMilli() ^ stamp));
        }
    }
}
