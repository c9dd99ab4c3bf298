package dev.belfry.jakarta.client;

import dev.belfry.api.InUseException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueueException;
import dev.belfry.jakarta.domain.Domain;
import dev.belfry.jakarta.domain.Filter;
import dev.belfry.jakarta.domain.Inbox;
import dev.belfry.jakarta.domain.Limit;
import dev.belfry.jakarta.domain.LocalConsumer;
import dev.belfry.jakarta.domain.NoRoomException;
import dev.belfry.jakarta.domain.NotSubscribedException;
import dev.belfry.jakarta.domain.Places;
import dev.belfry.jakarta.domain.Sent;
import dev.belfry.jakarta.domain.Signal;
import dev.belfry.jakarta.domain.Taken;
import dev.belfry.jakarta.domain.Wish;
import dev.belfry.jakarta.message.Acknowledgement;
import dev.belfry.jakarta.message.BelfryMessage;
import dev.belfry.jakarta.message.DeadLetter;
import dev.belfry.jakarta.message.FlatMessage;
import dev.belfry.jakarta.message.MessageCodec;
import dev.belfry.jakarta.message.TrustedClasses;
import dev.belfry.jakarta.overflow.CompanionException;
import dev.belfry.jakarta.selector.Selector;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.DomainTools;
import dev.belfry.spi.Log;
import dev.belfry.spi.Units;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSException;
import jakarta.jms.TextMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.Predicate;

/** The questions and actions of operators about a domain, for the command. */
public final class OperatorTools implements DomainTools {
    private static final int SOME = 64;
    private static final Duration FROM_DISK = Duration.ofSeconds(10);
    private static final long SLICE_NANOS = 1_000_000;
    private static final Limit TIMEOUT = Limit.of(Duration.ofSeconds(5));

    private final MessageCodec codec = new MessageCodec(
            (kind, name) -> kind.isQueue() ? new BelfryQueue(name) : new BelfryTopic(name),
            TrustedClasses.of(TrustedClasses.JDK_VALUES));

    /** For the ServiceLoader. */
    public OperatorTools() {}

    @Override
    public Watch watch(String domain, Log log) {
        return new Places(domain, log);
    }

    @Override
    public Contents contents(String domain, Log log, long mostRecords) {
        return Places.contents(domain, log, mostRecords);
    }

    @Override
    public List<Unread> unread(String domain, Log log) {
        Map<String, Long> all = new HashMap<>();
        for (Place one : contents(domain, log, Long.MAX_VALUE).places()) {
            long messages = one.messages() - one.expired();
            boolean isQueue = one.kind().equals("queue");
            if (messages > 0 && (isQueue || one.durable()))
                all.merge(isQueue ? one.destination() : of(one), messages, Long::sum);
        }
        return all.entrySet().stream()
                .map(each -> new Unread(each.getKey(), each.getValue()))
                .sorted(Comparator.comparingLong(Unread::messages).reversed())
                .toList();
    }

    @Override
    public Paged paged(String domain, Log log, long mostRecords) {
        return Places.paged(domain, log, mostRecords);
    }

    /** Such as: audit of news. */
    private static String of(Place one) {
        return one.subscription() + (one.destination() == null ? "" : " of " + one.destination());
    }

    // ---- browsing

    @Override
    public void browse(String domain, Log log, Source source, String selector, Predicate<Waiting> each) {
        try (Places places = new Places(domain, log)) {
            places.browse(source, parsed(selector), (flat, deliveries, holder) -> {
                Waiting one = waiting(flat, deliveries, holder);
                return one == null || each.test(one);
            });
        }
    }

