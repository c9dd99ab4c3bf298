package dev.belfry.jakarta.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.Claim;
import dev.belfry.api.InterruptedQueueException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.jakarta.selector.Selector;
import dev.belfry.jakarta.wire.Envelope;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Errors;
import dev.belfry.spi.Log;
import dev.belfry.spi.LogReader;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import jakarta.jms.JMSException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A message arrives at each step of a turn, which are its calls of the log: what a turn has folded it has offered, as
 * the leader sleeps until the log moves on from there.
 */
@OneJdk
@Timeout(60)
class TurnScheduleTest {
    private static final String FIRST = "first";
    private static final String SECOND = "second";
    private static final String OTHER = "other";

    /** What a turn finds. */
    private enum Found {
        NOTHING,
        MESSAGE,
        EXPIRED,
        /** So that it makes room. */
        GARBAGE,
        GARBAGE_AND_MESSAGE
    }

    private final String uri = "mem:TurnSchedule" + ProcessHandle.current().pid();
    private final Thread here = Thread.currentThread();
    private Domain sender;
    private Domain member;

    private int step;
    private boolean claims;
    private int wakes;
    private Runnable atStep = () -> {};

    private MessageQueue open() {
        return MessageQueues.open(uri + "?capacity=64k&maxCapacity=64k&" + Log.KIND + "=" + Log.DOMAIN);
    }

    private void begin() {
        step = 0;
        wakes = 0;
        atStep = () -> {};
        sender = new Domain(uri, open());
        member = new Domain(uri, stepping(MessageQueue.class, open()));
    }

    private void end() {
        atStep = () -> {};
        member.close(Duration.ZERO);
        sender.close(Duration.ZERO);
        MessageQueues.delete(uri);
    }

