package dev.belfry.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** An application that runs out of heap loses no message by it, nor the watch of its claims. */
@Timeout(120)
@WaitsForOthers
@Slow
class LittleHeapTest {
    private static final int LONG = 16 << 20;
    private static final List<String> LITTLE = List.of("-Xmx16m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
    private static final long FULL_NANOS = TimeUnit.MILLISECONDS.toNanos(1_700);

    @RegisterExtension
    final Stage stage = new Stage();

    /**
     * Arguments: uri. Its handler wants more memory than there is for the first message; says what
     * it was given then.
     */
    static final class Reader implements Role {
        @Override
        public void play(Line line, String... args) throws Exception {
            try (MessageQueue queue = MessageQueues.open(args[0]);
                    Subscriber subscriber = queue.createSubscriber()) {
                line.say("subscribed");
                try {
                    subscriber.poll(view -> line.say("copied " + view.bytes().length), 1, Patience.limit());
                } catch (OutOfMemoryError noRoom) {
                    line.say("none");
                }
                for (int i = 0; i < 2; i++)
                    subscriber.poll(
                            view -> line.say("given " + view.position() + " of " + view.length()), 1, Patience.limit());
            }
        }
    }

    @Test
    void shouldHandOverAgainWhatItsHandlerHadNoMemoryFor() {
        String uri = stage.uri("capacity=64m&maxCapacity=64m");
        ChildJvm reader = stage.start(LITTLE, Reader.class, uri);
        reader.expect("subscribed");
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher publisher = queue.createPublisher()) {
            publisher.publish(ByteBuffer.allocateDirect(LONG));
            publisher.publish("second");
            reader.expect("none");
            assertThat(reader.expect("given")).isEqualTo("1 of " + LONG);
            assertThat(reader.expect("given")).isEqualTo("2 of 6");
        }
    }

    /** Arguments: uri. Its subscribers may be passed, so each copies; there is no room for twelve times 64 KiB. */
    static final class Passable implements Role {
        private static final int MESSAGES = 500;

        @Override
        public void play(Line line, String... args) throws Exception {
            SubscriberOptions options = SubscriberOptions.builder()
                    .slowSubscriber(SlowSubscriber.OVERRUN)
                    .build();
            try (MessageQueue queue = MessageQueues.open(args[0]);
                    Publisher publisher = queue.createPublisher()) {
                List<Subscriber> all = new ArrayList<>();
                for (int i = 0; i < 12; i++) all.add(queue.createSubscriber(options));
                for (int i = 0; i < MESSAGES; i++) publisher.publish("message ".repeat(30));
                long read = 0;
                for (Subscriber each : all)
                    while (each.position() < MESSAGES) read += each.poll(view -> {}, MESSAGES, Duration.ZERO);
                line.say("read " + read);
            }
        }
    }

    @Test
    void shouldCopyOneMessageWhereThereIsNoMemoryForMore() {
        ChildJvm reader = stage.start(List.of("-XX:MaxDirectMemorySize=512k"), Passable.class, stage.uri(""));
        assertThat(reader.expect("read")).isEqualTo("" + 12 * Passable.MESSAGES);
    }

    /** Arguments: uri. Has no heap left for a while, then a thread that ends with its claim open. */
    static final class Claimer implements Role {
        private Object[] held;

        @Override
        public void play(Line line, String... args) throws Exception {
            try (MessageQueue queue = MessageQueues.open(args[0]);
                    Publisher publisher = queue.createPublisher()) {
                publisher.publish("before");
                fillTheHeap();
                Thread claimer = new Thread(() -> publisher.claim(8));
                claimer.start();
                claimer.join();
                line.say("claimed");
                line.hear();
            }
        }

        private void fillTheHeap() {
            int size = 1 << 18;
            for (long end = System.nanoTime() + FULL_NANOS; System.nanoTime() < end; )
                try {
                    Object[] more = new Object[size];
                    more[0] = held;
                    held = more;
                } catch (OutOfMemoryError full) {
                    size = Math.max(16, size / 2);
                }
            held = null;
        }
    }

    @Test
    void shouldGiveUpALostClaimAllTheSame() {
        String uri = stage.uri("");
        ChildJvm claimer = stage.start(LITTLE, Claimer.class, uri);
        claimer.expect("claimed");
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher publisher = queue.createPublisher()) {
            assertThat(publisher.offer(ByteBuffer.allocate(1), Duration.ofSeconds(60)))
                    .isEqualTo(2);
        }
        claimer.tell("end");
    }
}
