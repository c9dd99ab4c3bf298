package dev.belfry.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.AckMode;
import dev.belfry.api.Claim;
import dev.belfry.api.InUseException;
import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageView;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueFullException;
import dev.belfry.api.QueueStats;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * One queue and, beside it, its expected state: a list of messages and a few numbers for each
 * subscription.
 */
final class ModelRun implements AutoCloseable {
    private static final int MOST_SUBSCRIBERS = 6;
    private static final int SURELY_REMEMBERED = 16; // the leavers, by awaitAcknowledged
    private static final List<String> NAMES = List.of("audit", "billing");

    enum Kind {
        PUBLISH(20),
        PUBLISH_WITH_PROPERTIES(4),
        CLAIM(4),
        GIVE_UP_CLAIM(2),
        NEW_PUBLISHER(1),
        RECEIVE(25),
        POLL(10),
        POLL_AND_FAIL(3),
        ACKNOWLEDGE(5),
        ACKNOWLEDGE_POSITION(4),
        ACKNOWLEDGE_TOO_MUCH(1),
        RECOVER(3),
        JOIN_NOW(1),
        JOIN_OLDEST(2),
        JOIN_AT(2),
        JOIN_TOO_LATE(1),
        ATTACH(3),
        LEAVE(3),
        UNSUBSCRIBE(1),
        AWAIT(8),
        STATS(3);

        final int weight;

        Kind(int weight) {
            this.weight = weight;
        }
    }

    /** Has a meaning in every state, so that any part of a sequence is a sequence. */
    record Operation(Kind kind, int a, int b) {
        private static final List<Kind> WEIGHTED = Arrays.stream(Kind.values())
                .flatMap(k -> java.util.Collections.nCopies(k.weight, k).stream())
                .toList();

        static Operation random(Random random) {
            return new Operation(
                    WEIGHTED.get(random.nextInt(WEIGHTED.size())), random.nextInt(1 << 20), random.nextInt(1 << 20));
        }
    }

    private record Sent(byte[] body, MessageProperties properties) {}

    /** A subscription's expected state. */
    private static final class Model {
        SubscriberOptions options;
        Subscriber subscriber; // null while detached
        long begins;
        long next;
        long last; // handed over last
        long done; // acknowledged
        long given; // the highest that was handed over
        long failed; // the highest that its handler refused
        long passed; // what was overwritten when it recovered counts as acknowledged
        boolean attachedAgain;
        boolean again; // its handler refused next: a copy is kept for it
        boolean jumped;
        boolean positionKnown = true;
        boolean lostKnown = true;
        long lost;

        Model(SubscriberOptions options, long begins) {
            this.options = options;
            this.begins = next = begins;
            last = done = given = failed = begins - 1;
        }

        boolean gates() {
            return options.slowSubscriber() == SlowSubscriber.GATE_PUBLISHER;
        }

        boolean isClient() {
            return options.ackMode() == AckMode.CLIENT;
        }

        @Override
        public String toString() {
            return (options.name() == null ? "#" + Integer.toHexString(hashCode()) : options.name()) + " "
                    + options.ackMode() + " " + options.slowSubscriber() + " next " + next + " done " + done;
        }
    }

    private final List<MessageQueue> queues;
    private final List<Publisher> publishers = new ArrayList<>();
    private final List<Sent> sent = new ArrayList<>();
    private final List<Model> attached = new ArrayList<>();
    private final Map<String, Model> named = new HashMap<>(); // attached or not
    private final List<Model> left = new ArrayList<>(); // the last one first
    private final List<Model> unsubscribed = new ArrayList<>();
    private final List<String> trace = new ArrayList<>();
    private long oldestBefore;

    ModelRun(ConformanceSuite suite, String parameters) {
        queues = List.of(suite.open(parameters), suite.open());
        for (int i = 0; i < 3; i++) publishers.add(newPublisher(i));
    }

    List<String> trace() {
        return trace;
    }

    @Override
    public void close() {
        queues.forEach(MessageQueue::close);
    }

