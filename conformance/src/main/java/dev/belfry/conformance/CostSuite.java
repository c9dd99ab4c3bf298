package dev.belfry.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** 36-38: what it costs. Apart, for machines on which nothing else runs: the JUnit tag is {@code Cost}. */
@Tag("Cost")
public abstract class CostSuite extends ConformanceSuite {
    protected CostSuite() {}

    /**
     * A thousandth of a core above a JVM that sleeps; or, where the machine itself takes that much for ten wakes a second, half as much again as a JVM that parks ten
     * times a second, beside it. The first half minute is dearer, as all that happens so rarely is still interpreted: hence so many attempts.
     */
    @Test
    @Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void b36IdleSubscriberCostsLessThanAThousandthOfACore() {
        assumeTrue(Files.exists(Path.of("/proc/self/schedstat")), "needs /proc/self/schedstat");
        RemoteJvm sleeping = remoteJvm(JavaCommand.QUICK);
        RemoteJvm ticking = remoteJvm(JavaCommand.QUICK);
        RemoteJvm waiting = remote();
        waiting.ask("subscribe");
        waiting.send("receive 1 3600000");
        ticking.send("tick 100");
        double best = Double.MAX_VALUE;
        for (int attempt = 0; attempt < 20 && best >= 1; attempt++) {
            Patience.pause(1_000); // starting up is not idling
            long start = System.nanoTime();
            Map<String, Long> waitingBefore = waiting.jvm().cpuNanos();
            Map<String, Long> tickingBefore = ticking.jvm().cpuNanos();
            Map<String, Long> sleepingBefore = sleeping.jvm().cpuNanos();
            Patience.pause(LONG ? 10_000 : 5_000);
            long asleep = ChildJvm.sum(sleepingBefore, sleeping.jvm().cpuNanos());
            long waits = ChildJvm.sum(waitingBefore, waiting.jvm().cpuNanos()) - asleep;
            long ticks = ChildJvm.sum(tickingBefore, ticking.jvm().cpuNanos()) - asleep;
            double allowed = Math.max(0.001 * (System.nanoTime() - start), 1.5 * ticks);
            best = Math.min(best, waits / allowed);
        }
        assertThat(best).as("what waiting adds, of what it may").isLessThan(1);
        assertThat(waiting.hasAnswered()).isFalse();
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

    @Test
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
