package dev.belfry.jakarta.fold;

import java.util.Arrays;
import java.util.Comparator;

/**
 * The messages of one destination and priority in the order of their mids. Those that are gone stay
 * until they are in the way.
 */
final class Lane {
    private static final int FEW = 16;
    private static final Comparator<Message> BY_MID = Comparator.comparingLong(m -> m.mid);

    private Message[] items = new Message[FEW];
    private int head;
    private int tail;
    private int gone;
    /** The end of those that are in order; what came after one of a higher mid is behind them. */
    private int sorted;

    void add(Message m) {
        if (tail == items.length) tidy();
        if (sorted == tail && (tail == head || items[tail - 1].mid <= m.mid)) sorted++;
        items[tail++] = m;
    }

    /** One of them is not live any more. */
    void removed() {
        gone++;
        for (; head < tail && !items[head].live; gone--) items[head++] = null;
        for (; head < tail && !items[tail - 1].live; gone--) items[--tail] = null; // those of a page are the newest
        if (head == tail) head = tail = sorted = 0;
        else sorted = Math.max(head, Math.min(sorted, tail));
    }

    /**
     * Index of the first whose mid is larger; {@link #end} if there is none. Indices stay valid
     * until something is added or this is called again.
     */
    int firstAfter(long mid) {
        if (gone > FEW && gone > (tail - head) / 2) tidy();
        if (sorted < tail) sort();
        return firstAfter(mid, tail);
    }

    /**
     * Moves what comes back from a page between the two of those that are here where it lies, and compares none of the
     * many behind it.
     */
    private void sort() {
        Arrays.sort(items, sorted, tail, BY_MID);
        int at = firstAfter(items[sorted].mid, sorted);
        if (at < sorted && items[at].mid < items[tail - 1].mid) Arrays.sort(items, head, tail, BY_MID);
        else {
            Message[] late = Arrays.copyOfRange(items, sorted, tail);
            System.arraycopy(items, at, items, at + late.length, sorted - at);
            System.arraycopy(late, 0, items, at, late.length);
        }
        sorted = tail;
    }

    /** Finds it between the head and this end. */
    private int firstAfter(long mid, int end) {
        int low = head;
        int high = end;
        while (low < high) {
            int middle = low + high >>> 1;
            if (items[middle].mid > mid) high = middle;
            else low = middle + 1;
        }
        return low;
    }

    int end() {
        return tail;
    }

    boolean isEmpty() {
        return head == tail;
    }

    /** Null if it is gone. */
    Message live(int index) {
        Message m = items[index];
        return m != null && m.live ? m : null;
    }

    private void tidy() {
        if (gone == 0 && head == 0) {
            items = Arrays.copyOf(items, 2 * tail);
            return;
        }
        int live = 0;
        int ordered = 0;
        for (int i = head; i < tail; i++) {
            if (i == sorted) ordered = live;
            if (items[i].live) live++;
        }
        sorted = sorted == tail ? live : ordered;
        Message[] to = new Message[Math.max(FEW, 2 * live)];
        live = 0;
        for (int i = head; i < tail; i++) if (items[i].live) to[live++] = items[i];
        items = to;
        head = gone = 0;
        tail = live;
    }
}
