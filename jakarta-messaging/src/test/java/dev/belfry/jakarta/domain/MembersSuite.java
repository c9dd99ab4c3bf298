package dev.belfry.jakarta.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.jakarta.fold.Delivery;
import dev.belfry.jakarta.fold.Restating;
import dev.belfry.jakarta.fold.Staged;
import dev.belfry.jakarta.fold.View;
import dev.belfry.jakarta.message.BelfryTextMessage;
import dev.belfry.jakarta.message.FlatMessage;
import dev.belfry.jakarta.message.MessageCodec;
import dev.belfry.jakarta.message.Sending;
import dev.belfry.jakarta.message.TrustedClasses;
import dev.belfry.jakarta.selector.Selector;
import dev.belfry.jakarta.text.Out;
import dev.belfry.jakarta.wire.DestinationId;
import dev.belfry.jakarta.wire.RecordWriter;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Log;
import dev.belfry.spi.LogReader;
import dev.belfry.spi.Reserve;
import dev.belfry.spi.Units;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Seeded;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import jakarta.jms.JMSException;
import jakarta.jms.TextMessage;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Members of one domain, below the interfaces: some die, some are passed, and the log is small. */
@Timeout(60)
abstract class MembersSuite {
    /** Kinds of what may become of messages. */
    private static final int STEPS = 6;

    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final Duration LONG = Patience.limit();
    private static final Limit LIMIT = Limit.of(LONG);
    private static final long Q = DestinationId.of(DestinationId.QUEUE, "q");
    private static final MessageCodec CODEC =
            new MessageCodec((kind, name) -> null, TrustedClasses.of(TrustedClasses.ALL));

    private final String uri = scheme() + ":Members" + ProcessHandle.current().pid() + "-" + NUMBER.incrementAndGet();
    private final List<Member> members = new ArrayList<>();
    private Member a;
    private Member b;

    /** Of the transport whose log it is. */
    abstract String scheme();

    /** One member; its death is that its handle is closed, and nothing else. */
    private final class Member {
        final MessageQueue handle =
                MessageQueues.open(uri + "?capacity=64k&maxCapacity=64k&" + Log.KIND + "=" + Log.DOMAIN);
        final Domain domain = new Domain(uri, handle);
        final Signal signal = new Signal();
        LocalConsumer consumer;

        Member consume(int prefetch) throws JMSException {
            consumer = domain.consume(Domain.queueId("q"), "q", Selector.of(null), signal, prefetch);
            return this;
        }

        void send(String text) throws JMSException {
            domain.commit(List.of(), List.of(message(text)), LIMIT);
        }

        Sent message(String text) throws JMSException {
            return message(text, 4);
        }

        Sent message(String text, int priority) throws JMSException {
            return message(text, priority, Q, "q");
        }

        Sent message(String text, int priority, long queue, String queueName) throws JMSException {
            BelfryTextMessage message = new BelfryTextMessage();
            message.setJMSPriority(priority);
            message.setText(text);
            Out out = new Out(256);
            CODEC.encode(message, new Sending(queue, domain.nextSerial(), 0, 0, 0), out);
            return new Sent(queue, queueName, Arrays.copyOf(out.array(), out.length()));
        }

        Taken now() {
            consumer.hungry(true);
            if (consumer.isEmpty()) domain.turn();
            consumer.hungry(false);
            return consumer.poll();
        }

        Taken next() {
            consumer.hungry(true);
            long deadline = Deadlines.after(Patience.limit());
            Taken taken;
            while ((taken = consumer.poll()) == null && !Deadlines.passed(deadline)) {
                domain.lower(signal);
                if (consumer.isEmpty()) domain.await(List.of(consumer), signal, deadline);
            }
            consumer.hungry(false);
            assertThat(taken).as("the next message").isNotNull();
            return taken;
        }

        void done(Taken... taken) {
            domain.commit(List.of(taken), List.of(), LIMIT);
        }

        long mark() {
            return domain.mark.at().position();
        }

        /** As the daemon does: for those that hold what was wanted, too. */
        void watch() {
            domain.withState(state -> {
                domain.membership.leaveDead();
                return state.size();
            });
        }

        /** Bytes of the oldest part of a transaction that waits; 0: there is none. */
        int staged() {
            return domain.withState(state -> {
                Staged part = Restating.oldestStaged(state);
                return part == null ? 0 : part.length();
            });
        }

        String described() {
            return handle.unwrap(Log.class).describe(domain.self);
        }

        void die() {
            handle.close();
        }
    }

