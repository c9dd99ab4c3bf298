package dev.belfry.jakarta.fold;

import java.util.ArrayList;
import java.util.List;

/** A part of a large transaction: messages that wait for APPLY. */
public final class Staged implements Statements.Fact {
    /** First is the index of the part's first message in its transaction. */
    record Key(long owner, long transaction, int first) implements Comparable<Key> {
        @Override
        public int compareTo(Key other) {
            int order = Long.compare(owner, other.owner);
            if (order == 0) order = Long.compare(transaction, other.transaction);
            return order != 0 ? order : Integer.compare(first, other.first);
        }
    }

    /** A message whose mid is not known yet. */
    record Part(long destination, Message message) {}

    final Key key;
    final long statement;
    private final long place;
    final List<Part> parts = new ArrayList<>();
    private boolean waiting = true;
    private int settled;

    Staged(Key key, long statement, long place) {
        this.key = key;
        this.statement = statement;
        this.place = place;
    }

    void add(long destination, Message message) {
        parts.add(new Part(destination, message));
    }

    /** Applied, forgotten, or replaced. */
    void end() {
        waiting = false;
    }

    /** The length of its messages, in bytes. */
    public int length() {
        int length = 0;
        for (Part one : parts) length += one.message.length();
        return length;
    }

    @Override
    public long place() {
        return place;
    }

    boolean isWaiting() {
        return waiting;
    }

    /** Applied messages keep this statement until they are restated. */
    @Override
    public boolean statedAt(long position) {
        if (waiting) return true;
        while (settled < parts.size() && !parts.get(settled).message().statedAt(position)) settled++;
        return settled < parts.size();
    }
}
