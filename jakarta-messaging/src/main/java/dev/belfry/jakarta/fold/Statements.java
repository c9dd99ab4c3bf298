package dev.belfry.jakarta.fold;

import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The statements of messages and staged operations, oldest first. One that no longer counts stays until it is met. */
final class Statements {
    /** Something whose last statement may be at a position. */
    interface Fact {
        boolean statedAt(long position);

        /** Where the record of its last statement begins. */
        long place();
    }

    private static final int FEW = 16;

    private Fact[] facts = new Fact[FEW];
    private long[] positions = new long[FEW];
    private int head;
    private int tail;

    /** Positions never fall. */
    void add(Fact fact, long position) {
        if (tail == facts.length) tidy();
        facts[tail] = fact;
        positions[tail++] = position;
    }

    /** The position of the oldest one that counts, or {@code none}. */
    long oldest(long none) {
        while (head < tail && !facts[head].statedAt(positions[head])) facts[head++] = null;
        return head < tail ? positions[head] : none;
    }

    Fact oldestFact() {
        return oldest(-1) < 0 ? null : facts[head];
    }

    /** Those that count, oldest first, while {@code each} returns true. */
    void forEachWhile(Predicate<Fact> each) {
        for (int i = head; i < tail; i++) if (facts[i].statedAt(positions[i]) && !each.test(facts[i])) return;
    }

    /** Those that count, oldest first, while there is {@code room} for all of a position. */
    void forEach(Room room, Consumer<Fact> each) {
        for (int i = head; i < tail; ) {
            int end = i;
            while (end < tail && positions[end] == positions[i]) end++;
            if (!room.forMore()) return;
            for (; i < end; i++) if (facts[i].statedAt(positions[i])) each.accept(facts[i]);
        }
    }

    /** Whether the next position shall be visited. */
    interface Room {
        boolean forMore();
    }

    private void tidy() {
        int live = 0;
        for (int i = head; i < tail; i++) {
            if (!facts[i].statedAt(positions[i])) continue;
            facts[live] = facts[i];
            positions[live++] = positions[i];
        }
        Arrays.fill(facts, live, tail, null);
        facts = Arrays.copyOf(facts, Math.max(FEW, 2 * live));
        positions = Arrays.copyOf(positions, facts.length);
        head = 0;
        tail = live;
    }
}
