package dev.belfry.file;

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
import dev.belfry.shm.posix.PosixException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Lives of one queue on a {@link Disk}, of random steps: commits of messages and batches, leaders, some of them late,
 * places, segments that are made and removed, processes that are killed at any call, power losses, openings that are
 * killed as well. After each opening the promises are checked; a broken one is an {@link AssertionError} that names it.
 *
 * <p>The argument is "first seed, seed after the last, of how many syncs one fails (0: none)".
 */
final class Histories implements Consumer<String> {
    private static final int SEGMENT = 4096;
    private static final int MOST = 256 << 10;
    private static final int PAD = RecordHeader.pad(true);

    /** What has happened, counted: a search that never meets a thing proves nothing of it. */
    static int lives, losses, cuts, killedOpenings, joins, failures, hops, writtenAgain, cleanCloses, keptIds;

    private record Message(long begin, long end, int batch, byte[] frame) {}

    private Random random;
    private Disk disk;
    private Origin origin;
    private LogDirectory files;
    private QueueFiles queue;

    // The live part.
    private ByteBuffer ring;
    private final List<Message> log = new ArrayList<>(); // number i has position i + 1
    private boolean waits; // publishers do: sync=always
    private int durable; // messages
    private int written; // where publishers do not wait
    private long writtenAt;
    private long durableAt;
    private long tail;
    private long ready;
    private At kept;
    private int batches;
    private boolean failed;
    private UUID queueId;
    private long lateFrom;
    private long lateTo;

    @Override
    public void accept(String argument) {
        String[] parts = argument.split(" ");
        for (long seed = Long.parseLong(parts[0]); seed < Long.parseLong(parts[1]); seed++) {
            try {
                new Histories().run(seed, Integer.parseInt(parts[2]));
            } catch (AssertionError broken) {
                throw new AssertionError("seed " + seed + ": " + broken.getMessage(), broken);
            }
        }
    }

    private void run(long seed, int failsOneOf) {
        random = new Random(seed);
        waits = seed % 3 != 0;
        disk = new Disk(random);
        disk.failsOneOf = failsOneOf;
        origin = new Origin(new UUID(seed, 7), 64 << 10, MOST, 0600, true, 8, false, waits, SEGMENT, 0);
        ring = ByteBuffer.allocateDirect(MOST).order(ByteOrder.LITTLE_ENDIAN);
        create();
        for (int life = 0; life < 5; life++) {
            open();
            lives++;
            steps();
            if (random.nextBoolean()) closeCleanly();
            end();
        }
        disk.failsOneOf = 0;
        open();
    }

    private void create() {
        for (; ; ) {
            try {
                mayDie(8);
                LibC c = disk.libC();
                try (Directory directory = Directory.open(c, Disk.DIRECTORY)) {
                    if (LogDirectory.open(c, directory) == null) LogDirectory.create(c, directory, origin);
                }
                disk.allEnd();
                if (disk.names().contains(LogDirectory.QUEUE)) return;
            } catch (Disk.Killed | PosixException e) {
                end();
            }
        }
    }

    private void mayDie(int within) {
        disk.dieAt = random.nextInt(3) == 0 ? -1 : disk.steps + random.nextInt(within);
    }

    /** The last process closes it: all is synced. Perhaps it is opened again, and goes on. */
    private void closeCleanly() {
        if (failed) return;
        try {
            lead();
            if (durableAt < tail) lead();
            if (failed) return;
            keep(true);
            queue.closesCleanly(() -> durableAt == tail ? tail : -1);
            cleanCloses++;
            if (random.nextBoolean()) return;
            files.goesOn(files.life());
            commit();
        } catch (Disk.Killed | PosixException e) {
            failures++;
        }
    }

    private void end() {
        disk.allEnd();
        if (random.nextInt(4) == 0) return; // the machine goes on, its page cache too
        disk.losePower();
        losses++;
    }

    private LogDirectory join() {
        LibC c = disk.libC();
        Directory directory = Directory.open(c, Disk.DIRECTORY);
        LogDirectory joined = LogDirectory.open(c, directory);
        if (joined == null) throw new AssertionError("no queue: " + disk.names());
        return joined;
    }

    // Opening

