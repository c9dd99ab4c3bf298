package dev.belfry.bridge;

import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageView;
import dev.belfry.api.OnFailure;

/**
 * The mark that a bridge writes beside a message: from which queue it is, at which position there,
 * and through which queues it came before. The names are in the package's description.
 *
 * @param via null if the queue {@code source} was the first
 * @param origin its position in the first queue
 * @param carried how many messages a bridge with a count has carried up to it; 0: it counts none, or had none yet
 */
record Mark(String source, long position, String via, long origin, long carried) {
    static final String SOURCE = "belfry_source";
    static final String POSITION = "belfry_position";
    static final String VIA = "belfry_via";
    static final String ORIGIN_POSITION = "belfry_origin_position";
    static final String TIMESTAMP = "belfry_timestamp";
    static final String CARRIED = "belfry_carried";
    static final String LEFT_OUT = "belfry_left_out";

    private static final String RESERVED = "belfry_";
    private static final int ID_LENGTH = 36;

    /** Answers null if the message has none, or none that a bridge could have written. */
    static Mark of(MessageProperties properties) {
        if (!(properties.get(SOURCE) instanceof String source) || source.length() != ID_LENGTH) return null;
        if (!(properties.get(POSITION) instanceof Long position) || position < 1) return null;
        long carried = properties.get(CARRIED) instanceof Long count ? count : 0;
        if (!(properties.get(VIA) instanceof String via))
            return ofFirst(source, position).counted(carried);
        if (via.length() % (ID_LENGTH + 1) != ID_LENGTH) return null;
        if (!(properties.get(ORIGIN_POSITION) instanceof Long origin) || origin < 1) return null;
        return new Mark(source, position, via, origin, carried);
    }

    private static Mark ofFirst(String source, long position) {
        return new Mark(source, position, null, position, 0);
    }

    /** The mark of a message from the queue {@code source}; {@code before}: the mark that it has there, or null. */
    static Mark after(Mark before, String source, long position) {
        if (before == null) return ofFirst(source, position);
        String via = before.via == null ? before.source : before.source + ' ' + before.via;
        return new Mark(source, position, via, before.origin, 0);
    }

    Mark counted(long messages) {
        return new Mark(source, position, via, origin, messages);
    }

    /** All queues that it came through. Messages of one path never fall in {@link #origin}, but for duplicates. */
    String path() {
        return via == null ? source : source + ' ' + via;
    }

    /** The first queue of its way. */
    String first() {
        return via == null ? source : via.substring(via.length() - ID_LENGTH);
    }

    boolean cameThrough(String queue) {
        return source.equals(queue) || via != null && via.contains(queue);
    }

    /** All that the message has, with this mark in place of the one that it had. */
    MessageProperties beside(MessageView message) {
        return beside(message.properties(), timestamp(message));
    }

    /** Puts a mark beside these, as {@link Bridges#marked} says. */
    static MessageProperties beside(MessageProperties own, String source, long position, long timestamp) {
        return ofFirst(source, position).beside(own, timestamp);
    }

    private MessageProperties beside(MessageProperties own, long time) {
        MessageProperties.Builder all = MessageProperties.builder();
        for (String name : own.names()) if (!isOurs(name)) all.putReceived(name, own.get(name));
        putInto(all);
        if (time != 0) all.putReceived(TIMESTAMP, time);
        return all.build();
    }

    private MessageProperties.Builder putInto(MessageProperties.Builder all) {
        all.putReceived(SOURCE, source).putReceived(POSITION, position);
        if (carried > 0) all.putReceived(CARRIED, carried);
        return via == null ? all : all.putReceived(VIA, via).putReceived(ORIGIN_POSITION, origin);
    }

    /** The properties of a message that is nothing but this mark: the bridge has left so many out, up to it. */
    MessageProperties alone(long messages) {
        return putInto(MessageProperties.builder())
                .putReceived(LEFT_OUT, messages)
                .build();
    }

    static boolean isAlone(MessageProperties properties) {
        return properties.get(LEFT_OUT) instanceof Long;
    }

    /** The timestamp of its first publisher; 0 if that wrote none. */
    static long timestamp(MessageView message) {
        return message.properties().get(TIMESTAMP) instanceof Long first ? first : message.timestampMillis();
    }

    /**
     * Tells whether a bridge has written it, this release or a later one: without the mark that it belongs to it is
     * worth nothing. A message that was moved aside keeps what says why.
     */
    private static boolean isOurs(String name) {
        return name.startsWith(RESERVED) && !OnFailure.ADDED.contains(name);
    }
}
