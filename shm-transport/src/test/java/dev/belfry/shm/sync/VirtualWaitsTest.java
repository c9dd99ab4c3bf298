package dev.belfry.shm.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.api.AckMode;
import dev.belfry.api.Claim;
import dev.belfry.api.Codecs;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.Replier;
import dev.belfry.api.Requester;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.Inside;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.posix.RealLibC;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.Machine;
import dev.belfry.shm.segment.Opening;
import dev.belfry.spi.QueueSettings;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.Jdks;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Virtual threads that wait leave their carrier to others: in a JVM with one carrier a thousand of
 * them wait, and another one takes its steps. Counted is each sleep in the kernel of a virtual
 * thread. One that waits under the publish lock keeps the carrier, and is counted.
 */
@Tag("F62")
@WaitsForOthers
@Slow
class VirtualWaitsTest {
    private static String run(String kind) {
        boolean has = Runtime.version().feature() >= 21;
        Path other = has ? null : Jdks.java(25);
        assumeTrue(has || other != null, "no JDK with virtual threads here");
        JavaCommand command = JavaCommand.of(
                        Child.class, kind, ProcessHandle.current().pid() + "-" + kind)
                .flags(JavaCommand.QUIET)
                .flags(List.of(
                        "-Djdk.virtualThreadScheduler.parallelism=1", "-Djdk.virtualThreadScheduler.maxPoolSize=1"));
        if (other != null) command = command.java(other);
        try (ChildJvm child = command.start()) {
            return child.line();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"message", "room", "acknowledgement", "lock", "answer"})
    void shouldLeaveItsCarrierToOthersWhenItWaitsFor(String kind) {
        assertThat(run(kind)).isEqualTo("1000 wait, 100 steps, 0 sleeps on the carrier, 1000 ended");
    }

    @Test
    void shouldKeepItsCarrierWhenItWaitsUnderThePublishLock() {
        assertThat(run("gate")).isEqualTo("1 waits, it slept on the carrier, 1 ended");
    }

    /** With one carrier. */
    static final class Child {
        private static final int MANY = 1000;
        private static final int STEPS = 100;
        private static final AtomicInteger SLEEPS = new AtomicInteger(); // of virtual threads, in the kernel
        private static final AtomicInteger ENDED = new AtomicInteger();
        private static final List<Thread> WAITING = new ArrayList<>();

        private Child() {}

        public static void main(String[] args) throws Exception {
            String name = "virtual-waits-" + args[1];
            Machine machine = new Machine(counting(), SharedBytes.PLAIN);
            Handle handle = open(machine, name, args[0].equals("answer") ? 1 << 20 : 4096); // answers overrun
            String counted;
            try (MessageQueue queue = Inside.newQueue(URI.create("shm:" + name), handle);
                    MessageQueue requests = Inside.newQueue(
                            URI.create("shm:" + name + "-requests"), open(machine, name + "-requests", 1 << 20))) {
                counted =
                        args[0].equals("gate") ? waitsUnderTheLock(queue, handle) : manyWait(queue, requests, args[0]);
            }
            System.out.println(counted);
        }

        private static Handle open(Machine machine, String name, long capacity) {
            QueueConfig config = QueueConfig.builder()
                    .capacity(capacity)
                    .maxCapacity(capacity)
                    .deleteOnLastClose(true)
                    .build();
            return Opening.open(machine, name, config, QueueSettings.of(config), 1024);
        }

