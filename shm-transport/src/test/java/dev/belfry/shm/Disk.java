package dev.belfry.shm;

import dev.belfry.api.AckMode;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.QueueFullException;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.shm.journal.LogFiles;
import dev.belfry.shm.journal.Places;
import dev.belfry.shm.journal.ReadOnly;
import dev.belfry.shm.journal.SealedRecords;
import dev.belfry.shm.posix.Errno;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.shm.segment.Machine;
import dev.belfry.spi.Log;
import dev.belfry.spi.QueueSettings;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The directory of a queue, without a disk: what its processes have written and what of that is synced, in files of
 * {@link #FILE} bytes. Notes each broken promise of {@link LogFiles} in {@link #broken}.
 */
public final class Disk {
    public static final int FILE = 1 << 16;

    private static final int MOST = 1 << 20;

    public final UUID logId = new UUID(3, 4);
    public final List<String> broken = new ArrayList<>();
    public final Map<String, String> noted = new TreeMap<>();
    public final boolean always;
    public int slots = 4;
    public boolean isWatched;

    /** As its queues know it; one that is there is in their live parts, too. */
    public String directory = "/disk";

    public boolean stepsAside; // as outside of tests; else in the thread that asks
    public String name; // of its part in memory
    private final int fileSize;
    private final int most;
    private final byte[] written;
    private final byte[] synced;
    private final boolean[] dirty;
    private final int[] failures; // each descriptor is told once
    private long writtenUpTo;
    private Places places = new Places(new Places.At(0, 1), new Places.At(0, 1), List.of());
    private long ready;
    private long mayMake = Long.MAX_VALUE;
    private volatile boolean isKeeping;
    private boolean hasHistory;
    private Disk saved;
    private UUID token = UUID.randomUUID();
    private UUID queueId = UUID.randomUUID();
    private long life;
    public int syncs;
    public int writes;
    public volatile long removedBelow;
    public final Set<Thread> askedWhatItKeeps = ConcurrentHashMap.newKeySet();

    /** Of each sync now; 0: it succeeds. What one that fails has lost counts as written in the page cache. */
    public int errno;

    /** So many syncs more fail. */
    public int fails;

    /** So many openings of files more are refused. */
    public int refusals;

    public Disk(boolean always) {
        this(always, FILE, MOST);
    }

    /** For a log of at most so many bytes, and in files of that size. */
    public Disk(boolean always, int fileSize, int most) {
        this.always = always;
        this.fileSize = fileSize;
        this.most = most;
        this.written = new byte[most];
        this.synced = new byte[most];
        this.dirty = new boolean[most];
        this.failures = new int[most / fileSize];
    }

    /** It is as it is now again after {@link #restore}. */
    public void save() {
        saved = new Disk(always, fileSize, most);
        copy(this, saved);
    }

    public void restore() {
        copy(saved, this);
        broken.clear();
        syncs = 0;
        writes = 0;
        errno = 0;
        fails = 0;
        refusals = 0;
        isKeeping = false;
    }

    private static void copy(Disk from, Disk to) {
        System.arraycopy(from.written, 0, to.written, 0, from.most);
        System.arraycopy(from.synced, 0, to.synced, 0, from.most);
        System.arraycopy(from.dirty, 0, to.dirty, 0, from.most);
        System.arraycopy(from.failures, 0, to.failures, 0, from.failures.length);
        to.writtenUpTo = from.writtenUpTo;
        to.places = from.places;
        to.ready = from.ready;
        to.token = from.token;
        to.queueId = from.queueId;
        to.life = from.life;
        to.removedBelow = from.removedBelow;
    }

    /** As if so many messages had been there before: for a disk that was never opened. */
    public void beginsAt(long position) {
        places = new Places(new Places.At(0, position), new Places.At(0, position), List.of());
    }

    /** Its files have what the ring has no more; they go when places are kept. */
    public Disk withHistory() {
        hasHistory = true;
        return this;
    }

    /** Features, for later lives. */
    public volatile long raised;

    /** With so many bytes of files: those below the kept places are gone. */
    public synchronized void isFullWith(long bytes) {
        mayMake = bytes;
    }

    /** What a process has of it; {@code step} is told before each call, and may throw. */
    public LogFiles files(Consumer<String> step) {
        return new Files(step);
    }

    private final class Files implements LogFiles {
        private final Consumer<String> step;
        private final Map<Integer, Long> hears = new ConcurrentSkipListMap<>(); // of each file that is open
        private final int[] told = new int[failures.length];
        private boolean closed;
        private Thread syncing;

        Files(Consumer<String> step) {
            this.step = step;
        }

        /** As it never hangs; and a schedule knows no other thread. */
        @Override
        public boolean within(long nanos, Runnable step) {
            step.run();
            return true;
        }

        @Override
        public void begin(Runnable step) {
            if (stepsAside) LogFiles.super.begin(step);
            else step.run();
        }

        @Override
        public Span span(long from, long to, Opened opened) {
            step.accept("open");
            if (refusals > 0) {
                refusals--;
                throw new IllegalStateException("no descriptor left");
            }
            for (int file = (int) from / fileSize; file * fileSize < to; file++) open(file, opened);
            synchronized (Disk.this) {
                if (closed) broken.add("opened after close");
                if (from < removedBelow) throw new IllegalStateException("log." + from + " is missing");
                if (to > ready) broken.add("no file for " + to + ", only up to " + ready);
            }
            return new Span() {
                private boolean over;

                @Override
                public void write(ByteBuffer sealed, long offset) {
                    step.accept("write");
                    synchronized (Disk.this) {
                        if (over || closed) broken.add("written after close");
                        writes++;
                        if (offset < from || offset + sealed.remaining() > to) broken.add("written outside");
                        for (long at = offset; sealed.hasRemaining(); at++) write(at, sealed.get());
                        writtenUpTo = Math.max(writtenUpTo, offset + sealed.limit());
                    }
                    step.accept("written");
                }

                private void write(long at, byte value) {
                    if (at < writtenUpTo && written[(int) at] != value && broken.isEmpty())
                        broken.add("another byte written at " + at);
                    written[(int) at] = value;
                    dirty[(int) at] = true;
                }

                @Override
                public long hearsFrom() {
                    synchronized (Disk.this) {
                        long most = 0;
                        for (int file = (int) from / fileSize; file * fileSize < to; file++)
                            most = Math.max(most, hears.get(file));
                        return most;
                    }
                }

                @Override
                public void read(ByteBuffer into, long offset) {
                    step.accept("read");
                    synchronized (Disk.this) {
                        into.duplicate().put(written, (int) offset, into.remaining());
                    }
                }

                @Override
                public void sync() {
                    synchronized (Disk.this) {
                        if (syncing != null) broken.add("two syncs of one descriptor");
                        syncing = Thread.currentThread();
                    }
                    try {
                        step.accept("sync");
                        boolean failed = false;
                        synchronized (Disk.this) {
                            if (over || closed) broken.add("synced after close");
                            for (int file = (int) from / fileSize; file * fileSize < to; file++) failed |= !syncs(file);
                            if (fails > 0) fails--;
                            if (!failed) syncs++;
                        }
                        if (!failed) return;
                        step.accept("told");
                        throw PosixException.of("fdatasync", "log", Errno.EIO);
                    } finally {
                        syncing = null;
                    }
                }

                @Override
                public void close() {
                    over = true;
                }
            };
        }

        private void open(int file, Opened opened) {
            if (hears.containsKey(file)) return;
            synchronized (Disk.this) {
                told[file] = failures[file];
            }
            hears.put(file, opened.hearsFrom((long) file * fileSize)); // in a schedule others go on meanwhile
        }

        private boolean syncs(int file) {
            boolean fails = errno != 0 || Disk.this.fails > 0;
            if (fails) failures[file]++;
            for (int at = file * fileSize; at < (file + 1) * fileSize; at++) {
                if (dirty[at] && !fails) synced[at] = written[at];
                dirty[at] = false;
            }
            boolean isNews = told[file] != failures[file];
            told[file] = failures[file];
            return !isNews;
        }

        @Override
        public long makeReady(long upTo) {
            step.accept("make");
            synchronized (Disk.this) {
                long wanted = (upTo + fileSize - 1) / fileSize * fileSize;
                if (wanted - places.kept().offset() / fileSize * fileSize > mayMake)
                    throw new QueueFullException("no room in the directory");
                return ready = Math.max(ready, wanted);
            }
        }

        @Override
        public Read read(ByteBuffer into, long offset) {
            if (hasHistory) step.accept("pread");
            synchronized (Disk.this) {
                if (offset < removedBelow) return Read.MISSING;
                into.put(written, (int) offset, into.remaining());
                return Read.WHOLE;
            }
        }

        @Override
        public long keptFrom(long floor, long end, boolean givesWay) {
            return Long.MAX_VALUE;
        }

        @Override
        public boolean keepsAll() {
            askedWhatItKeeps.add(Thread.currentThread());
            return false;
        }

        @Override
        public boolean keepsByAge() {
            return false;
        }

        @Override
        public long notBefore(long millis, long floor, long end) {
            return floor;
        }

        @Override
        public long fileSize() {
            return fileSize;
        }

        @Override
        public boolean storePlaces(Supplier<Places> asked, boolean now) {
            step.accept("keep");
            synchronized (Disk.this) {
                if (isKeeping) return false;
                isKeeping = true;
            }
            try {
                boolean kept = keep(asked.get()); // in a schedule others go on meanwhile
                if (kept && hasHistory) remove();
                return kept;
            } finally {
                isKeeping = false;
            }
        }

        private void remove() {
            step.accept("unlink");
            synchronized (Disk.this) {
                removedBelow = Math.max(removedBelow, places.kept().offset() / fileSize * fileSize);
            }
        }

        private boolean keep(Places next) {
            synchronized (Disk.this) {
                if (next == null) return false;
                if (next.kept().offset() < places.kept().offset()) broken.add("kept goes back");
                places = next;
                return true;
            }
        }

        @Override
        public void closesCleanly(LongSupplier syncedUpTo) {}

        @Override
        public void raise(long feature) {
            step.accept("raise");
            raised |= feature;
        }

        @Override
        public boolean isRemoved() {
            return false;
        }

        @Override
        public String directory() {
            return directory;
        }

        @Override
        public String path(long offset) {
            return "/disk/log." + offset / fileSize * fileSize;
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    // Opening

    private LivePart.Spec spec(String name, QueueConfig config) {
        return new LivePart.Spec(
                name,
                URI.create("file:/" + name),
                logId,
                token,
                queueId,
                List.of(),
                life,
                1,
                2,
                QueueSettings.of(config),
                slots,
                config.attributes().containsKey(Log.KIND),
                always,
                1_000_000_000,
                hasHistory);
    }

    /** As a transport opens it: the live part, or one made of what is on the disk. */
    public MessageQueue open(Machine machine, String name, QueueConfig asked, Consumer<String> step) {
        MessageQueue queue = openOrMake(machine, name, withoutDelete(asked), step);
        return isWatched ? LivePart.watched(queue) : queue;
    }

    /** The part in memory outlives its processes. */
    private static QueueConfig withoutDelete(QueueConfig asked) {
        QueueConfig.Builder config = QueueConfig.builder()
                .capacity(asked.capacity())
                .maxCapacity(asked.maxCapacity())
                .maxGateTime(asked.maxGateTime())
                .allowGating(asked.allowGating() == null || asked.allowGating());
        asked.attributes().forEach(config::attribute);
        return config.build();
    }

    private MessageQueue openOrMake(Machine machine, String name, QueueConfig config, Consumer<String> step) {
        LogFiles files = files(step);
        while (true) {
            MessageQueue there =
                    LivePart.open(machine, spec(name, config), config, files, ofAnother -> false, (from, upTo) -> true);
            if (there != null) return there;
            synchronized (this) {
                MessageQueue made = make(machine, name, config, files, LivePart::appear);
                if (made != null) return made;
            }
        }
    }

    /** For reading alone: what is in its files, and then the end. */
    public synchronized MessageQueue openReadOnly(String name, QueueConfig asked, Consumer<String> step, ReadOnly end) {
        return make(Machine.real(), name, withoutDelete(asked), files(step), part -> part.readOnly(end));
    }

    private MessageQueue make(
            Machine machine, String name, QueueConfig config, LogFiles files, Function<LivePart, MessageQueue> made) {
        Places.At floor = places.kept();
        Scan scan = scan(written, floor.offset(), floor.position(), Long.MAX_VALUE);
        Places.At begin = hasHistory ? new Places.At(scan.end, scan.position) : floor;
        long start = begin.offset();
        life++;
        ready = Math.max(ready, (scan.end + fileSize) / fileSize * fileSize);
        try (LivePart part = LivePart.create(machine, spec(name, config), files, floor, begin, scan.end, ready)) {
            for (long at = start; at < scan.end; ) {
                int length = (int) Math.min(scan.end - at, 4096);
                ByteBuffer piece = ByteBuffer.allocateDirect(length).order(ByteOrder.LITTLE_ENDIAN);
                piece.put(0, written, (int) at, length);
                part.refill(piece);
                at += length;
            }
            for (Places.Named named : places.named()) {
                boolean beyond = named.acknowledged().offset() > scan.end;
                Places.At end = new Places.At(scan.end, scan.position);
                part.named(new Places.Named(
                        named.name(),
                        named.policy(),
                        named.ackMode(),
                        beyond ? end : named.acknowledged(),
                        named.first(),
                        named.lost(),
                        Places.Named.NOT_KNOWN));
            }
            return made.apply(part);
        }
    }

    private record Scan(long end, long position) {}

    private Scan scan(byte[] of, long from, long position, long to) {
        SealedRecords records = new SealedRecords(logId, most, from, position);
        while (records.offset() < Math.min(to, most)) {
            if (!records.prove(ByteBuffer.wrap(of, (int) records.offset(), 8))) break;
        }
        return new Scan(records.committed(), records.committedPosition());
    }

    /** The page cache drops what it need not write: now the files are what is on the disk. */
    public synchronized void dropPageCache() {
        for (int at = 0; at < most; at++) if (!dirty[at]) written[at] = synced[at];
    }

    /** Up to which offset a power loss would leave the log, if nothing that is not synced is left. */
    public synchronized long survivesUpTo() {
        return scan(synced, 0, 1, Long.MAX_VALUE).end;
    }

    /** Up to which offset what was written is the log. */
    public synchronized long liesUpTo() {
        return scan(written, 0, 1, Long.MAX_VALUE).end;
    }

    public synchronized long writtenUpTo() {
        return writtenUpTo;
    }

    /** The newest position that a power loss would leave now, if nothing that is not synced is left. */
    public synchronized long survives() {
        return scan(synced, 0, 1, Long.MAX_VALUE).position - 1;
    }

    public synchronized long lies() {
        return scan(written, 0, 1, Long.MAX_VALUE).position - 1;
    }

    /** The power fails: what is not synced is gone, and the live part with it. */
    public synchronized void losePower(Machine machine, String name) {
        LivePart.setAside(name);
        System.arraycopy(synced, 0, written, 0, most);
        long end = scan(synced, places.bound().offset(), places.bound().position(), Long.MAX_VALUE).end;
        Arrays.fill(written, (int) end, most, (byte) 0);
        Arrays.fill(synced, (int) end, most, (byte) 0);
        writtenUpTo = end;
        token = UUID.randomUUID();
    }

    public synchronized Places places() {
        return places;
    }

    public static Places.Named named(String name, long offset, long position) {
        return new Places.Named(
                name, SlowSubscriber.GATE_PUBLISHER, AckMode.AUTO, new Places.At(offset, position), 1, 0);
    }

    public static int eio() {
        return Errno.EIO;
    }
}
