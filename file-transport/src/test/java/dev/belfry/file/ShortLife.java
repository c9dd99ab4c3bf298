package dev.belfry.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.AckMode;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.shm.journal.LogFiles;
import dev.belfry.shm.journal.Places;
import dev.belfry.shm.journal.Places.At;
import dev.belfry.shm.journal.Places.Named;
import dev.belfry.shm.journal.SealedRecords;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.layout.RecordTrailer;
import dev.belfry.shm.posix.Directory;
import dev.belfry.shm.posix.LibC;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.UUID;

/** One life of a queue, in which each thing is done once, and what must be there after it. */
final class ShortLife {
    static final int MESSAGES = 11;

    private static final int SEGMENT = 4096;
    private static final int BODY = 900;
    private static final int SIZE = (int) RecordHeader.size(8 + BODY, RecordHeader.pad(true));
    private static final long MOST = 256 << 10;
    private static final UUID LOG = new UUID(1, 2);

    private final boolean publishersWait;
    int durable;
    private int tried;
    private boolean created;

    ShortLife(boolean publishersWait) {
        this.publishersWait = publishersWait;
    }

    private static LogDirectory open(LibC c) {
        return LogDirectory.open(c, Directory.open(c, Disk.DIRECTORY));
    }

    private void publish(LogDirectory files, QueueFiles queue, int count) {
        int from = durable;
        queue.makeReady((long) (from + count) * SIZE + 8);
        ByteBuffer records = ByteBuffer.allocateDirect(count * SIZE).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            records.putLong(i * SIZE, RecordHeader.data(8 + BODY, 0, from + i + 1));
            records.putLong((i + 1) * SIZE - 8, RecordTrailer.of(from + i + 1, false));
        }
        new SealedRecords(LOG, MOST, (long) from * SIZE, from + 1).seal(records);
        tried = from + count;
        try (LogFiles.Span span = queue.span((long) from * SIZE, (long) tried * SIZE, begin -> 0)) {
            span.write(records.flip(), (long) from * SIZE);
            span.sync();
        }
        durable = tried;
    }

    private static Places places(int kept, int bound) {
        Named reader = new Named("reader", SlowSubscriber.GATE_PUBLISHER, AckMode.CLIENT, at(kept), 1, 0);
        return new Places(at(kept), at(bound), List.of(reader));
    }

    private static At at(int messages) {
        return new At((long) messages * SIZE, messages + 1);
    }

    /** All that a queue does with its directory. */
    void live(LibC c) {
        Origin origin = new Origin(LOG, 64 << 10, MOST, 0600, true, 8, false, publishersWait, SEGMENT, 0);
        try (Directory directory = Directory.open(c, Disk.DIRECTORY)) {
            LogDirectory.create(c, directory, origin);
            created = true;
        }
        LogDirectory files = open(c);
        files.locks.tryLock(LogDirectory.USE);
        Restored.of(files, 1024, 0);
        QueueFiles queue = new QueueFiles(files);
        publish(files, queue, 3);
        queue.storePlaces(() -> places(1, 3), true);
        publish(files, queue, 6); // over two segments
        queue.storePlaces(() -> places(6, 9), true);
        publish(files, queue, MESSAGES - durable);
        queue.closesCleanly(() -> (long) durable * SIZE);
        queue.close();
    }

    void check(Disk disk, String what) {
        if (!created && !disk.names().contains(LogDirectory.QUEUE)) {
            assertThat(durable).as(what).isZero();
            return;
        }
        LogDirectory files = open(disk.libC());
        if (files == null) {
            assertThat(durable).as(what).isZero();
            return;
        }
        assertThat(files.locks.tryLock(LogDirectory.USE)).isTrue();
        Restored restored = Restored.of(files, 1024, 0);
        assertThat((int) restored.end.position() - 1).as(what).isBetween(durable, tried);
        for (Named each : restored.named())
            assertThat(each.acknowledged().offset())
                    .as(what)
                    .isGreaterThanOrEqualTo(restored.start().offset());
        assertThat(disk.names()).as(what).noneMatch(name -> name.startsWith(TemporaryFile.PREFIX));
        files.close();
    }
}
