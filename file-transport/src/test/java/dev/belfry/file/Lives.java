package dev.belfry.file;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.QueueConfig;
import dev.belfry.shm.LivePart;
import dev.belfry.shm.Unwatched;
import dev.belfry.shm.posix.Directory;
import dev.belfry.spi.QueueSettings;
import java.net.URI;
import java.util.UUID;

/**
 * A queue with a history on a {@link Disk}, one life after the other. Its live part is a real one, made of the files as
 * an opening makes it. No thread keeps the files.
 */
final class Lives {
    static final int SEGMENT = 4096;
    static final int RING = 4096;
    static final int SEGMENTS = 6;
    static final long NEVER = Long.MAX_VALUE / 2;

    private final UUID logId = UUID.randomUUID(); // others may run at the same time
    private final boolean syncsAlways;
    private final int mostOfRing; // bytes: some grow
    Disk disk;
    int count;
    LivePart.Spec spec; // these three: of the life that was opened last
    Restored restored;
    MessageQueue queue;

    Lives(Disk disk, boolean syncsAlways, int mostOfRing) {
        this.disk = disk;
        this.syncsAlways = syncsAlways;
        this.mostOfRing = mostOfRing;
        Origin origin = new Origin(
                logId, RING, mostOfRing, 0600, true, 8, false, syncsAlways, SEGMENT, (long) SEGMENTS * SEGMENT);
        LogDirectory.create(disk.libC(), Directory.open(disk.libC(), Disk.DIRECTORY), origin);
    }

    static LogDirectory files(Disk.One process) {
        return LogDirectory.open(process.libC, Directory.open(process.libC, Disk.DIRECTORY));
    }

    void open() {
        QueueSettings settings = QueueSettings.of(
                QueueConfig.builder().capacity(RING).maxCapacity(mostOfRing).build());
        LogDirectory directory = files(disk.new One());
        restored = Restored.of(directory, 1 << 16, 0);
        Life life = restored.life;
        spec = new LivePart.Spec(
                logId.toString().replace("-", "") + ++count,
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
                false,
                syncsAlways,
                NEVER,
                true);
        try (LivePart part = LivePart.create(
                spec,
                new QueueFiles(directory),
                restored.floor,
                restored.start(),
                restored.end.offset(),
                restored.readyUpTo)) {
            restored.refill(part::refill);
            restored.named().forEach(part::named);
            queue = Unwatched.made(part);
        }
    }

    /** Another process that keeps the files. */
    MessageQueue joined(Disk.One process) {
        return Unwatched.joined(spec, new QueueFiles(files(process)));
    }

    /** Also of a life that broke. */
    void forgetLivePart() {
        if (spec != null) LivePart.setAside(spec.name());
    }
}
