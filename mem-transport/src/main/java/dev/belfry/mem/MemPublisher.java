package dev.belfry.mem;

import dev.belfry.api.Batch;
import dev.belfry.api.Claim;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.spi.Checks;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Errors;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;

/** Checks arguments. {@link MemLog} does the publishing. */
final class MemPublisher implements Publisher, MemMembers.Sender {
    private final MemLog log;
    private final PublisherOptions options;
    private final Consumer<AutoCloseable> ended;
    private volatile boolean closed;

    MemPublisher(MemLog log, PublisherOptions options, Consumer<AutoCloseable> ended) {
        this.log = log;
        this.options = options;
        this.ended = ended;
    }

    @Override
    public long publish(ByteBuffer body, MessageProperties properties) {
        long position = append(body, properties, Deadlines.nanos(options.timeout()));
        if (position == REJECTED) throw log.full();
        return position;
    }

    @Override
    public long offer(ByteBuffer body, MessageProperties properties, Duration timeout) {
        return append(body, properties, Deadlines.nanos(Objects.requireNonNull(timeout, "timeout")));
    }

    private long append(ByteBuffer body, MessageProperties properties, long timeoutNanos) {
        Objects.requireNonNull(body, "body");
        int encoded = Objects.requireNonNull(properties, "properties").encodedLength();
        enter((long) body.remaining() + encoded);
        byte[] copy = new byte[body.remaining()];
        body.duplicate().get(copy);
        Long position = log.publish(
                this,
                MemRecord.cost(copy.length + encoded),
                Deadlines.after(timeoutNanos),
                () -> log.append(copy, properties, options.timestamps()));
        if (position == null) return REJECTED;
        body.position(body.limit());
        return position;
    }

    @Override
    public Claim claim(int length) {
        if (length < 0) throw new IllegalArgumentException("length must be >= 0, was " + length);
        enter(length);
        byte[] body = new byte[length];
        long deadline = Deadlines.after(options.timeout());
        Claim claim = log.publish(
                this, MemRecord.cost(length), deadline, () -> new MemClaim(this, log, body, options.timestamps()));
        if (claim == null) throw log.full();
        return claim;
    }

    @Override
    public Batch batch(int bytes) {
        Batch batch = begin(bytes, Deadlines.nanos(options.timeout()));
        if (batch == null) throw log.full();
        return batch;
    }

    @Override
    public Batch tryBatch(int bytes, Duration timeout) {
        return begin(bytes, Deadlines.nanos(Objects.requireNonNull(timeout, "timeout")));
    }

    private Batch begin(int bytes, long timeoutNanos) {
        Checks.batchBytes(bytes, maxMessageLength(), log.settings.maxCapacity());
        checkOpen();
        long deadline = Deadlines.after(timeoutNanos);
        return log.publish(this, bytes, deadline, () -> new MemBatch(this, log, bytes, options.timestamps()));
    }

    @Override
    public int sizeInBatch(int length, MessageProperties properties) {
        int encoded = Objects.requireNonNull(properties, "properties").encodedLength();
        return (int) MemRecord.cost(Checks.length(length, maxMessageLength()) + encoded);
    }

    private void enter(long length) {
        checkOpen();
        Checks.fits(length, maxMessageLength(), log.settings.maxCapacity());
    }

    @Override
    public int maxMessageLength() {
        return log.maxMessageLength();
    }

    @Override
    public boolean awaitAcknowledged(long position, int minSubscribers, Duration timeout) {
        Checks.awaitAcknowledged(position, minSubscribers);
        long deadline = Deadlines.after(Objects.requireNonNull(timeout, "timeout"));
        checkOpen();
        Boolean acknowledged = log.monitor.until(deadline, Deadlines.FOREVER_NANOS, "acknowledgements in", () -> {
            if (log.members.isAcknowledged(position, minSubscribers)) return true;
            return closed ? false : null;
        });
        return acknowledged != null && acknowledged;
    }

    @Override
    public void close() {
        if (closed) return;
        synchronized (log.monitor) {
            log.remove(this);
            closed = true; // last: if something fails before, it stays open, to be closed again
        }
        ended.accept(this);
    }

    @Override
    public boolean isExclusive() {
        return options.exclusive();
    }

    @Override
    public String toString() {
        return (options.exclusive() ? "Exclusive publisher" : "Publisher") + " of '" + log.uri + "'"
                + (closed ? ", closed" : "");
    }

    @Override
    public void checkOpen() {
        if (closed) throw Errors.closed("Publisher of '" + log.uri + "'");
    }
}
