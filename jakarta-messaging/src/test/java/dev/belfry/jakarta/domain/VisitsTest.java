package dev.belfry.jakarta.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.jakarta.selector.Selector;
import dev.belfry.jakarta.wire.Envelope;
import dev.belfry.spi.Log;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Seeded;
import jakarta.jms.JMSException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which consumers a turn visits: few of hundreds that wait, and all that it has something for. */
@OneJdk
@Timeout(60)
class VisitsTest {
    private static final int IDLE = 800;
    private static final int MESSAGES = 100;
    private static final int STEPS = 1_000;
    private static final int QUEUES = 3;
    private static final long SHORT_MILLIS = 3;
    private static final long DELAY_MILLIS = 500;
    private static final int EXPIRED = 20;
    private static final long LONG_MILLIS = 3_600_000;
    private static final Limit LIMIT = Limit.of(Patience.limit());
    private static final long TOPIC = Domain.topicId("t");

    private final String uri = "mem:Visits" + ProcessHandle.current().pid();
    private volatile boolean refuses;
    private final Domain other = member();
    private final Domain here = member();

    private Domain member() {
        String options = "?capacity=256k&maxCapacity=256k&" + Log.KIND + "=" + Log.DOMAIN;
        return new Domain(uri, refusing(MessageQueue.class, MessageQueues.open(uri + options)));
    }

