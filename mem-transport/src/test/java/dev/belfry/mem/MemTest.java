package dev.belfry.mem;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.testing.Patience;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/** A queue for each test, and clearing away. */
@Timeout(30)
abstract class MemTest {
    static final Duration NOW = Duration.ZERO;
    static final Duration SECONDS = Duration.ofSeconds(20);

    /** One ring of 4,080 bytes of records that cannot grow: 34 messages of 112 bytes (120 with the header). */
    static final String FIXED = "capacity=4k&maxCapacity=4k";

    static final int FIXED_HOLDS = 34;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final AtomicInteger NUMBER = new AtomicInteger();

    final String uri = "mem:" + getClass().getSimpleName() + NUMBER.incrementAndGet();
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    @AfterEach
    void clear() throws Exception {
        while (!opened.isEmpty()) opened.pop().close();
        MessageQueues.delete(uri);
    }

    final MessageQueue open(String parameters) {
        return closing(MessageQueues.open(uri + "?" + parameters));
    }

    final MessageQueue fixed() {
        return open(FIXED);
    }

    final <T extends AutoCloseable> T closing(T resource) {
        opened.push(resource);
        return resource;
    }

    static ByteBuffer body() {
        return ByteBuffer.allocate(112);
    }

    /** As many as it takes without waiting. */
    static int fill(Publisher publisher) {
        for (int n = 0; n < 1_000_000; n++) if (publisher.offer(body(), NOW) == Publisher.REJECTED) return n;
        throw new AssertionError("never full");
    }

    static <T> Call<T> start(Callable<T> body, String name) {
        Call<T> call = new Call<>(body, name);
        call.thread.start();
        return call;
    }

    /** A call in a thread of its own. */
    static final class Call<T> extends FutureTask<T> {
        private final Thread thread;

        Call(Callable<T> body, String name) {
            super(body);
            thread = new Thread(this, name);
            thread.setDaemon(true);
        }

        /** Until it is inside and waits. */
        void awaitWaiting() {
            Patience.until(
                    "it waits",
                    () -> thread.getState() == Thread.State.WAITING || thread.getState() == Thread.State.TIMED_WAITING);
        }

        /** How often it has gone to sleep: asked once it is asleep, thus once or more. */
        long sleeps() {
            awaitWaiting();
            Patience.until("it has gone to sleep", () -> waits() > 0);
            return waits();
        }

        private long waits() {
            return THREADS.getThreadInfo(thread.getId()).getWaitedCount();
        }
    }

    /** The lines that are logged meanwhile: slf4j-simple reads System.err for each line. */
    static String logOf(Callable<?> call) throws Exception {
        PrintStream before = System.err;
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
        try {
            call.call();
        } finally {
            System.setErr(before);
        }
        return log.toString(StandardCharsets.UTF_8);
    }
}
