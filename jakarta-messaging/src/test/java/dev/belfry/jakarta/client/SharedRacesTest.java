package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.conformance.Depth;
import dev.belfry.conformance.Patience;
import dev.belfry.conformance.Slow;
import dev.belfry.conformance.Waits;
import dev.belfry.jakarta.domain.Domains;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two members join and close one shared subscription, again and again, each as the other may be at it. What one of them
 * sends while it has joined comes to one of them, once.
 */
@Waits
@Slow
class SharedRacesTest extends DomainTest {
    private static final int ROUNDS = Depth.isLong() ? 5_000 : 100;

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
        assertThat(got).doesNotHaveDuplicates().hasSize(2 * ROUNDS);
    }

    private void visit(BelfrySession session, boolean isDurable, String text) throws JMSException {
        Topic topic = new BelfryTopic("news");
        try (MessageConsumer consumer = isDurable
                        ? session.createSharedDurableConsumer(topic, "work")
                        : session.createSharedConsumer(topic, "work");
                MessageProducer producer = session.createProducer(topic)) {
            producer.send(session.createTextMessage(text));
            Patience.until("somebody has " + text, () -> {
                receive(consumer);
                return seen.contains(text);
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
