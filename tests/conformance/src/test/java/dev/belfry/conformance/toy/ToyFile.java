package dev.belfry.conformance.toy;

import dev.belfry.api.AckMode;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.QueueConfig;
import dev.belfry.spi.Errors;
import dev.belfry.spi.HeapMessage;
import dev.belfry.spi.QueueSettings;
import dev.belfry.spi.QueueUri;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/** The mapped file. Everything but the getters of constants needs the lock. Records are never removed, only passed. */
final class ToyFile {
    static final long PID = ProcessHandle.current().pid();

    private static final int ID = 0;
    private static final int CAPACITY = 16;
    private static final int MAX = 24;
    private static final int FLAGS = 32;
    private static final int OLDEST_AND_ITS_PLACE = 48; // one word, as the next: a death between two leaves nonsense
    private static final int NEWEST_AND_TAIL = 56; // one word, so that a message is there or not
    private static final int HANDLES = 64;
    private static final int PUBLISHERS = 1_088;
    private static final int SLOTS = 4_096;
    private static final int SLOT_COUNT = 128;
    private static final int PLACES = 128;
    private static final int LOG = 1 << 20;
    private static final long SIZE = 128L << 20; // sparse
    private static final int HEAD = 24;

    private static final ReentrantLock IN_THIS_JVM = new ReentrantLock();
    private static final FileChannel ALL = lockFile();

    static volatile ToyDefect defect = ToyDefect.NONE;

    final QueueUri uri;
    private final Path path;
    private final MappedByteBuffer map;