    void execute(Operation o) {
        switch (o.kind) {
            case PUBLISH -> publish(o, MessageProperties.empty());
            case PUBLISH_WITH_PROPERTIES ->
                publish(
                        o,
                        MessageProperties.builder()
                                .put("a", o.a)
                                .put("b", "text " + o.b)
                                .build());
            case CLAIM -> claim(o, true);
            case GIVE_UP_CLAIM -> claim(o, false);
            case NEW_PUBLISHER -> {
                trace("new publisher");
                publishers.set(o.a % 3, newPublisher(o.b)).close();
            }
            case RECEIVE -> receive(o);
            case POLL -> poll(o, Integer.MAX_VALUE);
            case POLL_AND_FAIL -> poll(o, o.b % 4);
            case ACKNOWLEDGE -> acknowledge(o);
            case ACKNOWLEDGE_POSITION -> acknowledgePosition(o);
            case ACKNOWLEDGE_TOO_MUCH -> acknowledgeTooMuch(o);
            case RECOVER -> recover(o);
            case JOIN_NOW -> join(o, StartAt.NOW, newest() + 1);
            case JOIN_OLDEST -> join(o, StartAt.OLDEST_RETAINED, Math.max(1, oldest()));
            case JOIN_AT -> {
                long p = 1 + o.b % (newest() + 1);
                join(o, StartAt.at(p), p);
            }
            case JOIN_TOO_LATE -> {
                trace("join at " + (newest() + 2));
                assertThatThrownBy(() -> queue(o).createSubscriber(StartAt.at(newest() + 2)))
                        .isInstanceOf(IllegalArgumentException.class);
            }
            case ATTACH -> attach(o);
            case LEAVE -> leave(o);
            case UNSUBSCRIBE -> unsubscribe(o);
            case AWAIT -> await(o);
            case STATS -> stats(o);
        }
    }

    // ---- publishing

    private void publish(Operation o, MessageProperties properties) {
        byte[] body = body(o);
        trace("publish " + body.length + " bytes" + (properties.names().isEmpty() ? "" : " with properties"));
        ByteBuffer buffer = ByteBuffer.wrap(body);
        Publisher publisher = publishers.get(o.b % 3);
        long position;
        if (o.a % 2 == 0) position = publisher.offer(buffer, properties, Duration.ZERO);
        else
            try {
                position = publisher.publish(buffer, properties);
            } catch (QueueFullException e) {
                position = Publisher.REJECTED;
            }
        assertThat(buffer.hasRemaining()).isEqualTo(position == Publisher.REJECTED && body.length > 0);
        published(position, new Sent(body, properties));
    }

    private void claim(Operation o, boolean commit) {
        byte[] body = body(o);
        int length = commit && o.b % 2 == 0 ? body.length / 2 : body.length;
        trace("claim " + body.length + (commit ? ", commit " + length : ", give up"));
        try (Claim claim = publishers.get(o.b % 3).claim(body.length)) {
            claim.buffer().put(body);
            if (!commit) return;
            long position = length == body.length ? claim.commit() : claim.commit(length);
            published(position, new Sent(Arrays.copyOf(body, length), MessageProperties.empty()));
        } catch (QueueFullException e) {
            published(Publisher.REJECTED, null);
        }
    }

    private void published(long position, Sent message) {
        if (position == Publisher.REJECTED) {
            assertThat(gating().anyMatch(m -> m.done < newest()))
                    .as("rejected, and a gating subscriber needs something")
                    .isTrue();
            return;
        }
        sent.add(message);
        assertThat(position).as("its position").isEqualTo(newest());
    }

    private java.util.stream.Stream<Model> gating() {
        return java.util.stream.Stream.concat(attached.stream(), named.values().stream())
                .distinct()
                .filter(Model::gates);
    }

    private Publisher newPublisher(int i) {
        return queues.get(i % 2).createPublisher(FullAndSlowSuite.timeout(Duration.ZERO));
    }

