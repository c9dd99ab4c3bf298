package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.conformance.ChildJvm;
import dev.belfry.conformance.JavaCommand;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Four observers beside a publisher do not make it dearer: its thread's own processor time for a message, so that what the observers themselves take of a busy
 * machine is not mistaken for it. Rounds with and without them take turns, and the best of each is compared.
 */
@Timeout(240)
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
                    for (int i = 0; i < MESSAGES; i++) out.publish(body.rewind());
                    System.out.println((cpuNanos() - before) / MESSAGES);
                }
            }
        }
    }

    /** Of this thread so far. */
    private static long cpuNanos() throws IOException {
        return Long.parseLong(
                Files.readString(Path.of("/proc/thread-self/schedstat")).split(" ")[0]);
    }

    @Test
    void shouldCostThePublisherNothing() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            JavaCommand command = JavaCommand.of(Measured.class, "shm:q")
                    .flags(List.of("-Xmx96m", "-XX:+UseSerialGC"))
                    .flags(JavaCommand.QUIET);
            ChildJvm publisher = sandbox.start(command);
            publisher.expect("ready");
            long[] without = new long[ROUNDS];
            long[] with = new long[ROUNDS];
            for (int round = 0; round < ROUNDS; round++) {
                without[round] = nanos(publisher);
                List<ChildJvm> observers = new ArrayList<>();
                for (String[] each :
                        new String[][] {{"top"}, {"top", "--json"}, {"tail", "-f", "q"}, {"tail", "-f", "q"}})
                    observers.add(observer(sandbox, each));
                sandbox.awaitSubscribers("q", 2);
                with[round] = nanos(publisher);
                observers.forEach(ChildJvm::kill);
            }
            Arrays.sort(without);
            Arrays.sort(with);
            System.out.println("publish, processor time a message: " + without[0] + " to " + without[ROUNDS - 1]
                    + " ns without observers, " + with[0] + " to " + with[ROUNDS - 1] + " ns with four");
            assertThat((double) with[0]).isLessThan(1.5 * without[0] + 20);
        }
    }

    private static ChildJvm observer(Sandbox sandbox, String... arguments) {
        return sandbox.start(
                Sandbox.java(Belfry.class, arguments).through(List.of("sh", "-c", "exec \"$@\" > /dev/null", "sh")));
    }

    private static long nanos(ChildJvm publisher) {
        return Long.parseLong(publisher.ask(""));
    }
}
