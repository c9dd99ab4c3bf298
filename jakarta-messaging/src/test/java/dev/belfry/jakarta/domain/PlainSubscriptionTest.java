package dev.belfry.jakarta.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.IncompatibleVersionException;
import dev.belfry.api.MessageQueues;
import dev.belfry.jakarta.fold.View;
import dev.belfry.jakarta.selector.Selector;
import dev.belfry.jakarta.wire.DestinationId;
import dev.belfry.jakarta.wire.Envelope;
import dev.belfry.jakarta.wire.RecordWriter;
import dev.belfry.spi.Log;
import dev.belfry.spi.Reserve;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Seeded;
import jakarta.jms.JMSException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A plain subscription, which reads the log itself: at every stop it has, or has had, what the fold of another member
 * says that it is to have. The ring is tiny, so that it is passed; commits are staged, some before it subscribes.
 */
@OneJdk
@Timeout(120)
class PlainSubscriptionTest {
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final long T = DestinationId.of(DestinationId.TOPIC, "t");
    private static final long U = DestinationId.of(DestinationId.TOPIC, "u");
    private static final long Q = DestinationId.of(DestinationId.QUEUE, "q");
    private static final int UNWANTED = 7;

    private final String uri = "mem:Plain" + ProcessHandle.current().pid() + "-" + NUMBER.incrementAndGet();
    private final List<Domain> members = new ArrayList<>();

    private Domain member(String ring) {
        Domain member = new Domain(
                uri,
                MessageQueues.open(
                        uri + "?capacity=" + ring + "&maxCapacity=" + ring + "&" + Log.KIND + "=" + Log.DOMAIN));
        members.add(member);
        return member;
    }

    @AfterEach
    void end() {
        for (Domain one : members) one.close(Duration.ZERO);
        MessageQueues.delete(uri);
    }

    private static Sent sent(long destination, long serial, int priority, long deliveryTime, int length) {
        ByteBuffer record = record(message(destination, serial, priority, deliveryTime, length));
        byte[] bytes = new byte[record.remaining() - 16];
        record.position(record.position() + 16).get(bytes);
        return new Sent(destination, "name " + destination, bytes);
    }

    private static Envelope message(long destination, long serial, int priority, long deliveryTime, int length) {
        Envelope message = new Envelope();
        message.destination = destination;
        message.serial = serial;
        message.priority = priority;
        message.deliveryTime = deliveryTime;
        message.body = new byte[length];
        return message;
    }

    private static ByteBuffer record(Envelope message) {
        return new RecordWriter().begin(1).message(message.bytes()).end();
    }

    private static long serial(Taken taken) {
        return ByteBuffer.wrap(taken.bytes()).order(ByteOrder.LITTLE_ENDIAN).getLong(16);
    }

    private static Inbox<Taken> subscribe(Domain member) throws JMSException {
        Wish wish = new Wish(T, "name " + T, 0, null, null, "JMSPriority <> " + UNWANTED);
        Filter filter = new Filter(Selector.of(wish.selector()), null);
        return member.subscribe(wish, filter, new Signal(), 32, Limit.of(Duration.ofSeconds(5)));
    }

    /** One subscriber, one that sends, and one that consumes a queue beside it, folds all, and makes room. */
    private final class Run {
        final Random random;
        final Domain sender = member("64k");
        final Domain other = member("64k");
        final Domain here = member("64k");
        final LocalConsumer queue;
        Inbox<Taken> inbox;

        final List<Taken> open = new ArrayList<>();
        final Set<Long> done = new HashSet<>();
        final Set<Long> seen = new HashSet<>();
        final long[] last = new long[10];
        /** Of what it is to have, and of what it has had. */
        final Set<Long> sent = new TreeSet<>();

        final Set<Long> got = new TreeSet<>();
        long serial;
        /** All that was delayed may be delivered then. */
        long due;
        /** Of a transaction that is staged; 0: of none. */
        long transaction;

        final List<Sent> staged = new ArrayList<>();

        Run(long seed) throws JMSException {
            random = new Random(seed);
            queue = other.consume(Q, "name " + Q, Selector.of(null), new Signal(), 32);
        }

