package dev.belfry.spi;

import dev.belfry.api.MessageQueue;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.ServiceLoader;
import java.util.function.LongConsumer;
import java.util.function.Predicate;

/**
 * For operators: what the layer that keeps its state in a {@link Log} knows of what is in it, and can do with it. Found
 * by ServiceLoader; its public no-argument constructor does nothing. {@code domain}: such as {@code shm:shop}, for
 * messages.
 */
public interface DomainTools {
    /** {@code queue}: null where the domain keeps no name of it. */
    record Unread(String queue, long messages) {
        /** Tells it as one phrase of a list, such as "3 of 'orders'". */
        public String text() {
            return Units.number(messages) + " of " + (queue == null ? "a queue" : "'" + queue + "'");
        }
    }

    /**
     * The queues and durable subscriptions that have messages which nobody has acknowledged and which have not expired,
     * the largest first. Those of temporary queues do not count. Appends nothing.
     */
    List<Unread> unread(String domain, Log log);

    /**
     * The queue of files that has what the domain's ring cannot hold, in pages.
     *
     * @param queue such as file:/var/spool/shop/3f0c…, which may not be there yet
     * @param needed the position there of the first page that the domain needs; 0: none
     * @param last that of the last one
     * @param messages that are in pages, by their queues
     */
    record Paged(String queue, long needed, long last, List<Unread> messages) {}

    /**
     * Tells where the domain has its pages; null: it has none, or more than so many records had to be read for that.
     * Appends nothing, and reads no disk.
     */
    Paged paged(String domain, Log log, long mostRecords);

