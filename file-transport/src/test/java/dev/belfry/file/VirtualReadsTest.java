package dev.belfry.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.api.AckMode;
import dev.belfry.api.InterruptedQueueException;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.Jdks;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The files are read by threads of their own, also for virtual threads: in a JVM with one carrier many of those read
 * below the ring, acknowledge there, seek back and are interrupted. Each gets all, in order.
 */
@Timeout(120)
@WaitsForOthers
@Slow
class VirtualReadsTest {
    @TempDir
    Path directory;

    @Test
    void shouldReadAllInOrderBelowTheRingOnOneCarrier() {
        boolean has = Runtime.version().feature() >= 21;
        Path other = has ? null : Jdks.java(25);
        assumeTrue(has || other != null, "no JDK with virtual threads here");
        JavaCommand command = JavaCommand.of(Child.class, "file:" + directory.resolve("queue"))
                .flags(JavaCommand.QUIET)
                .flags(List.of(
                        "-Djdk.virtualThreadScheduler.parallelism=1", "-Djdk.virtualThreadScheduler.maxPoolSize=1"));
        if (other != null) command = command.java(other);
        try (ChildJvm child = command.start()) {
            assertThat(child.line()).isEqualTo("40 have read 2000 in order, none has lost an interrupt");
        }
    }

    /** With one carrier. */
    static final class Child {
        private static final int READERS = 40;
        private static final int MESSAGES = 2000;
        private static final int FROM = 1500;
        private static final int BACK_TO = 300;

        private Child() {}

        public static void main(String[] args) throws Exception {
            String uri = args[0] + "?capacity=64k&maxCapacity=64k&slots=64&sync=os&anyFileSystem=true&keep=all";
            List<Thread> readers = new ArrayList<>();
            List<String> wrong = new ArrayList<>(); // guarded by itself
            try (MessageQueue queue = MessageQueues.open(uri);
                    Publisher publisher = queue.createPublisher()) {
                for (int i = 0; i < MESSAGES; i++) publisher.publish(new byte[100]);
                for (int i = 0; i < READERS; i++) {
                    String name = "reader" + i;
                    readers.add(virtual(() -> {
                        try {
                            read(queue, name);
                        } catch (Throwable failure) {
                            synchronized (wrong) {
                                wrong.add(name + ": " + failure);
                            }
                        }
                    }));
                }
                for (Thread each : readers) each.join();
            } finally {
                MessageQueues.delete(uri);
            }
            System.out.println(
                    wrong.isEmpty()
                            ? READERS + " have read " + MESSAGES + " in order, none has lost an interrupt"
                            : wrong.toString());
        }

        private static void read(MessageQueue queue, String name) {
            SubscriberOptions options = SubscriberOptions.builder()
                    .name(name)
                    .ackMode(AckMode.CLIENT)
                    .startAt(StartAt.OLDEST_RETAINED)
                    .build();
            try (Subscriber subscriber = queue.createSubscriber(options)) {
                readTo(FROM, 0, subscriber);
                subscriber.seek(StartAt.at(BACK_TO));
                readTo(MESSAGES, BACK_TO - 1, subscriber);
            }
        }

        private static void readTo(int end, long before, Subscriber subscriber) {
            for (long last = before; last < end; last++) {
                Message message = last % 7 == 0 ? interrupted(subscriber) : subscriber.receive();
                if (message.position() != last + 1) throw new AssertionError(message + " after " + last);
                if (last % 50 == 0) subscriber.acknowledge();
            }
        }

        private static Message interrupted(Subscriber subscriber) {
            Thread.currentThread().interrupt();
            Message message = null;
            try {
                message = subscriber.receive();
            } catch (InterruptedQueueException waiting) {
                // it is there next time
            }
            if (!Thread.interrupted()) throw new AssertionError("the interrupt is lost");
            return message == null ? subscriber.receive() : message;
        }

        private static Thread virtual(Runnable work) throws Exception {
            return (Thread)
                    Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, work);
        }
    }
}
