package dev.belfry.jakarta.domain;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/** Things in their order, of those that are alike the last one. Nearly all come in this order, at the end. */
final class Buffer<T extends Comparable<T>> {
    private static final int FEW = 8;

    private Object[] items = new Object[FEW];
    private int head;
    private int tail;

    boolean isEmpty() {
        return head == tail;
    }

    /** Null: there is none. */
    T poll() {
        if (head == tail) return null;
        T first = item(head);
        items[head++] = null;
        if (head == tail) head = tail = 0;
        return first;
    }

    T last() {
        return item(tail - 1);
    }

    void add(T one) {
        if (tail == items.length) makeRoom();
        int at = tail;
        while (at > head && item(at - 1).compareTo(one) > 0) at--;
        if (at > head && item(at - 1).compareTo(one) == 0) at--;
        else System.arraycopy(items, at, items, at + 1, tail++ - at);
        items[at] = one;
    }

    int size() {
        return tail - head;
    }

    T get(int index) {
        return item(head + index);
    }

    T remove(int index) {
        if (index == 0) return poll();
        T removed = get(index);
        System.arraycopy(items, head + index + 1, items, head + index, --tail - head - index);
        items[tail] = null;
        return removed;
    }

    private void makeRoom() {
        int size = tail - head;
        items = Arrays.copyOfRange(items, head, head + Math.max(FEW, 2 * size));
        head = 0;
        tail = size;
    }

    List<T> all() {
        List<T> all = new ArrayList<>(tail - head);
        for (int i = head; i < tail; i++) all.add(item(i));
        return all;
    }

    void clear() {
        items = new Object[FEW];
        head = tail = 0;
    }

    void keepOnly(Predicate<T> which) {
        List<T> all = all();
        clear();
        for (T one : all) if (which.test(one)) add(one);
    }

    @SuppressWarnings("unchecked")
    private T item(int at) {
        return (T) items[at];
    }
}
