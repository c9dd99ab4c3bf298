package dev.belfry.shm.sync;

import static dev.belfry.shm.Inside.handle;
import static dev.belfry.shm.Inside.newQueue;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Pointer;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.posix.Errno;
import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.posix.RealLibC;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.Machine;
import dev.belfry.shm.segment.Opening;
import dev.belfry.spi.QueueSettings;
import dev.belfry.testing.Luck;
import dev.belfry.testing.Seeded;
import dev.belfry.testing.WaitsForOthers;
import dev.belfry.testing.Yardstick;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A kernel that wakes the wrong thread and forgets the right one: that costs a slice, and nothing else. */
@Timeout(600)
@WaitsForOthers
class LostWakeTest {
    private static final LibC REAL = RealLibC.load();
    private static final int MESSAGES = 20;
    private static final Duration SLICE_AND_MORE = Duration.ofSeconds(3);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int INT_MAX = Integer.MAX_VALUE;
    private static final int MOST_OWED = 100; // of Sleepers
    private static int queues;

    private final String name = "lost-" + ProcessHandle.current().pid() + "-" + ++queues;
    private final QueueConfig config = QueueConfig.builder()
            .capacity(4096)
            .maxCapacity(4096)
            .deleteOnLastClose(true)
            .build();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicInteger tampered = new AtomicInteger();
    private Yardstick yardstick; // with luck, by the clock as well

    /** Null: the call is made. */
    private interface Tamper {
        Object with(Method method, Object[] args) throws Exception;
    }

