package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.jakarta.domain.Domains;
import dev.belfry.jakarta.soak.MortalTransport;
import dev.belfry.testing.Depth;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two members join and close one shared subscription, again and again, each as the other may be at it. What one of them
 * sends while it has joined comes to one of them, once.
 */
@WaitsForOthers
@Slow
class SharedRacesTest extends DomainTest {
    private static final int ROUNDS = Depth.isLong() ? 2_000 : 50;
    /** Some are in the other's hands as one closes. */
    private static final int EACH = 4;

    private static final Topic NEWS = new BelfryTopic("news");

    private final List<String> got = Collections.synchronizedList(new ArrayList<>());
    private final Set<String> seen = ConcurrentHashMap.newKeySet();

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldDeliverOnceWhileMembersJoinAndClose(boolean isDurable) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            List<Future<?>> members = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                String name = "m" + i;
                BelfrySession session = auto(connect(new Domains()));
                members.add(threads.submit(() -> {
                    for (int round = 0; round < ROUNDS; round++) visit(session, isDurable, name + "." + round);
                    return null;
                }));
            }
            for (Future<?> one : members) one.get(2 * Patience.limit().toSeconds(), TimeUnit.SECONDS);
        } finally {
            threads.shutdownNow();
        }
        assertThat(got).doesNotHaveDuplicates().hasSize(2 * ROUNDS * EACH);
    }

    /** Joins, or closes. */
    private static final class Member {
        private final BelfrySession session;
        private final boolean isDurable;
        private MessageConsumer consumer;

        Member(BelfrySession session, boolean isDurable) {
            this.session = session;
            this.isDurable = isDurable;
        }

        void act() throws JMSException {
            if (consumer == null) consumer = consumer(session, isDurable);
            else {
                consumer.close();
                consumer = null;
            }
        }

        void join(boolean isIn) throws JMSException {
            if (isIn != (consumer != null)) act();
        }
    }

    /** One joins or closes, and before one of its appends the other does all that it does. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldDeliverOnceIfTheOtherComesBetween(boolean isDurable) throws Exception {
        String mortal = domain.replace("shm:", "mortal:").replace("mem:", "mortal:mem.");
        Settings settings = Settings.of(mortal + "?linger=0s", Map.of());
        try (BelfryConnection one = new BelfryConnection(settings, new Domains());
                BelfryConnection other = new BelfryConnection(settings, new Domains())) {
            one.start();
            other.start();
            Member a = new Member(auto(one), isDurable);
            Member b = new Member(auto(other), isDurable);
            for (boolean isIn : new boolean[] {false, true})
                for (boolean isOtherIn : new boolean[] {false, true}) {
                    int appends = 0;
                    do {
                        a.join(isIn);
                        b.join(isOtherIn);
                    } while (actsBetween(a, b, ++appends));
                    assertThat(appends).isGreaterThan(1);
                }
        } finally {
            MortalTransport.beforeAppend = () -> {};
        }
    }

    /** False: it has made fewer appends. */
    private boolean actsBetween(Member a, Member b, int append) throws JMSException {
        AtomicInteger left = new AtomicInteger(append);
        Thread here = Thread.currentThread();
        MortalTransport.beforeAppend = () -> {
            if (Thread.currentThread() == here && left.decrementAndGet() == 0) act(b);
        };
        a.act();
        MortalTransport.beforeAppend = () -> {};
        if (left.get() > 0) act(b);
        List<MessageConsumer> in =
                Stream.of(a.consumer, b.consumer).filter(Objects::nonNull).toList();
        if (in.isEmpty()) return left.get() <= 0;
        String text = "message " + seen.size();
        b.session.createProducer(NEWS).send(b.session.createTextMessage(text));
        Patience.until("somebody has " + text, () -> {
            in.forEach(this::receive);
            return seen.contains(text);
        });
        in.forEach(this::receive);
        assertThat(got).doesNotHaveDuplicates();
        got.clear();
        return left.get() <= 0;
    }

    private static void act(Member one) {
        try {
            one.act();
        } catch (JMSException e) {
            throw new AssertionError(e);
        }
    }

    private static MessageConsumer consumer(BelfrySession session, boolean isDurable) throws JMSException {
        return isDurable
                ? session.createSharedDurableConsumer(NEWS, "work")
                : session.createSharedConsumer(NEWS, "work");
    }

    private void visit(BelfrySession session, boolean isDurable, String text) throws JMSException {
        try (MessageConsumer consumer = consumer(session, isDurable);
                MessageProducer producer = session.createProducer(NEWS)) {
            Set<String> own = new HashSet<>();
            for (int i = 0; i < EACH; i++) own.add(text + "." + i);
            for (String one : own) producer.send(session.createTextMessage(one));
            Patience.until("somebody has " + own, () -> {
                receive(consumer);
                return seen.containsAll(own);
            });
        }
    }

    private void receive(MessageConsumer consumer) {
        try {
            TextMessage message = (TextMessage) consumer.receive(1);
            if (message == null) return;
            got.add(message.getText());
            seen.add(message.getText());
        } catch (JMSException e) {
            throw new AssertionError(e);
        }
    }
}
