package dev.belfry.jakarta.domain;

import dev.belfry.jakarta.fold.Message;
import dev.belfry.jakarta.fold.State;
import dev.belfry.jakarta.fold.View;
import dev.belfry.jakarta.message.FlatMessage;
import dev.belfry.jakarta.overflow.CompanionException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.function.Predicate;

/**
 * A consumer of this JVM: its buffer of messages that were taken for it and not delivered yet. The
 * buffer has the monitor of this object; all else the fold lock.
 */
public final class LocalConsumer extends Inbox<Taken> {
    private static final long SLOW_NANOS = 100_000_000;
    private static final long STALE_NANOS = 1_000_000_000;
    private static final long BLIND_NANOS = 10_000_000_000L;
    private static final long NEVER = -1;
    private static final AtomicLongFieldUpdater<LocalConsumer> CALM =
            AtomicLongFieldUpdater.newUpdater(LocalConsumer.class, "calm");

    private final Domain domain;
    private final Filter filter;
    private final int prefetch;
    private final FlatMessage flat;
    /** How many consumers of this member have the same view. */
    AtomicInteger alike = new AtomicInteger(); // shared before it is known to others

    final Candidates candidates = new Candidates(this::matches);
    long evaluated; // messages of which its selector was asked
    private final Buffer<Taken> buffer = new Buffer<>();
    private volatile boolean closed;
    private int ramp = 1;
    private long filled;
    private long offered; // guarded by the fold lock
    private long blindSince;
    private boolean warned;
    private CompanionException heard;
    private volatile long calm = NEVER; // written with the fold lock, but for calmAfter

    LocalConsumer(Domain domain, long view, long destination, Filter filter, Signal signal, int prefetch) {
        super(view, destination, signal);
        this.domain = domain;
        this.filter = filter;
        this.prefetch = prefetch;
        flat = new FlatMessage(domain.shortId);
    }

    /** It asks each message what it is. */
    boolean isSelective() {
        return !filter.wantsAll();
    }

    /** Tells once that it got nothing for long, and that its selector does not see all. Called with the fold lock. */
    boolean isBlindForLong() {
        if (!isSelective() || warned) return false;
        if (blindSince == 0) blindSince = System.nanoTime();
        return warned = System.nanoTime() - blindSince > BLIND_NANOS;
    }

    /** Whether its listener's connection has not heard of this one yet. For the thread of its listeners. */
    public boolean isNews(CompanionException why) {
        if (heard == why) return false;
        heard = why;
        return true;
    }

    boolean isHungry() {
        return isWaitedFor() && !closed;
    }

    // ---- the buffer

    @Override
    public synchronized Taken poll() {
        return buffer.poll();
    }

    public synchronized boolean isEmpty() {
        return buffer.isEmpty();
    }

    /** Taken and not delivered. */
    synchronized boolean hasBuffered(long mid) {
        return buffer.all().stream().anyMatch(t -> t.mid == mid);
    }

    @Override
    public synchronized boolean putBack(Taken taken) {
        if (closed) return false;
        buffer.add(taken);
        return true;
    }

    synchronized void fill(Taken taken) {
        buffer.add(taken);
        filled = System.nanoTime();
        blindSince = 0;
    }

    /** With the fold lock: all that was not delivered; nothing comes any more. */
    synchronized List<Taken> close() {
        closed = true;
        candidates.of(null);
        return drain();
    }

    private List<Taken> drain() {
        List<Taken> all = buffer.all();
        buffer.clear();
        return all;
    }

    /** Undelivered for too long, while nobody asks. */
    synchronized List<Taken> drainIfStale() {
        if (buffer.isEmpty() || isWaitedFor() || System.nanoTime() - filled < STALE_NANOS) return List.of();
        ramp = 1;
        return drain();
    }

    /** Drops messages that this member does not hold, as it learned after it was passed. */
    synchronized void keepOnly(Predicate<Taken> mine) {
        buffer.keepOnly(mine);
    }

    // ---- taking

    /** Only messages above this priority are of use now; -1: all. */
    synchronized int above() {
        return buffer.isEmpty() ? -1 : buffer.last().priority;
    }

    /** How many to take: few first, more while it empties its buffer quickly. */
    synchronized int wanted(int share) {
        if (!buffer.isEmpty()) return 1;
        if (filled != 0) {
            boolean slow = System.nanoTime() - filled > SLOW_NANOS;
            ramp = slow ? Math.max(1, ramp / 2) : Math.min(prefetch, 2 * ramp);
            filled = 0;
        }
        return Math.max(1, Math.min(ramp, share));
    }

    /** With the fold lock: whether there may be some that it has not been offered. */
    boolean hasAbove(State state) {
        View of = state.view(view);
        boolean has = behind && state.position() != offered && of != null && of.channel.hasAbove(above());
        calm = has ? NEVER : state.position();
        return has;
    }

    /**
     * Up to the record with this position nothing came that is more urgent than what it has buffered. A message that is
     * put into the buffer later comes with a record, a TAKE, unless it was in there before.
     */
    boolean isCalmUpTo(long position) {
        return calm == position;
    }

    /**
     * This member has appended an acknowledgement there, which brings nothing: what was calm before it still is. One
     * step, as another thread may have found meanwhile that it is not.
     */
    void calmAfter(long position) {
        CALM.compareAndSet(this, position - 1, position);
    }

    /** With the fold lock: it has what it wants of all up to here. */
    void offered(State state) {
        offered = state.position();
    }

    /** With the fold lock: what it was offered could not be taken. */
    void notOffered() {
        behind = true;
        offered = 0;
        calm = NEVER;
    }

    private boolean matches(Message m) {
        if (filter.wantsAll()) return true;
        evaluated++;
        byte[] bytes = domain.folded().read(m);
        if (bytes == null) candidates.unread.add(m);
        return bytes != null && flat.wrap(bytes, 0, bytes.length, m.author()) && filter.wants(flat);
    }
}
