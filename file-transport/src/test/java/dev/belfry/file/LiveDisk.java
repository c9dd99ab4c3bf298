package dev.belfry.file;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.QueueConfig;
import dev.belfry.shm.LivePart;
import dev.belfry.shm.journal.LogFiles;
import dev.belfry.shm.journal.Places;
import dev.belfry.shm.journal.SealedRecords;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.posix.Directory;
import dev.belfry.spi.Log;
import dev.belfry.spi.QueueSettings;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.UnaryOperator;

/** A real live part over a {@link Disk}, with several handles of this JVM: leaders and keepers of several. */
final class LiveDisk implements AutoCloseable {
    private static final int SEGMENT = 64 << 10;
    private static final int CAPACITY = 64 << 10;

    final List<MessageQueue> handles = new ArrayList<>();
    final Disk disk = new Disk(new Random(12));
    private final UUID logId = UUID.randomUUID();
    private final String name = logId.toString().replace("-", "");
    private final boolean domain;
    private final boolean always;
    private final boolean history;
    private final QueueSettings settings;
    private Life life; // null before the first handle
    long flushNanos = 50_000_000; // of the handles that are opened from now on

    LiveDisk(boolean domain, boolean always, long maxCapacity) {
        this(domain, always, maxCapacity, 0);
    }

    /** {@code maxSize}: 0: what nobody needs goes. */
    LiveDisk(boolean domain, boolean always, long maxCapacity, long maxSize) {
        this.domain = domain;
        this.always = always;
        this.history = maxSize > 0;
        settings = QueueSettings.of(QueueConfig.builder()
                .capacity(CAPACITY)
                .maxCapacity(maxCapacity)
                .build());
        Origin origin = new Origin(logId, CAPACITY, maxCapacity, 0600, true, 8, domain, always, SEGMENT, maxSize);
        LogDirectory.create(disk.libC(), Directory.open(disk.libC(), Disk.DIRECTORY), origin);
    }

    private static LogDirectory files(Disk on) {
        return LogDirectory.open(on.libC(), Directory.open(on.libC(), Disk.DIRECTORY));
    }

    private LivePart.Spec spec() {
        return new LivePart.Spec(
                name,
                URI.create("file:/disk"),
                logId,
                life.token(),
                life.queueId(),
                life.earlier(),
                life.number(),
                1,
                1,
                settings,
                8,
                domain,
                always,
                flushNanos,
                history);
    }

    /** The first handle makes the live part, the others join it. {@code files}: what each has is seen through this. */
    void open(int count, UnaryOperator<LogFiles> files) {
        LogDirectory directory = files(disk);
        Restored restored = Restored.of(directory, Recovery.PIECE, 0);
        life = restored.life;
        LogFiles first = files.apply(new QueueFiles(directory));
        try (LivePart part = LivePart.create(
                spec(), first, restored.floor, restored.start(), restored.end.offset(), restored.readyUpTo)) {
            restored.refill(part::refill);
            restored.named().forEach(part::named);
            handles.add(part.link());
        }
        while (handles.size() < count) join(files);
    }

    /** One more handle, which reads nothing of the log. */
    MessageQueue join(UnaryOperator<LogFiles> files) {
        QueueConfig.Builder config = QueueConfig.builder();
        if (domain) config.attribute(Log.KIND, Log.DOMAIN);
        LogFiles own = files.apply(new QueueFiles(files(disk)));
        MessageQueue joined = LivePart.open(spec(), config.build(), own, ofAnother -> false, (from, upTo) -> true);
        handles.add(joined);
        return joined;
    }

    /** Bodies by their positions. {@code start} is the first that is there, {@code end} the one after the last. */
    record Found(long start, long end, Map<Long, String> bodies, List<Places.Named> named) {}

    /** All that a directory would have if the power went now. */
    Found afterPowerLoss(Random luck) {
        LogDirectory files = files(disk.afterPowerLoss(luck));
        Restored restored = Restored.of(files, 1 << 16, 0);
        Places.At start = restored.start();
        ByteBuffer all = ByteBuffer.allocate((int) (restored.end.offset() - start.offset()))
                .order(ByteOrder.LITTLE_ENDIAN);
        SealedRecords walked =
                new SealedRecords(files.origin.logId(), settings.maxCapacity(), start.offset(), start.position());
        restored.refill(proven -> {
            ByteBuffer piece =
                    ByteBuffer.allocate(proven.remaining()).put(proven).flip();
            while (piece.hasRemaining()) walked.unseal(piece);
            all.put(piece.position(0));
        });
        return new Found(start.position(), restored.end.position(), bodies(all, start.position()), restored.named());
    }

    private static Map<Long, String> bodies(ByteBuffer log, long first) {
        Map<Long, String> bodies = new TreeMap<>();
        long position = first;
        int pad = RecordHeader.pad(true);
        for (int at = 0; at < log.limit(); ) {
            long word = log.getLong(at);
            if (RecordHeader.type(word) == RecordHeader.HOP) {
                at += RecordHeader.SIZE;
                continue;
            }
            int front = (RecordHeader.flags(word) & RecordHeader.PROPERTIES) == 0
                    ? RecordHeader.SIZE
                    : RecordHeader.SIZE + RecordHeader.PROPERTIES_PREFIX;
            byte[] body = new byte[RecordHeader.frameLength(word) - front];
            log.get(at + front, body);
            bodies.put(position++, new String(body));
            at += (int) RecordHeader.size(RecordHeader.frameLength(word), pad);
        }
        return bodies;
    }

    @Override
    public void close() {
        handles.forEach(MessageQueue::close);
        LivePart.setAside(name);
    }
}
