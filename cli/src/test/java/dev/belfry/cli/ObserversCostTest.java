package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.Slow;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Four observers beside a publisher do not make it dearer: it never sleeps for them, and with luck
 * its thread's own processor time for a message is compared, so that what the observers themselves
 * take of a busy machine is not mistaken for it. Rounds with and without them take turns, and the
 * best of each is compared.
 */
@Timeout(900)
@Tag("Waits")
@Tag("Alone")
@Slow
class ObserversCostTest {
    private static final int ROUNDS = 3;
    private static final int MESSAGES = 400_000;

    /** Measures when told to. */
    static final class Measured {
        public static void main(String[] args) throws Exception {
            ByteBuffer body = ByteBuffer.allocateDirect(32);
            try (MessageQueue queue = MessageQueues.open(args[0]);
                    Publisher out = queue.createPublisher()) {
                for (int i = 0; i < 2 * MESSAGES; i++) out.publish(body.rewind());
                System.out.println("ready");
                while (System.in.read() == '\n') {
                    long before = cpuNanos();
                    long sleeps = sleeps();
                    for (int i = 0; i < MESSAGES; i++) out.publish(body.rewind());
                    System.out.println((cpuNanos() - before) / MESSAGES + " " + (sleeps() - sleeps));
                }
            }
        }
    }

    /** Of this thread so far. */
    private static long cpuNanos() throws IOException {
        return Long.parseLong(
                Files.readString(Path.of("/proc/thread-self/schedstat")).split(" ")[0]);
    }

    /** How often this thread has gone to sleep of itself so far. */
    private static long sleeps() throws IOException {
        return Files.readAllLines(Path.of("/proc/thread-self/status")).stream()
                .filter(line -> line.startsWith("voluntary_ctxt_switches:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .sum();
    }

    /**
     * Where it waited for an observer, it would sleep for some of the messages; the JVM stops it
     * for its own reasons now and then.
     */
    @Test
    void shouldNotMakeThePublisherSleep() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            ChildJvm publisher = publisher(sandbox);
            observers(sandbox);
            long[] measured = measured(publisher);
            System.out.println("publish beside four observers: " + measured[1] + " sleeps in " + MESSAGES);
            assertThat(measured[1]).isLessThan(MESSAGES / 1_000);
        }
    }

    @Test
    @Tag("Luck")
    @EnabledIfSystemProperty(named = "belfry.depth", matches = "luck")
    void shouldCostThePublisherNothing() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            ChildJvm publisher = publisher(sandbox);
            long[] without = new long[ROUNDS];
            long[] with = new long[ROUNDS];
            for (int round = 0; round < ROUNDS; round++) {
                without[round] = measured(publisher)[0];
                List<ChildJvm> observers = observers(sandbox);
                with[round] = measured(publisher)[0];
                observers.forEach(ChildJvm::kill);
            }
            Arrays.sort(without);
            Arrays.sort(with);
            System.out.println("publish, processor time a message: " + without[0] + " to " + without[ROUNDS - 1]
                    + " ns without observers, " + with[0] + " to " + with[ROUNDS - 1] + " ns with four");
            assertThat((double) with[0]).isLessThan(1.5 * without[0] + 20);
        }
    }

    private static ChildJvm publisher(Sandbox sandbox) {
        ChildJvm publisher = sandbox.start(JavaCommand.of(Measured.class, "shm:q")
                .flags(List.of("-Xmx96m", "-XX:+UseSerialGC"))
                .flags(JavaCommand.QUIET));
        publisher.expect("ready");
        return publisher;
    }

    private static List<ChildJvm> observers(Sandbox sandbox) {
        List<ChildJvm> observers = new ArrayList<>();
        for (String[] each : new String[][] {{"top"}, {"top", "--json"}, {"tail", "-f", "q"}, {"tail", "-f", "q"}})
            observers.add(observer(sandbox, each));
        sandbox.awaitSubscribers("q", 2);
        return observers;
    }

    private static ChildJvm observer(Sandbox sandbox, String... arguments) {
        return sandbox.start(
                Sandbox.java(Belfry.class, arguments).through(List.of("sh", "-c", "exec \"$@\" > /dev/null", "sh")));
    }

    /** Processor time of a message in ns, and how often it slept in all of them. */
    private static long[] measured(ChildJvm publisher) {
        String[] words = publisher.ask("").split(" ");
        return new long[] {Long.parseLong(words[0]), Long.parseLong(words[1])};
    }
}
