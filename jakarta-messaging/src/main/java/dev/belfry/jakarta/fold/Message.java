package dev.belfry.jakarta.fold;

import dev.belfry.jakarta.wire.MessageLayout;
import dev.belfry.spi.Bytes;

/** A live message: not its bytes, but the place of its statement, and what deciders ask before they read it. */
public final class Message implements Statements.Fact, Comparable<Message> {
    long mid = -1;
    long author;
    Channel channel;
    long statement;
    boolean live;
    private boolean newer;
    /** How many views need it. */
    int needed;
    /** The delivery of a queue's message; a subscription keeps its own. */
    Delivery delivery = Delivery.AVAILABLE;

    private long place;
    private int at;
    private int length;
    private byte priority;
    private Times times = Times.NONE;

    /** The times that few messages have, so that the others are smaller. */
    private record Times(long expiry, long deliveryTime) {
        static final Times NONE = new Times(0, 0);
    }

    Message() {}

    /** Reads it as it lies at {@code from}, for those that ask for its priority and times alone. */
    public static Message unplaced(Bytes record, int from) {
        return new Message().stated(-1, -1, record, from);
    }

    /** It lies in the record of this position, at {@code from}. */
    Message stated(long position, long recordPlace, Bytes record, int from) {
        statement = position;
        place = recordPlace;
        at = from;
        length = record.getInt(from);
        priority = priority(record, from);
        int has = record.getInt(from + 4) >>> 16;
        times = (has & (MessageLayout.EXPIRY | MessageLayout.DELIVERY_TIME)) == 0
                ? Times.NONE
                : times(record, from + MessageLayout.HEAD, has);
        return this;
    }

    private static Times times(Bytes record, int at, int has) {
        boolean expires = (has & MessageLayout.EXPIRY) != 0;
        boolean delayed = (has & MessageLayout.DELIVERY_TIME) != 0;
        return new Times(expires ? record.getLong(at) : 0, delayed ? record.getLong(expires ? at + 8 : at) : 0);
    }

    static byte priority(Bytes record, int from) {
        return (byte) (record.getByte(from + 5) & 15);
    }

    @Override
    public boolean statedAt(long position) {
        return live && statement == position;
    }

    /** The order of delivery. */
    @Override
    public int compareTo(Message other) {
        int order = Integer.compare(other.priority, priority);
        return order != 0 ? order : Long.compare(mid, other.mid);
    }

    public long mid() {
        return mid;
    }

    /** The member that sent it. */
    public long author() {
        return author;
    }

    public long destination() {
        return channel.destination;
    }

    /** Position of its statement. */
    public long statement() {
        return statement;
    }

    /** Place of its statement in the log. */
    @Override
    public long place() {
        return place;
    }

    /** Where it begins in its statement. */
    public int at() {
        return at;
    }

    public int length() {
        return length;
    }

    public int priority() {
        return priority;
    }

    /** Tells when it expires; 0: never. */
    public long expiry() {
        return times.expiry;
    }

    /** Tells when it may be delivered; 0: at once. */
    public long deliveryTime() {
        return times.deliveryTime;
    }

    /** Tells whether this member has found that only a later release can read it. No part of the log's meaning. */
    public boolean isNewer() {
        return newer;
    }

    /** Remembers that. */
    public void foundNewer() {
        newer = true;
    }

    /** Tells whether one view alone needs it. */
    public boolean isNeededOnce() {
        return live && needed == 1;
    }

    /** Whether some view still needs it. */
    public boolean isLive() {
        return live;
    }
}
