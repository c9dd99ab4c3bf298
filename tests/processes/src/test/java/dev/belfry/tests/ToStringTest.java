package dev.belfry.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a log or a debugger shows of a queue and of what it created. */
@Timeout(60)
class ToStringTest {
    @RegisterExtension
    final Stage stage = new Stage();

    @ParameterizedTest
    @ValueSource(strings = {"shm:", "mem:"})
    void shouldSayInOneLineWhatItIs(String scheme) {
        String uri = scheme + stage.name();
        SubscriberOptions audit = SubscriberOptions.builder()
                .name("audit")
                .startAt(StartAt.OLDEST_RETAINED)
                .build();
        MessageQueue queue = MessageQueues.open(uri);
        Publisher publisher = queue.createPublisher();
        Subscriber named = queue.createSubscriber(audit);
        Subscriber anonymous = queue.createSubscriber();
        publisher.publish("x", MessageProperties.builder().put("colour", "red").build());
        publisher.publish(new byte[3], MessageProperties.empty());
        assertThat(named.receive().properties().getString("colour", null)).isEqualTo("red");
        assertThat(queue).hasToString("Queue '" + uri + "' with 1 publisher(s) and 2 subscriber(s)");
        assertThat(publisher).hasToString("Publisher of '" + uri + "'");
        assertThat(named).hasToString("Subscriber 'audit' of '" + uri + "' at position 1");
        assertThat(anonymous).hasToString("Anonymous subscriber of '" + uri + "' at position 0");
        queue.close();
        for (Object closed : List.of(queue, publisher, named, anonymous))
            assertThat(closed.toString()).endsWith(", closed").hasLineCount(1);
        try (MessageQueue again = MessageQueues.open(uri);
                Publisher exclusive = again.createPublisher(
                        PublisherOptions.builder().exclusive(true).build())) {
            assertThat(exclusive).hasToString("Exclusive publisher of '" + uri + "'");
        }
    }
}