        Sent next(long destination, int most) {
            int priority = random.nextInt(4) > 0 ? 4 : random.nextInt(10);
            boolean isLater = destination == T && random.nextInt(8) == 0;
            long time = isLater ? inMillis(random.nextInt(4)) : 0;
            return sent(destination, ++serial, priority, time, random.nextInt(most));
        }

        long inMillis(int millis) {
            long time = System.currentTimeMillis() + millis;
            due = Math.max(due, time);
            return time;
        }

        void note(List<Sent> all) {
            if (inbox == null) return;
            for (Sent one : all)
                if (one.destination() == T && (one.bytes()[5] & 15) != UNWANTED)
                    sent.add(ByteBuffer.wrap(one.bytes())
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .getLong(16));
        }

        void commit(List<Sent> all) {
            try {
                sender.commit(List.of(), all, Limit.AT_ONCE);
                note(all);
            } catch (NoRoomException full) {
                drain();
                drainQueue();
            }
        }

        /** As a commit that is too large for one record does, but with much between its parts. */
        void stage() {
            if (transaction == 0) {
                transaction = 1_000 + serial;
                staged.clear();
            }
            RecordWriter writer = new RecordWriter().begin(sender.self);
            writer.stage(sender.self, transaction, staged.size());
            List<Sent> part = List.of(next(T, 200), next(Q, 100), next(T, 100));
            for (Sent one : part) writer.staged(one.bytes());
            if (append(writer.close())) staged.addAll(part);
        }

        void apply() {
            if (transaction == 0) return;
            RecordWriter writer = new RecordWriter().begin(sender.self);
            if (!append(writer.apply(transaction, staged.size()))) return;
            note(staged);
            transaction = 0;
        }

        private boolean append(RecordWriter writer) {
            return sender.log.append(writer.end(), Reserve.NORMAL, -1, Duration.ZERO) != Log.REJECTED;
        }

        void drainQueue() {
            while (true) {
                queue.hungry(true);
                if (queue.isEmpty()) other.turn();
                queue.hungry(false);
                Taken taken = queue.poll();
                if (taken == null) return;
                other.commit(List.of(taken), List.of(), Limit.of(Duration.ofSeconds(5)));
            }
        }

        /** So that all that lives is told again, and the ring is lapped. */
        void lap() {
            for (int i = 0; i < 400; i++) {
                commit(List.of(sent(Q, ++serial, 4, 0, 100)));
                drainQueue();
            }
        }

        Taken poll() {
            Taken taken = inbox.poll();
            if (taken == null) return null;
            if (taken.count() == 0) {
                assertThat(seen.add(taken.mid)).as("only once").isTrue();
                got.add(serial(taken));
                if (taken.deliveryTime == 0) {
                    assertThat(taken.mid).as("in order").isGreaterThan(last[taken.priority]);
                    last[taken.priority] = taken.mid;
                }
            }
            assertThat(done).doesNotContain(taken.mid);
            open.add(taken);
            return taken;
        }

        void settle(Taken one) {
            if (random.nextBoolean()) here.acknowledge(one, Limit.AT_ONCE);
            else here.commit(List.of(one), List.of(), Limit.AT_ONCE);
            done.add(one.mid);
            open.remove(one);
        }

        void giveBack() {
            List<Taken> some = new ArrayList<>();
            for (Taken one : List.copyOf(open)) if (random.nextBoolean()) some.add(one);
            open.removeAll(some);
            if (random.nextBoolean()) here.giveBack(some, inMillis(random.nextInt(3)), true);
            else if (here.count(some))
                for (Taken one : some) assertThat(one.consumer.putBack(one)).isTrue();
        }

        /** What the fold says that it is to have, and does not know to be done. */
        Set<Long> needed() {
            return other.withState(state -> {
                View view = state.view(inbox.view);
                Set<Long> mids = new TreeSet<>();
                view.forEach(m -> {
                    if (m.priority() != UNWANTED) mids.add(m.mid());
                    return true;
                });
                return mids;
            });
        }

        void stop() {
            Set<Long> needed = needed();
            for (Taken one : open)
                assertThat(needed).as("what is not done is kept").contains(one.mid);
            if (random.nextInt(4) > 0) return;
            needed.removeAll(done);
            drain();
            assertThat(seen).as("all that the fold has").containsAll(needed);
            ((TopicReader) inbox).tell();
            Set<Long> kept = needed();
            kept.retainAll(done);
            assertThat(kept).as("what is done is told").isEmpty();
        }