    private static String text(Taken taken) throws JMSException {
        FlatMessage flat = new FlatMessage("x");
        assertThat(flat.wrap(taken.bytes(), 0, taken.bytes().length, 1)).isTrue();
        return ((TextMessage) CODEC.decode(flat, 1, () -> {})).getText();
    }

    private Member member() {
        Member member = new Member();
        members.add(member);
        return member;
    }

    @BeforeEach
    void begin() {
        a = member();
        b = member();
    }

    @AfterEach
    void end() {
        for (Member member : members) member.domain.close(Duration.ZERO);
        MessageQueues.delete(uri);
    }

    @Test
    void shouldShareAQueueAmongMembers() throws JMSException {
        for (int i = 0; i < 8; i++) a.send("" + i);
        a.consume(32);
        b.consume(32);
        List<String> got = new ArrayList<>();
        for (int i = 0; i < 4; i++)
            for (Member member : List.of(a, b)) {
                Taken taken = member.next();
                got.add(text(taken));
                member.done(taken);
            }
        assertThat(got).containsExactlyInAnyOrder("0", "1", "2", "3", "4", "5", "6", "7");
        assertThat(a.now()).isNull();
        assertThat(b.now()).isNull();
    }

    /** It would be a system call for each message, and a turn for nothing. */
    @Test
    void shouldNotWakeALeaderThatHandsToItself() throws JMSException {
        AtomicInteger wakes = new AtomicInteger();
        MessageQueue real = MessageQueues.open(uri + "?" + Log.KIND + "=" + Log.DOMAIN);
        Domain domain = new Domain(uri, counting(MessageQueue.class, real, wakes));
        try {
            Signal signal = new Signal();
            LocalConsumer consumer = domain.consume(Domain.queueId("q"), "q", Selector.of(null), signal, 1);
            consumer.hungry(true);
            a.send("0");
            domain.await(List.of(consumer), signal, Deadlines.after(Patience.limit()));
            assertThat(consumer.isEmpty()).isFalse();
            assertThat(wakes).hasValue(0);
            domain.raise(signal);
            assertThat(wakes).as("nobody leads").hasValue(0);
        } finally {
            domain.close(Duration.ZERO);
        }
    }

    /** It sleeps until the log moves on from where this member has read, so it does not hear of what others read. */
    @Test
    void shouldWakeTheLeaderForWhatOthersFold() throws Exception {
        AtomicInteger wakes = new AtomicInteger();
        MessageQueue real = MessageQueues.open(uri + "?" + Log.KIND + "=" + Log.DOMAIN);
        Domain domain = new Domain(uri, counting(MessageQueue.class, real, wakes));
        Signal signal = new Signal();
        Thread leader = new Thread(() -> domain.await(List.of(), signal, Deadlines.after(Patience.limit())));
        try {
            leader.start();
            Patience.until("one leads", () -> domain.pump.isLed());
            domain.createTemporaryQueue(LIMIT);
            assertThat(wakes).as("for the answer to a question").hasValue(1);
            while (wakes.get() == 1) { // the leader may fold it first
                a.send("1");
                domain.makeRoom();
            }
        } finally {
            domain.raise(signal);
            leader.join();
            domain.close(Duration.ZERO);
        }
    }