    /** Mostly short. */
    private static byte[] body(Operation o) {
        byte[] body = new byte[o.a % 20 == 0 ? o.b % 700 : o.b % 60];
        new Random(o.b).nextBytes(body);
        return body;
    }

    // ---- reading

    private void receive(Operation o) {
        Model m = pick(o);
        if (m == null) return;
        long expected = expected(m);
        trace("receive by " + m + ": expect " + expected);
        Message message = m.subscriber.receiveNoWait();
        assertThat(message == null ? 0 : message.position()).as("position").isEqualTo(expected);
        if (message == null) return;
        handedOver(m, message);
        if (!m.isClient()) m.done = m.last;
        checkFigures(m);
    }

    private void poll(Operation o, int failAt) {
        Model m = pick(o);
        if (m == null) return;
        int limit = 1 + o.b % 10;
        long available = Math.max(0, newest() - expected(m) + 1);
        boolean any = expected(m) != 0;
        trace("poll " + limit + " by " + m + (failAt < limit ? ", fail at " + failAt : ""));
        int[] count = new int[1];
        int returned;
        try {
            returned = m.subscriber.poll(
                    v -> {
                        assertThat(v.position()).as("position").isEqualTo(expected(m));
                        if (count[0] == failAt) {
                            refused(m, v);
                            throw new Refusal();
                        }
                        handedOver(m, v);
                        count[0]++;
                    },
                    limit);
        } catch (Refusal e) {
            returned = count[0];
        }
        assertThat(returned).isEqualTo(count[0]).isLessThanOrEqualTo(limit);
        assertThat(returned > 0 || m.again).as("something was handed over").isEqualTo(any);
        assertThat((long) returned).isLessThanOrEqualTo(available + 1);
        if (!m.isClient() && returned > 0) m.done = m.last;
        checkFigures(m);
    }

    /** The next position for this subscription, 0 if there is none; follows a jump. */
    private long expected(Model m) {
        if (m.again) return m.next;
        if (m.next > newest()) return 0;
        long oldest = oldest();
        if (m.gates())
            assertThat(m.next).as("what a gating subscriber needs is there").isGreaterThanOrEqualTo(oldest);
        return Math.max(m.next, oldest);
    }

    private void handedOver(Model m, MessageView v) {
        checkContent(m, v);
        if (v.position() > m.next) {
            m.lost += Math.max(0, v.position() - Math.max(m.next, m.given + 1));
            m.begins = v.position();
            m.done = Math.max(m.done, v.position() - 1);
            m.jumped = true;
        }
        m.again = false;
        m.last = v.position();
        m.next = m.last + 1;
        m.given = Math.max(m.given, m.last);
        m.positionKnown = true;
    }

    private void refused(Model m, MessageView v) {
        checkContent(m, v);
        if (v.position() > m.next) {
            m.lost += Math.max(0, v.position() - Math.max(m.next, m.given + 1));
            m.begins = m.next = v.position();
            m.done = Math.max(m.done, v.position() - 1);
            m.jumped = true;
            m.positionKnown = false;
        }
        m.again = true;
        m.failed = Math.max(m.failed, v.position());
    }

    private void checkContent(Model m, MessageView v) {
        Sent expected = sent.get((int) v.position() - 1);
        assertThat(v.bytes()).as("body of %d", v.position()).isEqualTo(expected.body);
        assertThat(v.buffer()).isEqualTo(ByteBuffer.wrap(expected.body));
        assertThat(v.properties()).as("properties of %d", v.position()).isEqualTo(expected.properties);
        if (v.position() <= m.given || !m.attachedAgain && v.position() <= m.failed)
            assertThat(v.redelivered()).as("redelivered of %d", v.position()).isTrue();
        else if (v.position() > m.failed)
            assertThat(v.redelivered()).as("redelivered of %d", v.position()).isFalse();
    }

