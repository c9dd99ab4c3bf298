package dev.belfry.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import dev.belfry.api.Claim;
import dev.belfry.api.MessageHandler;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.testing.Alone;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A steady stream to a subscriber that spins: no system call a message, and nothing for the
 * collector, on either side.
 */
@Timeout(1800)
@WaitsForOthers
@Alone
@Slow
class HotPathTest {
    private static final long STRETCH = 2_000_000;

    /**
     * Of so many stretches the best one counts, and once one is good enough no more are awaited: until all of
     * it is compiled, also what is done once in thousands of messages, they are dearer.
     */
    private static final int MOST_STRETCHES = 14;

    /**
     * Moving the gate may still be interpreted, and then takes some bytes every 3,000 messages: see
     * SharedBytes.sayFaultsNow.
     */
    private static final double MOST_BYTES_A_MESSAGE = 0.02;

    private static final long AHEAD = 15_000;

    /** The JVM stops its threads for its own reasons now and then; over millions of messages that is nothing. */
    private static final double MOST_CALLS_A_MESSAGE = 1e-4;

    private static final List<String> SIDES = List.of("publisher", "subscriber");

    @RegisterExtension
    final Stage stage = new Stage();

    /**
     * Arguments: uri, exclusive?, claim? Two threads, hot-publish and hot-poll; the first never
     * runs far ahead, so that it need not wait for room.
     */
    static final class Stream implements Role, MessageHandler {
        private final AtomicLong read = new AtomicLong();
        private final Map<String, Long> least = new ConcurrentHashMap<>();
        private volatile boolean stopped;
        private long sum;

        @Override
        public void play(Line line, String... args) throws Exception {
            boolean claim = Boolean.parseBoolean(args[2]);
            try (MessageQueue queue = MessageQueues.open(args[0]);
                    Publisher publisher = queue.createPublisher(PublisherOptions.builder()
                            .exclusive(Boolean.parseBoolean(args[1]))
                            .build());
                    Subscriber subscriber = queue.createSubscriber(SubscriberOptions.builder()
                            .spin(ChronoUnit.FOREVER.getDuration())
                            .build())) {
                Thread poll = new Thread(() -> poll(subscriber), "hot-poll");
                Thread publish = new Thread(() -> publish(publisher, claim), "hot-publish");
                poll.start();
                publish.start();
                while (read.get() < STRETCH * (MOST_STRETCHES + 1) && !isMeasured()) Thread.sleep(10);
                line.say("measured");
                while (!"stop".equals(line.hear())) line.say("read " + read.get());
                stopped = true;
                publish.join();
                poll.join();
            }
            for (String who : SIDES) line.say(who + " " + least.get(who));
            line.say("sum " + sum);
        }

        private boolean isMeasured() {
            return SIDES.stream()
                    .allMatch(who -> bytesAMessage(least.getOrDefault(who, Long.MAX_VALUE)) < MOST_BYTES_A_MESSAGE);
        }

        private void publish(Publisher publisher, boolean claim) {
            ByteBuffer body = ByteBuffer.allocateDirect(32);
            long allocated = 0;
            for (long n = 1; !stopped; n++) {
                if (n % STRETCH == 0) allocated = stretch("publisher", n > STRETCH, allocated);
                while (n - read.getAcquire() > AHEAD && !stopped) Thread.onSpinWait();
                if (claim) {
                    try (Claim open = publisher.claim(32)) {
                        open.putLong(0, n);
                        open.commit();
                    }
                } else {
                    body.clear().putLong(0, n);
                    publisher.publish(body);
                }
            }
            publisher.publish("end");
        }

        private void poll(Subscriber subscriber) {
            long allocated = 0;
            Duration forEver = ChronoUnit.FOREVER.getDuration();
            for (long next = STRETCH; !stopped; ) {
                subscriber.poll(this, 256, forEver);
                if (read.getPlain() < next) continue;
                allocated = stretch("subscriber", next > STRETCH, allocated);
                next += STRETCH;
            }
        }

        @Override
        public void onMessage(dev.belfry.api.MessageView view) {
            if (view.length() == 32) sum += view.getLong(0);
            read.setRelease(view.position());
        }

        private static long allocated() {
            return ((ThreadMXBean) ManagementFactory.getThreadMXBean())
                    .getThreadAllocatedBytes(Thread.currentThread().getId());
        }

        /** Ends one, unless it is the first, and begins the next: returns what was allocated when it began. */
        private long stretch(String who, boolean ends, long allocatedBefore) {
            if (ends) least.merge(who, allocated() - allocatedBefore, Math::min);
            return allocated();
        }
    }

    private static double bytesAMessage(long bytesOfAStretch) {
        return bytesOfAStretch / (double) STRETCH;
    }

    @ParameterizedTest(name = "exclusive {0}, claim {1}")
    @CsvSource({"false,false", "false,true", "true,false", "true,true"})
    void shouldNeitherCallTheKernelNorAllocate(boolean exclusive, boolean claim) throws Exception {
        String uri = stage.uri("");
        ChildJvm stream = stage.start(Role.HOT, Stream.class, uri, "" + exclusive, "" + claim);
        stream.expect("measured", Duration.ofMinutes(10));
        String missing = Strace.isMissing();
        if (missing == null) {
            for (String thread : List.of("hot-publish", "hot-poll"))
                for (int stretch = 1; !callsNothing(stream, thread, stretch == MOST_STRETCHES); ) stretch++;
        }
        stream.tell("stop");
        for (int i = 0; i < 2; i++) {
            String[] result = stream.line().split(" ");
            double each = bytesAMessage(Long.parseLong(result[1]));
            System.out.printf(
                    "exclusive %s, claim %s: %s allocated %.5f bytes a message%n", exclusive, claim, result[0], each);
            assertThat(each).as("bytes a message of the %s", result[0]).isLessThan(MOST_BYTES_A_MESSAGE);
        }
        stream.expect("sum");
        stream.awaitEnd();
        assumeTrue(missing == null, missing);
    }

    /** Whether it makes next to no system calls; the last time that is asked it must not make any. */
    private static boolean callsNothing(ChildJvm stream, String thread, boolean last) throws Exception {
        try (Strace strace = Strace.attach(stream.thread(thread))) {
            long before = Long.parseLong(stream.ask("read", "read"));
            Patience.until("enough is read", () -> Long.parseLong(stream.ask("read", "read")) > before + STRETCH / 4);
            String output = strace.detach();
            long messages = Long.parseLong(stream.ask("read", "read")) - before;
            long calls = output.lines().filter(l -> l.contains("(")).count();
            System.out.printf("%s: %d system calls in %d messages%n", thread, calls, messages);
            double each = calls / (double) messages;
            if (each < MOST_CALLS_A_MESSAGE) return true;
            assertThat(last)
                    .as(
                            "system calls of %s:%n%s",
                            thread, output.lines().limit(20).toList())
                    .isFalse();
            return false;
        }
    }
}