    private void open() {
        for (int tries = 0; ; tries++) {
            try {
                if (durable == 0 && !disk.names().contains(LogDirectory.QUEUE)) create(); // it was lost, too
                if (tries < 6) mayDie(40);
                else disk.failsOneOf = 0;
                files = join();
                if (!files.locks.tryLock(LogDirectory.USE)) throw new AssertionError("still in use");
                int piece = new int[] {512, 1000 & ~7, 4096, 1 << 20}[random.nextInt(4)];
                Restored restored = Restored.of(files, piece, 0);
                disk.dieAt = -1;
                check(restored);
                files.locks.tryLockShared(LogDirectory.USE);
                queue = new QueueFiles(files);
                return;
            } catch (Disk.Killed | PosixException e) {
                killedOpenings++;
                disk.allEnd();
                if (random.nextBoolean()) disk.losePower();
            } catch (DamagedFileException told) {
                throw new AssertionError("a hole: " + told.getMessage(), told);
            }
        }
    }

    private void check(Restored restored) {
        kept = restored.start();
        boolean sameId = restored.life.queueId().equals(queueId);
        queueId = restored.life.queueId();
        ByteBuffer found = ByteBuffer.allocate(MOST).order(ByteOrder.LITTLE_ENDIAN);
        SealedRecords unsealed = new SealedRecords(origin.logId(), MOST, kept.offset(), kept.position());
        restored.refill(proven -> {
            ByteBuffer piece =
                    ByteBuffer.allocate(proven.remaining()).put(proven).flip();
            while (piece.hasRemaining()) unsealed.unseal(piece);
            found.put(piece.position(0));
        });
        found.flip();
        long cut = restored.end.offset();
        int n = (int) restored.end.position() - 1;
        if (n < durable) throw new AssertionError("lost: " + n + " messages of " + durable + " that were durable");
        if (sameId && !waits) keptIds++;
        if (sameId && n < log.size() && !waits)
            throw new AssertionError("the same id, and lost: " + n + " messages of " + log.size() + " that were seen");
        if (n > log.size()) throw new AssertionError("ghosts: " + n + " messages of " + log.size());
        if (n >= kept.position() && n < log.size() && log.get(n - 1).batch == log.get(n).batch)
            throw new AssertionError("half a batch: " + n);
        for (int i = (int) kept.position() - 1; i < n; i++) {
            Message m = log.get(i);
            byte[] frame = new byte[m.frame.length];
            found.get((int) (m.begin - kept.offset()), frame);
            if (!Arrays.equals(frame, m.frame)) throw new AssertionError("ghost: message " + (i + 1) + " differs");
        }
        for (Named each : files.places().named())
            if (each.acknowledged().offset() < kept.offset()
                    || each.acknowledged().offset() > cut)
                throw new AssertionError("a place that is not there: " + each);
        if (restored.readyUpTo <= cut) throw new AssertionError("not ready: " + restored.readyUpTo + " at " + cut);
        for (long i = cut / SEGMENT + 1; i < restored.readyUpTo / SEGMENT; i++)
            if (!disk.isZero(files.segments.name(i))) throw new AssertionError("not zero: segment " + i);
        if (n < log.size()) cuts++;
        while (log.size() > n) log.remove(log.size() - 1);
        // What was found is what readers see from now on.
        durable = written = n;
        tail = durableAt = writtenAt = cut;
        ready = restored.readyUpTo;
        ring.clear();
        for (long at = cut; at < MOST; at++) ring.put((int) at, (byte) 0);
        ring.put((int) kept.offset(), found, 0, found.limit());
        failed = false;
        lateFrom = lateTo = 0;
    }

    // A life

    private void steps() {
        mayDie(60);
        int steps = 2 + random.nextInt(24);
        for (int i = 0; i < steps && !failed; i++) {
            try {
                step();
            } catch (Disk.Killed killed) {
                if (random.nextBoolean()) return; // all of them
                // One only: another goes on with the live part, and opens the files itself.
                disk.allEnd();
                files = join();
                queue = new QueueFiles(files);
                if (!files.locks.tryLockShared(LogDirectory.USE)) throw new AssertionError("in use alone");
                joins++;
                mayDie(60);
            }
        }
    }

    private void step() {
        switch (random.nextInt(9)) {
            case 0, 1, 2 -> commit();
            case 3, 4 -> lead();
            case 5 -> keep(random.nextBoolean());
            case 6 -> retain();
            case 7 -> late();
            default -> disk.writeBack();
        }
    }

    private boolean isReady(long upTo) {
        if (upTo > MOST - 8) return false;
        try {
            if (ready < upTo) ready = Math.max(ready, queue.makeReady(upTo));
            return true;
        } catch (PosixException refused) {
            failures++;
            return false; // no room
        }
    }

