package dev.belfry.shm.mistakes;

import dev.belfry.api.AckMode;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.crash.Participant;
import dev.belfry.shm.posix.SharedMemory;
import dev.belfry.shm.segment.Machine;
import dev.belfry.shm.segment.QueueFile;
import dev.belfry.shm.segment.Segment;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;

/**
 * What a queue does, one method each, for the mistakes that neither a death nor a schedule is
 * needed to show; and some that need one certain step between two others.
 */
abstract class Behaviours {
    private static final List<Class<? extends Behaviours>> TOPICS = List.of(
            JoinBehaviours.class,
            WaitBehaviours.class,
            PublishBehaviours.class,
            ReadBehaviours.class,
            CloseBehaviours.class,
            ErrorBehaviours.class);

    private static final AtomicInteger NUMBER = new AtomicInteger();
    /** Of a product known to be broken nobody waits so long. */
    static volatile Duration soon = Duration.ofSeconds(3);

    static final long SLICE_NANOS = 100_000_000;
    static final short F_UNLCK = 2;
    static final int GATE = 520;
    static final int HIGH_MARK = 1024;
    static final String FIXED = "?capacity=4k&maxCapacity=4k&deleteOnLastClose=true";
    static final QueueConfig CONFIG = QueueConfig.builder()
            .capacity(4096)
            .maxCapacity(4096)
            .deleteOnLastClose(true)
            .build();

    static final MessageProperties KIND =
            MessageProperties.builder().put("kind", "odd").build();

    final String name = "behaviour-" + ProcessHandle.current().pid() + "-"
            + Integer.toHexString(System.identityHashCode(getClass())) + "-" + NUMBER.incrementAndGet();
    final Deque<AutoCloseable> opened = new ArrayDeque<>();

    /** The class that has this one. */
    static Class<? extends Behaviours> of(String method) {
        for (Class<? extends Behaviours> topic : TOPICS)
            for (Method each : topic.getDeclaredMethods()) if (each.getName().equals(method)) return topic;
        throw new IllegalArgumentException(method);
    }

    @AfterEach
    void close() throws Exception {
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (RuntimeException damaged) {
                // by the mistake
            }
        }
        MessageQueues.delete("shm:" + name);
    }

    MessageQueue open(String parameters) {
        MessageQueue queue = MessageQueues.open("shm:" + name + parameters);
        opened.push(queue);
        return queue;
    }

    MessageQueue open(Participant process) {
        MessageQueue queue = process.open(name, CONFIG, 8);
        opened.push(() -> {
            process.closeQueues(); // unless it is dead
            process.bury();
        });
        return queue;
    }

    static <T> CompletableFuture<T> start(Supplier<T> work) {
        return CompletableFuture.supplyAsync(work, task -> {
            Thread thread = new Thread(task, "behaviour");
            thread.setDaemon(true);
            thread.start();
        });
    }

    static CompletableFuture<Void> run(Runnable work) {
        return start(() -> {
            work.run();
            return null;
        });
    }

    static ByteBuffer body(int length) {
        return ByteBuffer.allocate(length);
    }

    static void fill(Publisher publisher, int length) {
        while (publisher.offer(body(length), Duration.ZERO) != Publisher.REJECTED) {
            // one more
        }
    }

    /** Does something before a call of the C library, the first one that fits. */
    abstract static class Between extends Participant {
        Runnable then;

        abstract boolean isIt(String function, Object[] args);

        @Override
        protected Object call(String function, Method method, Object[] args) throws Throwable {
            if (then != null && isIt(function, args)) {
                Runnable now = then;
                then = null;
                now.run();
            }
            return super.call(function, method, args);
        }
    }

    static SubscriberOptions audit() {
        return SubscriberOptions.builder().name("audit").build();
    }

    /** Long enough for a call that need not wait; one that must wait is given up. */
    static void waitABit(CompletableFuture<?> future) {
        try {
            future.get(2, TimeUnit.SECONDS);
        } catch (Exception itMustWait) {
            // rightly
        }
    }

    Publisher three(MessageQueue queue) {
        Publisher publisher = queue.createPublisher();
        for (int i = 1; i <= 3; i++) publisher.publish("message " + i);
        return publisher;
    }

    static Subscriber oldest(MessageQueue queue, AckMode mode) {
        return queue.createSubscriber(SubscriberOptions.builder()
                .ackMode(mode)
                .startAt(StartAt.OLDEST_RETAINED)
                .build());
    }

    static ByteBuffer text(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    Collection<String> damage() {
        Machine machine = Machine.real();
        SharedMemory object = QueueFile.open(machine.libC(), name);
        return dev.belfry.shm.inspect.Inside.damage(Segment.look(machine, name, object));
    }
}
