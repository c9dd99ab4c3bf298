package dev.belfry.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.Batch;
import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.shm.journal.LogFiles;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.posix.Directory;
import dev.belfry.shm.posix.Errno;
import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.posix.RealLibC;
import dev.belfry.spi.QueueInspector;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is damaged in segments of 1 MiB: what is proven is handed out, the rest is told, and nothing is changed. */
class SalvageTest {
    private static final int MESSAGES = 3000;

    private final Small small = new Small("&sync=os&keep=all&capacity=1m&maxCapacity=8m");
    private final Found found = new Found();
    private int reads;
    private final Map<Long, Message> published = new TreeMap<>();

    /** All that is told, in order. */
    private static final class Found implements QueueInspector.Salvaged {
        final List<Message> messages = new ArrayList<>();
        long next = 1;
        long missing;
        long bytes = -1;

        @Override
        public void begins(long most, long maxCapacity) {
            bytes = most;
            assertThat(maxCapacity).isEqualTo(8 << 20);
        }

        @Override
        public void message(Message proven) {
            assertThat(proven.position()).isEqualTo(next++);
            messages.add(proven);
        }

        @Override
        public void gap(long first, long last, long offset, long length) {
            assertThat(first).isEqualTo(next);
            assertThat(last).isGreaterThanOrEqualTo(first - 1);
            assertThat(length).isPositive();
            assertThat(offset + length).isLessThanOrEqualTo(bytes);
            missing += last - first + 1;
            next = last + 1;
        }
    }

    @BeforeEach
    void publish() {
        Random random = new Random(1);
        try (MessageQueue queue = small.open()) {
            PublisherOptions dated = PublisherOptions.builder().timestamps(true).build();
            Publisher plain = queue.createPublisher();
            Publisher marked = queue.createPublisher(dated);
            while (published.size() < MESSAGES) {
                byte[] body = new byte[random.nextInt(3) == 0 ? random.nextInt(3000) : random.nextInt(40)];
                random.nextBytes(body);
                MessageProperties properties =
                        MessageProperties.builder().put("of", body.length).build();
                if (random.nextInt(10) != 0) {
                    long at = random.nextBoolean()
                            ? plain.publish(body)
                            : marked.publish(ByteBuffer.wrap(body), properties);
                    published.put(at, null);
                    continue;
                }
                try (Batch batch = plain.batch(1 << 16)) {
                    for (int i = 0; i < 10; i++) batch.add(body);
                    long last = batch.commit();
                    for (long at = last - 9; at <= last; at++) published.put(at, null);
                }
            }
            plain.publish(new byte[1 << 20]); // over two segments, through more than one window
            published.put((long) published.size() + 1, null);
        }
        small.forgetLivePart();
        salvage(small.directory);
        assertThat(found.missing).isZero();
        assertThat(found.messages).hasSize(published.size());
        found.messages.forEach(message -> published.put(message.position(), message));
        found.messages.clear();
        found.next = 1;
    }

    @AfterEach
    void close() throws Exception {
        small.close();
    }

    private void salvage(Path directory) {
        QueueInspector inspector = new FileProvider().inspector().orElseThrow();
        inspector.salvage(directory.toString(), found, QueueInspector.Progress.NOBODY);
    }

    private List<Path> log() throws IOException {
        try (Stream<Path> all = Files.list(small.directory)) {
            return all.filter(each -> each.getFileName().toString().startsWith(Segments.PREFIX))
                    .sorted()
                    .toList();
        }
    }

    private Map<String, Integer> contents() throws IOException {
        try (Stream<Path> all = Files.list(small.directory)) {
            return all.collect(Collectors.toMap(Path::toString, each -> {
                try {
                    return Arrays.hashCode(Files.readAllBytes(each));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }));
        }
    }

    private void requireProven() {
        for (Message each : found.messages) {
            Message as = published.get(each.position());
            assertThat(each.bytes()).isEqualTo(as.bytes());
            assertThat(each.properties()).isEqualTo(as.properties());
            assertThat(each.timestampMillis()).isEqualTo(as.timestampMillis());
        }
        assertThat(found.next).isEqualTo(published.size() + 1);
        assertThat(found.messages.size() + found.missing).isEqualTo(published.size());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 7})
    void shouldHandOutWhatIsProven(int seed) throws IOException {
        Random random = new Random(seed);
        List<Path> log = log();
        int flips = 0;
        for (int i = 0; i < 3; i++) {
            Path hit = log.get(random.nextInt(log.size() - 1)); // the last one is mostly zeros
            if (!Files.exists(hit)) continue;
            try (RandomAccessFile file = new RandomAccessFile(hit.toFile(), "rw")) {
                long at = random.nextInt((int) Segments.DEFAULT_SIZE) % Math.max(1, file.length());
                switch (random.nextInt(4)) {
                    case 0 -> Files.delete(hit);
                    case 1 -> file.setLength(at);
                    default -> {
                        byte[] garbage = new byte[random.nextBoolean() ? 1 : 5000];
                        random.nextBytes(garbage);
                        file.seek(at);
                        file.write(garbage);
                        flips++;
                    }
                }
            }
        }
        Map<String, Integer> before = contents();
        salvage(small.directory);
        requireProven();
        assertThat(found.missing).isPositive();
        if (flips == 3) assertThat(found.missing).isLessThan(60);
        assertThat(contents()).isEqualTo(before);
    }

