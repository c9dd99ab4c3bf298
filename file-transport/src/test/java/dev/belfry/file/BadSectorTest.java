package dev.belfry.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.Publisher;
import dev.belfry.api.QueueCorruptedException;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.shm.Unwatched;
import dev.belfry.shm.journal.LogFiles;
import dev.belfry.shm.journal.ProvenRecords;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.ring.LogPlace;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** A history on a simulated disk that cannot read one of its sectors: what touches it is damaged, and nothing else. */
@Timeout(120)
@ParameterizedClass
@ValueSource(booleans = {true, false})
class BadSectorTest {
    private static final int LENGTH = 100;
    private static final int MESSAGES = 150;
    private static final String FILE = "log.0000000000002000";

    private final int sector;
    private final Disk disk = new Disk(new Random(1));
    private final Lives lives = new Lives(disk, false, Lives.RING);
    private Subscriber reader;

    /** {@code refusesWhole}: a read that meets it gives nothing, so it is tried in pieces; else what lies before it. */
    BadSectorTest(boolean refusesWhole) {
        disk.refusesWhole = refusesWhole;
        sector = refusesWhole ? LogFiles.SECTOR : Disk.SECTOR;
        lives.open();
        reader = lives.queue.createSubscriber();
        Runnable flushes = Unwatched.tick(lives.joined(disk.new One()), 0);
        Publisher publisher = lives.queue.createPublisher();
        for (int i = 0; i < MESSAGES; i++) {
            publisher.publish(new byte[LENGTH]);
            flushes.run();
        }
    }

    @AfterEach
    void close() {
        lives.queue.close();
        lives.forgetLivePart();
    }

    @Test
    void shouldGiveAllButWhatTouchesTheSector() {
        int byteOfFile = 1000;
        long first = 0x2000 + byteOfFile / sector * sector;
        List<LogPlace> places = places();
        long damaged = places.stream().filter(each -> each.offset() <= first).count();
        long end = (first / LogFiles.SECTOR + 1) * LogFiles.SECTOR;
        long next = 1 + places.stream().filter(each -> each.offset() < end).count();
        assertThat(places).as("the ring may have the last ones").hasSizeGreaterThan((int) next);
        disk.isBad(FILE, byteOfFile);
        for (long position = 1; position < damaged; position++) reads(position);
        for (int tries = 0; tries < 2; tries++)
            assertThatThrownBy(reader::receiveNoWait)
                    .isInstanceOf(QueueCorruptedException.class)
                    .hasMessageContaining(
                            "at byte %d of the log, byte %d of /disk/%s, is", first, first % Lives.SEGMENT, FILE);
        assertThatThrownBy(() -> {
                    reader.seek(StartAt.at(next - 1));
                    reader.receiveNoWait();
                })
                .isInstanceOf(QueueCorruptedException.class);
        reader.seek(StartAt.at(next));
        for (long position = next; position <= MESSAGES; position++) reads(position);
        disk.isBad(FILE, -1);
        reader.seek(StartAt.at(damaged));
        for (long position = damaged; position <= MESSAGES; position++) reads(position);
    }

    /** What lies there is told to who reads it: publishers go on. */
    @Test
    void shouldGoOnThoughTheLastWordCannotBeRead() {
        Runnable keeper = Unwatched.tick(lives.queue, 0);
        Publisher publisher = lives.queue.createPublisher();
        for (int turn = 0; turn < 3; turn++) {
            keeper.run();
            long last = Unwatched.durable(lives.queue) - Long.BYTES;
            String file = String.format("log.%016x", last / Lives.SEGMENT * Lives.SEGMENT);
            disk.isBad(file, last % Lives.SEGMENT);
            keeper.run();
            disk.isBad(file, -1);
            assertThat(publisher.publish(new byte[LENGTH])).isEqualTo(MESSAGES + turn + 1);
        }
    }

    /** Where each message lies. */
    private List<LogPlace> places() {
        LogDirectory directory = Lives.files(disk.new One());
        QueueFiles files = new QueueFiles(directory);
        ProvenRecords records = new ProvenRecords(directory.origin.logId(), Lives.RING, (piece, offset) -> {
            files.read(piece, offset);
            while (piece.hasRemaining()) piece.put((byte) 0);
            piece.flip();
            return true;
        });
        long end = Lives.SEGMENTS * Lives.SEGMENT;
        List<LogPlace> places = new ArrayList<>();
        for (LogPlace at = records.firstFrom(0, end, MESSAGES);
                at != null;
                at = records.firstFrom(at.offset() + RecordHeader.SIZE, end, MESSAGES)) places.add(at);
        files.close();
        return places;
    }

    private void reads(long position) {
        assertThat(reader.receiveNoWait())
                .as("message %d", position)
                .isNotNull()
                .satisfies(message -> assertThat(message.position()).isEqualTo(position));
    }
}