        /** All that there is, also what is delayed. */
        void drain() {
            if (inbox == null) return;
            boolean isDue;
            do {
                isDue = System.currentTimeMillis() >= due;
                for (Taken one = poll(); one != null; one = poll()) settle(one);
            } while (!isDue);
            for (Taken one : List.copyOf(open)) settle(one);
            ((TopicReader) inbox).tell();
        }

        void step() {
            switch (random.nextInt(12)) {
                case 0, 1, 2 -> commit(List.of(next(T, 300)));
                case 3 -> commit(List.of(next(Q, 100), next(T, 100), next(U, 100), next(T, 100)));
                case 4 -> {
                    List<Sent> large = new ArrayList<>();
                    for (int i = 0; i < 30; i++) large.add(next(random.nextInt(3) == 0 ? Q : T, 300));
                    commit(large);
                }
                case 5 -> stage();
                case 6 -> apply();
                case 7 -> {
                    if (inbox != null) for (int i = random.nextInt(20); i > 0 && poll() != null; i--) continue;
                }
                case 8 -> {
                    for (Taken one : List.copyOf(open)) if (random.nextInt(3) > 0) settle(one);
                }
                case 9 -> giveBack();
                case 10 -> {
                    if (random.nextInt(4) == 0) lap();
                }
                default -> drainQueue();
            }
            if (inbox != null) stop();
        }
    }

    @Seeded({3, 5})
    void shouldGiveWhatTheFoldHasAtEveryStop(long seed) throws JMSException {
        Run run = new Run(seed);
        run.stage(); // before it is there
        for (int i = 0; i < 10; i++) run.step();
        run.inbox = subscribe(run.here);
        for (int i = 0; i < 200; i++) run.step();
        run.apply();
        run.drain();
        assertThat(run.got).isEqualTo(run.sent);
        assertThat(run.needed()).isEmpty();
    }

    /** A record for each message, and one for many that are done: the ring has room for 32 times as many. */
    @Test
    void shouldTellOfManyMessagesInOneRecord() throws JMSException {
        Domain sender = member("1m");
        Domain here = member("1m");
        Inbox<Taken> inbox = subscribe(here);
        int n = 20_000;
        long before = sender.log.newest();
        for (int i = 0; i < n; i++) {
            sender.send(sent(T, i, 4, 0, 60), Limit.of(Duration.ofSeconds(5)));
            if (i % 10 < 9) continue;
            for (int j = 0; j < 10; j++) here.acknowledge(inbox.poll(), Limit.AT_ONCE);
        }
        assertThat(inbox.poll()).isNull();
        assertThat(sender.log.newest() - before).isLessThan(n * 105L / 100);
        ((TopicReader) inbox).tell();
        assertThat(sender.<Integer>withState(state -> state.size())).isZero();
    }

    /** More than it reads in one go. */
    @Test
    void shouldFindAMessageBehindManyOfOthers() throws JMSException {
        Domain sender = member("2m");
        Domain here = member("2m");
        Inbox<Taken> inbox = subscribe(here);
        assertThat(inbox.poll()).isNull(); // from here on it reads by itself
        for (int i = 0; i < 10_000; i++) sender.send(sent(U, i, 4, 0, 20), Limit.of(Duration.ofSeconds(5)));
        sender.send(sent(T, 10_000, 4, 0, 20), Limit.of(Duration.ofSeconds(5)));
        assertThat(inbox.poll()).extracting(PlainSubscriptionTest::serial).isEqualTo(10_000L);
        assertThat(inbox.poll()).isNull();
    }

    @Test
    void shouldKeepWhatIsNotDoneWhenItTellsOfOthers() throws JMSException {
        Domain sender = member("64k");
        Domain here = member("64k");
        Inbox<Taken> inbox = subscribe(here);
        assertThat(inbox.poll()).isNull();
        for (int i = 0; i < 2; i++) sender.send(sent(T, i, 4, 0, 20), Limit.of(Duration.ofSeconds(5)));
        Taken first = inbox.poll();
        here.acknowledge(inbox.poll(), Limit.AT_ONCE);
        ((TopicReader) inbox).tell();
        assertThat(sender.<Boolean>withState(state -> state.message(first.mid) != null))
                .isTrue();
        assertThat(sender.<Integer>withState(state -> state.size())).isEqualTo(1);
    }