    @Test
    void shouldFindRecordsWithoutPlaces() throws IOException {
        Files.delete(small.directory.resolve(PlacesForm.NAME));
        salvage(small.directory);
        requireProven();
        assertThat(found.missing).isZero();
    }

    /** What has no end was never visible; what was on the disk for sure was. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldHandOutABatchWithoutEndIfItWasVisible(boolean wasVisible) throws IOException {
        Path places = small.directory.resolve(PlacesForm.NAME);
        byte[] before = Files.readAllBytes(places);
        int whole = published.size();
        try (MessageQueue queue = small.open();
                Batch batch = queue.createPublisher().batch(1 << 16)) {
            for (int i = 0; i < 5; i++) batch.add("message " + i);
            assertThat(batch.commit()).isEqualTo(whole + 5);
        }
        small.forgetLivePart();
        if (!wasVisible) Files.write(places, before);
        Path last = lastWritten();
        try (RandomAccessFile file = new RandomAccessFile(last.toFile(), "rw")) {
            file.seek(end(last) - 8); // the trailer of the last record
            file.writeLong(0);
        }
        salvage(small.directory);
        assertThat(found.messages).hasSize(wasVisible ? whole + 4 : whole);
        assertThat(found.missing).isEqualTo(wasVisible ? 1 : 0);
    }

    /** Its record would end behind the end of the log, and another one has all of the log's bytes. */
    @ParameterizedTest
    @ValueSource(ints = {5 << 20, 2 << 20})
    void shouldLeaveOutARecordWhoseLengthIsTooLong(int length) throws IOException {
        Path last = lastWritten();
        try (RandomAccessFile file = new RandomAccessFile(log().get(0).toFile(), "rw")) {
            file.writeInt(Integer.reverseBytes(length));
        }
        assertThat(last).isNotNull();
        salvage(small.directory);
        requireProven();
        assertThat(found.missing).isEqualTo(1);
    }

    private Path lastWritten() throws IOException {
        Path last = null;
        for (Path each : log()) if (end(each) > 0) last = each;
        return last;
    }

    private static long end(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int end = bytes.length;
        while (end > 0 && bytes[end - 1] == 0) end--;
        return end + 7 & ~7L;
    }

    /** Each second word of a body could be the header of a record that ends in the log, and is too long for one. */
    @Test
    void shouldReadNoEndOfARecordThatIsLongerThanAMessageMayBe() throws IOException {
        ByteBuffer body = ByteBuffer.allocate(200 << 10).order(ByteOrder.LITTLE_ENDIAN);
        while (body.hasRemaining())
            body.putLong(RecordHeader.data((2 << 20) + 4096, 0, 7)).putLong(-1);
        Path last = lastWritten();
        long from = end(last);
        try (MessageQueue queue = small.open()) {
            Publisher publisher = queue.createPublisher();
            publisher.publish(body.array());
            for (int i = 0; i < 2; i++) publisher.publish(new byte[3 << 19]);
        }
        small.forgetLivePart();
        try (RandomAccessFile file = new RandomAccessFile(last.toFile(), "rw")) {
            file.seek(from); // a HOP and a header, or a header
            file.write(new byte[16]);
        }
        try (LogDirectory files = files(Long.MAX_VALUE / 2);
                Salvage salvage = new Salvage(files, found)) {
            salvage.run("file:longer", QueueInspector.Progress.NOBODY);
        }
        assertThat(found.missing).isEqualTo(1);
        assertThat(reads).isLessThan(1000);
    }

    /** A sector that cannot be read takes what lies in it, and nothing beside it. */
    @Test
    void shouldReadAroundABadSector() {
        try (LogDirectory files = files(300 << 10);
                Salvage salvage = new Salvage(files, found)) {
            salvage.run("file:bad", QueueInspector.Progress.NOBODY);
        }
        requireProven();
        assertThat(found.missing).isBetween(1L, 40L);
    }

    /** To a reader of a queue that is open it is damage, as a missing file is: no failure of its handle. */
    @Test
    void shouldFindNothingInABadSector() {
        long bad = 300 << 10;
        try (LogDirectory files = files(bad)) {
            QueueFiles queue = new QueueFiles(files);
            ByteBuffer piece = ByteBuffer.allocateDirect(1 << 16);
            assertThat(queue.read(piece, bad)).isEqualTo(LogFiles.Read.REFUSED);
            assertThat(piece.position()).isZero();
            assertThat(piece.remaining()).isEqualTo(1 << 16);
            assertThat(queue.read(piece, 0)).isEqualTo(LogFiles.Read.WHOLE);
        }
    }

    private LogDirectory files(long bad) {
        boolean[] failed = {false};
        LibC disk = RealLibC.load();
        LibC failing = (LibC)
                Proxy.newProxyInstance(LibC.class.getClassLoader(), new Class<?>[] {LibC.class}, (p, method, a) -> {
                    try {
                        if (method.getName().equals("errno") && failed[0]) return Errno.EIO;
                        if (method.getName().equals("pread")) reads++;
                        failed[0] = method.getName().equals("pread")
                                && (long) a[2] > 4096 - 8
                                && (long) a[3] < bad + 4096
                                && (long) a[3] + (long) a[2] > bad;
                        failed[0] |= method.getName().equals("pread") && (long) a[3] / 4096 == bad / 4096;
                        return failed[0] ? (Object) (-1L) : method.invoke(disk, a);
                    } catch (InvocationTargetException thrown) {
                        throw thrown.getCause();
                    }
                });
        return LogDirectory.open(disk, Directory.open(failing, small.directory.toString()));
    }
}