    /**
     * A queue, or a subscription to a topic.
     *
     * @param destination null where the domain keeps no name of it
     * @param kind "queue", "topic", "temporary queue" or "temporary topic"
     * @param subscription null: a queue, or a subscription without a name
     * @param clientId null: none
     * @param selector null: none
     * @param messages that nobody has acknowledged, with those on the disk
     * @param expired those of them that have expired, and that nobody has dropped yet
     * @param oldest when the oldest one was sent, in milliseconds since 1970; 0: there is none
     * @param consumers the members that consume, and how many messages each holds; also those that hold some still
     * @param onDisk messages of a queue for which the log has no room; see {@link Overflow}
     * @param diskBytes that they occupied in the log, roughly
     */
    record Place(
            String destination,
            String kind,
            String subscription,
            String clientId,
            boolean durable,
            boolean shared,
            String selector,
            long messages,
            long expired,
            long oldest,
            Map<Long, Long> consumers,
            long onDisk,
            long diskBytes) {
        /** How many of its messages are held by its consumers. */
        public long held() {
            return consumers.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    enum Kind {
        /** A process that is stopped holds messages, which nobody else gets meanwhile. */
        STOPPED_CONSUMER("stopped-consumer"),
        /** The same of a subscription that only one process may consume: all its messages wait for that one. */
        STOPPED_SUBSCRIBER("stopped-consumer"),
        /** Sends wait, and are refused in the end. */
        FULL("full-domain"),
        /** Half of what they may fill is. */
        FILLING("filling"),
        /** Messages that were given up. */
        DEAD_LETTERS("dead-letters"),
        /** A message that is delivered again and again. */
        POISON("poison");

        /** The word by which {@code doctor} tells it. */
        public final String check;

        Kind(String check) {
            this.check = check;
        }
    }

    /**
     * One of these.
     *
     * @param queue that it is about, or that has most of what fills a domain; null: none, or one without a name
     * @param pid of the stopped process; else 0
     * @param what a sentence without an end
     */
    record Trouble(Kind kind, String queue, long pid, String what) {}

    /**
     * Messages of one queue or subscription that one living member holds.
     *
     * @param pid of its process; 0: not known
     * @param delivery of the oldest of them: equal in two readings if it has been held all the time
     * @param what such as: pid 812 (shop.Main, since 10:02:11) holds 3 messages of 'orders'
     */
    record Hold(long pid, String delivery, String what) {}

    /**
     * Where a domain keeps messages of queues for which its log has no room: a queue of files.
     *
     * @param uri of that queue; null: the log tells of none, or this release does not know its place
     * @param mostBytes that it may take on the disk; 0: no limit, or that is not known
     * @param waitsFor such as pid 812 (shop.Main): a process that keeps messages from going there; empty: none
     */
    record Overflow(String uri, long mostBytes, String waitsFor) {
        /** Nothing is on the disk. */
        public static final Overflow NONE = new Overflow(null, 0, "");
    }

    /**
     * The contents of a domain.
     *
     * @param places all of them, by their names
     * @param consumers members that live, and consume or hold messages still
     * @param deadLetters in all queues
     * @param bytes that their messages occupy in the log, roughly
     * @param mostBytes that senders may fill
     * @param fullInSeconds at the rate so far; none: less than half is full, or what waits most has a consumer
     * @param troubles by their kinds
     * @param holds of members whose process is not stopped: that is a trouble
     * @param overflow where its queues' messages are that are on the disk
     */
    record Contents(
            List<Place> places,
            long consumers,
            long deadLetters,
            long bytes,
            long mostBytes,
            OptionalLong fullInSeconds,
            List<Trouble> troubles,
            List<Hold> holds,
            Overflow overflow) {
        public Contents {
            places = List.copyOf(places);
            troubles = List.copyOf(troubles);
            holds = List.copyOf(holds);
        }

        /** That nobody has acknowledged, and that have not expired; of a topic once for each subscription. */
        public long messages() {
            return places.stream()
                    .mapToLong(one -> one.messages() - one.expired())
                    .sum();
        }

        /** Those of them that are on the disk. */
        public long onDisk() {
            return places.stream().mapToLong(Place::onDisk).sum();
        }

        /** Sums what they occupied in the log, roughly. */
        public long diskBytes() {
            return places.stream().mapToLong(Place::diskBytes).sum();
        }

        /** Those that some process has in its hands. */
        public long held() {
            return places.stream().mapToLong(Place::held).sum();
        }

        /** Counts the queues that have messages or consumers. */
        public long queues() {
            return places.stream().filter(one -> one.kind().endsWith("queue")).count();
        }
    }

    /** Follows a domain's log, and appends nothing. One thread at a time. */
    interface Watch extends AutoCloseable {
        /** As it is now. */
        Contents contents();

        @Override
        void close();
    }

    /** {@code log}: is not closed with it. */
    Watch watch(String domain, Log log);

    /** So many records are read in less than half a second, also by a JVM that has just begun. */
    long QUICK = 200_000;

    /** As it is now; null: for that more than so many records had to be read. Appends nothing. */
    Contents contents(String domain, Log log, long mostRecords);

    /** Such tools, if this program has any: by the thread's context loader, then by the loader of the API. */
    static Optional<DomainTools> find() {
        Optional<DomainTools> found = ServiceLoader.load(DomainTools.class).findFirst();
        return found.isPresent()
                ? found
                : ServiceLoader.load(DomainTools.class, DomainTools.class.getClassLoader())
                        .findFirst();
    }

    /**
     * A message that is in a queue.
     *
     * @param sent in milliseconds since 1970; 0: its sender left that out
     * @param expires 0: never
     * @param deliveries how often it was delivered, as far as that is known
     * @param holder the member that holds it; 0: nobody
     * @param text of a text message; null: it is none
     * @param bytes of its body
     */
    record Waiting(
            String id,
            long sent,
            long expires,
            int priority,
            int deliveries,
            long holder,
            Map<String, Object> properties,
            String type,
            String text,
            int bytes) {}

    /** A queue; or a durable subscription of that name and client id, which may be null. */
    record Source(String name, boolean isSubscription, String clientId) {
        public static Source queue(String name) {
            return new Source(name, false, null);
        }
    }

    /**
     * The messages of a queue, or for a subscription, in the order of delivery, while {@code each} returns true.
     * Appends nothing.
     *
     * @param selector null: all
     * @throws IllegalArgumentException if the selector is none
     */
    void browse(String domain, Log log, Source source, String selector, Predicate<Waiting> each);

    /**
     * Ends messages that are in a queue, or are kept for a subscription, and that nobody holds, some at a time, as a
     * consumer would.
     *
     * @param log a queue that is a log; it is closed with this, in any case
     * @param selector null: all. Not of a subscription: what it does not select would end with the rest
     * @param to another queue, which gets them; null: nobody gets them
     * @param most so many of them
     * @return how many
     * @throws dev.belfry.api.InUseException if it is a subscription that another process alone consumes
     */
    long take(String domain, MessageQueue log, Source source, String selector, String to, long most);

    /**
     * Ends the next messages of a queue that are on the disk and cannot be read, up to one that can; or only tells how
     * many they are.
     *
     * @param log a queue that is a log; it is closed with this, in any case
     */
    long purgeDamaged(String domain, MessageQueue log, String queue, boolean isOnlyAsked);

    /**
     * Sends what is in the {@link Overflow} of a domain that is gone, as delivered before.
     *
     * @param log a queue that is a log; it is closed with this, in any case
     * @param from is kept and not closed
     * @param shown told how many of a queue were sent
     * @return how many, by queues
     */
    Map<String, Long> recover(String domain, MessageQueue log, MessageQueue from, LongConsumer shown);

    /**
     * A message of a domain as it is outside of it.
     *
     * @param body what {@link Entry#put} takes
     * @param properties of which message it is, and where it was: no other has both
     * @param sent in milliseconds since 1970
     * @param wasHeld another member held it before, which may have kept it, too
     */
    record Outside(byte[] body, Map<String, Object> properties, long sent, boolean wasHeld) {}

    /** Keeps messages outside of a domain. */
    interface Keeper {
        /**
         * Returns once the first ones of these are kept for good: only then do they end in the domain. If it throws,
         * they stay there.
         *
         * @return how many; fewer than all: it takes no more
         */
        int keep(List<Outside> some);
    }

    /** As {@link #take(String, MessageQueue, Source, String, String, long)}, for a keeper outside of the domain. */
    long take(String domain, MessageQueue log, Source source, String selector, Keeper keeper, long most);

    /** The way of messages from outside into a queue of a domain. One thread at a time. */
    interface Entry extends AutoCloseable {
        /** All up to this position of its origin is there; 0: none. */
        long place();

        /** Whether it can take it: it is the body of an {@link Outside}. */
        boolean isMessage(byte[] body);

        /**
         * All of these, or none, and the place: then they are in the domain for good, as far as it promises that.
         *
         * @param place of the last one
         */
        void put(List<byte[]> bodies, long place);

        /** The origin will give none of these again: the place need not be known any more. */
        void forget();

        /** Closes the domain's log, too. */
        @Override
        void close();
    }

    /**
     * @param log a queue that is a log; it is closed with what this returns, or if this fails
     * @param to the queue that gets them
     * @param origin the id of what they come from. One process at a time brings them from there
     */
    Entry entry(String domain, MessageQueue log, String to, String origin);

    /**
     * Ends a durable subscription with its messages.
     *
     * @param log a queue that is a log; it is closed with this, in any case
     * @param clientId null: of none
     * @return false: there is none
     * @throws dev.belfry.api.InUseException if a process consumes it, or holds a message of it
     */
    boolean unsubscribe(String domain, MessageQueue log, String clientId, String subscription);
}
