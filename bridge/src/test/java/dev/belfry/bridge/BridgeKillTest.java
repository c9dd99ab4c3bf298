package dev.belfry.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.Subscriber;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Depth;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.MessageViolation;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Seeded;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two bridges, A to B to C; publishers, bridges and the subscriber of C are killed by SIGKILL, at
 * random. A subscriber of A in this process is the witness of what was published in which order.
 * The subscriber of C has to get the same.
 */
@Timeout(3600)
@WaitsForOthers
@Slow
class BridgeKillTest {
    private static final int MESSAGES = Depth.pick(0, 0, 2_000_000);
    private static final int PUBLISHERS = 2;
    private static final String SIZE = "?capacity=64k&maxCapacity=256k";

    final Queues queues = new Queues("shm");
    private final Map<String, ChildJvm> living = new HashMap<>();
    private int publishers;
    private volatile boolean over;
    private int kills;

    @TempDir
    Path files;

    @AfterEach
    void close() {
        living.values().forEach(ChildJvm::close);
        List<String> ids = Stream.of("a", "b", "c")
                .map(name -> queues.id(name).replace("-", ""))
                .toList();
        queues.close();
        assertThat(new File("/dev/shm").list())
                .as("semaphores of processes that were killed")
                .noneMatch(name -> ids.stream().anyMatch(name::contains));
    }

    @Seeded(30) // each bridge among the first three that are killed, and all others among the first six
    void shouldPassEachMessageOnceAndInOrder(long seed) throws Exception {
        try {
            passEachMessageOnceAndInOrder(seed);
        } catch (AssertionError failure) {
            ChildJvm.reportTo(failure, living.values());
            throw failure;
        }
    }

    private void passEachMessageOnceAndInOrder(long seed) throws Exception {
        Random random = new Random(seed);
        MessageQueue a = queues.open("a" + SIZE);
        MessageQueue b = middle();
        MessageQueue c = queues.open("c" + SIZE);
        try (Subscriber subscriber = a.createSubscriber()) {
            Witness witness = new Witness(subscriber);
            for (String name : List.of("bridge1", "bridge2", "subscriber"))
                start(name).expect("ready");
            for (int i = 0; i < PUBLISHERS; i++) start("publisher" + i);
            while (kills < kills() || witness.count() < MESSAGES) {
                long before = c.stats().newestPosition();
                if (random.nextBoolean())
                    Patience.until("messages get through", () -> c.stats().newestPosition() > before);
                LockSupport.parkNanos(random.nextInt(50_000_000));
                if (kills < kills()) strike(random);
            }
            for (int i = 0; i < PUBLISHERS; i++) end("publisher" + i);
            over = true;
            long[] expected = witness.all();
            for (long before; (before = journalled()) < expected.length; ) {
                long there = before;
                Patience.until("the journal grows", living.get("subscriber"), () -> journalled() > there);
            }
            compare(expected, journal());
            checkMiddle(b, expected);
            assertThat(c.stats().newestPosition())
                    .as("over shm: not even a duplicate in %s", c.uri())
                    .isEqualTo(expected.length);
            accountFor(expected);
            System.out.println("seed " + seed + ": " + kills + " kills among " + expected.length + " messages of "
                    + publishers + " publishers");
        }
    }

    /** At least so many. */
    int kills() {
        return Depth.pick(6, 6, 200);
    }

    /** B. */
    MessageQueue middle() {
        return queues.open("b" + SIZE);
    }

    String middleUri() {
        return queues.uri("b");
    }

    /** {@code expected}: as fingerprints. */
    void checkMiddle(MessageQueue b, long[] expected) throws Exception {
        assertThat(b.stats().newestPosition())
                .as("over shm: not even a duplicate in %s", b.uri())
                .isEqualTo(expected.length);
    }

    void strike(Random random) throws Exception {
        killOneOf(random);
    }

