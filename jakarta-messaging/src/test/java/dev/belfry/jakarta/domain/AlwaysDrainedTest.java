package dev.belfry.jakarta.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.jakarta.fold.Channel;
import dev.belfry.jakarta.fold.State;
import dev.belfry.jakarta.selector.Selector;
import dev.belfry.jakarta.wire.Envelope;
import dev.belfry.spi.Log;
import dev.belfry.testing.Depth;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Seeded;
import dev.belfry.testing.Slow;
import jakarta.jms.InvalidSelectorException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Whatever has happened in a small domain, and whatever has filled it: a member that comes can drain it.
 */
@Slow
@OneJdk
@Timeout(300)
class AlwaysDrainedTest {
    private static final int[] BODIES = {0, 10, 60, 300, 1_500};
    private static final int[] COMMITS = {1, 1, 4, 30};
    private static final int STEPS = 300;
    private static final int QUEUES = 24;
    /** So that it makes room once. */
    private static final Limit SOON = Limit.of(Duration.ofMillis(1));

    private static final long TOPIC = Domain.topicId("news");

    private final List<Domain> members = new ArrayList<>();
    private String uri;
    private Random random;
    private int subscriptions;
    private String longName = "";
    private int longestId;
    private int number;
    private int priorities = 10;

    private final class Member {
        final MessageQueue handle =
                MessageQueues.open(uri + "?capacity=64k&maxCapacity=64k&" + Log.KIND + "=" + Log.DOMAIN);
        final Domain domain = new Domain(uri, handle);
        final List<Inbox<Taken>> consumers = new ArrayList<>();
        final List<Taken> taken = new ArrayList<>();

        Member() {
            members.add(domain);
        }

        void step() {
            switch (random.nextInt(9)) {
                case 0 -> claim(longestId);
                case 1 -> consume(random.nextInt(QUEUES));
                case 2 -> join(random.nextInt(subscriptions + 1));
                case 3 -> take();
                case 4 -> domain.giveBack(some(), random.nextInt(3), random.nextBoolean());
                case 5 -> domain.commit(some(), List.of(), Limit.AT_ONCE);
                default -> send(destination(), pick(BODIES), pick(COMMITS));
            }
        }

        void claim(int length) {
            domain.membership.claim(number++ + "x".repeat(length), SOON);
        }

        void consume(int queue) {
            consumers.add(domain.consume(Domain.queueId(queue(queue)), queue(queue), all(), new Signal(), 32));
        }

        void join(int subscription) {
            if (subscription == subscriptions) return;
            consumers.add(domain.subscribe(wish(subscription), new Filter(all(), null), new Signal(), 32, SOON));
        }

        void take() {
            for (Inbox<Taken> one : consumers) {
                one.hungry(true);
                domain.turn();
                one.hungry(false);
                for (Taken next; (next = one.poll()) != null; ) taken.add(next);
            }
        }

        /** Which it has no longer. */
        private List<Taken> some() {
            List<Taken> some = new ArrayList<>();
            taken.removeIf(one -> random.nextInt(3) == 0 && some.add(one));
            return some;
        }

        void send(int destination, int length, int n) {
            List<Sent> messages = new ArrayList<>();
            for (int i = 0; i < n; i++) messages.add(message(destination, length, domain.nextSerial()));
            domain.commit(List.of(), messages, Limit.AT_ONCE);
        }

        private Step sending(int to, int length, int n) {
            return () -> send(to, length, n);
        }

        /** Until not even the shortest finds room. */
        void fill() {
            int from = random.nextInt(QUEUES);
            for (int i = 0; i < 2 * QUEUES; i++) {
                int to = subscriptions > 0 && i == 0 ? QUEUES : (from + i) % QUEUES;
                for (int body = BODIES.length - 1; body >= 0; body--)
                    for (int n : new int[] {30, 1}) while (isDone(sending(to, BODIES[body], n))) continue;
            }
        }
    }

    private interface Step {
        void of();
    }

    private static boolean isDone(Step step) {
        try {
            step.of();
            return true;
        } catch (NoRoomException | NotSubscribedException refused) {
            return false;
        }
    }

    private int pick(int[] of) {
        return of[random.nextInt(of.length)];
    }

    private int destination() {
        return subscriptions > 0 && random.nextInt(3) == 0 ? QUEUES : random.nextInt(QUEUES);
    }

    private String queue(int queue) {
        return queue + longName;
    }

    private static Wish wish(int subscription) {
        return new Wish(TOPIC, "news", Wish.DURABLE | Wish.SHARED, null, "audit" + subscription, null);
    }