    private void commit() {
        int count = random.nextInt(4) == 0 ? 2 + random.nextInt(3) : 1;
        int[] lengths = new int[count];
        long need = 16;
        for (int i = 0; i < count; i++) {
            lengths[i] = random.nextInt(3) != 0
                    ? 9 + random.nextInt(8)
                    : new int[] {140, 140, 140, 43, 500, 1201, 6000}[random.nextInt(7)];
            need += RecordHeader.size(8 + lengths[i], PAD);
        }
        if (!isReady(tail + need)) return;
        if (random.nextInt(10) == 0) {
            ring.putLong((int) tail, RecordHeader.hop(log.size() + 1));
            tail += 8;
            hops++;
        }
        batches++;
        for (int i = 0; i < count; i++) append(lengths[i], i < count - 1);
    }

    private void append(int length, boolean more) {
        long position = log.size() + 1;
        int size = (int) RecordHeader.size(8 + length, PAD);
        byte[] body = new byte[size - 16]; // with garbage where padding will be
        random.nextBytes(body);
        if (length >= 43 && tail > 64 && random.nextBoolean()) {
            // a body that is itself a copy of records
            int from = random.nextInt((int) tail) & ~7;
            ring.get(from, body, 0, (int) Math.min(length & ~7, tail - from));
        }
        int at = (int) tail;
        ring.putLong(at, RecordHeader.data(8 + length, 0, position));
        ring.put(at + 8, body);
        ring.putLong(at + size - 8, RecordTrailer.of(position, more));
        byte[] frame = new byte[8 + length];
        ring.get(at, frame);
        log.add(new Message(tail, tail + size, batches, frame));
        tail += size;
    }

    private void lead() {
        long from = waits ? durableAt : writtenAt; // all again, if another was killed in its sync
        long to = tail;
        if (from == to) return;
        lateFrom = from;
        lateTo = to;
        try (LogFiles.Span span = queue.span(durableAt, to, this::hearsFrom)) {
            copy(span, from, to, (waits ? durable : written) + 1);
            writtenAt = to;
            written = log.size();
            if (!waits && random.nextBoolean()) return;
            if (!waits && durableAt < span.hearsFrom()) writeAgain(span, to);
            span.sync();
            durableAt = to;
            durable = written;
        } catch (PosixException refused) {
            failures++;
            if (random.nextInt(3) != 0) throw new Disk.Killed(); // before it can tell others
            failed = true;
        }
    }

    private long hearsFrom(long begin) {
        return writtenAt <= begin ? 0 : tail;
    }

    private void writeAgain(LogFiles.Span span, long to) {
        writtenAgain++;
        ByteBuffer all = ByteBuffer.allocateDirect((int) (to - durableAt));
        span.read(all, durableAt);
        if (!new SealedRecords(origin.logId(), MOST, durableAt, durable + 1).prove(all))
            throw new AssertionError("not proven: what was written after " + durableAt);
        span.write(all.position(0), durableAt);
    }

    private void copy(LogFiles.Span span, long from, long to, long position) {
        byte[] own = new byte[(int) (to - from)];
        ring.get((int) from, own);
        ByteBuffer copy = ByteBuffer.allocateDirect(own.length).put(own).flip();
        SealedRecords records = new SealedRecords(origin.logId(), MOST, from, position);
        while (copy.hasRemaining()) records.seal(copy);
        for (int at = 0; at < own.length; ) {
            int now = Math.min(own.length - at, random.nextBoolean() ? own.length : 8 * (1 + random.nextInt(300)));
            span.write(copy.limit(at + now).position(at), from + at);
            at += now;
        }
    }

    /** A leader that was stopped before its write goes on. */
    private void late() {
        if (lateFrom == lateTo || lateFrom < kept.offset() || lateTo > tail) return;
        long position = log.stream().takeWhile(m -> m.begin < lateFrom).count() + 1;
        try (LogFiles.Span span = queue.span(lateFrom, lateTo, this::hearsFrom)) {
            copy(span, lateFrom, lateTo, position);
        }
    }

    private void keep(boolean now) {
        try {
            queue.storePlaces(() -> new Places(kept, new At(durableAt, durable + 1), named()), now);
        } catch (PosixException refused) {
            failures++;
        }
    }

    /** So many that their block lies in more sectors than one; all need their next message from what is kept on. */
    private List<Named> named() {
        List<Named> named = new ArrayList<>();
        for (int i = random.nextInt(20); i > 0; i--)
            named.add(new Named("subscription-" + i, SlowSubscriber.GATE_PUBLISHER, AckMode.AUTO, kept, i, 0));
        return named;
    }

    /** Readers see what is on the disk if publishers wait for it, else all that is written. */
    private void retain() {
        At at = kept;
        for (int i = (int) kept.position() - 1; i < (waits ? durable : written) && random.nextInt(4) != 0; i++)
            at = new At(log.get(i).end, i + 2);
        kept = at;
        keep(true);
    }
}
