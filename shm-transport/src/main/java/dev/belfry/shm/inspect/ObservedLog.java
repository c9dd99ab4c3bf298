package dev.belfry.shm.inspect;

import dev.belfry.api.Claim;
import dev.belfry.shm.layout.CorruptSegmentException;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.layout.SlotState;
import dev.belfry.shm.layout.Slots;
import dev.belfry.shm.ring.LogCursor;
import dev.belfry.shm.ring.LogPlace;
import dev.belfry.shm.ring.Reader;
import dev.belfry.shm.segment.Features;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.Processes;
import dev.belfry.shm.segment.Segment;
import dev.belfry.spi.Log;
import dev.belfry.spi.LogReader;
import dev.belfry.spi.Mark;
import dev.belfry.spi.QueueCounter;
import dev.belfry.spi.Reserve;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.UUID;

/** A domain's log for one who has not joined it: no handle, no slot, and all memory mapped read-only. One thread. */
final class ObservedLog implements Log {
    private final QueueView view;
    private final Segment segment;

    ObservedLog(QueueView view) {
        this.view = view;
        this.segment = view.segment;
    }

    private static UnsupportedOperationException onlyObserves() {
        return new UnsupportedOperationException("This log is only observed: open the domain to do that");
    }

    @Override
    public UUID id() {
        return segment.queueId;
    }

    @Override
    public long newest() {
        return segment.header.countAcquire();
    }

    @Override
    public long usedBytes() {
        return QueueCounter.IN_USE.of(view.snapshot.stats());
    }

    @Override
    public long ringBytes() {
        return segment.table.capacity(segment.header.current());
    }

    @Override
    public long maxRingBytes() {
        return segment.creation.maxCapacity();
    }

    // The members

    @Override
    public long self() {
        throw onlyObserves();
    }

    @Override
    public boolean isAlive(long handle) {
        return isKnown(handle) && !view.liveness.isDead(Slots.ownerHandle(handle), Slots.ownerIncarnation(handle));
    }

    private boolean isKnown(long handle) {
        return Slots.ownerHandle(handle) < segment.handles.count();
    }

    @Override
    public long pid(long handle) {
        return isAlive(handle) ? segment.handles.pid(Slots.ownerHandle(handle)) : 0;
    }

    @Override
    public boolean isStopped(long handle) {
        long pid = pid(handle);
        return pid != 0 && Processes.isStopped((int) pid, segment);
    }

    @Override
    public String describe(long handle) {
        return isAlive(handle) ? Handle.process(segment, Slots.ownerHandle(handle)) : "a process that has ended";
    }

    @Override
    public String unawareOf(long feature) {
        return Features.unawareOf(segment, view.liveness, feature);
    }

    // The calls that are refused

    @Override
    public boolean raise(long feature) {
        throw onlyObserves();
    }

    @Override
    public long append(ByteBuffer record, Reserve reserve, int bells, Duration timeout) {
        throw onlyObserves();
    }

    @Override
    public Claim claim(int length, Reserve reserve, Duration timeout) {
        throw onlyObserves();
    }

    @Override
    public boolean flush(long position, Duration timeout) {
        throw onlyObserves();
    }

    // Reading

    /** As a member finds it: without the mark nothing was ever appended. */
    @Override
    public Mark mark(String name) {
        Slots slots = segment.slots;
        int highMark = segment.header.highMarkAcquire(slots.count());
        for (int j = 0; j < highMark; j++) {
            long state = slots.stateAcquire(j);
            if (SlotState.isSubscription(state) && name.equals(slots.name(j))) return new Observed(j);
        }
        return new Observed(-1);
    }

    /** {@code slot}: -1 if there is none. */
    private final class Observed implements Mark {
        private final int slot;

        Observed(int slot) {
            this.slot = slot;
        }

        /** As of a member: the gate passes what is read here only after the mark has moved. */
        @Override
        public At at() {
            LogPlace place = slot < 0 ? segment.floor.oldest() : stored();
            return new At(place.offset(), place.position());
        }

        private LogPlace stored() {
            Slots slots = segment.slots;
            while (true) {
                long offset = slots.ackOffAcquire(slot);
                long hint = slots.ackPosAcquire(slot) + 1;
                long position = segment.readable.positionAt(segment.header, offset, hint);
                SharedBytes.loadFence();
                if (slots.ackOffAcquire(slot) == offset) return LogPlace.checked(segment.header, offset, position);
            }
        }

        @Override
        public Advance advance(At to) {
            throw onlyObserves();
        }
    }

    @Override
    public LogReader reader() {
        return new InPlace();
    }

    private final class InPlace implements LogReader {
        private final LogCursor cursor =
                new LogCursor(segment.readable, segment.creation.longestFrame(), segment.header);

        InPlace() {
            cursor.moveTo(segment.floor.oldest());
        }

        @Override
        public Step next() {
            Reader.Found found = cursor.next();
            if (found == Reader.Found.PASSED) return Step.PASSED;
            if (found == Reader.Found.NOTHING) return Step.NOTHING;
            cursor.take();
            return Step.RECORD;
        }

        @Override
        public long position() {
            return cursor.position();
        }

        @Override
        public long place() {
            return cursor.place();
        }

        @Override
        public int length() {
            return cursor.length();
        }

        @Override
        public byte getByte(int at) {
            return cursor.bytes().getByte(cursor.index(at, Byte.BYTES));
        }

        @Override
        public int getInt(int at) {
            return cursor.bytes().getInt(cursor.index(at, Integer.BYTES));
        }

        @Override
        public long getLong(int at) {
            return cursor.bytes().getLong(cursor.index(at, Long.BYTES));
        }

        @Override
        public void get(int at, byte[] to, int from, int length) {
            cursor.bytes().copyOut(cursor.index(at, length), to, from, length);
        }

        @Override
        public boolean intact() {
            return cursor.isIntact();
        }

        @Override
        public boolean read(long place, long position, int at, byte[] to, int from, int length) {
            return cursor.read(place, position, at, to, from, length);
        }

        @Override
        public void moveTo(Mark.At to) {
            LogPlace place = new LogPlace(to.place(), to.position());
            if (!cursor.mayBe(place)) throw new CorruptSegmentException("no record of the log is at " + to);
            cursor.moveTo(place);
        }

        @Override
        public void hold(boolean gating) {
            if (gating) throw onlyObserves();
        }

        @Override
        public boolean await(int bells, long deadline) {
            throw onlyObserves();
        }

        @Override
        public void wake() {
            // Nobody waits.
        }

        @Override
        public void close() {
            // The segment is closed with the view.
        }
    }
}