    private ToyFile(QueueUri uri, Path path) {
        this.uri = uri;
        this.path = path;
        boolean interrupted = Thread.interrupted(); // a channel would close itself
        try (FileChannel channel =
                FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE)) {
            map = channel.map(FileChannel.MapMode.READ_WRITE, 0, SIZE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
    }

    static ToyFile open(QueueUri uri, Path path) {
        return new ToyFile(uri, path);
    }

    static ToyFile create(QueueUri uri, Path path, QueueConfig config) {
        ToyFile file = new ToyFile(uri, path);
        QueueSettings settings = QueueSettings.of(config);
        UUID id = UUID.randomUUID();
        file.map.putLong(ID, id.getMostSignificantBits()).putLong(ID + 8, id.getLeastSignificantBits());
        file.map.putLong(CAPACITY, settings.capacity()).putLong(MAX, settings.maxCapacity());
        file.map.putLong(FLAGS, (settings.deleteOnLastClose() ? 1 : 0) | (settings.allowGating() ? 2 : 0));
        file.map.putLong(OLDEST_AND_ITS_PLACE, 1L << 32 | LOG).putLong(NEWEST_AND_TAIL, LOG);
        return file;
    }

    // ---- the lock

    private static FileChannel lockFile() {
        try {
            return FileChannel.open(
                    Path.of(System.getProperty("java.io.tmpdir"), "belfry-toy.lock"),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static <T> T locked(Supplier<T> step) {
        IN_THIS_JVM.lock();
        try {
            if (IN_THIS_JVM.getHoldCount() > 1) return step.get();
            FileLock lock;
            while ((lock = tryLock()) == null) LockSupport.parkNanos(50_000);
            try {
                return step.get();
            } finally {
                lock.release();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            IN_THIS_JVM.unlock();
        }
    }

    private static FileLock tryLock() throws IOException {
        try {
            return ALL.tryLock();
        } catch (OverlappingFileLockException e) {
            throw new IllegalStateException("Another class loader plays with the toy", e);
        }
    }

    // ---- constants and figures

    UUID id() {
        return new UUID(map.getLong(ID), map.getLong(ID + 8));
    }

    long capacity() {
        return map.getLong(CAPACITY);
    }

    QueueSettings settings() {
        return new QueueSettings(
                capacity(),
                map.getLong(MAX),
                -1,
                null,
                (map.getLong(FLAGS) & 2) != 0,
                dev.belfry.spi.Deadlines.FOREVER_NANOS,
                (map.getLong(FLAGS) & 1) != 0);
    }

    int maxMessageLength() {
        return (int) (map.getLong(MAX) / 4);
    }

    long oldest() {
        return map.getLong(OLDEST_AND_ITS_PLACE) >>> 32;
    }

    long newest() {
        return map.getLong(NEWEST_AND_TAIL) >>> 32;
    }

    private int oldestAt() {
        return (int) map.getLong(OLDEST_AND_ITS_PLACE);
    }

    private int tail() {
        return (int) map.getLong(NEWEST_AND_TAIL);
    }

    // ---- records: length, length of properties, timestamp, position

    /** False if a subscriber must move first. */
    boolean makeRoom(int length) {
        long need = cost(length);
        while (tail() - oldestAt() + need > capacity()) {
            Slot holder = holder();
            boolean canGrow = capacity() < map.getLong(MAX);
            if (need > capacity() || holder != null && canGrow) map.putLong(CAPACITY, capacity() * 2);
            else if (holder != null) return false;
            else {
                int at = oldestAt();
                map.putLong(OLDEST_AND_ITS_PLACE, oldest() + 1 << 32 | at + cost(map.getInt(at)));
            }
        }
        return true;
    }

    /** The subscription that needs the oldest record, if a living or named one does. */
    Slot holder() {
        for (Slot s : slots()) {
            s.reclaimIfDead();
            boolean heeded = defect != ToyDefect.HEEDS_NO_REMOTE_READERS || s.pid() == PID;
            if (s.isUsed() && s.done() < oldest() && newest() > 0 && heeded) return s;
        }
        return null;
    }

    private static int cost(int length) {
        return HEAD + (length + 7 & -8);
    }

    long append(byte[] body, byte[] properties, long timestamp) {
        int at = tail();
        int length = body.length + properties.length;
        if (at + cost(length) > SIZE) throw Errors.noSpace(length, "the toy", SIZE, 0);
        long position = newest() + 1;
        map.putInt(at, length).putInt(at + 4, properties.length).putLong(at + 8, timestamp);
        map.putLong(at + 16, position);
        if (defect == ToyDefect.COMMITS_BEFORE_THE_BYTES) {
            map.putLong(NEWEST_AND_TAIL, position << 32 | at + cost(length));
            LockSupport.parkNanos(500_000);
        }
        map.put(at + HEAD, properties).put(at + HEAD + properties.length, body);
        map.putLong(NEWEST_AND_TAIL, position << 32 | at + cost(length));
        return position;
    }

    /** Where the record of a position is, searched from a place known before; 0, 0 = from the oldest. */
    int find(long position, long known, int knownAt) {
        boolean usable = known >= oldest() && known <= position;
        int at = usable ? knownAt : oldestAt();
        for (long p = usable ? known : oldest(); p < position; p++) at += cost(map.getInt(at));
        return at;
    }

    HeapMessage read(int at, boolean redelivered) {
        byte[] properties = new byte[map.getInt(at + 4)];
        byte[] body = new byte[map.getInt(at) - properties.length];
        map.get(at + HEAD, properties).get(at + HEAD + properties.length, body);
        MessageProperties decoded = MessageProperties.decode(java.nio.ByteBuffer.wrap(properties));
        return new HeapMessage(map.getLong(at + 16), map.getLong(at + 8), body, decoded, redelivered);
    }

    // ---- the processes that have it open: an id each; dead ones do not count

    int join() {
        return take(HANDLES, PLACES);
    }

    void leave(int handle) {
        map.putLong(handle, 0);
        if ((map.getLong(FLAGS) & 1) != 0 && count(HANDLES, PLACES) == 0 && isStillCalled()) ToyProvider.remove(path);
    }

    private boolean isStillCalled() {
        return java.nio.file.Files.exists(path) && open(uri, path).id().equals(id());
    }

    int addPublisher() {
        return take(PUBLISHERS, PLACES);
    }

    void removePublisher(int place) {
        map.putLong(place, 0);
    }

    int publishers() {
        return count(PUBLISHERS, PLACES);
    }

    private int take(int from, int places) {
        for (int i = from; i < from + 8 * places; i += 8)
            if (!isAlive(map.getLong(i))) {
                map.putLong(i, PID);
                return i;
            }
        throw Errors.noSpace(1, "the toy's table", places, 0);
    }

    private int count(int from, int places) {
        int count = 0;
        for (int i = from; i < from + 8 * places; i += 8) if (isAlive(map.getLong(i))) count++;
        return count;
    }

    private static boolean isAlive(long pid) {
        if (pid != 0 && defect == ToyDefect.THE_DEAD_LIVE) return true;
        if (pid != 0 && defect == ToyDefect.THE_STOPPED_ARE_DEAD && isStopped(pid)) return false;
        return pid != 0
                && (pid == PID
                        || ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false));
    }

    private static boolean isStopped(long pid) {
        try {
            return java.nio.file.Files.readString(Path.of("/proc/" + pid + "/stat"))
                    .contains(") T ");
        } catch (IOException e) {
            return false;
        }
    }

    // ---- subscriptions

    List<Slot> slots() {
        List<Slot> slots = new ArrayList<>();
        for (int i = 0; i < SLOT_COUNT; i++) slots.add(new Slot(SLOTS + i * 1_024));
        return slots;
    }

    Slot freeSlot() {
        for (int wanted : new int[] {Slot.FREE, Slot.LEFT})
            for (Slot s : slots()) if (map.getLong(s.at) == wanted) return s;
        throw Errors.noSpace(1, "the toy's slots", SLOT_COUNT, 0);
    }

    Slot named(String name) {
        return slots().stream()
                .filter(s -> s.isUsed() && name.equals(s.name()))
                .findFirst()
                .orElse(null);
    }

    boolean isAcknowledged(long position, int least) {
        List<Slot> slots = slots();
        slots.forEach(Slot::reclaimIfDead);
        return slots.stream().noneMatch(s -> s.isUsed() && s.begins() <= position && s.done() < position)
                && slots.stream().filter(s -> s.hasAcknowledged(position)).count() >= least;
    }

    /** A subscription in the file. */
    final class Slot {
        static final int FREE = 0;
        static final int USED = 1;
        static final int LEFT = 2;

        final int at;

        private Slot(int at) {
            this.at = at;
        }

        void begin(String name, long start) {
            byte[] bytes = name == null ? new byte[0] : name.getBytes(java.nio.charset.StandardCharsets.UTF_8);
            map.putLong(at + 16, start).putLong(at + 24, start - 1).putLong(at + 32, start - 1);
            map.putInt(at + 64, bytes.length).put(at + 68, bytes);
            map.putLong(at, USED);
        }

        void attach(AckMode mode) {
            map.putLong(at + 8, PID).putInt(at + 40, mode.ordinal());
        }

        void leave() {
            map.putLong(at + 8, 0);
            if (name() == null) end();
        }

        void end() {
            map.putLong(at, LEFT);
        }

        void reclaimIfDead() {
            if (!isUsed() || pid() == 0 || isAlive(pid())) return;
            if (defect == ToyDefect.NAMED_DIE_WITH_THEIR_PROCESS) end();
            leave();
        }

        boolean isUsed() {
            return map.getLong(at) == USED;
        }

        long pid() {
            return map.getLong(at + 8);
        }

        long begins() {
            return map.getLong(at + 16);
        }

        long done() {
            return map.getLong(at + 24);
        }

        void done(long position) {
            map.putLong(at + 24, Math.max(done(), position));
        }

        long given() {
            return map.getLong(at + 32);
        }

        void given(long position) {
            map.putLong(at + 32, Math.max(given(), position));
        }

        AckMode mode() {
            return AckMode.values()[map.getInt(at + 40)];
        }

        String name() {
            byte[] bytes = new byte[map.getInt(at + 64)];
            map.get(at + 68, bytes);
            return bytes.length == 0 ? null : new String(bytes, java.nio.charset.StandardCharsets.UTF_8);
        }

        boolean hasAcknowledged(long position) {
            return map.getLong(at) != FREE && mode() != AckMode.NONE && begins() <= position && position <= done();
        }
    }
}
