package dev.belfry.tests;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What stands in /dev/shm when everybody has gone, one way or the other. */
@Timeout(120)
@WaitsForOthers
@Slow
class NothingLeftTest {
    @RegisterExtension
    final Stage stage = new Stage();

    /** Arguments: uri. Publishes and subscribes, says "here ID", and leaves when told. */
    static final class Member implements Role {
        @Override
        public void play(Line line, String... args) throws Exception {
            try (MessageQueue queue = MessageQueues.open(args[0]);
                    Publisher publisher = queue.createPublisher();
                    Subscriber first = queue.createSubscriber(StartAt.OLDEST_RETAINED);
                    Subscriber second = queue.createSubscriber(StartAt.OLDEST_RETAINED)) {
                publisher.publish("hello");
                first.receive(Patience.limit());
                second.receive(Patience.limit());
                line.say("here " + queue.stats().id());
                line.hear();
            }
            line.say("gone");
            line.hear();
        }
    }

    private final List<ChildJvm> members = new ArrayList<>();
    private String name;
    private String uri;
    private UUID id;

    private void gather(String parameters) {
        name = stage.name();
        uri = "shm:" + name + parameters;
        for (int i = 0; i < 3; i++) members.add(stage.start(Member.class, uri));
        for (ChildJvm member : members) id = UUID.fromString(member.expect("here"));
        assertThat(Stage.left(name, id)).as("a segment and six semaphores").hasSize(7);
    }

    private void killAll() {
        members.forEach(ChildJvm::killSoon);
        members.forEach(ChildJvm::kill);
        assertThat(Stage.left(name, id)).isNotEmpty();
    }

    @Test
    void shouldLeaveNothingWhenTheLastOneClosesANonRetainedQueue() {
        gather("?deleteOnLastClose=true");
        for (ChildJvm member : members) {
            assertThat(Stage.left(name, id)).contains("belfry." + name);
            member.ask("leave", "gone"); // and its JVM lives on
        }
        assertThat(Stage.left(name, id)).isEmpty();
    }

    @Test
    void shouldLeaveNothingWhenAllWereKilledAndOneOpensAndCloses() {
        gather("?deleteOnLastClose=true");
        killAll();
        UUID fresh;
        try (MessageQueue queue = MessageQueues.open(uri)) {
            fresh = queue.stats().id();
            assertThat(queue.stats().newestPosition())
                    .as("a queue of its own, not the dead ones'")
                    .isZero();
        }
        assertThat(fresh).isNotEqualTo(id);
        assertThat(Stage.left(name, id)).isEmpty();
        assertThat(Stage.left(name, fresh)).isEmpty();
    }

    @Test
    void shouldLeaveNothingWhenAllButOneWereKilled() {
        gather("?deleteOnLastClose=true");
        members.get(0).kill();
        members.get(1).kill();
        members.get(2).ask("leave", "gone");
        assertThat(Stage.left(name, id)).isEmpty();
    }

    @Test
    void shouldLeaveExactlyTheSegmentWhenARetainedQueueIsClosed() {
        gather("");
        for (ChildJvm member : members) member.ask("leave", "gone");
        assertThat(Stage.left(name, id)).containsExactly("belfry." + name);
        assertThat(MessageQueues.delete(uri)).isTrue();
        assertThat(Stage.left(name, id)).isEmpty();
    }

    @Test
    void shouldLeaveExactlyTheSegmentWhenAllWereKilledAndOneOpensAndCloses() {
        gather("");
        killAll();
        try (MessageQueue queue = MessageQueues.open(uri)) {
            assertThat(queue.stats().id()).isEqualTo(id);
            assertThat(queue.stats().newestPosition()).isEqualTo(3);
            assertThat(queue.stats().subscribers()).isEmpty();
        }
        assertThat(Stage.left(name, id)).containsExactly("belfry." + name);
    }

    @Test
    void shouldLeaveNothingWhenAllWereKilledAndItIsDeleted() {
        gather("");
        killAll();
        assertThat(MessageQueues.delete(uri)).isTrue();
        assertThat(Stage.left(name, id)).isEmpty();
    }

    @Test
    void shouldLeaveNothingWhenItIsDeletedInUseAndTheLastOneCloses() {
        gather("");
        assertThat(MessageQueues.delete(uri)).isTrue();
        assertThat(Stage.left(name, id)).doesNotContain("belfry." + name).hasSize(6);
        for (ChildJvm member : members) member.ask("leave", "gone");
        assertThat(Stage.left(name, id)).isEmpty();
    }
}
