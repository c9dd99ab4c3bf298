package dev.belfry.jakarta.domain;

import dev.belfry.api.InterruptedQueueException;
import dev.belfry.jakarta.fold.Delivery;
import dev.belfry.jakarta.fold.Message;
import dev.belfry.jakarta.fold.State;
import dev.belfry.jakarta.fold.View;
import dev.belfry.jakarta.wire.RecordWriter;
import dev.belfry.spi.Log;
import dev.belfry.spi.Reserve;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The messages that this member holds: taken, and neither acknowledged nor given back. Each has one owner: its
 * consumer's buffer, a session that has it from there, or it is an orphan.
 */
final class Holdings {
    private static final Comparator<Taken> BY_QUEUE =
            Comparator.comparingLong(Taken::queue).thenComparingLong(Taken::mid);

    private final Domain domain;
    /** See the package. */
    final Map<Long, Taken> held = new ConcurrentHashMap<>();

    /** Of no session any more; in the order in which the daemon tells what becomes of them. */
    final Queue<Orphans> orphans = new ConcurrentLinkedQueue<>();

    private long reconciled; // guarded by the fold lock

    Holdings(Domain domain) {
        this.domain = domain;
    }

    /** They are acknowledged, or else given back: {@code counted}, {@code notBefore} as of {@link #giveBack}. */
    record Orphans(Collection<Taken> taken, boolean done, long notBefore, boolean counted) {}

    void hold(Taken taken) {
        held.put(taken.mid(), taken);
    }

    /** Nothing if this member has taken it again meanwhile: it folds a RETURN before the append returns. */
    void release(Taken taken) {
        held.remove(taken.mid(), taken);
    }

    /** With the fold lock, after the TAKE was folded; false: somebody else was first. */
    boolean has(Taken taken) {
        while (true) {
            State state = domain.folded().state();
            if (!isMine(state, taken)) return false;
            Message m = state.message(taken.mid());
            byte[] bytes = domain.folded().read(m);
            if (bytes != null) {
                taken.became(state.view(taken.queue()).of(m).count(), bytes);
                return true;
            }
            domain.folded().toTheEnd(); // it was told again, further on
        }
    }

    private boolean isMine(State state, Taken taken) {
        View view = state.view(taken.queue());
        Message m = state.message(taken.mid());
        Delivery now = view == null || m == null ? null : view.of(m);
        return now != null && now.holder() == domain.self();
    }

    /** In this JVM, and neither acknowledged nor given back. */
    boolean isDelivered(Message m) {
        Taken taken = held.get(m.mid());
        return taken != null && !taken.consumer().hasBuffered(m.mid());
    }

    /** With the fold lock: the operation MESSAGE; null: it is gone. */
    byte[] bytes(long mid) {
        while (true) {
            Message m = domain.folded().state().message(mid);
            byte[] bytes = m == null ? null : domain.folded().read(m);
            if (m == null || bytes != null) return bytes;
            domain.folded().toTheEnd(); // it was told again, further on
        }
    }

    // ---- after this member was passed

    /** With the fold lock: if this member was passed, what it holds is what the new state says. */
    void reconcile() {
        if (reconciled == domain.folded().passes()) return;
        reconciled = domain.folded().passes();
        State state = domain.folded().state();
        for (LocalConsumer one : domain.consumers()) one.keepOnly(t -> isMine(state, t) || isReleased(t));
        for (var channel : state.channels()) {
            View view = channel.queue();
            if (view == null) continue;
            List<Long> unknown = new ArrayList<>();
            view.forEach(m -> {
                if (view.of(m).holder() == domain.self() && !held.containsKey(m.mid())) unknown.add(m.mid());
                return true;
            });
            if (!unknown.isEmpty()) returnUnknown(view.id(), unknown);
        }
    }

    /** False, and nobody here has it any more. */
    private boolean isReleased(Taken taken) {
        release(taken);
        return false;
    }

    private void returnUnknown(long queue, List<Long> mids) {
        long[] sorted = mids.stream().mapToLong(Long::longValue).sorted().toArray();
        RecordWriter writer = new RecordWriter().begin(domain.self()).giveBack(queue, 0, false, sorted);
        if (domain.log().append(writer.end(), Reserve.SMALL, Domain.bell(queue), Duration.ZERO) == Log.REJECTED)
            reconciled = -1;
    }

    // ---- counted, given back, or acknowledged late; what is refused is an orphan then

    /** These were delivered once more, and stay held. False: that was refused, and they are given back, counted. */
    boolean count(Collection<Taken> delivered, Duration timeout) {
        if (delivered.isEmpty()) return true;
        RecordWriter writer = new RecordWriter().begin(domain.self());
        byQueue(delivered, writer::count);
        if (!append(writer, 0, timeout)) {
            orphans.add(new Orphans(delivered, false, 0, true));
            return false;
        }
        delivered.forEach(Taken::counted);
        return true;
    }

    /** {@code counted}: this delivery counts. {@code notBefore}: of the clock, or 0; {@link Keeper} may forget it. */
    void giveBack(Collection<Taken> taken, long notBefore, boolean counted, Duration timeout) {
        if (taken.isEmpty()) return;
        Orphans those = new Orphans(taken, false, notBefore, counted);
        if (!tell(those, timeout)) orphans.add(those);
    }

    /** By the daemon. */
    void acknowledgeLater(Collection<Taken> taken) {
        if (!taken.isEmpty()) orphans.add(new Orphans(taken, true, 0, false));
    }

    /** In one thread at a time: what is told is an orphan until then. */
    synchronized void tellOfOrphans() {
        for (Orphans next; (next = orphans.peek()) != null && tell(next, Duration.ZERO); ) orphans.remove();
    }

    private boolean tell(Orphans those, Duration timeout) {
        int[] bells = {0};
        RecordWriter writer = new RecordWriter().begin(domain.self());
        byQueue(those.taken, (queue, mids) -> {
            if (those.done) writer.ack(queue, mids);
            else writer.giveBack(queue, those.notBefore, those.counted, mids);
            if (!those.done) bells[0] |= Domain.bell(queue);
        });
        boolean told = append(writer, bells[0], timeout);
        if (told) those.taken.forEach(this::release);
        return told;
    }

    /** False: it was refused, or interrupted, of which the thread's flag says more. */
    private boolean append(RecordWriter writer, int bells, Duration timeout) {
        try {
            domain.sender().append(writer.end(), Reserve.SMALL, bells, timeout);
            return true;
        } catch (NoRoomException | InterruptedQueueException refused) {
            return false;
        }
    }

    interface OfQueue {
        /** Of one queue, ascending. */
        void of(long queue, long[] mids);
    }

    static void byQueue(Collection<Taken> taken, OfQueue each) {
        Taken[] sorted = taken.toArray(new Taken[0]);
        Arrays.sort(sorted, BY_QUEUE);
        for (int from = 0, to; from < sorted.length; from = to) {
            long queue = sorted[from].queue();
            for (to = from; to < sorted.length && sorted[to].queue() == queue; ) to++;
            long[] mids = new long[to - from];
            for (int i = 0; i < mids.length; i++) mids[i] = sorted[from + i].mid();
            each.of(queue, mids);
        }
    }
}