        private static LibC counting() {
            LibC real = RealLibC.load();
            return (LibC) Proxy.newProxyInstance(
                    LibC.class.getClassLoader(), new Class<?>[] {LibC.class}, (proxy, method, arguments) -> {
                        if (isSleep(method.getName(), arguments) && Carrier.isVirtual()) SLEEPS.incrementAndGet();
                        try {
                            return method.invoke(real, arguments);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    });
        }

        private static boolean isSleep(String function, Object[] arguments) {
            if (function.equals("sem_clockwait")) return true;
            boolean futex = function.equals("syscall") && List.of(202L, 98L).contains(arguments[0]); // x86-64, aarch64
            return futex && arguments[2].equals(0L); // FUTEX_WAIT
        }

        private static String manyWait(MessageQueue queue, MessageQueue requests, String kind) throws Exception {
            Publisher publisher = queue.createPublisher();
            Runnable end;
            switch (kind) {
                case "message" -> {
                    for (int i = 0; i < MANY; i++) {
                        Subscriber subscriber = queue.createSubscriber();
                        waits(subscriber::receive);
                    }
                    end = () -> publisher.publish("to all");
                }
                case "room" -> {
                    Subscriber subscriber = queue.createSubscriber();
                    while (publisher.offer(ByteBuffer.wrap(new byte[100]), Duration.ZERO) > 0) {}
                    for (int i = 0; i < MANY; i++) waits(() -> publisher.publish(new byte[100]));
                    end = () -> {
                        while (ENDED.get() < MANY) subscriber.poll(view -> {}, 100, Duration.ofMillis(100));
                    };
                }
                case "acknowledgement" -> {
                    Subscriber subscriber = queue.createSubscriber(SubscriberOptions.builder()
                            .ackMode(AckMode.CLIENT)
                            .startAt(StartAt.NOW)
                            .build());
                    long position = publisher.publish("for all");
                    subscriber.receive();
                    for (int i = 0; i < MANY; i++)
                        waits(() -> publisher.awaitAcknowledged(position, 1, Duration.ofHours(1)));
                    end = () -> subscriber.acknowledge(position);
                }
                case "answer" -> {
                    CountDownLatch asked = new CountDownLatch(1);
                    SubscriberOptions defaults = SubscriberOptions.builder().build();
                    Replier.of(requests, Codecs.text(), defaults, queue, Codecs.text(), (question, message) -> {
                        asked.await();
                        return "an answer";
                    });
                    Requester<String, String> requester = Requester.of(requests, Codecs.text(), queue, Codecs.text());
                    for (int i = 0; i < MANY; i++) waits(() -> requester.request("a question", Duration.ofHours(1)));
                    end = asked::countDown;
                }
                default -> {
                    Claim claim = queue.createPublisher().claim(8);
                    for (int i = 0; i < MANY; i++) waits(() -> publisher.publish("after the claim"));
                    end = claim::commit;
                }
            }
            List<Thread> begun =
                    new ArrayList<>(WAITING); // at no moment need all be parked: each looks around at times
            Patience.until("all wait", () -> {
                begun.removeIf(Child::isParked);
                return begun.isEmpty();
            });
            SLEEPS.set(0);
            Thread steps = virtual(() -> {
                for (int i = 0; i < STEPS; i++) Thread.yield();
            });
            steps.join();
            String counted = MANY + " wait, " + STEPS + " steps, " + SLEEPS + " sleeps on the carrier, ";
            end.run();
            Patience.until("all have ended", () -> ENDED.get() == MANY);
            return counted + ENDED + " ended";
        }

        /** The gate has to move, and another process has its lock. */
        private static String waitsUnderTheLock(MessageQueue queue, Handle handle) throws Exception {
            Publisher publisher = queue.createPublisher();
            Subscriber subscriber = queue.createSubscriber();
            while (publisher.offer(ByteBuffer.wrap(new byte[100]), Duration.ZERO) > 0) {}
            while (subscriber.poll(view -> {}, 100, Duration.ZERO) > 0) {}
            if (!handle.gateLock.tryAcquire()) throw new AssertionError("the gate is moving");
            waits(() -> publisher.publish(new byte[100]));
            Patience.until("it sleeps", () -> SLEEPS.get() > 0);
            handle.gateLock.release();
            Patience.until("it has ended", () -> ENDED.get() == 1);
            return "1 waits, it slept on the carrier, " + ENDED + " ended";
        }

        private static boolean isParked(Thread thread) {
            return thread.getState() == Thread.State.TIMED_WAITING;
        }

        private static void waits(Runnable wait) throws Exception {
            WAITING.add(virtual(() -> {
                wait.run();
                ENDED.incrementAndGet();
            }));
        }

        private static Thread virtual(Runnable work) throws Exception {
            return (Thread)
                    Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, work);
        }
    }
}
