package dev.belfry.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.AckMode;
import dev.belfry.api.AfterOverrun;
import dev.belfry.api.Batch;
import dev.belfry.api.JournalFailedException;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueCorruptedException;
import dev.belfry.api.QueueFullException;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.Subscribers;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.spi.Finding;
import dev.belfry.spi.QueueCounter;
import dev.belfry.spi.QueueReport;
import dev.belfry.testing.Patience;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** The disk is the queue, and a ring of 64 KiB its cache. */
@ParameterizedClass
@ValueSource(strings = {"&sync=os", ""})
class HistoryTest {
    private static final int LENGTH = 1000;
    private static final int TOGETHER = 15;
    private final boolean together;
    private final Small small;
    private MessageQueue queue;
    private Publisher publisher;

    HistoryTest(String sync) {
        together = sync.isEmpty();
        small = new Small("&capacity=64k&maxCapacity=64k&maxSize=4m" + sync);
        open();
    }

    private void open() {
        queue = small.open();
        publisher = queue.createPublisher();
    }

    /** A keeper ends the queue if the file goes where it has read the last word: a new one has read the newest. */
    private void openAgain() {
        queue.close();
        open();
    }

    @AfterEach
    void close() throws Exception {
        queue.close();
        small.close();
    }

    /** Without {@code sync=os} each would wait for the disk: as many as fit into a batch do it together. */
    private void publish(int from, int to) {
        int i = from;
        for (; together && i + TOGETHER <= to; i += TOGETHER)
            assertThat(together(i, Patience.limit())).isTrue();
        for (; i <= to; i++) publisher.publish(body(i));
    }

    private boolean together(int from, Duration timeout) {
        try (Batch batch = publisher.tryBatch(TOGETHER * publisher.sizeInBatch(LENGTH), timeout)) {
            if (batch == null) return false;
            for (int i = from; i < from + TOGETHER; i++) batch.add(body(i));
            batch.commit();
            return true;
        }
    }