    /** The same handle; this thread's calls are steps, but for those while it has the log. */
    private <T> T stepping(Class<T> type, Object real) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    boolean isHere = Thread.currentThread() == here;
                    if (isHere && method.getName().equals("wake")) wakes++;
                    if (isHere && !claims) atStep.run();
                    Object answer;
                    try {
                        answer = method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                    if (isHere && type == Claim.class && method.getName().equals("close")) claims = false;
                    if (isHere && answer instanceof Claim) claims = true;
                    if (answer instanceof Claim) return stepping(Claim.class, answer);
                    if (answer instanceof Log) return stepping(Log.class, answer);
                    return answer instanceof LogReader ? stepping(LogReader.class, answer) : answer;
                }));
    }

    private long send(String queue, long expiry, int length) {
        Envelope message = new Envelope();
        message.destination = Domain.queueId(queue);
        message.serial = sender.nextSerial();
        message.expiry = expiry;
        message.body = new byte[length];
        sender.send(new Sent(message.destination, queue, message.bytes()), Limit.AT_ONCE);
        return Held.records(sender);
    }

    private LocalConsumer consume(Domain domain, String queue) throws JMSException {
        return domain.consume(Domain.queueId(queue), queue, Selector.of(null), new Signal(), 32);
    }

    private void find(Found found, String queue) {
        if (found == Found.GARBAGE || found == Found.GARBAGE_AND_MESSAGE)
            for (int i = 0; i < 30; i++) send(OTHER, 1, 1_000);
        if (found == Found.MESSAGE || found == Found.GARBAGE_AND_MESSAGE) send(queue, 0, 8);
        if (found == Found.EXPIRED) send(queue, 1, 8);
    }

    static Stream<String> cases() {
        return cases(Found.NOTHING, Found.MESSAGE);
    }

    static Stream<String> moreCases() {
        return cases(Found.EXPIRED, Found.GARBAGE, Found.GARBAGE_AND_MESSAGE);
    }

    private static Stream<String> cases(Found... all) {
        return Stream.of(all)
                .flatMap(found -> Stream.of(found + " alone", found + " competing"))
                .flatMap(one -> Stream.of(one + " first", one + " second"));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void shouldOfferWhatIsFoldedWheneverItArrives(String name) throws JMSException {
        String[] words = name.split(" ");
        Found found = Found.valueOf(words[0]);
        int turnsFolded = 0;
        long arrived = 1;
        int at = 1;
        for (; arrived != 0; at++) {
            begin();
            try {
                arrived = arrive(found, words[1].equals("competing"), words[2].equals(FIRST), at);
                if (arrived != 0 && member.folded().state().position() >= arrived) turnsFolded++;
            } finally {
                while (member.foldLock.isHeldByCurrentThread()) member.foldLock.unlock();
                end();
            }
        }
        assertThat(turnsFolded).as("schedules in which it was folded").isPositive();
        assertThat(at).as("schedules").isGreaterThan(5);
    }

    @Slow
    @ParameterizedTest
    @MethodSource("moreCases")
    void shouldOfferItThoughItMakesRoomOrDropsWhatHasExpired(String name) throws JMSException {
        shouldOfferWhatIsFoldedWheneverItArrives(name);
    }

    /** Where the message lies that arrived at this step; 0: the turn had no such step. */
    private long arrive(Found found, boolean competes, boolean isFirst, int at) throws JMSException {
        String waiting = isFirst ? FIRST : SECOND;
        String other = isFirst ? SECOND : FIRST;
        LocalConsumer first = consume(member, FIRST);
        LocalConsumer second = consume(member, SECOND);
        LocalConsumer one = isFirst ? first : second;
        if (competes) for (String queue : List.of(FIRST, SECOND)) consume(sender, queue);
        member.foldLock.lock(); // the daemon makes no turn
        member.turn();
        first.hungry(true);
        second.hungry(true);
        find(found, other);
        long[] arrived = {0};
        step = 0;
        atStep = () -> {
            if (++step == at) arrived[0] = send(waiting, 0, 8);
        };
        member.turn();
        if (arrived[0] != 0 && member.folded().state().position() >= arrived[0])
            assertThat(one.signal.isRaised())
                    .as("told of what arrived at step " + at)
                    .isTrue();
        return arrived[0];
    }

    /** Hundreds of listeners may be woken at a time, and each turn asks all that are hungry. */
    @Test
    void shouldMakeOneTurnForAllThatWaitForIt() throws Exception {
        begin();
        List<Thread> asking =
                Stream.generate(() -> new Thread(() -> member.turn())).limit(8).toList();
        try {
            member.foldLock.lock();
            asking.forEach(Thread::start);
            Patience.until("all ask", () -> asking.stream().allMatch(member.foldLock::hasQueuedThread));
            long before = member.pump.begun;
            member.foldLock.unlock();
            for (Thread one : asking) one.join();
            assertThat(member.pump.begun - before)
                    .as("turns for %d threads, and the daemon's", asking.size())
                    .isBetween(1L, asking.size() - 1L);
        } finally {
            while (member.foldLock.isHeldByCurrentThread()) member.foldLock.unlock();
            end();
        }
    }

    /** An interrupt, say: others wait for what it has folded. */
    @Test
    void shouldWakeTheLeaderIfATurnFails() throws Exception {
        boolean failed = true;
        int steps = 0;
        for (int at = 1; failed; at++, steps++) {
            begin();
            Signal signal = new Signal();
            Thread leader = new Thread(() -> member.await(List.of(), signal, Deadlines.after(Patience.limit())));
            try {
                consume(member, FIRST).hungry(true);
                leader.start();
                Patience.until("one leads", () -> member.pump.isLed());
                member.foldLock.lock(); // until then it makes no turn
                find(Found.GARBAGE_AND_MESSAGE, FIRST);
                failed = fails(at);
                if (failed)
                    assertThat(wakes).as("wakes after a failure at step " + at).isEqualTo(1);
            } finally {
                while (member.foldLock.isHeldByCurrentThread()) member.foldLock.unlock();
                member.raise(signal);
                leader.join();
                end();
            }
        }
        assertThat(steps).isGreaterThan(10);
    }

    /** One that is parked wakes by itself after seconds only. */
    @Test
    void shouldHandTheLeadToOneThatIsParked() throws Exception {
        begin();
        Signal first = new Signal();
        Signal second = new Signal();
        Thread leads = new Thread(() -> member.await(List.of(), first, Deadlines.FOREVER));
        Thread parked = new Thread(() -> member.await(List.of(), second, Deadlines.FOREVER));
        try {
            leads.start();
            Patience.until("one leads", () -> member.pump.isLed());
            parked.start();
            Patience.until("the other one is parked", () -> LockSupport.getBlocker(parked) == second);
            member.raise(first);
            leads.join();
            Patience.until("it leads", () -> member.pump.isLed());
        } finally {
            member.raise(first);
            member.raise(second);
            leads.join();
            parked.join();
            end();
        }
    }

    private boolean fails(int at) {
        InterruptedQueueException thrown = Errors.interrupted("step " + at);
        step = 0;
        wakes = 0;
        atStep = () -> {
            if (++step == at) throw thrown;
        };
        try {
            member.turn();
            return false;
        } catch (InterruptedQueueException e) {
            assertThat(e).isSameAs(thrown);
            return true;
        } finally {
            atStep = () -> {};
        }
    }
}