    final ChildJvm start(String name) throws IOException {
        String[] args =
                switch (name) {
                    case "bridge1" -> new String[] {"bridge", queues.uri("a"), middleUri()};
                    case "bridge2" -> new String[] {"bridge", middleUri(), queues.uri("c")};
                    case "subscriber" -> new String[] {"read", queues.uri("c"), file("journal")};
                    default -> new String[] {"publish", queues.uri("a"), "" + ++publishers, file("" + publishers)};
                };
        ChildJvm child = command(args).title(name).start();
        living.put(name, child);
        return child;
    }

    JavaCommand command(String... args) {
        return JavaCommand.of(Actor.class, args).flags(JavaCommand.QUICK).flags(JavaCommand.QUIET);
    }

    private String file(String name) {
        return files.resolve(name).toString();
    }

    final void killOneOf(Random random) throws IOException {
        kills++;
        List<String> names = living.keySet().stream().sorted().toList();
        String name = names.get(random.nextInt(names.size()));
        living.get(name).kill();
        start(name);
    }

    /** By itself. */
    private void end(String name) {
        ChildJvm child = living.remove(name);
        child.expect("ready");
        child.tell("stop");
        child.expect("published");
        child.awaitEnd();
    }

    private long journalled() {
        return Path.of(file("journal")).toFile().length() / 16;
    }

    private long[] journal() throws IOException {
        ByteBuffer all = ByteBuffer.wrap(Files.readAllBytes(Path.of(file("journal"))));
        long[] fingerprints = new long[all.remaining() / 16];
        for (int i = 0; i < fingerprints.length; i++) fingerprints[i] = all.getLong(16 * i + 8);
        return fingerprints;
    }

    static void compare(long[] expected, long[] arrived) {
        int at = Arrays.mismatch(expected, arrived);
        if (at < 0) return;
        throw new MessageViolation(
                "the subscriber got " + arrived.length + " of " + expected.length + ", and as number "
                        + at + " " + text(arrived, at) + " instead of " + text(expected, at) + ", after "
                        + text(arrived, at - 1));
    }

    private static String text(long[] all, int at) {
        if (at < 0 || at >= all.length) return "nothing";
        return "message " + (all[at] & (1L << 40) - 1) + " of publisher " + (all[at] >>> 40);
    }

    /** Of each publisher all that returned, in order, and at most one more of one that was killed. */
    private void accountFor(long[] all) throws IOException {
        Map<Integer, Long> last = new HashMap<>();
        for (long one : all) {
            int id = (int) (one >>> 40);
            long n = one & (1L << 40) - 1;
            if (n != last.getOrDefault(id, 0L) + 1)
                throw new MessageViolation("message " + n + " of publisher " + id + " after " + last.get(id));
            last.put(id, n);
        }
        for (int id = 1; id <= publishers; id++) {
            long returned = Files.exists(files.resolve("" + id))
                    ? Actor.progress(files.resolve("" + id)).getLong(0)
                    : 0;
            assertThat(last.getOrDefault(id, 0L)).as("of publisher %s", id).isBetween(returned, returned + 1);
        }
    }

    /** Reads A to its end. */
    private final class Witness {
        private final Subscriber in;
        private final Thread thread = new Thread(this::read, "witness");
        private long[] seen = new long[1 << 20];
        private volatile int count;
        private volatile Throwable failure;

        Witness(Subscriber in) {
            this.in = in;
            thread.start();
        }

        private void read() {
            try {
                while (in.poll(m -> add(Actor.fingerprint(m.buffer())), 500, Duration.ofMillis(20)) > 0 || !over)
                    continue;
            } catch (Throwable e) {
                failure = e;
            }
        }

        private void add(long fingerprint) {
            if (count == seen.length) seen = Arrays.copyOf(seen, 2 * count);
            seen[count] = fingerprint;
            count = count + 1;
        }

        int count() {
            return count;
        }

        long[] all() throws InterruptedException {
            thread.join();
            if (failure != null) throw new AssertionError(failure);
            return Arrays.copyOf(seen, count);
        }
    }
}