    private static byte[] body(int i) {
        byte[] body = new byte[LENGTH];
        ByteBuffer words = ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN);
        for (int word = 0; words.hasRemaining(); word++) // as if records began here, of a position that may be
        words.putLong(word % 3 == 0 ? RecordHeader.data(32, 0, 1 << 20) : 0);
        byte[] front = ("message " + i + ".").getBytes(StandardCharsets.UTF_8);
        System.arraycopy(front, 0, body, 0, front.length);
        return body;
    }

    private static void assertIs(Message message, int i) {
        assertThat(message).as("message %d", i).isNotNull();
        assertThat(message.position()).isEqualTo(i);
        assertThat(message.bytes()).isEqualTo(body(i));
    }

    private static void assertReads(Subscriber subscriber, int from, int to) {
        for (int i = from; i <= to; i++) assertIs(subscriber.receive(Patience.limit()), i);
    }

    private Subscriber named(SlowSubscriber policy) {
        return queue.createSubscriber(SubscriberOptions.builder()
                .name("reader")
                .slowSubscriber(policy)
                .build());
    }

    @Test
    void shouldHoldNobodyUpForOneThatIsFarBehind() {
        Subscriber reader = queue.createSubscriber();
        publish(1, 1000);
        assertReads(reader, 1, 1000);
        assertThat(reader.receiveNoWait()).isNull();
        publish(1001, 1001);
        assertReads(reader, 1001, 1001);
    }

    @Test
    void shouldReadFromTheOldest() {
        publish(1, 1000);
        Subscriber reader = queue.createSubscriber(StartAt.OLDEST_RETAINED);
        List<Long> positions = new ArrayList<>();
        while (positions.size() < 1000) reader.poll(view -> positions.add(view.position()), 300, Patience.limit());
        assertThat(positions).first().isEqualTo(1L);
        assertThat(positions).isSorted().hasSize(1000);
        assertThat(queue.stats().oldestPosition()).isEqualTo(1);
    }

    @Test
    void shouldSeekBackAndForth() {
        Subscriber reader = queue.createSubscriber();
        publish(1, 1000);
        for (int to : new int[] {700, 20, 999, 1, 500}) {
            reader.seek(StartAt.at(to));
            assertReads(reader, to, to + 1);
        }
    }

    @Test
    void shouldGoOnWhereItWasAfterAReboot() {
        try (Subscriber reader = named(SlowSubscriber.GATE_PUBLISHER)) {
            publish(1, 1000);
            assertReads(reader, 1, 10);
        }
        reboot();
        try (Subscriber reader = named(SlowSubscriber.GATE_PUBLISHER)) {
            publish(1001, 1200);
            assertReads(reader, 11, 1200);
        }
    }

    @Test
    void shouldAcknowledgeAnyOfWhatItReadsInFiles() {
        Subscriber reader = queue.createSubscriber(SubscriberOptions.builder()
                .name("reader")
                .ackMode(AckMode.CLIENT)
                .build());
        publish(1, 1000);
        for (int i = 1; i <= 900; i++) {
            Message message = reader.receive(Patience.limit());
            assertIs(message, i);
            if (i % 100 == 0) reader.acknowledge(message.position());
        }
        reader.close();
        Subscriber again = queue.createSubscriber(SubscriberOptions.builder()
                .name("reader")
                .ackMode(AckMode.CLIENT)
                .build());
        assertReads(again, 901, 1000);
    }

    @Test
    void shouldWaitAtMaxSizeForTheOldestPlace() {
        Subscriber reader = named(SlowSubscriber.GATE_PUBLISHER);
        int published = fill();
        assertThat(published).isGreaterThan(3000);
        Publisher impatient = queue.createPublisher(
                PublisherOptions.builder().timeout(Duration.ofMillis(100)).build());
        assertThatThrownBy(() -> impatient.publish(body(1)))
                .isInstanceOf(QueueFullException.class)
                .hasMessageContaining("maxSize");
        assertReads(reader, 1, 2200);
        publish(published + 1, published + 800);
        assertReads(reader, 2201, published + 800);
    }

    @Test
    void shouldShowAPublisherThatWaitsAtMaxSizeAndForWhom() throws Exception {
        Subscriber reader = named(SlowSubscriber.GATE_PUBLISHER);
        int published = fill();
        Thread waits = new Thread(() -> publisher.publish(body(published + 1)));
        waits.start();
        Patience.until("it is seen to wait for the reader", () -> queue.stats().waiting().stream()
                .anyMatch(each ->
                        each.cause() != null && "reader".equals(each.cause().subscription())));
        Patience.until("it is counted", () -> queue.stats().counters().get("fullWaits") > 0);
        assertReads(reader, 1, published + 1);
        waits.join();
        Patience.until("it waits no more", () -> queue.stats().waiting().isEmpty());
    }

    private int fill() {
        int i = 0;
        while (together && together(i + 1, Duration.ofMillis(200))) i += TOGETHER;
        while (i < 10_000
                && publisher.offer(ByteBuffer.wrap(body(i + 1)), Duration.ofMillis(200)) != Publisher.REJECTED) i++;
        return i;
    }

    @Test
    void shouldOverrunAtMaxSize() {
        Subscriber reader = named(SlowSubscriber.OVERRUN);
        publish(1, 8000);
        long read = 0;
        Message message;
        do {
            message = reader.receive(Patience.limit());
            assertThat(message.bytes()).isEqualTo(body((int) message.position()));
            read++;
        } while (message.position() < 8000); // a file made ahead may cost it another one meanwhile
        assertThat(read).isBetween(1900L, 4500L);
        assertThat(reader.lostCount()).isEqualTo(8000 - read);
    }

    /** Twice the time in which files go that nobody needs. */
    @Test
    void shouldKeepForOneThatWasPassedWhatMaxSizeAllows() {
        named(SlowSubscriber.OVERRUN).close();
        publish(1, 8000);
        assertThat(publisher.awaitDurable(8000, Patience.limit())).isTrue();
        Patience.pause(1500);
        assertThat(queue.stats().oldestPosition()).isBetween(3000L, 6100L);
    }

    @Test
    void shouldTellHowMuchAClosedOneHasLostAndWillNotice() {
        named(SlowSubscriber.OVERRUN).close();
        publish(1, 8000);
        queue.close();
        long oldest = report().stats().oldestPosition();
        assertThat(oldest).isGreaterThan(3000);
        assertThat(report().stats().subscribers().get(0).lostCount()).isEqualTo(oldest - 1);
    }

    @Test
    void shouldEndAtMaxSizeWhatIsToBeDisconnected() {
        Subscriber reader = named(SlowSubscriber.DISCONNECT);
        publish(1, 1000);
        assertReads(reader, 1, 10);
        publish(1001, 8000);
        assertThatThrownBy(reader::receiveNoWait).hasMessageContaining("disconnect");
    }

    @Test
    void shouldJumpToTheNewestWhenTheRingHasPassedIt() {
        Subscriber reader = queue.createSubscriber(SubscriberOptions.builder()
                .slowSubscriber(SlowSubscriber.OVERRUN)
                .afterOverrun(AfterOverrun.NEWEST)
                .build());
        publish(1, 1000);
        assertThat(reader.receive(Patience.limit()).position()).isEqualTo(1000);
        assertThat(reader.lostCount()).isEqualTo(999);
    }

    @Test
    void shouldBeginInTheRingAtAPlaceThatItHasPassedIfTheNewestCounts() {
        publish(1, 1000);
        Subscriber reader = queue.createSubscriber(SubscriberOptions.builder()
                .slowSubscriber(SlowSubscriber.OVERRUN)
                .afterOverrun(AfterOverrun.NEWEST)
                .startAt(StartAt.at(500))
                .build());
        Message first = reader.receive(Patience.limit());
        assertThat(first.position()).isGreaterThan(900);
        assertThat(reader.lostCount()).isEqualTo(first.position() - 500);
    }

    @Test
    void shouldMarkOnlyWhatItWasGivenThoughItComesAgainAfterAReboot() {
        SubscriberOptions options = SubscriberOptions.builder()
                .name("reader")
                .ackMode(AckMode.CLIENT)
                .build();
        try (Subscriber reader = queue.createSubscriber(options)) {
            publish(1, 1000);
            assertReads(reader, 1, 20);
            reader.acknowledge(10);
        }
        reboot();
        Subscriber again = queue.createSubscriber(options);
        for (int i = 11; i <= 30; i++)
            assertThat(again.receive(Patience.limit()).redelivered()).isEqualTo(i <= 20);
    }

    @Test
    void shouldMarkWhatComesAgainAfterARebootThoughItWasOverrun() {
        SubscriberOptions options = SubscriberOptions.builder()
                .name("reader")
                .ackMode(AckMode.CLIENT)
                .slowSubscriber(SlowSubscriber.OVERRUN)
                .build();
        try (Subscriber reader = queue.createSubscriber(options)) {
            publish(1, 3000);
            assertReads(reader, 1, 3000);
        }
        publish(3001, 4500);
        Patience.until("the oldest goes", () -> queue.stats().oldestPosition() > 1);
        reboot();
        Subscriber again = queue.createSubscriber(options);
        Message first = again.receive(Patience.limit());
        assertThat(first.position()).isBetween(2L, 2999L);
        assertThat(again.lostCount()).isEqualTo(first.position() - 1);
        assertThat(first.redelivered()).isTrue();
        for (long i = first.position() + 1; i <= 3010; i++)
            assertThat(again.receive(Patience.limit()).redelivered()).isEqualTo(i <= 3000);
    }

    @Test
    void shouldLoseNothingToAnEmptyRingThoughItGoesOnAtTheNewest() {
        SubscriberOptions options = SubscriberOptions.builder()
                .name("reader")
                .slowSubscriber(SlowSubscriber.OVERRUN)
                .afterOverrun(AfterOverrun.NEWEST)
                .build();
        queue.createSubscriber(options).close();
        publish(1, 40);
        reboot();
        try (Subscriber again = queue.createSubscriber(options)) {
            assertReads(again, 1, 20);
            assertThat(again.lostCount()).isZero();
        }
        reboot();
        Subscriber later = queue.createSubscriber(options);
        publish(41, 1000);
        assertThat(later.receive(Patience.limit()).position()).isEqualTo(1000);
        assertThat(later.lostCount()).isEqualTo(979);
    }

    @Test
    void shouldGetTheNewestOfTheFilesAfterAReboot() {
        SubscriberOptions options = SubscriberOptions.builder()
                .name("reader")
                .slowSubscriber(SlowSubscriber.OVERRUN)
                .afterOverrun(AfterOverrun.NEWEST)
                .build();
        queue.createSubscriber(options).close();
        publish(1, 8000);
        Patience.until("the oldest goes", () -> queue.stats().oldestPosition() > 1);
        reboot();
        Subscriber again = queue.createSubscriber(options);
        assertIs(again.receiveNoWait(), 8000);
        assertThat(again.lostCount()).isEqualTo(7999);
    }

    private void reboot() {
        queue.close();
        small.forgetLivePart();
        open();
    }

    @Test
    void shouldBeginAtTheFloorAfterAReboot() {
        publish(1, 8000);
        Patience.until("the oldest goes", () -> queue.stats().oldestPosition() > 1);
        reboot();
        long oldest = queue.stats().oldestPosition();
        assertThat(oldest).isGreaterThan(1);
        try (Subscriber reader = queue.createSubscriber(StartAt.OLDEST_RETAINED)) {
            assertReads(reader, (int) oldest, (int) oldest + 100);
            reader.seek(StartAt.at(oldest));
            assertReads(reader, (int) oldest, 8000);
            assertThatThrownBy(() -> reader.seek(StartAt.at(oldest - 1))).hasMessageContaining("retained");
        }
    }

    @Test
    void shouldTellWhatIsDamagedToWhoReadsItAndToNobodyElse() throws Exception {
        Subscriber reader = queue.createSubscriber();
        Subscriber present = queue.createSubscriber();
        publish(1, 100);
        assertReads(present, 1, 100);
        damage(500);
        for (int tries = 0; tries < 2; tries++)
            assertThatThrownBy(reader::receiveNoWait)
                    .isInstanceOf(QueueCorruptedException.class)
                    .hasMessageContaining("message 1 at byte 0");
        publish(101, 200);
        assertReads(present, 101, 200);
        reader.seek(StartAt.at(150));
        assertReads(reader, 150, 200);
    }

    @Test
    void shouldGoOnAtMaxSizeThoughWhatNobodyNeedsIsDamaged() throws Exception {
        Subscriber reader = named(SlowSubscriber.GATE_PUBLISHER);
        publish(1, 1500);
        assertReads(reader, 1, 1500);
        damage(700);
        damage(1 << 20); // in the record that crosses into this file
        publish(1501, 4500);
        assertReads(reader, 1501, 4500);
        publish(4501, 6000);
        assertReads(reader, 4501, 6000);
        assertThat(queue.stats().oldestPosition()).isBetween(1L, 6000L);
    }

    @Test
    void shouldSeekPastDamageAndPastAMissingFile() throws Exception {
        queue.createSubscriber(SubscriberOptions.builder().name("away").build()).close(); // keeps all
        publish(1, 3000);
        openAgain();
        Subscriber reader = queue.createSubscriber(StartAt.OLDEST_RETAINED);
        assertReads(reader, 1, 50);
        damage(200_000);
        long damaged = 1;
        while (true) {
            try {
                reader.seek(StartAt.at(damaged));
                assertIs(reader.receiveNoWait(), (int) damaged);
                damaged++;
            } catch (QueueCorruptedException told) {
                break;
            }
        }
        assertThat(damaged).isBetween(150L, 200L);
        reader.seek(StartAt.at(damaged + 1));
        assertReads(reader, (int) damaged + 1, 500);
        Files.delete(fileFrom(1 << 20));
        assertThatThrownBy(() -> reader.seek(StartAt.at(1500))).isInstanceOf(QueueCorruptedException.class);
        assertReads(reader, 501, 510);
        reader.seek(StartAt.at(2500));
        assertReads(reader, 2500, 3000);
        assertReads(queue.createSubscriber(StartAt.at(2200)), 2200, 2210);
        assertReads(queue.createSubscriber(SubscriberOptions.observer(StartAt.at(2200))), 2200, 2210);
        reader.seek(StartAt.NOW);
        reader.seek(StartAt.at(2200));
        assertReads(reader, 2200, 2210);
    }

    @Test
    void shouldReadWhatIsWholeBeforeAMissingFile() throws Exception {
        queue.createSubscriber(SubscriberOptions.builder().name("away").build()).close(); // keeps all
        publish(1, 3000);
        openAgain();
        Files.delete(fileFrom(1 << 20));
        Subscriber reader = queue.createSubscriber(StartAt.OLDEST_RETAINED);
        int whole = (1 << 20) / publisher.sizeInBatch(LENGTH);
        assertReads(reader, 1, whole);
        assertThatThrownBy(reader::receiveNoWait)
                .isInstanceOf(QueueCorruptedException.class)
                .hasMessageContaining("byte " + (1 << 20) + " of the log, byte 0 of " + fileFrom(1 << 20));
    }

    @Test
    void shouldTellOfAFileThatWasCutAsOfOneThatIsMissing() throws Exception {
        named(SlowSubscriber.GATE_PUBLISHER).close();
        publish(1, 3000);
        openAgain();
        Subscriber reader = named(SlowSubscriber.GATE_PUBLISHER);
        assertReads(reader, 1, 50);
        cut(0);
        cut(1 << 20);
        assertThatThrownBy(() -> reader.seek(StartAt.at(1500))).isInstanceOf(QueueCorruptedException.class);
        assertThatThrownBy(() -> {
                    while (true) reader.receiveNoWait();
                })
                .isInstanceOf(QueueCorruptedException.class);
        queue.createSubscriber(SubscriberOptions.builder().name("late").build()).close();
        publish(3001, 3100);
        reader.seek(StartAt.at(2500));
        assertReads(reader, 2500, 3100);
        reader.close();
        queue.close();
        try (LogDirectory files = Small.files(small.directory)) {
            assertThat(files.placesNow().named())
                    .extracting(each -> each.acknowledged().position())
                    .containsOnly(3001L, 3101L);
        }
    }

    private Path fileFrom(long offset) {
        return small.directory.resolve(String.format("log.%016x", offset));
    }

    private void cut(long offset) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(fileFrom(offset).toFile(), "rw")) {
            file.setLength(4096);
        }
    }

    /** Its record would end behind the end of the log. */
    @Test
    void shouldTellALengthThatIsTooLong() throws Exception {
        named(SlowSubscriber.GATE_PUBLISHER).close();
        publish(1, 100);
        queue.close();
        Path log = small.directory.resolve("log.0000000000000000");
        byte[] bytes = Files.readAllBytes(log);
        long last = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("message 100.") - RecordHeader.SIZE;
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "rw")) {
            file.seek(last);
            file.writeInt(Integer.reverseBytes(60_000));
        }
        reboot();
        try (Subscriber reader = named(SlowSubscriber.GATE_PUBLISHER)) {
            assertReads(reader, 1, 99);
            assertThatThrownBy(reader::receiveNoWait).isInstanceOf(QueueCorruptedException.class);
        }
    }

    @Test
    void shouldKeepPlacesAndAttachThoughTheOldestIsDamaged() throws Exception {
        Subscriber reader = named(SlowSubscriber.GATE_PUBLISHER);
        publish(1, 3000);
        SubscriberOptions oldest = SubscriberOptions.builder()
                .name("oldest")
                .startAt(StartAt.OLDEST_RETAINED)
                .build();
        queue.createSubscriber(oldest).close();
        assertReads(reader, 1, 1200);
        reader.close();
        queue.close();
        small.forgetLivePart();
        Files.delete(fileFrom(0));
        open();
        try (Subscriber again = named(SlowSubscriber.GATE_PUBLISHER)) {
            assertReads(again, 1201, 1300);
        }
        queue.createSubscriber(SubscriberOptions.builder().name("late").build()).close();
        try (Subscriber held = queue.createSubscriber(oldest)) {
            assertThatThrownBy(held::receiveNoWait).isInstanceOf(QueueCorruptedException.class);
            held.seek(StartAt.at(2000));
            assertReads(held, 2000, 2001);
            assertThat(held.lostCount()).isEqualTo(1999);
        }
        queue.unsubscribe("late");
        queue.close();
        small.forgetLivePart(); // what was acknowledged was kept
        open();
        assertReads(named(SlowSubscriber.GATE_PUBLISHER), 1301, 1310);
        assertReads(queue.createSubscriber(oldest), 2002, 2010);
    }

    private void damage(long at) throws IOException {
        long file = at >> 20 << 20;
        try (RandomAccessFile log = new RandomAccessFile(fileFrom(file).toFile(), "rw")) {
            log.seek(at - file);
            log.write(77);
        }
    }

    @Test
    void shouldReadOverWhereTheRingHasGrownInAnEarlierLife() throws Exception {
        try (Small growing = new Small("&capacity=64k&maxCapacity=1m&maxSize=4m&sync=os")) {
            byte[] large = new byte[100_000];
            try (MessageQueue queue = growing.open()) {
                for (int i = 0; i < 5; i++) {
                    queue.createPublisher().publish(body(i));
                    queue.createPublisher().publish(large);
                }
            }
            growing.forgetLivePart();
            try (MessageQueue queue = growing.open()) {
                Subscriber reader = queue.createSubscriber(StartAt.OLDEST_RETAINED);
                queue.createPublisher().publish(body(5));
                for (int i = 0; i < 5; i++) {
                    assertThat(reader.receive(Patience.limit()).bytes()).isEqualTo(body(i));
                    assertThat(reader.receive(Patience.limit()).bytes()).isEqualTo(large);
                }
                assertThat(reader.receive(Patience.limit()).bytes()).isEqualTo(body(5));
                assertThat(reader.receiveNoWait()).isNull();
            }
        }
    }

    /** What is left is enough for others: health would call it full until somebody publishes that much. */
    @Test
    void shouldNotBeFullForGoodBecauseALongMessageWasRefused() throws Exception {
        try (Small full = new Small("&capacity=2m&maxCapacity=2m&maxSize=8m&keep=all&sync=os");
                MessageQueue queue = full.open()) {
            Publisher publisher = queue.createPublisher();
            while (publisher.offer(ByteBuffer.allocate(500_000), Duration.ZERO) > 0) continue;
            Patience.until(
                    "it is not full any more", () -> !queue.stats().counters().containsKey("diskFull"));
            assertThat(publisher.offer(ByteBuffer.wrap(body(1)), Duration.ZERO)).isPositive();
            assertThat(report(full).used()).as("nobody reads, and all is kept").isGreaterThan(7_500_000);
        }
    }

    @Test
    void shouldTellAHandlerThatPublishesAtMaxSizeThatItWouldWaitForItself() {
        Subscriber reader = named(SlowSubscriber.GATE_PUBLISHER);
        fill();
        assertThatThrownBy(() -> reader.poll(view -> publish(1, 2000), 1, Duration.ZERO))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("would wait for itself")
                .hasMessageContaining("maxSize");
    }

    @Test
    void shouldRefuseAMaxSizeThatALongMessageWouldNeverFit() {
        String bad = small.uri().replace("maxCapacity=64k", "maxCapacity=8m");
        assertThatThrownBy(() -> MessageQueues.open(bad.replace("small:bad", "small:worse")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("and maxCapacity: 8 MiB");
    }

    @Test
    void shouldReadManyQueuesInFilesByOneThread() throws Exception {
        try (Small other = new Small("&capacity=64k&maxCapacity=64k&maxSize=4m&sync=os");
                MessageQueue second = other.open();
                Subscribers set = Subscribers.of(queue.createSubscriber(), second.createSubscriber())) {
            publish(1, 500);
            Publisher to = second.createPublisher();
            for (int i = 1; i <= 500; i++) to.publish(body(i));
            long[] read = new long[1];
            while (read[0] < 1000) set.poll((from, view) -> read[0]++, 100, Patience.limit());
        }
    }

    @Test
    void shouldBeHealthyThoughAReaderIsInFiles() {
        named(SlowSubscriber.GATE_PUBLISHER).close();
        Subscriber reader = queue.createSubscriber();
        publish(1, 1000);
        assertReads(reader, 1, 10);
        assertThat(problems(true)).isEmpty();
        assertThat(queue.stats().oldestPosition()).isEqualTo(1);
        Map<String, Long> counters = queue.stats().counters();
        assertThat(counters.get(QueueCounter.HISTORY_BYTES.key())).isGreaterThan(1_000_000);
        assertThat(counters).containsEntry(QueueCounter.READERS_IN_FILES.key(), 1L);
        Patience.until("its keeper notes when", () -> report().properties().containsKey("keptSince"));
        assertReads(reader, 11, 1000);
        assertThat(reader.receiveNoWait()).isNull();
        assertThat(queue.stats().counters()).containsEntry(QueueCounter.READERS_IN_FILES.key(), 0L);
    }

    private QueueReport report() {
        return report(small);
    }

    private static QueueReport report(Small of) {
        return new FileProvider().inspector().orElseThrow().look(of.directory.toString());
    }

    private List<Finding> problems(boolean deep) {
        return problems(small, deep);
    }

    private static List<Finding> problems(Small of, boolean deep) {
        return new FileProvider()
                .inspector().orElseThrow().diagnose(of.directory.toString(), deep).stream()
                        .filter(finding -> finding.level().isProblem())
                        .toList();
    }

    @Test
    void shouldNameAFileThatIsMissing() throws Exception {
        named(SlowSubscriber.GATE_PUBLISHER).close();
        publish(1, 3000);
        assertThat(problems(false)).isEmpty();
        Path missing = fileFrom(1 << 20);
        Path aside = Files.move(missing, small.directory.resolveSibling(small.name + ".aside"));
        assertThat(problems(false))
                .as("though nobody may have synced it yet")
                .anyMatch(each ->
                        each.check().equals("missing-file") && each.what().contains(missing.toString()));
        Files.move(aside, missing);
        openAgain(); // all of it is on the disk, and its places say so
        queue.close();
        assertThat(problems(false)).isEmpty();
        Files.delete(missing);
        assertThat(problems(false)).anyMatch(each -> each.what().contains(missing.toString()));
    }

    /** The bound in its places is before that file, and its part in memory knows of the one after. */
    @Test
    void shouldNameAFileThatIsMissingAlsoIfThatHasEndedTheQueue() throws Exception {
        try (Small ended = new Small("&capacity=64k&maxCapacity=64k&maxSize=8m&sync=os&keep=all&flush=60s")) {
            Path missing;
            try (MessageQueue open = ended.open()) {
                Publisher to = open.createPublisher();
                Path next;
                do {
                    to.publish(body(1));
                    long offset = QueueCounter.BYTES.of(open.stats()) / SmallFilesProvider.SEGMENT;
                    missing = ended.directory.resolve(String.format("log.%016x", offset * SmallFilesProvider.SEGMENT));
                    next = ended.directory.resolve(
                            String.format("log.%016x", (offset + 1) * SmallFilesProvider.SEGMENT));
                } while (!Files.exists(next)); // which is made ahead
                Files.delete(missing);
                Patience.until("it has ended", () -> {
                    try {
                        to.publish("x");
                        return false;
                    } catch (JournalFailedException gone) {
                        return true;
                    }
                });
            }
            String gone = missing.toString();
            assertThat(problems(ended, false))
                    .anyMatch(each ->
                            each.check().equals("missing-file") && each.what().contains(gone));
        }
    }

    /** Its places on the disk are too old to say which subscription needs what is missing: a reset would lose more. */
    @Test
    void shouldResetNoSubscriptionBecauseOfAMissingFile() throws Exception {
        try (Subscriber passed = queue.createSubscriber(
                SubscriberOptions.builder().name("passed").build())) {
            queue.createSubscriber(SubscriberOptions.builder().name("needs").build())
                    .close();
            publish(1, 3000);
            assertReads(passed, 1, 2500);
        }
        openAgain();
        Files.delete(fileFrom(0));
        assertThat(problems(false)).singleElement().satisfies(each -> assertThat(each.remedy())
                .contains("'belfry subs file:")
                .doesNotContain("belfry reset"));
    }

    @Test
    void shouldRefuseAMaxSizeThatIsTooSmallOrOfADomain() {
        for (String bad : List.of("maxSize=1m", "maxSize=x", "maxSize=0"))
            assertThatThrownBy(() -> MessageQueues.open(small.uri().replace("maxSize=4m", bad)))
                    .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> MessageQueues.open(small.uri().replace("maxSize=4m", "maxSize=8m")))
                .hasMessageContaining("maxSize 8 MiB requested");
    }

    @Test
    void shouldRemoveWhatNobodyNeeds() {
        publish(1, 8000);
        Patience.until("the oldest goes", () -> queue.stats().oldestPosition() > 1);
    }
}
