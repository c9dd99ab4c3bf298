package dev.belfry.jakarta.domain;

/** A message that this member holds. The order is that of delivery. */
public final class Taken implements Comparable<Taken> {
    private final long queue;
    private final long mid;
    private final int priority;
    private final long expiry;
    private final long author;
    private final LocalConsumer consumer;
    private int count;
    private byte[] bytes;

    Taken(LocalConsumer consumer, long mid, int priority, long expiry, long author, int count, byte[] bytes) {
        this.consumer = consumer;
        queue = consumer.queue();
        this.mid = mid;
        this.priority = priority;
        this.expiry = expiry;
        this.author = author;
        this.count = count;
        this.bytes = bytes;
    }

    public long queue() {
        return queue;
    }

    public long mid() {
        return mid;
    }

    int priority() {
        return priority;
    }

    public boolean isExpired(long now) {
        return expiry != 0 && expiry <= now;
    }

    public long author() {
        return author;
    }

    /** The one for which it was taken. */
    public LocalConsumer consumer() {
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

    @Override
    public boolean equals(Object other) {
        return other instanceof Taken t && t.mid == mid && t.priority == priority;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(mid);
    }
}
