package dev.belfry.jakarta.domain;

import dev.belfry.api.InterruptedQueueException;
import dev.belfry.jakarta.fold.Channel;
import dev.belfry.jakarta.fold.Delivery;
import dev.belfry.jakarta.fold.Message;
import dev.belfry.jakarta.fold.State;
import dev.belfry.jakarta.fold.View;
import dev.belfry.jakarta.wire.RecordWriter;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Log;
import dev.belfry.spi.Reserve;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;

/**
 * The messages that this member holds: taken, and neither acknowledged nor given back. Each has one owner: its
 * consumer's buffer, a session that has it from there, or it is an orphan.
 */
final class Holdings {
    private static final Comparator<Taken> BY_VIEW =
            Comparator.comparingLong((Taken one) -> one.view).thenComparingLong(one -> one.mid);
    /** Orphans of one record, and the bytes that one takes at most. */
    private static final int MOST = 4_000;

    private static final int LENGTH = 16;
    private static final long PAUSE_NANOS = 20_000_000;

    private final Domain domain;
    /** See the package. */
    final Map<Taken.Key, Taken> held = new ConcurrentHashMap<>();

    /** The messages of no session any more; the daemon tells their fate. */
    final Queue<Orphan> orphans = new ConcurrentLinkedQueue<>();

    /** Appends of calls that were refused since the daemon told something. */
    final AtomicInteger refused = new AtomicInteger();

    private long reconciled; // guarded by the fold lock

    Holdings(Domain domain) {
        this.domain = domain;
    }

    /** It is acknowledged, or else given back: {@code counted}, {@code notBefore} as of {@link #giveBack}. */
    record Fate(boolean done, long notBefore, boolean counted) implements Comparable<Fate> {
        private static final Fate DONE = new Fate(true, 0, false);
        private static final Fate UNDELIVERED = new Fate(false, 0, false);
        private static final Comparator<Fate> ORDER = Comparator.comparing(Fate::done)
                .reversed()
                .thenComparingLong(Fate::notBefore)
                .thenComparing(Fate::counted);

        @Override
        public int compareTo(Fate other) {
            return ORDER.compare(this, other);
        }
    }

    record Orphan(Taken taken, Fate fate) {}

    boolean holds(View view, Message m) {
        return held.containsKey(new Taken.Key(view.id(), m.mid()));
    }

    void hold(Taken taken) {
        held.put(taken.key(), taken);
    }

    /** Nothing if this member has taken it again meanwhile: it folds a RETURN before the append returns. */
    void release(Taken taken) {
        held.remove(taken.key(), taken);
    }

    /** With the fold lock, after the TAKE was folded; false: another member was first. */
    boolean has(Taken taken) {
        while (true) {
            State state = domain.folded().state();
            if (!isMine(state, taken)) return false;
            Message m = state.message(taken.mid);
            byte[] bytes = domain.folded().read(m);
            if (bytes != null) {
                taken.became(state.view(taken.view).of(m).count(), bytes);
                return true;
            }
            domain.folded().toTheEnd(); // it was told again, further on
        }
    }

    private boolean isMine(State state, Taken taken) {
        View view = state.view(taken.view);
        Message m = state.message(taken.mid);
        Delivery now = view == null || m == null ? null : view.of(m);
        return now != null && now.holder() == domain.self;
    }

    /** In this JVM, and neither acknowledged nor given back. */
    boolean isDelivered(View view, Message m) {
        Taken taken = held.get(new Taken.Key(view.id(), m.mid()));
        return taken != null && !((LocalConsumer) taken.consumer).hasBuffered(m.mid());
    }

    // ---- after this member was passed

    /** With the fold lock: if this member was passed, what it holds is what the new state says. */
    void reconcile() {
        if (reconciled == domain.folded().passes()) return;
        reconciled = domain.folded().passes();
        State state = domain.folded().state();
        for (LocalConsumer one : domain.consumers) one.keepOnly(t -> isMine(state, t) || isReleased(t));
        for (Channel channel : state.channels())
            for (View view : channel.views()) if (view.isTaken()) returnUnknown(view);
    }

    /** False, and nobody here has it any more. */
    private boolean isReleased(Taken taken) {
        release(taken);
        return false;
    }

    private void returnUnknown(View view) {
        LongStream.Builder unknown = LongStream.builder();
        view.forEach(m -> {
            if (view.of(m).holder() == domain.self && !holds(view, m)) unknown.add(m.mid());
            return true;
        });
        long[] mids = unknown.build().sorted().toArray();
        if (mids.length == 0) return;
        RecordWriter writer = new RecordWriter().begin(domain.self).giveBack(view.id(), 0, false, mids);
        int bells = Domain.bell(view.channel.destination);
        if (domain.log.append(writer.end(), Reserve.SMALL, bells, Duration.ZERO) == Log.REJECTED) reconciled = -1;
    }

    // ---- counted, given back, or acknowledged late; what is refused is an orphan then

    /** These were delivered once more, and stay held. False: that was refused, and they are given back, counted. */
    boolean count(Collection<Taken> delivered) {
        if (delivered.isEmpty()) return true;
        RecordWriter writer = new RecordWriter().begin(domain.self);
        byView(delivered, writer::count);
        if (!appendNow(writer.end(), 0)) {
            add(delivered, new Fate(false, 0, true));
            return false;
        }
        delivered.forEach(Taken::counted);
        return true;
    }

