package dev.belfry.mem;

import dev.belfry.api.Capability;
import dev.belfry.api.Claim;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueStats;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.Waiting;
import dev.belfry.spi.Checks;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Errors;
import dev.belfry.spi.Log;
import dev.belfry.spi.LogReader;
import dev.belfry.spi.Mark;
import dev.belfry.spi.QueueFigures;
import dev.belfry.spi.QueueSupport;
import dev.belfry.spi.Reserve;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** One open handle on a log that is a domain. */
final class MemDomain extends QueueSupport implements Log, MemMembers.Sender {
    private final MemLog log;
    private final Consumer<MemLog> released;
    private final Set<MemLogReader> readers = ConcurrentHashMap.newKeySet();
    private final long self;
    private volatile boolean closed;

    MemDomain(MemLog log, Set<Capability> capabilities, Consumer<MemLog> released) {
        super(log.uri, capabilities);
        this.log = log;
        this.released = released;
        synchronized (log.monitor) {
            self = log.enter();
        }
    }

    // ---- appending

    @Override
    public long append(ByteBuffer record, Reserve reserve, int bells, Duration timeout) {
        byte[] body = new byte[Objects.requireNonNull(record, "record").remaining()];
        long nanos = Deadlines.nanos(timeout);
        checkLength(body.length);
        record.duplicate().get(body);
        Long position =
                log.publishRecord(this, MemRecord.cost(body.length), reserve, nanos, () -> log.append(body, bells));
        if (position == null) return REJECTED;
        record.position(record.limit());
        return position;
    }

    @Override
    public Claim claim(int length, Reserve reserve, Duration timeout) {
        long nanos = Deadlines.nanos(timeout);
        checkLength(length);
        byte[] body = new byte[length];
        return log.publishRecord(
                this, MemRecord.cost(length), reserve, nanos, () -> new MemClaim(this, log, body, false));
    }

    private void checkLength(int length) {
        if (length < 0) throw new IllegalArgumentException("length must be >= 0, was " + length);
        Checks.fits(length, log.maxMessageLength(), log.settings.maxCapacity());
    }

    @Override
    public boolean isExclusive() {
        return false;
    }

    @Override
    public void checkOpen() {
        if (closed) throw Errors.closed("Domain '" + log.uri + "'");
    }

    // ---- reading

    @Override
    public LogReader reader() {
        checkOpen();
        MemLogReader reader = new MemLogReader(log, readers::remove);
        readers.add(reader);
        return reader;
    }

    @Override
    public Mark mark(String name) {
        checkOpen();
        return new MemMark(log, log.members.mark(Checks.subscriptionName(Objects.requireNonNull(name, "name"))));
    }

    @Override
    public UUID id() {
        return log.id;
    }

    @Override
    public long newest() {
        synchronized (log.monitor) {
            return log.newest();
        }
    }

    @Override
    public long usedBytes() {
        synchronized (log.monitor) {
            return log.used();
        }
    }

    @Override
    public long ringBytes() {
        synchronized (log.monitor) {
            return log.capacity();
        }
    }

    @Override
    public long maxRingBytes() {
        return log.settings.maxCapacity();
    }

    @Override
    public long self() {
        return self;
    }

    @Override
    public boolean isAlive(long handle) {
        synchronized (log.monitor) {
            return log.alive.contains(handle);
        }
    }

    // ---- as a queue

    @Override
    protected Publisher publisher(PublisherOptions options) {
        throw Errors.wrongKind(log.uri.toString(), true);
    }

    @Override
    protected Subscriber subscriber(SubscriberOptions options) {
        throw Errors.wrongKind(log.uri.toString(), true);
    }

    @Override
    protected boolean end(String name) {
        throw Errors.wrongKind(log.uri.toString(), true);
    }

    @Override
    protected QueueStats snapshot() {
        QueueStats s = log.stats();
        return new QueueFigures(
                s.id(),
                s.oldestPosition(),
                s.newestPosition(),
                s.capacity(),
                s.maxCapacity(),
                s.publisherCount(),
                List.of(), // marks, and readers that only wait: none has a lag, and none is the cause of a wait
                s.counters(),
                s.waiting().stream()
                        .map(w -> new Waiting(w.pid(), w.process(), w.kind(), w.since(), null))
                        .toList());
    }

    /** A claim that is open is given up: its process would have died with it. */
    @Override
    protected void release() {
        readers.forEach(MemLogReader::close);
        synchronized (log.monitor) {
            closed = true;
            log.remove(this);
            log.leave(self);
        }
        released.accept(log);
    }
}
