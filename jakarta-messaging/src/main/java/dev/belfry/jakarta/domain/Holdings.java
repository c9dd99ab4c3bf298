package dev.belfry.jakarta.domain;

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
import java.util.concurrent.ConcurrentHashMap;

/** The messages that this member holds: taken, delivered or not, and neither acknowledged nor given back. */
final class Holdings {
    private static final Comparator<Taken> BY_QUEUE =
            Comparator.comparingLong(Taken::queue).thenComparingLong(Taken::mid);

    private final Domain domain;
    /** See the package. */
    private final Map<Long, LocalConsumer> held = new ConcurrentHashMap<>();

    /** To be given back; guarded by itself. */
    private final List<Taken> orphans = new ArrayList<>();

    private long reconciled; // guarded by the fold lock

    Holdings(Domain domain) {
        this.domain = domain;
    }

    void hold(long mid, LocalConsumer consumer) {
        held.put(mid, consumer);
    }

    void release(long mid) {
        held.remove(mid);
    }

    /** With the fold lock, after the TAKE was folded; null: somebody else was first. */
    Taken taken(LocalConsumer consumer, long mid) {
        while (true) {
            State state = domain.folded().state();
            if (!isMine(state, consumer.queue(), mid)) return null;
            Message m = state.message(mid);
            byte[] bytes = domain.folded().read(m);
            if (bytes == null) {
                domain.folded().toTheEnd(); // it was told again, further on
                continue;
            }
            int count = state.view(consumer.queue()).of(m).count();
            return new Taken(consumer, mid, m.priority(), m.expiry(), m.author(), count, bytes);
        }
    }

    private boolean isMine(State state, long queue, long mid) {
        View view = state.view(queue);
        Message m = state.message(mid);
        Delivery now = view == null || m == null ? null : view.of(m);
        return now != null && now.holder() == domain.self();
    }

    /** In this JVM, and neither acknowledged nor given back. */
    boolean isDelivered(Message m) {
        LocalConsumer consumer = held.get(m.mid());
        return consumer != null && !consumer.hasBuffered(m.mid());
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
        for (LocalConsumer one : domain.consumers())
            one.keepOnly(mid -> isMine(state, one.queue(), mid) || isReleased(mid));
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
    private boolean isReleased(long mid) {
        release(mid);
        return false;
    }

    private void returnUnknown(long queue, List<Long> mids) {
        long[] sorted = mids.stream().mapToLong(Long::longValue).sorted().toArray();
        RecordWriter writer = new RecordWriter().begin(domain.self()).giveBack(queue, 0, false, sorted);
        if (domain.log().append(writer.end(), Reserve.SMALL, Domain.bell(queue), Duration.ZERO) == Log.REJECTED)
            reconciled = -1;
    }

    // ---- counted, or given back

    /** These were delivered once more, and stay held. */
    void count(Collection<Taken> delivered, Duration timeout) {
        if (delivered.isEmpty()) return;
        RecordWriter writer = new RecordWriter().begin(domain.self());
        byQueue(delivered, writer::count);
        domain.sender().append(writer.end(), Reserve.SMALL, 0, timeout);
        delivered.forEach(Taken::counted);
    }

    /** {@code counted}: this delivery counts. {@code notBefore}: of the clock, or 0; {@link Keeper} may forget it. */
    void giveBack(Collection<Taken> taken, long notBefore, boolean counted, Duration timeout) {
        if (taken.isEmpty()) return;
        int[] bells = {0};
        RecordWriter writer = new RecordWriter().begin(domain.self());
        byQueue(taken, (queue, mids) -> {
            writer.giveBack(queue, notBefore, counted, mids);
            bells[0] |= Domain.bell(queue);
        });
        domain.sender().append(writer.end(), Reserve.SMALL, bells[0], timeout);
        for (Taken one : taken) held.remove(one.mid());
    }

    /** At once, or by the daemon: it stays held until then. */
    void giveBackLater(Collection<Taken> taken) {
        try {
            giveBack(taken, 0, false, Duration.ZERO);
        } catch (NoRoomException full) {
            synchronized (orphans) {
                orphans.addAll(taken);
            }
        }
    }

    /** Those for which there was no room. */
    void giveBackAgain() {
        List<Taken> again;
        synchronized (orphans) {
            again = List.copyOf(orphans);
            orphans.clear();
        }
        giveBackLater(again);
    }

    interface Queue {
        /** Of one queue, ascending. */
        void of(long queue, long[] mids);
    }

    static void byQueue(Collection<Taken> taken, Queue each) {
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
