package dev.belfry.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.OnFailure;
import dev.belfry.api.Publisher;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.Patched;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A listener's message that fails is moved to another queue, while its process is killed. */
@Timeout(120)
@WaitsForOthers
@Slow
class MovedMessagesTest {
    private static final String PUBLISHED = "long there = move(message, failure);";
    private static final String STAYS_THERE = """
            try (var out = new java.io.PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), true)) {
                out.println("moved");
                while (there > 0) java.util.concurrent.locks.LockSupport.park();
            }
            """;

    @RegisterExtension
    final Stage stage = new Stage();

    @TempDir
    Path files;

    /** Between the publish to the other queue and the acknowledgement: it comes again, and is moved once more. */
    @Test
    @Tag("F58")
    void shouldDoubleAndNotLoseTheMessageThatWasBeingMoved() {
        String uri = stage.uri("");
        String failedUri = stage.uri("");
        Path stopping = new Patched(files)
                .and("FailedMessages", PUBLISHED, PUBLISHED + STAYS_THERE)
                .directory();
        try (MessageQueue queue = MessageQueues.open(uri);
                MessageQueue failed = MessageQueues.open(failedUri)) {
            Subscriber moved = failed.createSubscriber();
            ChildJvm victim = stage.add(Role.command(Listener.class, uri, failedUri)
                    .flags(JavaCommand.QUICK)
                    .inFront(stopping)
                    .start());
            victim.expect("ready");
            Publisher publisher = queue.createPublisher();
            List.of("one", "bad", "three").forEach(publisher::publish);
            victim.expect("heard one");
            victim.expect("heard bad");
            victim.expect("moved");
            victim.kill();
            ChildJvm next = stage.start(Listener.class, uri, failedUri);
            next.expect("ready");
            next.expect("heard bad");
            next.expect("heard three");
            List<Message> both = Stream.generate(() -> moved.receive(Patience.limit()))
                    .limit(2)
                    .toList();
            for (Message message : both) {
                assertThat(message.text()).isEqualTo("bad");
                assertThat(message.properties().getLong(OnFailure.POSITION, 0)).isEqualTo(2);
                assertThat(message.properties().getString(OnFailure.ORIGIN, null))
                        .isEqualTo(queue.uri().toString());
            }
            assertThat(failed.stats().newestPosition()).isEqualTo(2);
        }
    }

    /** Nobody would find what is moved to the one that has no name any more. */
    @ParameterizedTest
    @ValueSource(strings = {"shm", "mem"})
    void shouldMoveToTheQueueThatHasTheNameNow(String scheme) {
        String uri = scheme + ":" + stage.name() + "?deleteOnLastClose=true";
        String failedUri = scheme + ":" + stage.name();
        MessageQueues.open(failedUri).close();
        SubscriberOptions options = SubscriberOptions.builder()
                .maxRedeliveries(0)
                .onFailure(OnFailure.moveTo(failedUri))
                .build();
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher publisher = queue.createPublisher();
                Subscriber billing = queue.createSubscriber(options)) {
            billing.setListener(message -> {
                throw new IllegalStateException();
            });
            for (String text : List.of("one", "two")) {
                MessageQueues.delete(failedUri);
                try (MessageQueue failed = MessageQueues.open(failedUri);
                        Subscriber operator = failed.createSubscriber()) {
                    publisher.publish(text);
                    // "one" is moved again if the name goes before the listener has looked for it
                    while (!operator.receive(Patience.limit()).text().equals(text))
                        assertThat(text).isEqualTo("two");
                }
            }
        } finally {
            MessageQueues.delete(failedUri);
        }
    }

    /** Arguments: its queue, and where "bad" messages go. */
    static final class Listener implements Role {
        @Override
        public void play(Line line, String... args) throws Exception {
            SubscriberOptions options = SubscriberOptions.builder()
                    .name("worker")
                    .maxRedeliveries(0)
                    .onFailure(OnFailure.moveTo(args[1]))
                    .build();
            try (MessageQueue queue = MessageQueues.open(args[0]);
                    Subscriber subscriber = queue.createSubscriber(options)) {
                subscriber.setListener(message -> {
                    line.say("heard " + message.text());
                    if (message.text().equals("bad")) throw new IllegalStateException("of " + subscriber.name());
                });
                line.say("ready");
                line.hear();
            }
        }
    }
}
