package dev.belfry.jakarta.domain;

import dev.belfry.jakarta.fold.Channel;
import dev.belfry.jakarta.fold.State;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Has the consumers and readers of this member that a turn visits, of maybe hundreds that wait. Those are the
 * ones that began to wait, whose destination got a message or got one back, whose delayed message is due, or that were
 * not offered all. One that is behind is asked for once it is hungry. Each side stores its own flag before it reads
 * that of the other.
 */
final class Visits {
    private static final int BELLS = 31;

    private final Map<Long, List<Inbox<Taken>>> byDestination = new ConcurrentHashMap<>();
    /** The last one that was asked for; each knows the next. With the fold lock alone they are taken off. */
    private final AtomicReference<Inbox<Taken>> first = new AtomicReference<>();
    /** Those that have delayed messages; guarded by the fold lock. */
    private final Queue<Inbox<Taken>> later = new PriorityQueue<>(Comparator.comparingLong(one -> one.due));

    private final Consumer<Channel> noting = this::note; // one for all folds

    private volatile int bells;

    static int bell(long destination) {
        return 1 << (int) Long.remainderUnsigned(destination, BELLS);
    }

    /** Those of all destinations that are consumed here. */
    int bells() {
        return bells;
    }

    synchronized void add(Inbox<Taken> one) {
        one.visits = this::ask;
        byDestination
                .computeIfAbsent(one.destination, destination -> new CopyOnWriteArrayList<>())
                .add(one);
        bells |= bell(one.destination);
    }

    synchronized void remove(Inbox<Taken> one) {
        byDestination.computeIfPresent(one.destination, (destination, all) -> {
            all.remove(one);
            return all.isEmpty() ? null : all;
        });
        int left = 0;
        for (long destination : byDestination.keySet()) left |= bell(destination);
        bells = left;
    }

    /** In the next turn. Any thread. */
    void ask(Inbox<Taken> one) {
        if (one.asked.getAndSet(true)) return;
        do one.next = first.get();
        while (!first.compareAndSet(one.next, one));
    }

    private void reach(Inbox<Taken> one) {
        one.behind = true;
        again(one);
    }

    /** Has it visited again while it waits and is behind. Called with the fold lock, after a visit. */
    void again(Inbox<Taken> one) {
        if (one.behind && one.isWaitedFor()) ask(one);
    }

    /** Asks for those of destinations that have moved. Called with the fold lock, after each fold. */
    void note(State state) {
        state.moved(noting);
    }

    private void note(Channel moved) {
        for (Inbox<Taken> one : byDestination.getOrDefault(moved.destination, List.of())) reach(one);
    }

    /** Asks for those that have a message which is due now. Called with the fold lock. */
    void note(long now) {
        while (!later.isEmpty() && later.peek().due <= now) {
            Inbox<Taken> one = later.remove();
            one.due = Long.MAX_VALUE;
            reach(one);
        }
    }

    /** Notes when its first delayed message is due. Called with the fold lock. True: no other's is due before. */
    boolean later(Inbox<Taken> one, long due) {
        if (one.due == due) return false;
        if (one.due != Long.MAX_VALUE) later.remove(one);
        one.due = due;
        return due != Long.MAX_VALUE && later.add(one) && later.peek() == one;
    }

    /** Tells when the first of all is due. Called with the fold lock. */
    long due() {
        Inbox<Taken> first = later.peek();
        return first == null ? Long.MAX_VALUE : first.due;
    }

    /** Takes off the next one that waits; null: there is none. Called with the fold lock. */
    Inbox<Taken> next() {
        for (Inbox<Taken> one = first.get(); one != null; one = first.get()) {
            if (!first.compareAndSet(one, one.next)) continue; // another was asked for
            one.asked.set(false);
            if (one.isWaitedFor()) return one;
        }
        return null;
    }

    /** Asks those that are to be visited in the next turn. Called with the fold lock. */
    boolean any(Predicate<Inbox<Taken>> such) {
        for (Inbox<Taken> one = first.get(); one != null; one = one.next) if (such.test(one)) return true;
        return false;
    }
}
