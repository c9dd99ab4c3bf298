package dev.belfry.shm.segment;

import static dev.belfry.shm.Inside.newQueue;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.Claim;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.QueueCorruptedException;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.shm.Quiet;
import dev.belfry.shm.posix.RealLibC;
import dev.belfry.shm.sim.Seam;
import dev.belfry.shm.sim.Words;
import dev.belfry.spi.QueueSettings;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A thread stuck for long in the middle of a publish, and its queue closed meanwhile: its late
 * stores reach nobody, others go on, and it is told that it cannot know whether it has published.
 */
@Timeout(60)
@WaitsForOthers
@Slow
class CloseInTheMiddleTest {
    private static final QueueConfig CONFIG =
            QueueConfig.builder().capacity(4096).maxCapacity(4096).build();

    /** What the header word of message 2 has above its length: its stamp and DATA. */
    private static final long SECOND = 2 << 8 | 1;

    /** Is stuck at its commit until its queue is closed. */
    private static final class Stuck extends Seam {
        private final boolean after;
        private MessageQueue queue;

        Stuck(boolean after) {
            this.after = after;
        }

        @Override
        protected void store(Words words, long at, int size, long value, boolean release) {
            boolean commits = queue != null && release && value >>> 32 == SECOND;
            MessageQueue closing = queue;
            if (commits) queue = null;
            if (commits && !after) start(closing::close).join();
            super.store(words, at, size, value, release);
            if (commits && after) start(closing::close).join();
        }
    }

    private static CompletableFuture<Void> start(Runnable work) {
        return CompletableFuture.runAsync(work, task -> new Thread(task).start());
    }

    private static MessageQueue open(Seam seam, String name) {
        Machine machine = new Machine(RealLibC.load(), seam);
        Handle handle = Opening.open(machine, name, CONFIG, QueueSettings.of(CONFIG), 4);
        return newQueue(URI.create("shm:" + name), handle);
    }

    private static void stuck(boolean after, Consumer<Publisher> publishes) {
        String name = "close-in-the-middle-" + ProcessHandle.current().pid() + "-" + after + publishes.hashCode();
        Stuck stuck = new Stuck(after);
        MessageQueue closing = open(stuck, name);
        MessageQueue other = open(new Seam(), name);
        try {
            Publisher publisher = closing.createPublisher();
            publisher.publish("first");
            stuck.queue = closing;
            assertThatThrownBy(() -> publishes.accept(publisher))
                    .as(after ? "after the commit" : "before the commit")
                    .isInstanceOf(QueueCorruptedException.class);
            assertThat(stuck.queue).as("it was stuck").isNull();
            assertThat(other.createPublisher().publish("third")).isEqualTo(after ? 3 : 2);
            Subscriber all = other.createSubscriber(StartAt.OLDEST_RETAINED);
            StringBuilder read = new StringBuilder();
            for (Message m; (m = all.receive(Duration.ZERO)) != null; )
                read.append(m.text()).append(' ');
            assertThat(read.toString()).isEqualTo(after ? "first second third " : "first third ");
        } finally {
            other.close();
            Leaving.delete(Machine.real(), name);
        }
    }

    @Test
    @Tag("F74")
    void shouldSayThatAPublishIsOpen() {
        try (Quiet quiet = new Quiet()) {
            Consumer<Publisher> publish = p -> p.publish("second");
            Consumer<Publisher> claim = p -> {
                Claim claimed = p.claim(6);
                claimed.buffer().put("second".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
                claimed.commit();
            };
            CompletableFuture<?>[] all = {
                start(() -> stuck(false, publish)),
                start(() -> stuck(true, publish)),
                start(() -> stuck(false, claim)),
                start(() -> stuck(true, claim))
            };
            CompletableFuture.allOf(all).join();
            assertThat(quiet).isNotNull();
        }
    }
}