    /** Of one commit all, of the other a part. */
    @Test
    void shouldHaveWhatWasStagedBeforeItWasThere() throws JMSException {
        Domain sender = member("64k");
        Domain here = member("64k");
        stage(sender, 1, 0, 10);
        stage(sender, 1, 1, 11);
        stage(sender, 2, 0, 20);
        Inbox<Taken> inbox = subscribe(here);
        assertThat(inbox.poll()).isNull();
        stage(sender, 2, 1, 21);
        for (long transaction = 1; transaction < 3; transaction++)
            append(sender, new RecordWriter().begin(sender.self).apply(transaction, 2));
        List<Long> serials = new ArrayList<>();
        for (Taken one = inbox.poll(); one != null; one = inbox.poll()) serials.add(serial(one));
        assertThat(serials).containsExactly(10L, 11L, 20L, 21L);
    }

    private static void stage(Domain sender, long transaction, int first, long serial) {
        RecordWriter writer = new RecordWriter().begin(sender.self).stage(sender.self, transaction, first);
        append(sender, writer.staged(sent(T, serial, 4, 0, 20).bytes()).close());
    }

    private static void append(Domain sender, RecordWriter record) {
        assertThat(sender.log.append(record.end(), Reserve.NORMAL, -1, Duration.ofSeconds(5)))
                .isPositive();
    }

    /** It has seen their parts. */
    @Test
    void shouldReadLargeCommitsWithoutTheFold() throws JMSException {
        Domain sender = member("1m");
        Domain here = member("1m");
        Inbox<Taken> inbox = subscribe(here);
        assertThat(inbox.poll()).isNull(); // from here on it reads by itself
        here.foldLock.lock(); // so that its daemon does not fold
        try {
            long before = here.folded().state().position();
            for (long serial = 0; serial < 300; ) {
                List<Sent> large = new ArrayList<>();
                for (int i = 0; i < 100; i++, serial++) large.add(sent(i % 3 == 2 ? Q : T, serial, 4, 0, 1_000));
                sender.commit(List.of(), large, Limit.of(Duration.ofSeconds(5)));
            }
            for (long serial = 0; serial < 300; serial++)
                if (serial % 100 % 3 < 2) {
                    Taken next = inbox.poll();
                    assertThat(serial(next)).isEqualTo(serial);
                    here.acknowledge(next, Limit.AT_ONCE);
                }
            assertThat(inbox.poll()).isNull();
            assertThat(here.folded().state().position()).as("folded").isEqualTo(before);
        } finally {
            here.foldLock.unlock();
        }
    }

    /** One that may sleep in the log wakes itself; for the others whoever folds asks. */
    @Test
    void shouldBeWokenByAnyThatFoldsItsMessage() throws JMSException {
        Domain sender = member("64k");
        Domain here = member("64k");
        LocalConsumer queue = here.consume(Q, "name " + Q, Selector.of(null), new Signal(), 32);
        Inbox<Taken> inbox = subscribe(here);
        assertThat(inbox.poll()).isNull();
        inbox.hungry(true);
        assertThat(here.hasUrgent(List.of(queue))).isFalse();
        sender.send(sent(T, 1, 4, 0, 20), Limit.of(Duration.ofSeconds(5)));
        assertThat(here.hasUrgent(List.of(queue))).isTrue();
    }

    @Test
    void shouldStopBeforeARecordOfANewerRelease() throws JMSException {
        Domain sender = member("64k");
        Domain here = member("64k");
        Inbox<Taken> inbox = subscribe(here);
        assertThat(inbox.poll()).isNull(); // from here on it reads by itself
        ByteBuffer newer = new RecordWriter().begin(1).leave(2).end();
        newer.put(newer.position(), (byte) 2);
        assertThat(sender.log.append(newer, Reserve.SMALL, 0, Duration.ofSeconds(5)))
                .isPositive();
        for (int i = 0; i < 2; i++) assertThatThrownBy(inbox::poll).isInstanceOf(IncompatibleVersionException.class);
    }
}
