package dev.belfry.jakarta.fold;

import dev.belfry.jakarta.wire.Op;
import java.util.Collections;
import java.util.Comparator;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;

/** A subscription: a cursor into its topic, up to which it is done, and what differs from "available" after it. */
public final class Subscription extends View {
    /** Client id or null, name, durable: what a later SUBSCRIBE finds it by. */
    record Key(String clientId, String name, boolean durable) implements Comparable<Key> {
        private static final Comparator<String> NULL_FIRST = Comparator.nullsFirst(Comparator.naturalOrder());

        @Override
        public int compareTo(Key other) {
            int order = Boolean.compare(durable, other.durable);
            if (order == 0) order = NULL_FIRST.compare(clientId, other.clientId);
            return order != 0 ? order : NULL_FIRST.compare(name, other.name);
        }
    }

    private final long id;
    public final int flags;
    final Key key;
    public final String selector;
    final LongMap<Delivery> exceptions = new LongMap<>();
    final TreeSet<Long> members = new TreeSet<>();
    private long cursor;
    /** It has ended all up to here at once; an exception says otherwise. */
    private long ended;
    /** Nothing up to here is needed. Only saves steps: {@link #wants} must not ask it. */
    private long done;

    Subscription(long id, Channel topic, int flags, Key key, String selector, long cursor) {
        super(topic);
        this.id = id;
        this.flags = flags;
        this.key = key;
        this.selector = selector;
        this.cursor = cursor;
        done = cursor;
    }

    @Override
    public long id() {
        return id;
    }

    public boolean isDurable() {
        return (flags & Op.DURABLE) != 0;
    }

    public boolean isShared() {
        return (flags & Op.SHARED) != 0;
    }

    public boolean isNoLocal() {
        return (flags & Op.NO_LOCAL) != 0;
    }

    /** Tells the client id; null if there is none. */
    public String clientId() {
        return key.clientId();
    }

    public String name() {
        return key.name();
    }

    /** Tells it as the last CHECKPOINT did. */
    long cursor() {
        return cursor;
    }

    public SortedSet<Long> attached() {
        return Collections.unmodifiableSortedSet(members);
    }

    /** Whether some member holds a message of it. */
    public boolean isHeld() {
        boolean[] held = {false};
        forEach(m -> {
            held[0] = !of(m).isAvailable();
            return !held[0];
        });
        return held[0];
    }

    boolean isExclusive() {
        return !isDurable() && !isShared();
    }

    @Override
    public boolean isTaken() {
        return !isExclusive();
    }

    @Override
    boolean isExclusiveOf(long member) {
        return isExclusive() && members.contains(member);
    }

    /** Whether a SUBSCRIBE with these means this one as it is. */
    public boolean isLike(long topic, int otherFlags, String otherSelector) {
        return channel.destination == topic
                && isNoLocal() == ((otherFlags & Op.NO_LOCAL) != 0)
                && Objects.equals(selector, otherSelector);
    }

    /** It began before the message, and the last CHECKPOINT does not say that it is done with it. */
    boolean wants(long mid) {
        return id < mid && cursor < mid;
    }

    @Override
    public Delivery of(Message m) {
        if (!m.live || !wants(m.mid)) return null;
        Delivery exception = exceptions.get(m.mid);
        if (exception == null) return m.mid <= ended ? null : Delivery.AVAILABLE;
        return exception == Delivery.GONE ? null : exception;
    }

    @Override
    void set(Message m, Delivery delivery) {
        exceptions.put(m.mid, delivery);
    }

    @Override
    void end(Message m) {
        if (m.mid <= ended) exceptions.remove(m.mid);
        else exceptions.put(m.mid, Delivery.GONE);
        channel.oneLess(m);
    }

    @Override
    public long done() {
        done = channel.lowest(this, done, Math.max(done, channel.newest()) + 1) - 1;
        return done;
    }

    /** Up to this mid at once. */
    void endUpTo(long mid) {
        long before = Math.max(ended, mid);
        channel.forEachUpTo(done(), mid, m -> {
            if (of(m) == null) return;
            exceptions.remove(m.mid);
            channel.oneLess(m);
        });
        ended = Math.max(ended, Math.min(mid, channel.newest()));
    }

    /** The message is told again, whole. */
    void restated(long mid) {
        if (mid <= ended) exceptions.put(mid, Delivery.AVAILABLE);
        else exceptions.remove(mid);
        done = Math.min(done, mid - 1);
    }

    /** The largest mid up to which it is done; {@code none - 1} if it needs nothing. */
    long doneUpTo(long none) {
        return channel.lowest(this, done(), none) - 1;
    }

    /** A CHECKPOINT says that it is done up to here. */
    void moveTo(long listed) {
        if (listed <= cursor) return;
        endUpTo(listed);
        cursor = listed;
        channel.reaches(listed);
        for (long mid : exceptions.sortedKeys()) if (mid <= listed) exceptions.remove(mid);
    }
}
