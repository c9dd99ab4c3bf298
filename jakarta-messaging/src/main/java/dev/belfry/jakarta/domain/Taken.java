package dev.belfry.jakarta.domain;

import dev.belfry.jakarta.fold.Message;

/** A message that this member takes, and holds then. Taken again it is another one. The order is that of delivery. */
public final class Taken implements Comparable<Taken> {
    private final long view;
    private final long destination;
    private final long mid;
    private final int priority;
    private final long expiry;
    private final long author;
    private final long deliveryTime;
    private final Inbox<Taken> consumer;
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
        view = consumer.view();
        destination = consumer.destination();
        priority = m.priority();
        expiry = m.expiry();
        deliveryTime = m.deliveryTime();
    }

    /** Its TAKE was told, and this member has it. */
    void became(int deliveredBefore, byte[] operation) {
        count = deliveredBefore;
        bytes = operation;
    }

    /** The queue, or the subscription. */
    public long view() {
        return view;
    }

    /** The queue, or the topic. */
    public long destination() {
        return destination;
    }

    public long mid() {
        return mid;
    }

    Key key() {
        if (key == null) key = new Key(view, mid);
        return key;
    }

    int priority() {
        return priority;
    }

    public boolean isExpired(long now) {
        return expiry != 0 && expiry <= now;
    }

    /** 0: at once. */
    long deliveryTime() {
        return deliveryTime;
    }

    public long author() {
        return author;
    }

    /** The one for which it was taken. */
    public Inbox<Taken> consumer() {
        return consumer;
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
