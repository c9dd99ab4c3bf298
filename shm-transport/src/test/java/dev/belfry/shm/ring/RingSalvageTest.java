package dev.belfry.shm.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.ShmProvider;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.spi.QueueInspector;
import dev.belfry.spi.QueueReport;
import dev.belfry.testing.Patience;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A queue whose words are damaged: what they prove is handed out, and each gap is told. */
class RingSalvageTest {
    private static final int MESSAGES = 2000;

    private final String name = "salvage-" + ProcessHandle.current().pid();
    private final QueueInspector inspector = new ShmProvider().inspector().orElseThrow();
    private final Found found = new Found();
    private MessageQueue queue;
    private Publisher publisher;
    private List<QueueReport.Region> regions;

    private static final class Found implements QueueInspector.Salvaged {
        long next = 1;
        long messages;
        long missing;
        long gaps;
        int damaged; // with another body of the right length: nothing proves that

        @Override
        public void begins(long bytes, long maxCapacity) {
            assertThat(bytes).isPositive();
        }

        @Override
        public void message(Message proven) {
            assertThat(proven.position()).isEqualTo(next++);
            String wanted = text(proven.position());
            assertThat(proven.bytes()).hasSize(wanted.length());
            if (!proven.text().equals(wanted)) damaged++;
            else assertThat(proven.properties().getLong("at", -1)).isEqualTo(marked(proven.position()));
            messages++;
        }

        @Override
        public void gap(long first, long last, long offset, long bytes) {
            assertThat(first).isEqualTo(next);
            missing += last - first + 1;
            next = last + 1;
            gaps++;
        }
    }

    private static String text(long position) {
        return ("message " + position + " ").repeat((int) (position % 7));
    }

    private static long marked(long position) {
        return position % 5 == 0 ? position : -1;
    }

    @BeforeEach
    void open() {
        queue = MessageQueues.open("shm:" + name + "?capacity=4k&maxCapacity=1m");
        queue.createSubscriber(SubscriberOptions.builder().name("away").build()).close();
        publisher = queue.createPublisher();
        publish(MESSAGES);
        regions = inspector.look(name).regions();
    }

    private void publish(int messages) {
        for (int i = 0; i < messages; i++) {
            long next = queue.stats().newestPosition() + 1;
            MessageProperties.Builder properties = MessageProperties.builder();
            if (marked(next) > 0) properties.put("at", next);
            publisher.publish(ByteBuffer.wrap(text(next).getBytes(StandardCharsets.UTF_8)), properties.build());
        }
    }

    @AfterEach
    void remove() {
        queue.close();
        MessageQueues.delete("shm:" + name);
    }

    private void salvage() {
        inspector.salvage(name, found, QueueInspector.Progress.NOBODY);
    }

    private RandomAccessFile file() throws IOException {
        return new RandomAccessFile("/dev/shm/belfry." + name, "rw");
    }