    private static Selector all() {
        try {
            return Selector.of(null);
        } catch (InvalidSelectorException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private Sent message(int destination, int length, long serial) {
        Envelope message = new Envelope();
        message.destination = destination == QUEUES ? TOPIC : Domain.queueId(queue(destination));
        message.serial = serial;
        message.priority = random.nextInt(priorities);
        message.body = new byte[length];
        return new Sent(message.destination, destination == QUEUES ? "news" : queue(destination), message.bytes());
    }

    @AfterEach
    void end() {
        for (Domain one : members) one.close(Duration.ZERO);
        MessageQueues.delete(uri);
    }

    @Seeded({1, 2})
    void shouldBeDrainedByAMemberThatComes(long seed) {
        random = new Random(seed);
        for (int i = 0, most = Depth.pick(8, 8, 300); i < most; i++) {
            history(seed + "-" + i);
            end();
            members.clear();
        }
    }

    /** A message that is told again says of each that it is held: that is longer than the message. */
    @Test
    void shouldBeDrainedByManySubscriptionsThatHoldAllOfIt() {
        Member member = holdsAll(30);
        Patience.until("it is drained", () -> {
            member.taken.removeIf(one -> isDone(() -> member.domain.commit(List.of(one), List.of(), Limit.AT_ONCE)));
            member.take();
            return member.domain.<Integer>withState(State::size) == 0;
        });
    }

    /** All of it counts as delivered then, which is as long as that it is held. */
    @Test
    void shouldBeDrainedAfterTheDeathOfOneThatHeldAllOfIt() {
        holdsAll(8).handle.close();
        drain("it");
    }

    private Member holdsAll(int by) {
        begin("held" + by);
        random = new Random(1);
        priorities = 1;
        subscriptions = by;
        Member member = new Member();
        for (int i = 0; i < subscriptions; i++) member.join(i);
        while (isDone(member.sending(QUEUES, 10, 1))) continue;
        for (int before = -1; before < member.taken.size(); member.domain.makeRoom()) {
            before = member.taken.size();
            member.take();
        }
        return member;
    }

    private void begin(String name) {
        uri = "mem:Drained" + ProcessHandle.current().pid() + "-" + name;
    }

    private void history(String name) {
        begin(name);
        longName = "x".repeat(random.nextInt(2) * 100);
        longestId = random.nextInt(4) * 100; // 0: nearly all of the registry is added in the full domain
        subscriptions = random.nextInt(2) * random.nextInt(30);
        List<Member> some = List.of(new Member(), new Member(), new Member());
        for (int i = 0; i < subscriptions; i++) some.get(0).domain.end(joined(some.get(0), i));
        for (int i = 0; i < STEPS; i++) isDone(some.get(random.nextInt(3))::step);
        Member last = some.get(2);
        if (random.nextBoolean()) last.fill();
        last.fill();
        for (int length = 300; length >= 0; length -= 30) while (isDone(claiming(last, length))) continue;
        Log log = last.domain.log;
        Patience.until(name + " has room, and some to spare, for those that take", () -> {
            last.domain.makeRoom();
            return log.usedBytes() <= log.ringBytes() * 53 / 64;
        });
        boolean isDead = random.nextBoolean();
        for (Member one : some)
            if (isDead) one.handle.close();
            else one.consumers.forEach(one.domain::end);
        if (!isDead) for (Member one : some) one.domain.giveBack(one.taken, 0, true);
        drain(name);
    }

    private static Step claiming(Member last, int length) {
        return () -> last.claim(length);
    }

    private static Inbox<Taken> joined(Member member, int subscription) {
        member.join(subscription);
        return member.consumers.remove(member.consumers.size() - 1);
    }

    private void drain(String name) {
        Member late = new Member();
        late.domain.freeOfTheDead();
        List<Step> joins = new ArrayList<>();
        for (int i = 0; i < QUEUES; i++) late.consume(i);
        for (int i = 0; i < subscriptions; i++) {
            int subscription = i;
            joins.add(() -> late.join(subscription));
        }
        Patience.until(name + " is drained", () -> {
            joins.removeIf(AlwaysDrainedTest::isDone);
            late.take();
            for (Taken one : late.taken) isDone(() -> late.domain.commit(List.of(one), List.of(), Limit.AT_ONCE));
            late.taken.clear();
            return late.domain.<Integer>withState(State::size) == 0;
        });
        assertThat(late.domain.<List<Channel>>withState(State::channels)).allMatch(one -> one.size() == 0);
    }
}
