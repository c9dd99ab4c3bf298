package dev.belfry.jakarta.fold;

import dev.belfry.jakarta.wire.Lot;
import dev.belfry.jakarta.wire.Paged;
import dev.belfry.jakarta.wire.Rest;
import java.util.UUID;

/**
 * Messages of a queue that lie in the companion are a page, which is left front to back. It keeps the place of its
 * statement, where its chunks are listed, and what deciders ask before they read it.
 */
public final class Page implements Statements.Fact, Comparable<Page> {
    final UUID id;
    private final UUID binding;
    private final Lot lot;
    private final long firstChunk;
    private final long lastChunk;
    private final long statement;
    private final long place;
    private final int at;
    private final int length;
    Rest rest;
    boolean live = true;

    /** It is told by the operation that begins at {@code at} in the record of this position. */
    Page(Paged told, long statement, long place, int at, int length) {
        id = told.id();
        binding = told.binding();
        lot = told.lot();
        firstChunk = told.chunks().get(0).position();
        lastChunk = told.chunks().get(told.chunks().size() - 1).position();
        rest = told.rest();
        this.statement = statement;
        this.place = place;
        this.at = at;
        this.length = length;
    }

    @Override
    public boolean statedAt(long position) {
        return live && statement == position;
    }

    /** Pages are in the order of delivery. */
    @Override
    public int compareTo(Page other) {
        int order = Integer.compare(other.lot.priority(), lot.priority());
        if (order == 0) order = Long.compare(rest.mid(), other.rest.mid());
        return order != 0 ? order : id.compareTo(other.id);
    }

    /** Whether its next message is delivered before this one of the same queue. */
    public boolean isBefore(Message m) {
        return lot.priority() > m.priority() || lot.priority() == m.priority() && rest.mid() < m.mid();
    }

    /** Tells its random id, which its chunks repeat. */
    public UUID id() {
        return id;
    }

    /** The companion that has its chunks. */
    public UUID binding() {
        return binding;
    }

    /** Tells of its messages, with those that have left. */
    public Lot lot() {
        return lot;
    }

    /** Tells how much of it is left. */
    public Rest rest() {
        return rest;
    }

    /** Tells how many of its messages are left. */
    public int left() {
        return lot.messages() - rest.index();
    }

    /** Tells the position in the companion of its first chunk. */
    public long firstChunk() {
        return firstChunk;
    }

    /** Tells the position in the companion of its last chunk. */
    long lastChunk() {
        return lastChunk;
    }

    /** Tells the position of its statement. */
    public long statement() {
        return statement;
    }

    /** Tells the place of its statement in the log. */
    @Override
    public long place() {
        return place;
    }

    /** Tells where it begins in its statement. */
    public int at() {
        return at;
    }

    /** Tells the length of its statement. */
    public int length() {
        return length;
    }
}
