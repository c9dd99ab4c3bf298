package dev.belfry.mem;

import dev.belfry.spi.Errors;
import dev.belfry.spi.LogReader;
import dev.belfry.spi.Mark;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import java.util.function.Consumer;

/** Guarded by the queue's monitor, but for the record that was read: nobody writes into that. */
final class MemLogReader implements LogReader, MemLog.Sleeper {
    private static final long FOREVER = Long.MAX_VALUE;

    private final MemLog log;
    private final Consumer<MemLogReader> ended;
    private MemRecord record;
    private ByteBuffer bytes;
    private long next;
    private long nextPlace;
    private Subscription hold;
    private int bells; // of the thread that waits
    private boolean woken;
    private boolean closed;

    MemLogReader(MemLog log, Consumer<MemLogReader> ended) {
        this.log = log;
        this.ended = ended;
        synchronized (log.monitor) {
            next = log.records.oldest();
            nextPlace = log.records.place(next);
        }
    }

    @Override
    public Step next() {
        synchronized (log.monitor) {
            checkOpen();
            if (next < log.records.oldest() || !isAt(next, nextPlace)) return Step.PASSED;
            if (next > log.newest()) return Step.NOTHING;
            record = log.records.at(next++);
            nextPlace += record.cost();
            bytes = ByteBuffer.wrap(record.body()).order(ByteOrder.LITTLE_ENDIAN);
            return Step.RECORD;
        }
    }

    private boolean isAt(long position, long place) {
        return position <= log.newest() + 1 && log.records.place(position) == place;
    }

    private void checkOpen() {
        if (closed) throw Errors.closed("Reader of '" + log.uri + "'");
    }

    @Override
    public long position() {
        return record.position();
    }

    @Override
    public long place() {
        return record.place();
    }

    @Override
    public int length() {
        return record.body().length;
    }

    @Override
    public byte getByte(int at) {
        return bytes.get(at);
    }

    @Override
    public int getInt(int at) {
        return bytes.getInt(at);
    }

    @Override
    public long getLong(int at) {
        return bytes.getLong(at);
    }

    @Override
    public void get(int at, byte[] to, int from, int length) {
        bytes.get(at, to, from, length);
    }

    @Override
    public boolean intact() {
        synchronized (log.monitor) {
            return record.position() >= log.records.oldest();
        }
    }

    @Override
    public boolean read(long place, long position, int at, byte[] to, int from, int length) {
        MemRecord found;
        synchronized (log.monitor) {
            checkOpen();
            if (position < log.records.oldest() || position > log.newest()) return false;
            found = log.records.at(position);
        }
        if (found.place() != place) return false;
        Objects.checkFromIndexSize(at, length, found.body().length);
        System.arraycopy(found.body(), at, to, from, length);
        return true;
    }

    @Override
    public void moveTo(Mark.At to) {
        synchronized (log.monitor) {
            next = to.position();
            nextPlace = to.place();
        }
    }

    @Override
    public void hold(boolean gating) {
        synchronized (log.monitor) {
            checkOpen();
            if (gating == (hold != null)) return;
            if (!gating) log.members.release(hold);
            hold = gating ? log.members.hold() : null;
        }
    }

    // ---- waiting

    @Override
    public boolean await(int listenTo, long deadline) {
        boolean[] asleep = {false};
        try {
            Boolean ended = log.monitor.until(deadline, FOREVER, "a record of", () -> {
                if (!asleep[0]) {
                    if (next <= log.newest()) return true;
                    bells = listenTo;
                    log.asleep.add(this);
                    asleep[0] = true;
                }
                return woken || closed ? true : null;
            });
            return ended != null;
        } finally {
            synchronized (log.monitor) {
                log.asleep.remove(this);
                woken = false;
            }
        }
    }

    @Override
    public void ring(int rung) {
        if ((rung & bells) != 0) woken = true;
    }

    @Override
    public void wake() {
        synchronized (log.monitor) {
            log.monitor.signalLocked();
            woken = true;
        }
    }

    @Override
    public void close() {
        synchronized (log.monitor) {
            if (closed) return;
            log.monitor.signalLocked();
            if (hold != null) log.members.release(hold);
            closed = true;
        }
        ended.accept(this);
    }
}
