package dev.belfry.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The exchange that it all began with, now with two listeners: three JVMs, started in any order. */
@Timeout(180)
@WaitsForOthers
class HelloWorldDynamicMemoryTest {
    private static final List<String> MESSAGES =
            List.of("Hello", "World", "Dynamic", "Memory", "x".repeat(9_999) + "!");

    @RegisterExtension
    final Stage stage = new Stage();

    static final class A implements Role {
        @Override
        public void play(Line line, String... args) throws Exception {
            try (MessageQueue queue = MessageQueues.open(args[0]);
                    Publisher publisher = queue.createPublisher()) {
                long before = queue.stats().capacity();
                long last = 0;
                for (String message : MESSAGES) last = publisher.publish(message);
                line.say("sent " + last);
                line.say("capacity " + before + " " + queue.stats().capacity());
                line.say("acknowledged " + publisher.awaitAcknowledged(last, 2, Patience.limit()));
            }
        }
    }

    static final class B implements Role {
        @Override
        public void play(Line line, String... args) throws Exception {
            try (MessageQueue queue = MessageQueues.open(args[0]);
                    Subscriber subscriber = queue.createSubscriber(StartAt.OLDEST_RETAINED)) {
                line.say("ready");
                for (String ignored : MESSAGES) {
                    Message message = subscriber.receive(Patience.limit());
                    line.say("received " + message.position() + " " + message.text());
                }
                line.say("then " + subscriber.receiveNoWait());
            }
        }
    }

    @Test
    @Slow
    void shouldArriveWhenThePublisherIsFirst() {
        String uri = stage.uri("capacity=4k");
        ChildJvm a = stage.start(A.class, uri);
        a.expect("sent 5");
        check(a, stage.start(B.class, uri), stage.start(B.class, uri));
    }

    @Test
    @Slow
    void shouldArriveWhenTheSubscribersAreFirst() {
        String uri = stage.uri("capacity=4k");
        ChildJvm first = stage.start(B.class, uri);
        ChildJvm second = stage.start(B.class, uri);
        first.expect("ready");
        second.expect("ready");
        ChildJvm a = stage.start(A.class, uri);
        a.expect("sent 5");
        check(a, first, second);
    }

    @Test
    void shouldArriveWhenAllStartAtOnce() {
        String uri = stage.uri("capacity=4k");
        ChildJvm first = stage.start(B.class, uri);
        ChildJvm a = stage.start(A.class, uri);
        ChildJvm second = stage.start(B.class, uri);
        a.expect("sent 5");
        check(a, first, second);
    }

    private static void check(ChildJvm a, ChildJvm... readers) {
        String[] capacity = a.expect("capacity").split(" ");
        assertThat(capacity[0]).isEqualTo("4096");
        assertThat(Long.parseLong(capacity[1])).as("the segment has grown").isGreaterThanOrEqualTo(16_384);
        assertThat(a.expect("acknowledged")).isEqualTo("true");
        for (ChildJvm reader : readers) {
            List<String> received = new ArrayList<>();
            for (String line; !(line = reader.line()).startsWith("then"); )
                if (!line.equals("ready")) received.add(line.substring("received ".length()));
            for (int i = 0; i < MESSAGES.size(); i++)
                assertThat(received.get(i)).isEqualTo((i + 1) + " " + MESSAGES.get(i));
            assertThat(received).hasSize(MESSAGES.size());
            reader.awaitEnd();
        }
        a.awaitEnd();
    }
}
