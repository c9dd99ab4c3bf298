package dev.belfry.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.testing.Alone;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.Luck;
import dev.belfry.testing.Patience;
import dev.belfry.testing.RemoteJvm;
import dev.belfry.testing.Seeded;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * 36-38: the cost. The JUnit tag is {@code Cost}. A cost that can only be measured on a machine
 * without other load is {@link Luck}.
 */
@Tag("Cost")
public abstract class CostSuite extends ConformanceSuite {
    protected CostSuite() {}

    /** Three JVMs beside each other: one sleeps, one parks ten times a second, one waits for a message. */
    private final class Three {
        private final RemoteJvm sleeping = remoteJvm(JavaCommand.QUICK);
        private final RemoteJvm ticking = remoteJvm(JavaCommand.QUICK);
        private final RemoteJvm waiting = remote();

        private Three() {
            waiting.ask("subscribe");
            waiting.send("receive 1 3600000");
            ticking.send("tick 100");
        }

        /**
         * The cost that waiting adds to sleeping, for each that ticking adds, or {@code free} in
         * all; the least of many attempts, each of so many milliseconds.
         */
        private double least(ToDoubleFunction<RemoteJvm> sum, double freeASecond, long millis) {
            double best = Double.MAX_VALUE;
            for (int attempt = 0; attempt < ATTEMPTS && best >= MOST_OF_A_TICKER; attempt++) {
                Patience.pause(1_000); // starting up is not idling
                long began = System.nanoTime();
                double waits = -sum.applyAsDouble(waiting);
                double ticks = -sum.applyAsDouble(ticking);
                double sleeps = -sum.applyAsDouble(sleeping);
                Patience.pause(millis);
                sleeps += sum.applyAsDouble(sleeping);
                ticks += sum.applyAsDouble(ticking) - sleeps;
                waits += sum.applyAsDouble(waiting) - sleeps;
                double free = freeASecond * (System.nanoTime() - began) / 1e9 / MOST_OF_A_TICKER;
                best = Math.min(best, waits / Math.max(ticks, free));
            }
            assertThat(waiting.hasAnswered()).isFalse();
            return best;
        }
    }

    private static long sum(Map<String, Long> ofThreads) {
        return ofThreads.values().stream().mapToLong(n -> n).sum();
    }

    /** The cost that waiting may have, against a JVM that parks ten times a second. */
    private static final double MOST_OF_A_TICKER = 1.5;

    private static final int ATTEMPTS = 40;

    /**
     * It sleeps no more often than a program that parks ten times a second; other programs on the
     * machine do not change that.
     */
    @Test
    @WaitsForOthers
    @Timeout(value = 600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void b36IdleSubscriberWakesTenTimesASecondAtMost() {
        assumeTrue(Files.exists(Path.of("/proc/self/status")), "needs /proc/self/status");
        assertThat(new Three().least(jvm -> sum(jvm.jvm().sleeps()), 10, LONG ? 10_000 : 2_000))
                .as("how often it goes to sleep, of a ticker's")
                .isLessThan(MOST_OF_A_TICKER);
    }

    /**
     * A thousandth of a core above a JVM that sleeps. Or, where the machine itself takes that much
     * for ten wakes a second, half as much again as a JVM that parks ten times a second, beside it.
     * The first half minute is more expensive, as such rare code is still interpreted: so there are
     * many attempts.
     */
    @Luck
    @Alone
    @Seeded(36)
    @Timeout(value = 600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void b36IdleSubscriberCostsLessThanAThousandthOfACore() {
        assumeTrue(Files.exists(Path.of("/proc/self/schedstat")), "needs /proc/self/schedstat");
        assertThat(new Three().least(jvm -> sum(jvm.jvm().cpuNanos()), 0.001 * 1e9, LONG ? 10_000 : 5_000))
                .as("what waiting adds, of a ticker's")
                .isLessThan(MOST_OF_A_TICKER);
    }

    @Test
    @Tag("OVERRUN")
    @Tag("GATING")
    @Tag("AWAIT_ACK")
    void b37ObserverChangesNothingForOthers() {
        MessageQueue queue = open(FIXED);
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        int alone = fill(publisher, 100);
        next(subscriber, alone);
        Subscriber stuck = queue.createSubscriber(SubscriberOptions.observer(StartAt.OLDEST_RETAINED));
        Subscriber reading = queue.createSubscriber(SubscriberOptions.observer(StartAt.NOW));
        for (int round = 0; round < 10; round++) {
            assertThat(fill(publisher, 100)).as("how many fit").isEqualTo(alone);
            List<Message> messages = next(subscriber, alone);
            next(reading, alone);
            long last = messages.get(alone - 1).position();
            assertThat(publisher.awaitAcknowledged(last, 1, Patience.limit())).isTrue();
            assertThat(publisher.awaitAcknowledged(last, 2, Duration.ZERO)).isFalse();
        }
        assertThat(subscriber.lostCount()).isZero();
        next(stuck);
        assertThat(stuck.lostCount()).isPositive();
    }

    @Slow
    @Test
    @WaitsForOthers
    void b38NeedsNoFlagsAndKeepsStderrClean() throws Exception {
        RemoteJvm jvm = remoteJvm(List.of());
        jvm.ask("open " + uri("capacity=4k&maxCapacity=64k"));
        jvm.ask("subscribe");
        jvm.ask("publisher");
        jvm.ask("publish message 10");
        assertThat(jvm.ask("receive 10 10000")).endsWith("10:message10");
        jvm.ask("close");
        List<String> lines = jvm.exit().lines().toList();
        if (Runtime.version().feature() < 24) assertThat(lines).isEmpty();
        else assertThat(lines).allMatch(line -> line.startsWith("WARNING: ") || line.isBlank(), "is the JDK's");
    }
}