    /** The same handle; it refuses each record while {@link #refuses}. */
    private <T> T refusing(Class<T> type, Object real) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    if (refuses && method.getName().equals("append")) return Log.REJECTED;
                    Object answer = method.invoke(real, arguments);
                    return answer instanceof Log ? refusing(Log.class, answer) : answer;
                }));
    }

    @AfterEach
    void end() {
        while (here.foldLock.isHeldByCurrentThread()) here.foldLock.unlock();
        here.close(Duration.ZERO);
        other.close(Duration.ZERO);
        MessageQueues.delete(uri);
    }

    private static String name(int queue) {
        return "q" + queue;
    }

    private void send(long destination, String name, int priority, long deliveryTime, long expiry) {
        Envelope message = new Envelope();
        message.destination = destination;
        message.serial = other.nextSerial();
        message.priority = priority;
        message.deliveryTime = deliveryTime;
        message.expiry = expiry;
        message.body = new byte[20];
        other.send(new Sent(destination, name, message.bytes()), LIMIT);
    }

    private LocalConsumer consume(Domain domain, int queue, String selector) throws JMSException {
        return domain.consume(Domain.queueId(name(queue)), name(queue), Selector.of(selector), new Signal(), 4);
    }

    private Inbox<Taken> subscribe(int flags, String subscription) throws JMSException {
        Wish wish = new Wish(TOPIC, "t", flags, null, subscription, null);
        return here.subscribe(wish, new Filter(Selector.of(null), null), new Signal(), 4, LIMIT);
    }

    private List<LocalConsumer> idle(int count) throws JMSException {
        List<LocalConsumer> idle = new ArrayList<>();
        for (int i = 0; i < count; i++) idle.add(consume(here, i, null));
        idle.forEach(one -> one.hungry(true));
        here.turn();
        return idle;
    }

    @Test
    void shouldVisitThoseOfTheMessagesQueueOfHundredsThatWait() throws JMSException {
        List<LocalConsumer> idle = idle(IDLE);
        long before = here.pump.visited;
        for (int i = 0; i < MESSAGES; i++) {
            LocalConsumer one = idle.get(7 * i);
            send(one.destination, name(7 * i), 4, 0, 0);
            here.turn();
            here.acknowledge(one.poll(), LIMIT);
            here.turn();
        }
        assertThat(here.pump.visited - before)
                .as("visits for %d messages", MESSAGES)
                .isBetween((long) MESSAGES, 3L * MESSAGES);
    }

    @Test
    void shouldVisitNobodyWhileNothingComes() throws JMSException {
        idle(IDLE);
        send(Domain.queueId("nobody's"), "nobody's", 4, 0, 0);
        here.turn();
        long before = here.pump.visited;
        for (int i = 0; i < MESSAGES; i++) here.turn();
        assertThat(here.pump.visited - before).as("visits").isZero();
    }

    /** The one that leads sleeps until the first is due, whoever has found it. */
    @Test
    void shouldSleepUntilTheFirstDelayedMessageIsDue() throws JMSException {
        LocalConsumer first = consume(here, 0, null);
        LocalConsumer second = consume(here, 1, null);
        here.foldLock.lock(); // the daemon makes no turn
        first.hungry(true);
        second.hungry(true);
        long now = System.currentTimeMillis();
        send(first.destination, name(0), 4, now + 2 * LONG_MILLIS, 0);
        send(second.destination, name(1), 4, now + LONG_MILLIS, 0);
        here.turn();
        send(second.destination, name(1), 4, now + SHORT_MILLIS, 0);
        here.turn();
        assertThat(here.visits.due()).isIn(now + SHORT_MILLIS, now + LONG_MILLIS);
        Patience.until("it is due", () -> {
            here.turn();
            return second.signal.isRaised();
        });
        assertThat(here.visits.due()).isEqualTo(now + LONG_MILLIS);
        assertThat(first.signal.isRaised()).isFalse();
    }

    @Test
    void shouldVisitOneWhoseDelayedMessageIsDue() throws JMSException {
        LocalConsumer one = consume(here, 0, null);
        here.foldLock.lock(); // the daemon makes no turn
        one.hungry(true);
        for (long delay = DELAY_MILLIS; ; delay *= 2) {
            send(one.destination, name(0), 4, System.currentTimeMillis() + delay, 0);
            here.turn();
            if (one.isEmpty()) break;
            here.acknowledge(one.poll(), LIMIT); // the machine is busy: it was due before the turn
        }
        Patience.until("it is due", () -> {
            here.turn();
            return !one.isEmpty();
        });
    }

    @Test
    void shouldVisitOneWhoseQueueGotAMessageBack() throws JMSException {
        LocalConsumer rival = consume(other, 0, null);
        LocalConsumer waits = consume(here, 0, null);
        here.foldLock.lock(); // the daemon makes no turn
        send(waits.destination, name(0), 4, 0, 0);
        rival.hungry(true);
        other.turn();
        Taken taken = rival.poll();
        rival.hungry(false);
        waits.hungry(true);
        here.turn();
        assertThat(waits.isEmpty()).isTrue();
        other.giveBack(List.of(taken), 0, false);
        here.turn();
        assertThat(waits.isEmpty()).isFalse();
    }

    /** A record drops so many at most, and may be full then. */
    @Test
    void shouldForgetNobodyWhoseMessageLiesBehindExpiredOnes() throws JMSException {
        List<LocalConsumer> all = new ArrayList<>();
        for (int i = 0; i < 2 * EXPIRED; i++) all.add(consume(here, i, null));
        here.foldLock.lock(); // the daemon makes no turn
        for (int i = 0; i < all.size(); i++) {
            for (int n = 0; n < EXPIRED; n++) send(all.get(i).destination, name(i), 4, 0, 1);
            send(all.get(i).destination, name(i), 4, 0, 0);
        }
        all.forEach(one -> one.hungry(true));
        for (int i = 0; i < all.size(); i++) here.turn();
        assertThat(all).noneMatch(LocalConsumer::isEmpty);
    }

    /** The message may have been refused to the one that was to have it. */
    @Test
    void shouldVisitAgainOneThatWasPassedOver() throws JMSException {
        here.foldLock.lock(); // the daemon makes no turn
        for (int round = 0; round < 4; round++) {
            List<LocalConsumer> both = List.of(consume(here, 0, null), consume(here, 0, null));
            both.forEach(one -> one.hungry(true));
            for (int i = 0; i < round; i++) here.turn(); // each begins in its turn
            send(Domain.queueId(name(0)), name(0), 4, 0, 0);
            refuses = true;
            here.turn();
            refuses = false;
            both.get(round / 2).hungry(false);
            here.turn();
            LocalConsumer waits = both.get(1 - round / 2);
            assertThat(waits.isEmpty()).as("round %d", round).isFalse();
            here.acknowledge(waits.poll(), LIMIT);
            both.forEach(here::end);
        }
    }

    /** A closed one would be kept as long as its message is delayed. */
    @Test
    void shouldForgetOneThatIsClosed() throws JMSException {
        LocalConsumer one = consume(here, 0, null);
        one.hungry(true);
        send(one.destination, name(0), 4, System.currentTimeMillis() + LONG_MILLIS, 0);
        here.turn();
        assertThat(here.visits.due()).isLessThan(Long.MAX_VALUE);
        here.end(one);
        assertThat(here.visits.due()).isEqualTo(Long.MAX_VALUE);
    }

    /** Any history: a turn that visits all finds nothing that the turn before has left. */
    @Seeded({1, 2, 3})
    void shouldForgetNobody(long seed) throws JMSException {
        here.foldLock.lock(); // the daemon makes no turn
        new History(new Random(seed)).run();
    }

    private final class History {
        private final Random random;
        private final List<LocalConsumer> all = new ArrayList<>();
        private final List<Taken> taken = new ArrayList<>();
        private final Inbox<Taken> reader = subscribe(0, null);
        private final LocalConsumer rival = consume(other, 0, null);
        private final List<Taken> rivals = new ArrayList<>();
        private long ripe;
        private int given;

        History(Random random) throws JMSException {
            this.random = random;
        }

        void run() throws JMSException {
            for (int i = 0; i < STEPS; i++) {
                step();
                Patience.until("all is due", () -> System.currentTimeMillis() > ripe);
                here.turn();
                if (random.nextInt(4) == 0) checkNobodyIsForgotten(i);
            }
            assertThat(given).as("messages").isGreaterThan(STEPS / 16);
        }

        private void checkNobodyIsForgotten(int step) {
            List<LocalConsumer> without =
                    all.stream().filter(one -> one.isHungry() && one.isEmpty()).toList();
            boolean isWoken = reader.signal.isRaised() || !reader.isWaitedFor();
            for (LocalConsumer one : all) {
                if (!one.isHungry()) continue;
                one.notOffered();
                here.visits.again(one);
            }
            reader.behind |= reader.isWaitedFor();
            here.visits.again(reader);
            here.turn();
            assertThat(without).as("forgotten in step %d", step).allMatch(LocalConsumer::isEmpty);
            assertThat(isWoken || !reader.signal.isRaised())
                    .as("the reader is not forgotten in step %d", step)
                    .isTrue();
        }

        private LocalConsumer any() {
            return all.isEmpty() ? null : all.get(random.nextInt(all.size()));
        }

        private Taken anyTaken(List<Taken> of) {
            return of.isEmpty() ? null : of.remove(random.nextInt(of.size()));
        }

        private void step() throws JMSException {
            int kind = random.nextInt(20);
            LocalConsumer one = any();
            if (kind == 0 && all.size() < 8) begin();
            else if (kind == 1 && one != null && random.nextInt(3) == 0) end(one);
            else if (kind < 8) sendAny();
            else if (kind < 11 && one != null) one.hungry(random.nextInt(4) > 0);
            else if (kind < 14 && one != null) poll(one);
            else if (kind == 14) readerGoesOn();
            else if (kind == 15) rivalGoesOn();
            else if (kind == 16) ended(anyTaken(taken));
            else if (kind == 17) returned(anyTaken(taken));
            else if (kind == 18 && random.nextInt(10) == 0) lap();
        }

        private void begin() throws JMSException {
            int queue = random.nextInt(QUEUES + 1);
            String selector = random.nextBoolean() ? null : "JMSPriority < 5";
            all.add(
                    queue < QUEUES
                            ? consume(here, queue, selector)
                            : (LocalConsumer) subscribe(Wish.DURABLE | Wish.SHARED, "s"));
        }

        private void end(LocalConsumer one) {
            all.remove(one);
            one.hungry(false);
            here.end(one);
        }

        private void sendAny() {
            long now = System.currentTimeMillis();
            int delay = random.nextInt(8);
            if (delay == 0) ripe = now + SHORT_MILLIS;
            long deliveryTime = delay == 0 ? ripe : delay == 1 ? now + LONG_MILLIS : 0;
            long expiry = random.nextInt(10) == 0 ? now + 1 : 0;
            int queue = random.nextInt(QUEUES + 1);
            boolean isTopic = queue == QUEUES;
            send(
                    isTopic ? TOPIC : Domain.queueId(name(queue)),
                    isTopic ? "t" : name(queue),
                    random.nextInt(10),
                    deliveryTime,
                    expiry);
        }

        private void poll(LocalConsumer one) {
            here.lower(one.signal);
            Taken got = one.poll();
            if (got == null) return;
            given++;
            if (random.nextInt(4) == 0) assertThat(one.putBack(got)).isTrue();
            else if (random.nextBoolean()) taken.add(got);
            else here.acknowledge(got, LIMIT);
        }

        private void ended(Taken one) {
            if (one != null) here.acknowledge(one, LIMIT);
        }

        private void returned(Taken one) {
            if (one == null) return;
            ripe = System.currentTimeMillis() + SHORT_MILLIS;
            here.giveBack(List.of(one), random.nextBoolean() ? 0 : ripe, random.nextBoolean());
        }

        private void readerGoesOn() {
            here.lower(reader.signal);
            for (Taken got; random.nextInt(5) > 0 && (got = reader.poll()) != null; ) here.acknowledge(got, LIMIT);
            reader.hungry(random.nextInt(4) > 0);
        }

        private void rivalGoesOn() {
            rival.hungry(true);
            if (rival.isEmpty()) other.turn();
            rival.hungry(false);
            Taken got = rival.poll();
            if (got != null) rivals.add(got);
            if (random.nextBoolean() && !rivals.isEmpty()) {
                other.giveBack(rivals, 0, random.nextBoolean());
                rivals.clear();
            } else if (random.nextInt(3) == 0) {
                for (Taken done : rivals) other.acknowledge(done, LIMIT);
                rivals.clear();
            }
        }

        /** So that what is old is told again, and this member is passed. */
        private void lap() throws JMSException {
            LocalConsumer one = consume(other, QUEUES + 1, null);
            for (int i = 0; i < 1_200; i++) {
                send(one.destination, name(QUEUES + 1), 4, 0, 0);
                one.hungry(true);
                if (one.isEmpty()) other.turn();
                one.hungry(false);
                for (Taken got = one.poll(); got != null; got = one.poll()) other.acknowledge(got, LIMIT);
            }
            other.end(one);
        }
    }
}