    private MessageQueue open(Tamper tamper) {
        ThreadLocal<Integer> errno = new ThreadLocal<>();
        LibC libC = (LibC) Proxy.newProxyInstance(
                LibC.class.getClassLoader(), new Class<?>[] {LibC.class}, (proxy, method, args) -> {
                    if (method.getName().equals("errno") && errno.get() != null) return errno.get();
                    errno.remove();
                    Object instead = tamper.with(method, args);
                    if (instead == null) {
                        try {
                            return method.invoke(REAL, args);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    }
                    tampered.incrementAndGet();
                    int answer = ((Number) instead).intValue();
                    if (answer < 0) errno.set(-answer);
                    Number result = Math.max(answer, -1);
                    return method.getReturnType() == long.class ? (Object) result.longValue() : result;
                });
        Handle handle = Opening.open(new Machine(libC, SharedBytes.PLAIN), name, config, QueueSettings.of(config), 4);
        return newQueue(URI.create("shm:" + name), handle);
    }

    @AfterEach
    void end() {
        threads.shutdownNow();
        assertThat(tampered).as("calls that were tampered with").hasPositiveValue();
    }

    private static boolean isFutex(Method method, Object[] args, long operation) {
        return method.getName().equals("syscall") && args.length == 7 && (Long) args[2] == operation;
    }

    /**
     * One message at a time, to a subscriber that sleeps: what is published is found in the slice in which
     * that was, or in the next.
     */
    private void eachArrivesSoon(Tamper sender, Tamper receiver) throws Exception {
        AtomicInteger slices = new AtomicInteger();
        Tamper counted = (method, args) -> {
            if (method.getName().equals("sem_clockwait")) slices.incrementAndGet();
            return receiver.with(method, args);
        };
        try (MessageQueue from = open(sender);
                MessageQueue to = open(counted);
                Publisher publisher = from.createPublisher();
                Subscriber subscriber = to.createSubscriber(
                        SubscriberOptions.builder().spin(Duration.ZERO).build())) {
            for (long n = 1; n <= MESSAGES; n++) {
                CompletableFuture<Message> waits =
                        CompletableFuture.supplyAsync(() -> subscriber.receive(PATIENCE), threads);
                while (handle(from).sleepers.handshake.lookFenced() == 0 && !waits.isDone()) Thread.onSpinWait();
                publisher.publish(new byte[100]);
                int begun = slices.get();
                beginWatch();
                assertThat(waits.get().position()).isEqualTo(n);
                assertThat(slices.get() - begun)
                        .as("slices begun since it was published")
                        .isLessThanOrEqualTo(1);
                requireSoon();
            }
        }
    }

    private void beginWatch() {
        if (yardstick != null) yardstick.begin();
    }

    private void requireSoon() {
        if (yardstick != null) assertThat(yardstick.took()).isLessThan(SLICE_AND_MORE);
    }

    @Test
    @Tag("F51")
    void f51PostsThatAreDroppedCostASliceEach() throws Exception {
        eachArrivesSoon((method, args) -> method.getName().equals("sem_post") ? 0 : null, (method, args) -> null);
    }

    @Test
    @Tag("F51")
    void f51SleepersThatWakeForNothingSleepOn() throws Exception {
        AtomicInteger sleeps = new AtomicInteger();
        eachArrivesSoon((method, args) -> null, (method, args) -> {
            if (!method.getName().equals("sem_clockwait")) return null;
            return switch (sleeps.incrementAndGet() % 4) {
                case 1 -> 0; // as if posted
                case 2 -> -Errno.EINTR;
                case 3 -> -Errno.ETIMEDOUT;
                default -> null;
            };
        });
    }

    /** It cannot be posted any more, and would take minutes to drain: neither is noticed by anybody. */
    @Test
    @Tag("F27")
    @Tag("F37")
    void f27ASemaphoreAtItsLargestValueIsNoObstacle() throws Exception {
        AtomicInteger overflows = new AtomicInteger();
        Tamper sender = (method, args) -> {
            if (!method.getName().equals("sem_post")) return null;
            new Pointer((Long) args[0]).setInt(0, INT_MAX);
            if (REAL.sem_post((Long) args[0]) == -1 && REAL.errno() == Errno.EOVERFLOW) overflows.incrementAndGet();
            return -Errno.EOVERFLOW;
        };
        eachArrivesSoon(sender, (method, args) -> null);
        assertThat(overflows).as("posts that the C library refused").hasPositiveValue();
    }

    @Test
    @Tag("F27")
    @Tag("F37")
    void f27WhoSleepsOnASemaphoreAtItsLargestValueStillKeepsTime() {
        AtomicInteger taken = new AtomicInteger();
        AtomicInteger slices = new AtomicInteger();
        AtomicInteger slicesOfTheClosed = new AtomicInteger();
        AtomicReference<Subscriber> sleeper = new AtomicReference<>();
        Tamper receiver = (method, args) -> {
            if (method.getName().equals("sem_clockwait")) {
                slices.incrementAndGet();
                if (String.valueOf(sleeper.get()).endsWith(", closed")) slicesOfTheClosed.incrementAndGet();
            }
            if (method.getName().equals("sem_trywait")) taken.incrementAndGet();
            if (method.getName().equals("sem_trywait")) new Pointer((Long) args[0]).setInt(0, INT_MAX);
            tampered.incrementAndGet();
            return null;
        };
        try (MessageQueue queue = open(receiver)) {
            Subscriber subscriber = queue.createSubscriber();
            sleeper.set(subscriber);
            beginWatch();
            assertThat(subscriber.receive(Duration.ofMillis(200))).isNull();
            requireSoon();
            assertThat(taken.get())
                    .as("posts taken before a slice")
                    .isLessThanOrEqualTo(MOST_OWED * (slices.get() + 1));
            handle(queue).segment.header.bytes().getAndSetInt(SegmentHeader.ASLEEP, 0); // nobody has since
            CompletableFuture<Message> waits =
                    CompletableFuture.supplyAsync(() -> subscriber.receive(Duration.ofSeconds(50)), threads);
            while (handle(queue).sleepers.handshake.lookFenced() == 0) Thread.onSpinWait();
            beginWatch();
            subscriber.close();
            assertThat(waits).succeedsWithin(PATIENCE);
            assertThat(slicesOfTheClosed.get())
                    .as("slices begun after it was closed")
                    .isLessThanOrEqualTo(1);
            requireSoon();
        }
    }

    /** Two publishers at a lock and a full ring, whose futex wakes are dropped, and whose waits end for no reason. */
    @Test
    @Tag("F51")
    void f51FutexesThatForgetAndThatWakeForNothingOnlyDelay() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        Tamper tamper = (method, args) -> {
            if (isFutex(method, args, 1)) return 0; // nobody is woken
            if (!isFutex(method, args, 0)) return null;
            return switch (calls.incrementAndGet() % 4) {
                case 1 -> 0; // as if woken
                case 2 -> -Errno.EAGAIN;
                case 3 -> -Errno.EINTR;
                default -> null;
            };
        };
        try (MessageQueue one = open(tamper);
                MessageQueue two = open(tamper);
                Publisher first = one.createPublisher();
                Publisher second = two.createPublisher();
                Subscriber subscriber = two.createSubscriber()) {
            int each = 50;
            CompletableFuture<Void> both = CompletableFuture.allOf(
                    CompletableFuture.runAsync(() -> publish(first, each), threads),
                    CompletableFuture.runAsync(() -> publish(second, each), threads));
            for (long n = 1; n <= 2 * each; n++) {
                Message message = subscriber.receive(PATIENCE);
                assertThat(message.position()).isEqualTo(n);
                if (n % 10 == 0) Thread.sleep(5); // so that the ring is full again
            }
            both.get();
        }
    }

    /** All of them with the clock, again and again. */
    @Luck
    @Seeded(51)
    void f51EachWithinASliceOfTheClock() throws Exception {
        try (Yardstick watch = new Yardstick()) {
            yardstick = watch;
            f51PostsThatAreDroppedCostASliceEach();
            f51SleepersThatWakeForNothingSleepOn();
            f27ASemaphoreAtItsLargestValueIsNoObstacle();
            f27WhoSleepsOnASemaphoreAtItsLargestValueStillKeepsTime();
        }
    }

    private static void publish(Publisher publisher, int count) {
        for (int i = 0; i < count; i++) publisher.publish(new byte[500]);
    }
}