    private static Selector parsed(String selector) {
        try {
            return Selector.of(selector);
        } catch (InvalidSelectorException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /** Null: its properties or its body are damaged. */
    private Waiting waiting(FlatMessage flat, int deliveries, long holder) {
        try {
            BelfryMessage m = codec.decode(flat, deliveries + 1, Acknowledgement.IGNORED);
            Map<String, Object> properties = new LinkedHashMap<>();
            for (Object name : Collections.list(m.getPropertyNames()))
                if (!name.equals("JMSXDeliveryCount"))
                    properties.put((String) name, m.getObjectProperty((String) name));
            return new Waiting(
                    m.getJMSMessageID(),
                    m.getJMSTimestamp(),
                    m.getJMSExpiration(),
                    m.getJMSPriority(),
                    deliveries,
                    holder,
                    properties,
                    m.getJMSType(),
                    m instanceof TextMessage text ? text.getText() : null,
                    flat.bodyLength());
        } catch (JMSException damaged) {
            return null;
        }
    }

    // ---- taking

    @Override
    public long take(String domain, MessageQueue log, Source source, String selector, String to, long most) {
        boolean isAll = to == null && selector == null && most == Long.MAX_VALUE && !source.isSubscription();
        return take(domain, log, source, selector, most, isAll, (member, some) -> {
            end(member, some, to == null ? List.of() : sends(member, some, to));
            return some.size();
        });
    }

    @Override
    public long take(String domain, MessageQueue log, Source source, String selector, Keeper keeper, long most) {
        return take(domain, log, source, selector, most, false, (member, some) -> keep(member, some, source, keeper));
    }

    /** Ends what is on the disk unread if {@code isAll}. */
    private static long take(
            String domain, MessageQueue log, Source source, String selector, long most, boolean isAll, End end) {
        return asked(domain, log, member -> {
            try {
                long onDisk = isAll ? member.purgeDisk(Domain.queueId(source.name())) : 0;
                return onDisk + take(member, source, parsed(selector), most, end);
            } catch (NoRoomException full) {
                throw new MessageQueueException(full.code, full.getMessage(), full);
            } catch (NotSubscribedException used) {
                throw inUse(domain, source.name());
            }
        });
    }

    @Override
    public long purgeDamaged(String domain, MessageQueue log, String queue, boolean isOnlyAsked) {
        return asked(domain, log, member -> member.purgeDamaged(Domain.queueId(queue), isOnlyAsked));
    }

    @Override
    public Map<String, Long> recover(String domain, MessageQueue log, MessageQueue from, LongConsumer shown) {
        return asked(domain, log, member -> member.recover(from, shown));
    }

    /** Asks the disk, too. */
    private static <T> T asked(String domain, MessageQueue log, Function<Domain, T> question) {
        Domain member = member(domain, log);
        try {
            return question.apply(member);
        } catch (CompanionException failed) {
            throw new MessageQueueException("BELFRY-100", failed.getMessage(), failed);
        } finally {
            member.close(TIMEOUT.timeout());
        }
    }

    @Override
    public Entry entry(String domain, MessageQueue log, String to, String origin) {
        Domain member = member(domain, log);
        try {
            return new Entrance(member, codec, to, origin);
        } catch (RuntimeException e) {
            member.close(TIMEOUT.timeout());
            throw e;
        }
    }

    private static Domain member(String domain, MessageQueue log) {
        try {
            return new Domain(domain, log);
        } catch (RuntimeException | InternalError e) {
            log.close();
            throw e;
        }
    }

    @Override
    public boolean unsubscribe(String domain, MessageQueue log, String clientId, String subscription) {
        Domain member = member(domain, log);
        try {
            member.freeOfTheDead();
            member.unsubscribe(clientId, subscription, TIMEOUT);
            return true;
        } catch (NotSubscribedException e) {
            if (!e.isInUse()) return false;
            throw inUse(domain, subscription);
        } finally {
            member.close(TIMEOUT.timeout());
        }
    }

    private static InUseException inUse(String domain, String subscription) {
        return new InUseException("Subscription '" + subscription + "' of '" + domain
                + "' has a consumer, or a message that is not acknowledged. Close the consumer first.");
    }

    private static Inbox<Taken> consumer(Domain member, Source source, Selector selector) {
        String name = source.name();
        if (!source.isSubscription()) {
            Filter meant = new Filter(selector, null, Filter.Unread.LEFT);
            return member.consume(Domain.queueId(name), name, meant, new Signal(), SOME);
        }
        Wish wish = member.wishFor(source.clientId(), name);
        if (wish == null) return null;
        Filter.Origin own =
                wish.isNoLocal() ? new Filter.Origin(member.self, 0, Filter.client(source.clientId())) : null;
        return member.subscribe(wish, new Filter(parsed(wish.selector()), own), new Signal(), SOME, TIMEOUT);
    }

    /** Ends messages that this member holds. */
    private interface End {
        /** Returns how many, the first ones; the others are given back. If it throws, all are as they were. */
        int of(Domain member, List<Taken> some);
    }

    private static long take(Domain member, Source source, Selector selector, long most, End end) {
        member.freeOfTheDead(); // or one of them is in the way
        Inbox<Taken> consumer = consumer(member, source, selector);
        if (consumer == null) return 0; // it has ended
        try {
            member.freeOfTheDead();
            consumer.hungry(true);
            long taken = 0;
            while (taken < most) {
                member.turn();
                List<Taken> some = new ArrayList<>();
                for (Taken one; taken + some.size() < most && (one = consumer.poll()) != null; ) some.add(one);
                if (some.isEmpty() && isToCome(member, consumer, taken)) continue;
                if (some.isEmpty()) return taken;
                int ended;
                try {
                    ended = end.of(member, some);
                } catch (NoRoomException full) {
                    member.giveBack(some, 0, false); // nobody got them: a member that leaves would count them
                    throw new MessageQueueException(full.code, full.getMessage() + before(taken), full);
                }
                taken += ended;
                if (ended == some.size()) continue;
                member.giveBack(some.subList(ended, some.size()), 0, false);
                return taken;
            }
            return taken;
        } finally {
            member.end(consumer);
        }
    }

    /**
     * Tells whether more of its queue came back from the disk, for which it waits.
     *
     * @throws MessageQueueException if nothing did, though something is there: what is done is not all
     */
    private static boolean isToCome(Domain member, Inbox<Taken> consumer, long taken) {
        if (!(consumer instanceof LocalConsumer one)) return false;
        long deadline = Deadlines.after(FROM_DISK.toNanos());
        while (!Deadlines.passed(deadline)) {
            boolean comes = member.comesBack(one); // asked first: the last ones may come between the two
            try {
                member.takeNow(one);
            } catch (IllegalStateException failed) {
                throw new MessageQueueException("BELFRY-100", failed.getMessage() + before(taken), failed);
            }
            if (!one.isEmpty() || !comes) return !one.isEmpty();
            LockSupport.parkNanos(SLICE_NANOS);
        }
        throw new MessageQueueException(
                "BELFRY-100",
                "What is on the disk has not come back to memory for " + FROM_DISK.toSeconds()
                        + " s: others take it, or memory is full of what stays there ('belfry jms ls')."
                        + before(taken),
                null);
    }

    /**
     * Kept first, then ended: those that are not ended after that come again, as delivered before. So do those of a
     * process that is killed.
     */
    private static int keep(Domain member, List<Taken> some, Source source, Keeper keeper) {
        int kept = 0;
        boolean ended = false;
        try {
            List<Outside> all = some.stream()
                    .map(one -> OutsideForm.of(member, one, source))
                    .toList();
            kept = keeper.keep(all);
            end(member, some.subList(0, kept), List.of());
            ended = true;
            return kept;
        } catch (NoRoomException full) {
            throw new MessageQueueException(full.code, full.getMessage(), full);
        } finally {
            if (!ended) member.giveBack(some, 0, true);
        }
    }

    /** On the disk, too, before they are counted: after a power loss they would be there again. */
    private static void end(Domain member, List<Taken> some, List<Sent> sends) {
        member.awaitDurable(member.commit(some, sends, TIMEOUT));
    }

    private static String before(long taken) {
        return " Before that, " + Units.number(taken) + " of them were done; the others are as they were.";
    }

    private static List<Sent> sends(Domain member, List<Taken> some, String to) {
        long id = Domain.queueId(to);
        List<Sent> sends = new ArrayList<>();
        for (Taken one : some)
            sends.add(new Sent(id, to, DeadLetter.of(one.bytes(), id, member.nextSerial(), Map.of())));
        return sends;
    }
}
