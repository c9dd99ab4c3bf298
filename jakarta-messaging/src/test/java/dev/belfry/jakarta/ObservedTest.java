package dev.belfry.jakarta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueues;
import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import io.micrometer.jakarta9.instrument.jms.JmsInstrumentation;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import jakarta.jms.Connection;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Micrometer's instrumentation of a session: it sees what is published, and what a listener handles. */
@Timeout(60)
@WaitsForOthers
class ObservedTest {
    private static final String DOMAIN = "mem:observed";

    private final List<String> seen = new CopyOnWriteArrayList<>();
    private final ObservationRegistry registry = ObservationRegistry.create();

    ObservedTest() {
        registry.observationConfig().observationHandler(new ObservationHandler<>() {
            @Override
            public void onStop(Observation.Context observed) {
                seen.add(observed.getName() + " "
                        + observed.getHighCardinalityKeyValue("messaging.destination.name")
                                .getValue());
            }

            @Override
            public boolean supportsContext(Observation.Context context) {
                return true;
            }
        });
    }

    @AfterEach
    void end() {
        MessageQueues.delete(DOMAIN);
    }

    @Test
    void shouldSeePublishAndProcess() throws JMSException {
        try (Connection connection = new BelfryConnectionFactory(DOMAIN + "?linger=0s").createConnection()) {
            connection.start();
            Session session = JmsInstrumentation.instrumentSession(connection.createSession(), registry);
            Session listening = JmsInstrumentation.instrumentSession(connection.createSession(), registry);
            TemporaryQueue reply = session.createTemporaryQueue();
            List<Destination> all = List.of(session.createQueue("orders"), session.createTopic("news"), reply);
            for (Destination each : all) listening.createConsumer(each).setMessageListener(message -> {});
            for (Destination each : all) session.createProducer(each).send(session.createTextMessage("x"));
            Patience.until("each is seen twice", () -> seen.size() >= 6);
            assertThat(seen)
                    .containsExactlyInAnyOrder(
                            "jms.message.publish orders",
                            "jms.message.process orders",
                            "jms.message.publish news",
                            "jms.message.process news",
                            "jms.message.publish " + reply.getQueueName(),
                            "jms.message.process " + reply.getQueueName());
        }
    }
}