    @Test
    void shouldHandOutAllOfAWholeQueue() {
        salvage();
        assertThat(found.messages).isEqualTo(MESSAGES);
        assertThat(found.gaps + found.damaged).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 7})
    void shouldHandOutWhatIsNotDamaged(int seed) throws IOException {
        Random random = new Random(seed);
        int hits = 1 + random.nextInt(4);
        long size = (long) inspector.look(name).properties().get("tailOffset");
        try (RandomAccessFile file = file()) {
            for (int i = 0; i < hits; i++) {
                byte[] garbage = new byte[random.nextBoolean() ? 8 : 200];
                random.nextBytes(garbage);
                file.seek(place(Math.floorMod(random.nextLong(), size / 8 - 50) * 8));
                file.write(garbage);
            }
        }
        salvage();
        assertThat(found.next).isEqualTo(MESSAGES + 1);
        assertThat(found.messages + found.missing).isEqualTo(MESSAGES);
        // A hit takes the message whose word it was, those that its bytes reach, and the one before it.
        assertThat(found.missing + found.damaged).isBetween(1L, hits * 12L);
    }

    /** In the file; each region holds the log from its base up to the next one's. */
    private long place(long offset) {
        QueueReport.Region in = null;
        for (QueueReport.Region each : regions) if (each.firstOffset() <= offset) in = each;
        return in.place() + (offset - in.firstOffset()) % in.capacity();
    }

    @Test
    void shouldSayWhatIsMissingAtTheBeginningAndAtTheEnd() throws IOException {
        long tail = (long) inspector.look(name).properties().get("tailOffset");
        try (RandomAccessFile file = file()) {
            for (long at : new long[] {0, tail - 8, tail}) {
                file.seek(place(at));
                file.writeLong(-1);
            }
        }
        salvage();
        assertThat(found.next).isEqualTo(MESSAGES + 1);
        assertThat(found.missing).isBetween(2L, 4L);
        assertThat(found.gaps).isEqualTo(2);
    }

    /** Its publisher died between the commit and the tail. */
    @Test
    void shouldHandOutWhatIsAfterTheTail() throws IOException {
        try (RandomAccessFile file = file()) {
            file.seek(384); // the tail
            byte[] before = new byte[8];
            file.readFully(before);
            assertThat(ByteBuffer.wrap(before).order(ByteOrder.LITTLE_ENDIAN).getLong())
                    .isEqualTo(inspector.look(name).properties().get("tailOffset"));
            publish(1);
            file.seek(384);
            file.write(before);
        }
        salvage();
        assertThat(found.messages).isEqualTo(MESSAGES + 1);
        assertThat(found.gaps).isZero();
    }

    /** Likewise, but what looks like many records that a later release may add: such records prove nothing. */
    @Test
    void shouldNotBelieveABodyThatLooksLikeLaterRecords() throws IOException {
        ByteBuffer body = ByteBuffer.allocate(160).order(ByteOrder.LITTLE_ENDIAN);
        while (body.hasRemaining()) body.putLong((long) (MESSAGES + 6) << 40 | 8L << 32 | RecordHeader.SIZE);
        assertDisbelieved(body);
    }

    /** In the body of the message whose word is damaged lies what looks like the next one. */
    @Test
    void shouldNotBelieveABodyThatLooksLikeAMessage() throws IOException {
        ByteBuffer body = ByteBuffer.allocate(80).order(ByteOrder.LITTLE_ENDIAN);
        body.putLong(RecordHeader.data(16, 0, MESSAGES + 2)).putLong(-1).putLong(RecordHeader.empty(MESSAGES + 3));
        assertDisbelieved(body);
    }

    /** The word of the message that has it is damaged. */
    private void assertDisbelieved(ByteBuffer body) throws IOException {
        long tail = (long) inspector.look(name).properties().get("tailOffset");
        publisher.publish(body.rewind());
        publish(10);
        regions = inspector.look(name).regions();
        try (RandomAccessFile file = file()) {
            file.seek(place(tail));
            file.writeLong(-1);
        }
        salvage();
        assertThat(found.next).isEqualTo(MESSAGES + 12);
        assertThat(found.missing).isEqualTo(2); // also the one before it
        assertThat(found.damaged).isZero();
    }

    /** Its publishers go on, and the ring comes round while a message is copied. */
    @Test
    void shouldHandOutNothingThatIsOverwrittenMeanwhile() throws Exception {
        queue.unsubscribe("away");
        byte[] body = new byte[200_000];
        AtomicBoolean over = new AtomicBoolean();
        Thread goesOn = new Thread(() -> {
            while (!over.get()) {
                Arrays.fill(body, (byte) (queue.stats().newestPosition() + 1));
                publisher.publish(body);
            }
        });
        long last = queue.stats().newestPosition() + 20;
        goesOn.start();
        Patience.until("the ring comes round", () -> queue.stats().newestPosition() > last);
        long handedOut = 0;
        for (int round = 0; round < 150; round++) {
            List<Message> all = new ArrayList<>();
            inspector.salvage(name, told(all::add), QueueInspector.Progress.NOBODY);
            handedOut += all.size();
            for (Message each : all)
                for (byte b : each.bytes()) if (b != (byte) each.position()) throw new AssertionError(each);
        }
        over.set(true);
        goesOn.join();
        assertThat(handedOut).isPositive();
    }

    private static QueueInspector.Salvaged told(Consumer<Message> to) {
        return new QueueInspector.Salvaged() {
            @Override
            public void begins(long bytes, long maxCapacity) {
                assertThat(maxCapacity).isEqualTo(1 << 20);
            }

            @Override
            public void message(Message proven) {
                to.accept(proven);
            }

            @Override
            public void gap(long first, long last, long offset, long bytes) {
                assertThat(offset).isNotNegative();
            }
        };
    }
}