    /** The same handle; counts calls of {@code wake} by this thread, as the daemon may wake it. */
    private static <T> T counting(Class<T> type, Object real, AtomicInteger wakes) {
        Thread here = Thread.currentThread();
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    if (method.getName().equals("wake") && Thread.currentThread() == here) wakes.incrementAndGet();
                    Object answer = method.invoke(real, arguments);
                    if (answer instanceof Log) return counting(Log.class, answer, wakes);
                    return answer instanceof LogReader ? counting(LogReader.class, answer, wakes) : answer;
                }));
    }

    /** The daemon may have folded it first, and made that turn itself: then the next message tells. */
    @Test
    void shouldMakeATurnForWhatIsUrgentAndForOthersThatWait() throws JMSException {
        a.consume(1);
        LocalConsumer other = a.domain.consume(Domain.queueId("r"), "r", Selector.of(null), new Signal(), 1);
        a.send("0");
        Taken first = a.now();
        b.send("1");
        assertThat(a.domain.hasUrgent(List.of())).as("nobody asks").isFalse();
        a.consumer.putBack(first);
        a.consumer.hungry(true); // so that it stays buffered
        b.send("2");
        assertThat(a.domain.hasUrgent(List.of(a.consumer)))
                .as("no higher priority")
                .isFalse();
        other.hungry(true);
        do b.domain.commit(List.of(), List.of(b.message("3", 4, Domain.queueId("r"), "r")), LIMIT);
        while (!a.domain.hasUrgent(List.of(a.consumer)));
        other.hungry(false);
        b.send("4");
        assertThat(a.domain.hasUrgent(List.of(a.consumer)))
                .as("nobody waits any more")
                .isFalse();
        do b.domain.commit(List.of(), List.of(b.message("5", 9)), LIMIT);
        while (!a.domain.hasUrgent(List.of(a.consumer)));
    }

    @WaitsForOthers
    @Test
    void shouldMakeTurnsWhileConsumersComeAndGo() throws Exception {
        a.consume(1);
        LocalConsumer other = a.domain.consume(Domain.queueId("r"), "r", Selector.of(null), new Signal(), 1);
        AtomicBoolean over = new AtomicBoolean();
        Thread comesAndGoes = new Thread(() -> {
            while (!over.get()) {
                a.domain.visits.remove(other);
                a.domain.visits.add(other);
                other.hungry(true);
                other.hungry(false);
            }
        });
        comesAndGoes.start();
        try {
            for (int i = 0; i < 500_000; i++) a.domain.turn();
        } finally {
            over.set(true);
            comesAndGoes.join();
        }
        assertThat(a.domain.isBroken()).isFalse();
    }

    @WaitsForOthers
    @Test
    void shouldGiveBackWhatADeadMemberHeld() throws JMSException {
        for (int i = 0; i < 3; i++) a.send("" + i);
        a.consume(1);
        Taken held = a.next();
        a.done(held);
        held = a.next();
        assertThat(text(held)).isEqualTo("1");
        b.consume(32);
        a.die();
        Taken again = b.next();
        Taken other = b.next();
        assertThat(List.of(text(again), text(other))).containsExactlyInAnyOrder("1", "2");
        assertThat(again.count() + other.count()).isEqualTo(1);
        b.done(again, other);
        assertThat(b.now()).isNull();
    }

    @WaitsForOthers
    @Test
    void shouldForgetTheClientIdOfADeadMember() {
        assertThat(a.domain.membership.claim("id", LIMIT)).isTrue();
        assertThat(b.domain.membership.claim("id", LIMIT)).isFalse();
        a.die();
        assertThat(b.domain.membership.claim("id", LIMIT)).isTrue();
    }

    /** It owns nothing but parts of a transaction, and nobody else can forget them. */
    @WaitsForOthers
    @Test
    void shouldForgetWhatADeadSenderHasStaged() throws JMSException {
        byte[] part = a.message("x").bytes();
        RecordWriter stage = new RecordWriter().begin(a.domain.self).stage(a.domain.self, 1, 0);
        stage.staged(part);
        a.domain.log.append(stage.close().end(), Reserve.NORMAL, 0, LONG);
        b.watch();
        assertThat(b.staged()).as("of a sender that lives").isEqualTo(part.length);
        a.die();
        b.watch();
        assertThat(b.staged()).isZero();
    }

    /** Nobody else can forget what it has staged, and it may not commit again. */
    @WaitsForOthers
    @Test
    void shouldForgetWhatItStagedForACommitThatWasRefusedWhileTheLogWasHeld() throws JMSException {
        StagedThenHeld messages = new StagedThenHeld(b.message("x".repeat(200)));
        assertThatThrownBy(() -> b.domain.commit(List.of(), messages, Limit.AT_ONCE))
                .isInstanceOf(NoRoomException.class)
                .hasMessageContaining("is held");
        try {
            assertThat(a.staged()).as("of a commit that was refused").isPositive();
        } finally {
            messages.held.free();
        }
        Patience.until("its parts are forgotten", () -> a.staged() == 0);
    }

    /** Messages of a commit that is told in stages. Once it stages the half of them, the log is held. */
    private final class StagedThenHeld extends AbstractList<Sent> {
        private static final int SIZE = 60;

        private final Sent one;
        private boolean wasMeasured;
        private HeldLog held;

        StagedThenHeld(Sent one) {
            this.one = one;
        }

        @Override
        public Sent get(int index) {
            if (index == SIZE / 2 && wasMeasured && held == null) held = new HeldLog(uri);
            wasMeasured |= index == SIZE - 1;
            return one;
        }

        @Override
        public int size() {
            return SIZE;
        }
    }

    @Test
    void shouldNameThePartsOfACommitThatFillTheDomain() throws JMSException {
        byte[] part = a.message("x".repeat(2_000)).bytes();
        for (int first = 0; first < 20; first++) {
            RecordWriter stage = new RecordWriter().begin(a.domain.self).stage(a.domain.self, 1, first);
            stage.staged(part);
            a.domain.log.append(stage.close().end(), Reserve.NORMAL, 0, LONG);
        }
        assertThatThrownBy(() -> {
                    while (true) b.domain.send(b.message("x".repeat(2_000)), Limit.AT_ONCE);
                })
                .isInstanceOf(NoRoomException.class)
                .hasMessageContaining("; " + Units.number(20L * part.length)
                        + " bytes of transactions that are not committed yet, of ")
                .hasMessageContaining(a.described());
    }

    @Test
    void shouldNeverRobAMemberThatOnlySleeps() throws JMSException {
        a.send("1");
        a.consume(1);
        Taken held = a.next();
        b.consume(32);
        for (int i = 0; i < 20; i++) {
            assertThat(b.now()).isNull();
            b.watch();
        }
        a.done(held);
        assertThat(b.now()).isNull();
    }

    /** The log is lapped many times; a message that is held all the while is told again and again. */
    @Test
    void shouldKeepWhatLivesWhileTheLogIsLapped() throws JMSException {
        a.consume(1);
        b.send("held");
        Taken held = a.next();
        b.send("first");
        b.consume(1);
        for (int i = 0; i < 5_000; i++) {
            b.send("next" + i);
            Taken taken = b.next();
            assertThat(text(taken)).isEqualTo(i == 0 ? "first" : "next" + (i - 1));
            b.done(taken);
        }
        assertThat(b.mark()).isGreaterThan(1_000);
        long position = held.mid >>> 16;
        assertThat(b.mark()).isGreaterThan(position);
        assertThat(a.domain.<Long>withState(
                        s -> s.view(Q).of(s.message(held.mid)).holder()))
                .isEqualTo(a.domain.self);
        a.done(held); // though it was passed
        assertThat(text(b.next())).isEqualTo("next4999");
        Member late = member().consume(1);
        assertThat(late.now()).isNull();
        assertThat(late.domain.<Integer>withState(s -> s.size())).isEqualTo(1);
    }

    /** T of this member that nobody here knows is given back; what is in a buffer stays there. */
    @Test
    void shouldReconcileAfterItWasPassed() throws JMSException {
        for (int i = 0; i < 100; i++) a.send("" + i);
        a.consume(4);
        Taken second = a.next();
        while (a.consumer.isEmpty()) { // it takes more than one as it goes on
            a.done(second);
            second = a.next();
        }
        a.consumer.hungry(true); // so that the daemon leaves its buffer alone
        String third = "" + (Integer.parseInt(text(second)) + 1);
        lapWithout(second, third);
    }

    private void lapWithout(Taken second, String third) throws JMSException {
        a.domain.foldLock.lock(); // so that its daemon sees nothing of it before it was passed
        try {
            a.domain.holdings.release(second); // as if a thread had died with it
            b.consume(1);
            for (int i = 0; i < 3_000; i++) {
                b.send("x");
                Taken taken = b.now();
                if (taken != null) b.done(taken);
            }
        } finally {
            a.domain.foldLock.unlock();
        }
        a.domain.turn();
        a.domain.turn();
        View view = a.domain.withState(s -> s.view(Q));
        Delivery now = a.domain.withState(s -> s.message(second.mid) == null ? null : view.of(s.message(second.mid)));
        assertThat(now == null || now.holder() != a.domain.self).isTrue();
        assertThat(text(a.consumer.poll())).isEqualTo(third);
    }

    /** The append that gives it back has not returned when this member folds it, and takes the message once more. */
    @Test
    void shouldHoldWhatItTakesAgainWhileItGivesItBack() throws JMSException {
        AtomicReference<Runnable> afterAppend = new AtomicReference<>(() -> {});
        MessageQueue real = MessageQueues.open(uri + "?" + Log.KIND + "=" + Log.DOMAIN);
        Domain domain = new Domain(uri, appending(MessageQueue.class, real, afterAppend));
        try {
            LocalConsumer consumer = domain.consume(Q, "q", Selector.of(null), new Signal(), 1);
            a.send("1");
            consumer.hungry(true); // so that the daemon leaves its buffer alone
            domain.turn();
            Taken first = consumer.poll();
            afterAppend.set(() -> {
                afterAppend.set(() -> {});
                domain.turn();
            });
            domain.giveBack(List.of(first), 0, false);
            assertThat(consumer.isEmpty()).isFalse();
            assertThat(Held.notOwned(domain, List.of())).isEmpty();
        } finally {
            domain.close(Duration.ZERO);
        }
    }

    /** The same handle; runs what is set after each append of this thread. */
    private static <T> T appending(Class<T> type, Object real, AtomicReference<Runnable> afterAppend) {
        Thread here = Thread.currentThread();
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    Object answer = method.invoke(real, arguments);
                    if (method.getName().equals("append") && Thread.currentThread() == here)
                        afterAppend.get().run();
                    return answer instanceof Log ? appending(Log.class, answer, afterAppend) : answer;
                }));
    }

    /** Whatever is refused while the log is held, and whatever comes in between. */
    @Slow
    @WaitsForOthers
    @Seeded({1, 2})
    void shouldOwnEachMessageOnce(long seed) throws JMSException {
        Random random = new Random(seed);
        List<Taken> delivered = new ArrayList<>();
        Set<String> sent = new TreeSet<>();
        List<String> ended = new ArrayList<>();
        a.consume(4).consumer.hungry(true);
        for (int round = 0; round < 10; round++) {
            for (int i = 0; i < 6; i++) {
                String text = round + "." + i;
                b.send(text);
                sent.add(text);
            }
            for (int i = 0; i < 4; i++) step(random.nextInt(STEPS), random, delivered, ended);
            int held = round % STEPS; // how many are delivered, and so what comes next, depends on the machine
            HeldLog.during(uri, () -> {
                step(held, random, delivered, ended);
                assertThat(Held.notOwned(a.domain, delivered)).isEmpty();
            });
            Patience.until(
                    "each is owned, and no orphan is left",
                    () -> a.domain.holdings.orphans.isEmpty()
                            && Held.notOwned(a.domain, delivered).isEmpty());
        }
        a.domain.end(a.consumer);
        a.domain.giveBack(delivered, 0, true);
        b.consume(32);
        for (Taken one; (one = b.now()) != null; b.done(one)) ended.add(text(one));
        assertThat(ended).containsExactlyInAnyOrderElementsOf(sent);
        assertThat(Held.live(b.domain)).isZero();
    }

    private void step(int step, Random random, List<Taken> delivered, List<String> ended) throws JMSException {
        a.domain.turn();
        for (Taken one; (one = a.consumer.poll()) != null; ) delivered.add(one);
        List<Taken> some = new ArrayList<>();
        for (Taken one : delivered) if (random.nextBoolean()) some.add(one);
        if (step == 5) {
            try {
                a.domain.commit(some, List.of(), Limit.AT_ONCE);
            } catch (NoRoomException refused) {
                return; // they are still delivered
            }
        }
        delivered.removeAll(some);
        switch (step) {
            case 0 -> a.domain.giveBack(some, 0, false);
            case 1 -> a.domain.giveBack(some, 0, true);
            case 2 -> {
                if (a.domain.count(some)) some.forEach(a.consumer::putBack);
            }
            case 3 -> {
                a.domain.giveBack(some, 0, true);
                a.domain.end(a.consumer);
                a.consume(4).consumer.hungry(true);
            }
            default -> {
                if (step == 4) a.domain.acknowledgeLater(some);
                for (Taken one : some) ended.add(text(one));
            }
        }
    }

    /** However many there are in front that it does not want, and though another member takes as well. */
    @Test
    void shouldVisitAMessageOnceThatAConsumerDoesNotWant() throws JMSException {
        int unwanted = 200;
        int wanted = 500;
        for (Member one : List.of(a, b))
            one.consumer = one.domain.consume(Q, "q", Selector.of("JMSPriority < 9"), one.signal, 4);
        for (int i = 0; i < unwanted; i++) b.domain.send(b.message("unwanted", 9), LIMIT);
        for (int i = 0; i < wanted; i++) {
            b.send("" + i);
            Member next = i % 3 == 0 ? b : a;
            Taken taken = next.next();
            assertThat(text(taken)).isEqualTo("" + i);
            if (i % 7 > 0) next.done(taken);
            else {
                b.send("x");
                next.done(next.next());
                next.domain.giveBack(List.of(taken), 0, false);
                next.done(next.next());
            }
        }
        for (Member one : List.of(a, b)) {
            assertThat(one.consumer.evaluated).as("asked").isLessThanOrEqualTo(unwanted + 2 * wanted);
            assertThat(one.consumer.candidates.visited).as("visited").isLessThanOrEqualTo(unwanted + 6 * wanted);
        }
        assertThat(Held.live(a.domain)).isEqualTo(unwanted);
    }

    /** What is told again in any case need not be remembered. */
    @Test
    void shouldForgetNamesThatTheLogHasNoMore() throws JMSException {
        b.consume(1);
        for (int i = 0; i < 3_000; i++) {
            String name = "name" + i;
            a.domain.send(a.message("x", 4, Domain.queueId(name), name), LIMIT);
            LocalConsumer consumer = a.domain.consume(Domain.queueId(name), name, Selector.of(null), new Signal(), 1);
            consumer.hungry(true);
            a.domain.turn();
            a.done(consumer.poll());
            a.domain.end(consumer);
        }
        assertThat(a.domain.sender.defined).hasSizeLessThan(2_000);
    }

    @Test
    void shouldNameTheMembersThatConsume() throws JMSException {
        assertThat(a.domain.largest()).isEqualTo("no destination");
        a.consume(1);
        a.domain.membership.claim("billing", LIMIT);
        a.send("1");
        String ofA = "'q' with 1 messages, consumed by " + a.described() + " (this process, client 'billing')";
        assertThat(a.domain.largest()).isEqualTo(ofA);
        List<Member> all = new ArrayList<>(List.of(a, b.consume(1)));
        assertThat(a.domain.largest()).isEqualTo(ofA + ", " + b.described());
        for (int i = 0; i < 3; i++) all.add(member().consume(1));
        String two = ofA.replace("this process, ", "") + ", " + b.described();
        assertThat(all.get(4).domain.largest())
                .isEqualTo(two + ", " + all.get(2).described() + " and 2 more");
        long temporary = DestinationId.of(DestinationId.TEMPORARY_QUEUE, b.domain.createTemporaryQueue(LIMIT));
        a.domain.send(a.message("2", 4, temporary, "t"), LIMIT);
        assertThat(a.domain.largest()).endsWith("with 1 messages, of " + b.described());
    }

    @Test
    void shouldNotCountWhatItHasOnlyTaken() throws JMSException {
        for (int i = 0; i < 100; i++) a.send("" + i);
        a.consume(4);
        Taken last = a.next();
        while (a.consumer.isEmpty()) { // it takes more than one as it goes on
            a.done(last);
            last = a.next();
        }
        a.domain.end(a.consumer);
        Taken next = b.consume(1).next();
        assertThat(text(next)).isEqualTo("" + (Integer.parseInt(text(last)) + 1));
        assertThat(next.count()).isZero();
    }

    @Test
    void shouldSayWhatFillsTheDomainAndDrainIt() throws JMSException {
        int sent = 0;
        NoRoomException full = null;
        while (full == null) {
            try {
                a.domain.commit(List.of(), List.of(a.message("m" + sent)), Limit.AT_ONCE);
                sent++;
            } catch (NoRoomException e) {
                full = e;
            }
        }
        assertThat(sent).isGreaterThan(100);
        assertRoomForThoseThatReceive();
        assertThat(full)
                .hasMessageContaining("64 KiB")
                .hasMessageContaining("'q' with " + sent + " messages, consumed by nobody.");
        b.consume(32);
        for (int i = 0; i < sent; i++) {
            Taken taken = b.next();
            assertThat(text(taken)).isEqualTo("m" + i);
            b.done(taken);
        }
        a.send("again");
        assertThat(text(b.next())).isEqualTo("again");
    }

    /** A quarter of the ring, of which what was told again may have used some. */
    private void assertRoomForThoseThatReceive() {
        long ring = a.domain.log.ringBytes();
        assertThat(a.domain.log.usedBytes()).isLessThan(ring - ring / 5);
    }

    /** Newest first would need a selector; here each is worked on in a transaction that sends as much as it frees. */
    @Test
    void shouldWorkInAFullDomain() throws JMSException {
        a.consume(1);
        int sent = 0;
        try {
            while (true) {
                a.domain.send(a.message("m" + sent), Limit.AT_ONCE);
                sent++;
            }
        } catch (NoRoomException full) {
            assertThat(sent).isPositive();
        }
        assertRoomForThoseThatReceive();
        for (int i = 0; i < 3 * sent; i++) {
            Taken taken = a.next();
            a.domain.commit(List.of(taken), List.of(a.message("m")), LIMIT);
        }
        assertThat(a.domain.<Integer>withState(s -> s.size())).isEqualTo(sent);
    }

    /** Of so many names. */
    @Test
    void shouldGoOnWithoutACheckpointThatIsTooLong() throws JMSException {
        a.send("1");
        RecordWriter names = new RecordWriter();
        for (int i = 0; i < 200; i++)
            a.domain.log.append(
                    names.begin(a.domain.self)
                            .define(Domain.temporaryQueueId("" + i), 0, i + "x".repeat(100))
                            .end(),
                    Reserve.NORMAL,
                    0,
                    LONG);
        a.domain.makeRoom();
        a.send("2");
        b.consume(1);
        for (String text : List.of("1", "2")) {
            Taken taken = b.next();
            assertThat(text(taken)).isEqualTo(text);
            b.done(taken);
        }
    }

    /**
     * Of commits that are nearly as large as a record may be, then of single messages; how many there are. Neither
     * member's own thread makes room meanwhile: a commit that does not wait is refused beside it.
     */
    private int fillByLargeCommits() throws JMSException {
        a.domain.foldLock.lock();
        b.domain.foldLock.lock();
        try {
            return fillAlone();
        } finally {
            b.domain.foldLock.unlock();
            a.domain.foldLock.unlock();
        }
    }

    private int fillAlone() throws JMSException {
        int sent = 0;
        for (int n = 30; ; ) {
            List<Sent> messages = new ArrayList<>();
            for (int i = 0; i < n; i++) messages.add(a.message("m"));
            try {
                a.domain.commit(List.of(), messages, Limit.AT_ONCE);
                sent += n;
            } catch (NoRoomException full) {
                if (n == 1) return sent;
                n = 1;
            }
        }
    }

    private List<Taken> takeAll(int n) {
        List<Taken> taken = new ArrayList<>();
        for (int i = 0; i < n; i++) taken.add(b.next());
        return taken;
    }

    private void drain(int sent) {
        for (int i = 0; i < sent; i++) b.done(b.next());
        assertThat(b.now()).isNull();
    }

    private void doneNewestFirst(List<Taken> taken) {
        for (int i = taken.size() - 1; i >= 0; i--) b.done(taken.get(i));
    }

    /** So the oldest statement is the last to go. */
    @Test
    void shouldDrainLargeCommitsNewestFirst() throws JMSException {
        int sent = fillByLargeCommits();
        b.consume(32);
        for (int i = 0; i < 300; i++) b.domain.giveBack(List.of(b.next()), 0, false);
        doneNewestFirst(takeAll(sent));
        assertThat(fillByLargeCommits()).isCloseTo(sent, withinPercentage(10));
    }

    /** All of it lives: nothing is gained by telling it again. */
    @Test
    void shouldDrainWhereLittleRoomIsLeft() throws JMSException {
        Log log = a.domain.log;
        int sent = 0;
        for (RecordWriter one = new RecordWriter(); log.usedBytes() < log.ringBytes() * 7 / 8 - 2_000; sent++)
            log.append(one.begin(a.domain.self).message(a.message("m").bytes()).end(), Reserve.SMALL, 0, LONG);
        b.consume(32);
        drain(sent);
    }

    /** So each would be told again by itself, which takes more room than the message. */
    @Test
    void shouldDrainWhatWasGivenBackUntilManyTimes() throws JMSException {
        int sent = fillByLargeCommits();
        b.consume(32);
        List<Taken> taken = takeAll(sent);
        for (int i = 0; i < sent; i++) b.domain.giveBack(List.of(taken.get(i)), 1 + i, true);
        drain(sent);
    }

    /** So the one that gives back is never refused: the other one's laps must forget times, before all lives. */
    @Test
    @Slow
    void shouldDrainWhatWasGivenBackUntilManyTimesWhileAnotherMakesRoom() throws JMSException {
        int sent = fillByLargeCommits();
        b.consume(32);
        List<Taken> taken = takeAll(sent);
        Log log = a.domain.log;
        b.domain.foldLock.lock(); // so that its daemon does not look for itself
        try {
            for (int i = 0; i < sent; i++) {
                b.domain.giveBack(List.of(taken.get(i)), 1 + i, true);
                a.domain.makeRoom();
                assertThat(log.usedBytes()).as("after %d", i).isLessThan(log.ringBytes() * 111 / 128);
            }
        } finally {
            b.domain.foldLock.unlock();
        }
        drain(sent);
    }

    /**
     * Of all priorities: so what was rolled back together is told again in many records, with each
     * time. Large commits alone: where single messages fill what is left, the planted defect does not show.
     */
    @Test
    void shouldDrainWhatWasRolledBackTogether() throws JMSException {
        int sent = 0;
        try {
            for (int p = 0; ; sent += 30) {
                List<Sent> messages = new ArrayList<>();
                for (int i = 0; i < 30; i++) messages.add(a.message("m", p++ % 10));
                a.domain.commit(List.of(), messages, Limit.AT_ONCE);
            }
        } catch (NoRoomException full) {
            assertThat(sent).isPositive();
        }
        b.consume(32);
        List<Taken> taken = takeAll(sent);
        for (int from = 0, n = 1; from < sent; from += 12, n++)
            b.domain.giveBack(taken.subList(from, Math.min(sent, from + 12)), n, true);
        drain(sent);
    }

    /** A reader holds all back, so that no lap can free anything. */
    @Test
    void shouldBeTightNoLongerThanTheDomainIs() {
        Log log = a.domain.log;
        RecordWriter one = new RecordWriter();
        b.domain.foldLock.lock(); // so that its daemon does not look for itself
        try (LogReader holding = log.reader()) {
            holding.hold(true);
            while (log.usedBytes() < log.ringBytes() * 27 / 32 + 100)
                log.append(one.begin(a.domain.self).define(Q, 0, "q").end(), Reserve.SMALL, 0, LONG);
            b.domain.makeRoom();
            assertThat(b.domain.roomMaker.isTight()).isTrue();
            holding.hold(false);
            a.domain.makeRoom();
            assertThat(log.usedBytes()).isLessThan(log.ringBytes() / 2);
            assertThat(b.domain.roomMaker.isTight()).isFalse();
        } finally {
            b.domain.foldLock.unlock();
        }
    }

    /** What was sent alone takes more room than what it frees, so that this comes to its end. */
    @Test
    void shouldDrainWhatWasMovedOneByOneOutOfLargeCommits() throws JMSException {
        int sent = fillByLargeCommits();
        b.consume(32);
        long r = Domain.queueId("r");
        int moved = 0;
        while (moved < sent) {
            Taken one = b.next();
            try {
                b.domain.commit(List.of(one), List.of(b.message("m", 4, r, "r")), Limit.of(Duration.ofMillis(100)));
                moved++;
            } catch (NoRoomException full) {
                b.domain.giveBack(List.of(one), 0, false);
                break;
            }
        }
        b.domain.end(b.consumer);
        assertThat(moved).isPositive();
        Member late = member();
        LocalConsumer atR = late.domain.consume(r, "r", Selector.of(null), late.signal, 32);
        late.consume(32);
        for (int i = 0; i < sent; i++) {
            if (i == sent - moved) late.consumer = atR;
            late.done(late.next());
        }
    }

    /** The other half of each commit stays where it is, or is told again. */
    @Test
    void shouldGoOnWhileHalfOfEachCommitIsHeld() throws JMSException {
        int sent = fillByLargeCommits();
        b.consume(32);
        List<Taken> held = takeAll(sent);
        List<Taken> half = new ArrayList<>();
        for (int i = 0; i < held.size(); i += 2) half.add(held.get(i));
        doneNewestFirst(half);
        held.removeAll(half);
        int more = fillByLargeCommits();
        assertThat(more).isPositive();
        doneNewestFirst(takeAll(more));
        doneNewestFirst(held);
        assertThat(fillByLargeCommits()).isCloseTo(sent, withinPercentage(10));
    }

    @Test
    void shouldRefuseWhatIsTooLarge() throws JMSException {
        Sent large = a.message("x".repeat(5_000));
        assertThatThrownBy(() -> a.domain.commit(List.of(), List.of(large), LIMIT))
                .isInstanceOf(NoRoomException.class)
                .hasMessageContaining("a sixteenth of maxCapacity 64 KiB");
    }

    @Test
    void shouldCommitInStagesAllOrNothing() throws JMSException {
        a.consume(1);
        List<Sent> many = new ArrayList<>();
        for (int i = 0; i < 60; i++) many.add(b.message(i + "x".repeat(200)));
        b.domain.commit(List.of(), many, LIMIT);
        for (int i = 0; i < 60; i++) {
            Taken taken = a.next();
            assertThat(text(taken)).startsWith(i + "x");
            a.done(taken);
        }
        List<Sent> tooMany = new ArrayList<>();
        for (int i = 0; i < 300; i++) tooMany.add(b.message(i + "x".repeat(200)));
        assertThatThrownBy(() -> b.domain.commit(List.of(), tooMany, Limit.AT_ONCE))
                .isInstanceOf(NoRoomException.class);
        assertThat(a.now()).isNull();
        for (int i = 0; i < 300; i++) { // what was staged is forgotten, and in nobody's way
            a.send("y".repeat(200));
            a.done(a.next());
        }
        a.domain.makeRoom();
        assertThat(a.domain.log.usedBytes()).isLessThan(a.domain.log.ringBytes() / 2);
    }
}
