package dev.belfry.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Depth;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.OwnMount;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Processes that publish and are killed, leaders among them, at any instant; others go on. At the end all are killed
 * and their memory is taken away. Each message whose publish had returned is there once.
 */
@WaitsForOthers
@Timeout(300)
class KilledPublishersTest {
    private static final String NAME = "killed-" + ProcessHandle.current().pid();
    private static final String QUEUE = "small:" + NAME + "?anyFileSystem=true&capacity=4k&maxCapacity=32m";

    private final Random random = new Random(5);
    private final Map<String, Long> returned = new HashMap<>();

    @AfterEach
    void delete() {
        MessageQueues.delete(QUEUE);
    }

    /** Says of each message when its publish has returned. */
    static final class Publishing {
        /** {@code args}: who it is, the queue's name, and perhaps more of its URI. */
        public static void main(String[] args) {
            String more = args.length > 2 ? args[2] : "";
            try (MessageQueue queue = MessageQueues.open(QUEUE.replace(NAME, args[1]) + more);
                    Publisher publisher = queue.createPublisher()) {
                for (int i = 0; !System.out.checkError(); i++) { // the test may be killed, too
                    String text = args[0] + "-" + i;
                    System.out.println("returned " + publisher.publish(text) + " " + text);
                    LockSupport.parkNanos(300_000); // the ring holds all until the end
                }
            }
        }
    }

    /** Reads all, as the named subscription that was there before the first message. */
    static final class Reading {
        /** {@code args}: the queue's name; or more of its URI as well, and then it only opens. */
        public static void main(String[] args) {
            String more = args.length > 1 ? args[1] : "";
            try (MessageQueue queue = MessageQueues.open(QUEUE.replace(NAME, args[0]) + more);
                    Subscriber subscriber = keeper(queue)) {
                System.out.println("opened");
                if (args.length > 1) return;
                for (Message m; (m = subscriber.receive(Duration.ofMillis(500))) != null; )
                    System.out.println("read " + m.position() + " " + m.text());
                System.out.println("end");
            }
        }

        private static Subscriber keeper(MessageQueue queue) {
            return queue.createSubscriber(SubscriberOptions.builder()
                    .name("keeper")
                    .startAt(StartAt.OLDEST_RETAINED)
                    .build());
        }
    }

    private static ChildJvm in(OwnMount memory, Class<?> main, String... arguments) {
        return JavaCommand.of(main, arguments).through(memory.launcher()).start();
    }

    private void note(List<String> lines) {
        for (String line : lines) {
            String[] words = line.split(" ");
            if (words.length == 3 && words[0].equals("returned")) returned.put(words[2], Long.parseLong(words[1]));
        }
    }

    private void publish(int kills, String more) throws InterruptedException {
        try (OwnMount memory = OwnMount.ofShm("size=200m")) {
            try (ChildJvm first = in(memory, Reading.class, NAME, more)) {
                first.expect("opened");
                first.awaitEnd();
            }
            List<ChildJvm> alive = new ArrayList<>();
            for (int i = 0; i < kills; i++) {
                while (alive.size() < 3) alive.add(in(memory, Publishing.class, i + "." + alive.size(), NAME));
                for (ChildJvm each : alive) {
                    note(List.of(each.line()));
                    if (!each.isAlive()) throw new AssertionError("It ended by itself: " + each.report());
                }
                Thread.sleep(random.nextInt(60));
                ChildJvm dies = alive.remove(random.nextInt(alive.size()));
                dies.kill();
                note(dies.rest());
            }
            for (ChildJvm each : alive) each.kill();
            for (ChildJvm each : alive) note(each.rest());
        }
        check();
    }

    private void check() {
        Map<String, Long> found = new HashMap<>();
        Set<Long> positions = new HashSet<>();
        try (OwnMount memory = OwnMount.ofShm("size=200m");
                ChildJvm reader = in(memory, Reading.class, NAME)) {
            reader.expect("opened");
            reader.awaitEnd();
            for (String line : reader.rest()) {
                String[] words = line.split(" ");
                if (!words[0].equals("read")) continue;
                assertThat(found.put(words[2], Long.parseLong(words[1])))
                        .as(line)
                        .isNull();
                positions.add(Long.parseLong(words[1]));
            }
        }
        assertThat(found).containsAllEntriesOf(returned);
        assertThat(positions).hasSameSizeAs(found.keySet());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "&maxSize=64m"})
    @Slow
    void shouldHaveEachMessageWhosePublishHadReturned(String more) throws Exception {
        publish(Depth.pick(4, 10, 200), more);
    }
}