    private void checkFigures(Model m) {
        if (!m.positionKnown) return;
        assertThat(m.subscriber.position()).as("position()").isEqualTo(m.last);
        assertThat(m.subscriber.lag()).as("lag()").isEqualTo(newest() - m.last);
        if (m.lostKnown && m.next >= oldest())
            assertThat(m.subscriber.lostCount()).as("lostCount()").isEqualTo(m.lost);
    }

    // ---- acknowledging

    private void acknowledge(Operation o) {
        Model m = pick(o);
        if (m == null || !m.positionKnown) return;
        trace("acknowledge by " + m);
        m.subscriber.acknowledge();
        if (m.isClient()) m.done = Math.max(m.done, m.last);
    }

    private void acknowledgePosition(Operation o) {
        Model m = pick(o);
        if (m == null || !m.positionKnown || m.last < 1) return;
        long position = Math.max(1, m.last - o.b % 5);
        trace("acknowledge " + position + " by " + m);
        m.subscriber.acknowledge(position);
        if (m.isClient()) m.done = Math.max(m.done, position);
    }

    private void acknowledgeTooMuch(Operation o) {
        Model m = pick(o);
        if (m == null || !m.isClient()) return;
        long done = Math.max(m.done, m.passed);
        long position = Math.max(done, Math.max(m.given, m.failed)) + 1 + o.b % 3;
        trace("acknowledge " + position + " by " + m + ", too much");
        assertThatThrownBy(() -> m.subscriber.acknowledge(position)).isInstanceOf(IllegalArgumentException.class);
    }

    private void recover(Operation o) {
        Model m = pick(o);
        if (m == null) return;
        trace("recover " + m);
        m.subscriber.recover();
        if (!m.isClient()) return;
        if (m.again) m.lostKnown &= m.gates(); // refused, and then overwritten: seen or not?
        m.again = false;
        m.next = m.done + 1;
        m.positionKnown = m.last == m.done;
        if (m.next < oldest()) m.passed = oldest() - 1;
    }

    private void await(Operation o) {
        if (newest() == 0) return;
        long p = newest() - o.a % Math.min(newest(), 40);
        int n = 1 + o.b % 4;
        long sure = 0;
        long perhaps = 0;
        List<Model> all = new ArrayList<>(attached);
        named.values().stream().filter(m -> !attached.contains(m)).forEach(all::add);
        int living = all.size();
        all.addAll(left);
        all.addAll(unsubscribed);
        for (int i = 0; i < all.size(); i++) {
            Model m = all.get(i);
            if (m.options.ackMode() == AckMode.NONE || m.begins > p || m.done < p) continue;
            boolean gone = i >= living + Math.min(SURELY_REMEMBERED, left.size());
            if (gone || m.jumped || i < living && !m.gates() && m.next < oldest()) perhaps++;
            else sure++;
        }
        boolean behind = gating().anyMatch(m -> m.done < p);
        trace("await " + p + " by " + n + ": sure " + sure + ", perhaps " + perhaps + ", behind " + behind);
        boolean answer = publishers.get(o.a % 3).awaitAcknowledged(p, n, Duration.ZERO);
        if (behind || n > sure + perhaps)
            assertThat(answer).as("awaitAcknowledged").isFalse();
        else if (n <= sure) assertThat(answer).as("awaitAcknowledged").isTrue();
    }

    // ---- coming and going

    private void join(Operation o, StartAt start, long wanted) {
        if (attached.size() >= MOST_SUBSCRIBERS) return;
        AckMode ackMode = AckMode.values()[o.a % 3];
        SubscriberOptions options = SubscriberOptions.builder()
                .startAt(start)
                .ackMode(ackMode)
                .slowSubscriber(o.a % 2 == 0 ? SlowSubscriber.GATE_PUBLISHER : SlowSubscriber.OVERRUN)
                .build();
        Model m = new Model(options, Math.max(wanted, oldest()));
        trace("join at " + start + ": " + m);
        m.lost = m.next - wanted;
        m.positionKnown = m.lost == 0;
        m.subscriber = queue(o).createSubscriber(options);
        attached.add(m);
        checkFigures(m);
    }