    /** {@code counted}: this delivery counts. {@code notBefore}: of the clock, or 0; a {@link RoomMaker} forgets it. */
    void giveBack(Collection<Taken> taken, long notBefore, boolean counted) {
        if (taken.isEmpty()) return;
        Fate fate = new Fate(false, notBefore, counted);
        if (appendNow(record(taken, fate), bells(taken))) taken.forEach(this::release);
        else add(taken, fate);
    }

    private static int bells(Collection<Taken> taken) {
        int bells = 0;
        for (Taken one : taken) bells |= Domain.bell(one.destination);
        return bells;
    }

    /** As if they had not been taken. False: that was refused, and they are as before. */
    boolean isGivenBack(Collection<Taken> undelivered) {
        if (refused.get() > 0 || !append(record(undelivered, Fate.UNDELIVERED), bells(undelivered))) return false;
        undelivered.forEach(this::release);
        return true;
    }

    /** Some are to be given back as if they had not been taken: what comes after them waits. */
    boolean isGivingBack(long view) {
        if (orphans.isEmpty()) return false;
        for (Orphan one : orphans) if (one.fate.equals(Fate.UNDELIVERED) && one.taken.view == view) return true;
        return false;
    }

    /** By the daemon. */
    void acknowledgeLater(Collection<Taken> taken) {
        add(taken, Fate.DONE);
    }

    private void add(Collection<Taken> taken, Fate fate) {
        for (Taken one : taken) orphans.add(new Orphan(one, fate));
    }

    private ByteBuffer record(Collection<Taken> taken, Fate fate) {
        RecordWriter writer = new RecordWriter().begin(domain.self);
        byView(taken, (view, mids) -> {
            if (fate.done) writer.ack(view, mids);
            else writer.giveBack(view, fate.notBefore, fate.counted, mids);
        });
        return writer.end();
    }

    /** Without waiting for room or making some; after a refusal the daemon alone tries, until it succeeds. */
    private boolean appendNow(ByteBuffer record, int bells) {
        if (refused.get() > 0) return false;
        if (append(record, bells)) return true;
        refused.incrementAndGet();
        return false;
    }

    /** False: it was refused, or interrupted, of which the thread's flag says more. */
    private boolean append(ByteBuffer record, int bells) {
        try {
            return domain.log.append(record, Reserve.SMALL, bells, Duration.ZERO) != Log.REJECTED;
        } catch (InterruptedQueueException interrupted) {
            return false;
        }
    }

    // ---- orphans

    /**
     * In one thread at a time: what is told is an orphan until then. Those that are done first; what is refused
     * stops no others, but for a log that is held.
     */
    synchronized void tellOfOrphans() {
        Map<Fate, List<Orphan>> all = new TreeMap<>();
        for (Orphan one : orphans)
            all.computeIfAbsent(one.fate, fate -> new ArrayList<>()).add(one);
        int most = Math.min(MOST, domain.sender.limit() / LENGTH);
        boolean kept = false;
        for (var those : all.entrySet())
            for (int from = 0; from < those.getValue().size(); from += most) {
                List<Orphan> some =
                        those.getValue().subList(from, Math.min(those.getValue().size(), from + most));
                if (tell(those.getKey(), some)) continue;
                if (domain.sender.isHeld()) return;
                if (kept) continue;
                kept = true;
                domain.makeRoom();
                tell(those.getKey(), some);
            }
    }

    private boolean tell(Fate fate, List<Orphan> some) {
        List<Taken> taken = some.stream().map(Orphan::taken).toList();
        if (!append(record(taken, fate), fate.done ? 0 : bells(taken))) return false;
        taken.forEach(this::release);
        orphans.removeAll(new HashSet<>(some));
        refused.set(0);
        if (fate.equals(Fate.UNDELIVERED)) domain.pump.wakeLeader(); // it has waited for them
        return true;
    }

    /** Tries it once at least, and to no end if the thread is interrupted. */
    void tellOfDone(Duration timeout) {
        long deadline = Deadlines.after(timeout);
        boolean interrupted = Thread.interrupted(); // or nothing could be told
        tellOfOrphans();
        while (hasDone() && !interrupted && !Deadlines.passed(deadline)) {
            LockSupport.parkNanos(this, Math.min(PAUSE_NANOS, Deadlines.remaining(deadline)));
            interrupted = Thread.interrupted();
            tellOfOrphans();
        }
        if (interrupted) Thread.currentThread().interrupt();
    }

    private boolean hasDone() {
        return orphans.stream().anyMatch(one -> one.fate.done);
    }

    interface OfView {
        /** The messages of one view, ascending. */
        void of(long view, long[] mids);
    }

    static void byView(Collection<Taken> taken, OfView each) {
        Taken[] sorted = taken.toArray(new Taken[0]);
        Arrays.sort(sorted, BY_VIEW);
        for (int from = 0, to; from < sorted.length; from = to) {
            long view = sorted[from].view;
            for (to = from; to < sorted.length && sorted[to].view == view; ) to++;
            long[] mids = new long[to - from];
            for (int i = 0; i < mids.length; i++) mids[i] = sorted[from + i].mid;
            each.of(view, mids);
        }
    }
}
