package dev.belfry.jakarta.domain;

import dev.belfry.jakarta.fold.Message;

/** A message that this member takes, and holds then. Taken again it is another one. The order is that of delivery. */
public final class Taken implements Comparable<Taken> {
    public final long view; // the queue, or the subscription
    public final long destination; // the queue, or the topic
    public final long mid;
    final int priority;
    private final long expiry;
    public final long author;
    final long deliveryTime; // 0: at once
    public final Inbox<Taken> consumer; // the one for which it was taken
    private int count;
    private byte[] bytes;
    /** Null: nobody has asked for it. */
    private Key key;
    /** The neighbours in {@link Unsettled}. */
    Taken before;

    Taken after;

    /** A message of a topic may be held once for each subscription. */
    record Key(long view, long mid) {}

    Taken(Inbox<Taken> consumer, Message m) {
        this(consumer, m.mid(), m, m.author());
    }

    /** {@code m}: its number and author need not be known. */
    Taken(Inbox<Taken> consumer, long mid, Message m, long author) {
        this.consumer = consumer;
        this.mid = mid;
        this.author = author;
        view = consumer.view;
        destination = consumer.destination;
        priority = m.priority();
        expiry = m.expiry();
        deliveryTime = m.deliveryTime();
    }

    /** Its TAKE was told, and this member has it. */
    void became(int deliveredBefore, byte[] operation) {
        count = deliveredBefore;
        bytes = operation;
    }

    Key key() {
        if (key == null) key = new Key(view, mid);
        return key;
    }

    public boolean isExpired(long now) {
        return expiry != 0 && expiry <= now;
    }

    /** How often it was delivered before. */
    public int count() {
        return count;
    }

    /** It was delivered once more, and that was told. */
    public void counted() {
        count++;
    }

    /** The operation MESSAGE. */
    public byte[] bytes() {
        return bytes;
    }

    @Override
    public int compareTo(Taken other) {
        int order = Integer.compare(other.priority, priority);
        return order != 0 ? order : Long.compare(mid, other.mid);
    }
}