    private void attach(Operation o) {
        String name = NAMES.get(o.a % NAMES.size());
        SubscriberOptions options = SubscriberOptions.builder()
                .name(name)
                .startAt(o.b % 3 == 0 ? StartAt.OLDEST_RETAINED : StartAt.NOW)
                .ackMode(o.b % 2 == 0 ? AckMode.AUTO : AckMode.CLIENT)
                .slowSubscriber(o.b % 5 < 3 ? SlowSubscriber.GATE_PUBLISHER : SlowSubscriber.OVERRUN)
                .build();
        Model m = named.get(name);
        trace("attach " + name + " " + options.ackMode() + " " + options.slowSubscriber() + ", was " + m);
        if (m != null && m.subscriber != null) {
            assertThatThrownBy(() -> queue(o).createSubscriber(options)).isInstanceOf(InUseException.class);
            return;
        }
        if (m == null) {
            m = new Model(options, o.b % 3 == 0 ? Math.max(1, oldest()) : newest() + 1);
            named.put(name, m);
        } else {
            m.attachedAgain = true;
            m.lostKnown = false;
            m.options = options;
            m.next = m.done + 1;
            m.last = m.done;
            m.positionKnown = true;
            if (m.next < oldest()) { // no subscription kept it
                m.begins = m.next = oldest();
                m.done = m.next - 1;
                m.jumped = true;
                m.positionKnown = false;
            }
        }
        m.subscriber = queue(o).createSubscriber(options);
        attached.add(m);
        checkFigures(m);
    }

    private void leave(Operation o) {
        Model m = pick(o);
        if (m == null) return;
        trace("leave: " + m);
        m.subscriber.close();
        m.subscriber = null;
        m.again = false;
        attached.remove(m);
        if (m.options.name() == null) left.add(0, m);
    }

    private void unsubscribe(Operation o) {
        String name = NAMES.get(o.a % NAMES.size());
        Model m = named.get(name);
        trace("unsubscribe " + name + ", was " + m);
        if (m != null && m.subscriber != null)
            assertThatThrownBy(() -> queue(o).unsubscribe(name)).isInstanceOf(InUseException.class);
        else assertThat(queue(o).unsubscribe(name)).isEqualTo(m != null);
        if (m == null || m.subscriber != null) return;
        named.remove(name);
        unsubscribed.add(m);
    }

    private void stats(Operation o) {
        trace("stats");
        QueueStats stats = queue(o).stats();
        assertThat(stats.newestPosition()).isEqualTo(newest());
        assertThat(stats.oldestPosition()).isBetween(newest() == 0 ? 0 : Math.max(1, oldestBefore), newest());
        assertThat(stats.publisherCount()).isEqualTo(3);
        for (Model m : named.values())
            if (m.gates() && !m.jumped)
                assertThat(stats.subscribers())
                        .filteredOn(s -> m.options.name().equals(s.name()))
                        .singleElement()
                        .satisfies(s -> assertThat(s.acknowledgedPosition()).isEqualTo(m.done))
                        .satisfies(s -> assertThat(s.attached()).isEqualTo(m.subscriber != null));
        assertThat(stats.subscribers().stream().filter(s -> s.attached())).hasSize(attached.size());
    }

    // ---- small things

    private Model pick(Operation o) {
        return attached.isEmpty() ? null : attached.get(o.a % attached.size());
    }

    private MessageQueue queue(Operation o) {
        return queues.get(o.b % 2);
    }

    private long newest() {
        return sent.size();
    }

    /** As the queue reports it; it only grows. */
    private long oldest() {
        long oldest = queues.get(0).stats().oldestPosition();
        assertThat(oldest).as("the oldest position").isGreaterThanOrEqualTo(oldestBefore);
        oldestBefore = oldest;
        return oldest;
    }

    private void trace(String what) {
        trace.add(what);
    }

    private static final class Refusal extends RuntimeException {
        private static final long serialVersionUID = 1;
    }
}
