package dev.belfry.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.SubscriberStats;
import dev.belfry.api.Subscribers;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A process whose one thread sleeps for many queues, and processes that are killed meanwhile. */
@Timeout(300)
@WaitsForOthers
@Slow
class ManyQueuesTest {
    private static final int QUEUES = 5;

    @RegisterExtension
    final Stage stage = new Stage();

    private final List<String> uris = new ArrayList<>();
    private final List<MessageQueue> queues = new ArrayList<>();
    private final List<Publisher> publishers = new ArrayList<>();

    /** Arguments: name, uris. Says what each queue brings; told "close N" it closes that member. */
    static final class Gateway implements Role {
        @Override
        public void play(Line line, String... args) throws Exception {
            List<Subscriber> members = new ArrayList<>();
            SubscriberOptions named = SubscriberOptions.builder().name(args[0]).build();
            for (int i = 1; i < args.length; i++)
                members.add(MessageQueues.open(args[i]).createSubscriber(named));
            Subscribers all = Subscribers.of(members.toArray(Subscriber[]::new));
            Thread reader = new Thread(() -> {
                while (true) {
                    Subscribers.Received received = all.receive();
                    line.say("received " + members.indexOf(received.from()) + " "
                            + received.message().text());
                }
            });
            reader.setDaemon(true);
            line.say("settled");
            reader.start();
            while (true)
                members.get(Integer.parseInt(line.hear().substring("close ".length())))
                        .close();
        }
    }

    /** Arguments: uri. Publishes what it hears. */
    static final class Teller implements Role {
        @Override
        public void play(Line line, String... args) throws Exception {
            try (MessageQueue queue = MessageQueues.open(args[0]);
                    Publisher publisher = queue.createPublisher()) {
                line.say("ready");
                while (true) {
                    publisher.publish(line.hear());
                    line.say("published");
                }
            }
        }
    }

    @BeforeEach
    void open() {
        for (int i = 0; i < QUEUES; i++) {
            uris.add(stage.uri(""));
            queues.add(MessageQueues.open(uris.get(i)));
            publishers.add(queues.get(i).createPublisher());
        }
    }

    @AfterEach
    void close() {
        queues.forEach(MessageQueue::close);
    }

    private ChildJvm gateway(String name) {
        List<String> args = new ArrayList<>(uris);
        args.add(0, name);
        ChildJvm gateway = stage.start(Gateway.class, args.toArray(String[]::new));
        gateway.expect("settled");
        return gateway;
    }

    private void wakes(ChildJvm gateway, int queue, String text) {
        publishers.get(queue).publish(text);
        assertThat(gateway.expect("received")).isEqualTo(queue + " " + text);
    }

    private void close(ChildJvm gateway, int queue) {
        gateway.tell("close " + queue);
        Patience.until("it is closed", gateway, () -> queues.get(queue).stats().subscribers().stream()
                .noneMatch(SubscriberStats::attached));
    }

    private static void tell(ChildJvm teller, String text) {
        teller.tell(text);
        teller.expect("published");
    }

    @Test
    void shouldReadOnWhenItIsKilledAsleepAndStartedAgain() {
        ChildJvm gateway = gateway("audit");
        for (int i = 0; i < QUEUES; i++) wakes(gateway, i, "first");
        gateway.kill();
        publishers.get(3).publish("while it was dead");
        gateway = gateway("audit");
        assertThat(gateway.expect("received")).isEqualTo("3 while it was dead");
        for (int i = QUEUES - 1; i >= 0; i--) wakes(gateway, i, "second");
    }

    @Test
    void shouldWakeTheOtherWhenOneThatSleepsIsKilled() {
        ChildJvm first = gateway("first");
        ChildJvm second = gateway("second");
        publishers.get(2).publish("both");
        assertThat(first.expect("received")).isEqualTo("2 both");
        assertThat(second.expect("received")).isEqualTo("2 both");
        first.kill();
        for (int i = 0; i < QUEUES; i++) wakes(second, i, "after the kill");
    }

    @Test
    void shouldBeWokenByProcessesThatDieAndByNewOnes() {
        ChildJvm gateway = gateway("audit");
        for (int i = QUEUES - 1; i > 0; i--) {
            ChildJvm teller = stage.start(Teller.class, uris.get(i));
            teller.expect("ready");
            tell(teller, "hello");
            assertThat(gateway.expect("received")).isEqualTo(i + " hello");
            teller.kill();
            wakes(gateway, i, "after the kill");
        }
    }

    /** The others' slots name the semaphore of a queue that has no name any more; a new process finds it. */
    @Test
    void shouldBeWokenWhenTheQueueOfItsSemaphoreIsDeleted() {
        ChildJvm gateway = gateway("audit");
        wakes(gateway, 1, "before");
        assertThat(MessageQueues.delete(uris.get(0))).isTrue();
        ChildJvm teller = stage.start(Teller.class, uris.get(1));
        teller.expect("ready");
        tell(teller, "from a new process");
        assertThat(gateway.expect("received")).isEqualTo("1 from a new process");
        for (int i = 0; i < QUEUES; i++) wakes(gateway, i, "after it");
        close(gateway, 0); // nobody could remove the semaphore of a killed member: its queue has no name
    }

    @Test
    void shouldBeWokenWhenTheMemberOfItsSemaphoreIsClosed() {
        ChildJvm gateway = gateway("audit");
        wakes(gateway, 4, "before");
        for (int closed = 0; closed < 3; closed++) {
            close(gateway, closed);
            for (int i = closed + 1; i < QUEUES; i++) wakes(gateway, i, "after " + closed);
        }
    }
}
