package dev.belfry.shm.mistakes;

import static dev.belfry.shm.Inside.handle;
import static dev.belfry.shm.Inside.newQueue;
import static dev.belfry.shm.Inside.subscriptions;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.jna.Pointer;
import dev.belfry.api.AckMode;
import dev.belfry.api.Batch;
import dev.belfry.api.Claim;
import dev.belfry.api.InUseException;
import dev.belfry.api.InsufficientResourcesException;
import dev.belfry.api.InterruptedQueueException;
import dev.belfry.api.Message;
import dev.belfry.api.MessageHandler;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberDisconnectedException;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.conformance.Patience;
import dev.belfry.shm.crash.Participant;
import dev.belfry.shm.crash.Refused;
import dev.belfry.shm.crash.Scene;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.layout.SlotState;
import dev.belfry.shm.posix.Errno;
import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.posix.NamedSemaphore;
import dev.belfry.shm.posix.NativeLibC;
import dev.belfry.shm.posix.SharedMemory;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.Inside;
import dev.belfry.shm.segment.Machine;
import dev.belfry.shm.segment.Opening;
import dev.belfry.shm.segment.QueueFile;
import dev.belfry.shm.segment.Segment;
import dev.belfry.shm.segment.SlotSemaphores;
import dev.belfry.shm.sim.Words;
import dev.belfry.shm.sync.Liveness;
import dev.belfry.spi.QueueSettings;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;

/**
 * What a queue does, one method each, for the mistakes that neither a death nor a schedule is
 * needed to show; and some that need one certain step between two others.
 */
final class Behaviours {
    private static final AtomicInteger NUMBER = new AtomicInteger();
    /** Of a product known to be broken nobody waits so long. */
    static volatile Duration soon = Duration.ofSeconds(3);

    private static final long SLICE_NANOS = 100_000_000;
    private static final short F_UNLCK = 2;
    private static final int GATE = 520;
    private static final int HIGH_MARK = 1024;
    private static final String FIXED = "?capacity=4k&maxCapacity=4k&deleteOnLastClose=true";
    private static final QueueConfig CONFIG = QueueConfig.builder()
            .capacity(4096)
            .maxCapacity(4096)
            .deleteOnLastClose(true)
            .build();

    private static final MessageProperties KIND =
            MessageProperties.builder().put("kind", "odd").build();

    private final String name = "behaviour-" + ProcessHandle.current().pid() + "-"
            + Integer.toHexString(System.identityHashCode(getClass())) + "-" + NUMBER.incrementAndGet();
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

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

    private MessageQueue open(String parameters) {
        MessageQueue queue = MessageQueues.open("shm:" + name + parameters);
        opened.push(queue);
        return queue;
    }

    private MessageQueue open(Participant process) {
        MessageQueue queue = process.open(name, CONFIG, 8);
        opened.push(() -> {
            process.closeQueues(); // unless it is dead
            process.bury();
        });
        return queue;
    }

    private static <T> CompletableFuture<T> start(Supplier<T> work) {
        return CompletableFuture.supplyAsync(work, task -> {
            Thread thread = new Thread(task, "behaviour");
            thread.setDaemon(true);
            thread.start();
        });
    }

    private static CompletableFuture<Void> run(Runnable work) {
        return start(() -> {
            work.run();
            return null;
        });
    }

    private static ByteBuffer body(int length) {
        return ByteBuffer.allocate(length);
    }

    private static void fill(Publisher publisher, int length) {
        while (publisher.offer(body(length), Duration.ZERO) != Publisher.REJECTED) {
            // one more
        }
    }

    /** Does something before a call of the C library, the first one that fits. */
    private abstract static class Between extends Participant {
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

    // 2

    /** A new owner that fails to attach leaves the subscription to others. */
    void attachFails() {
        MessageQueue other = open(new Participant());
        Participant dead = new Participant();
        open(dead).createSubscriber(audit());
        dead.kill();
        boolean[] fails = {true};
        MessageQueue failing = open(new Participant() {
            private int errno;

            @Override
            protected Object call(String function, Method method, Object[] args) throws Throwable {
                if (function.equals("errno") && errno != 0) return errno;
                errno = 0;
                if (!fails[0] || !function.equals("sem_open")) return super.call(function, method, args);
                errno = Errno.EMFILE;
                return 0L;
            }
        });
        assertThatThrownBy(() -> failing.createSubscriber(audit())).isNotInstanceOf(InUseException.class);
        fails[0] = false;
        other.createSubscriber(audit()).close();
    }

    private static SubscriberOptions audit() {
        return SubscriberOptions.builder().name("audit").build();
    }

    // 4

    /** Two threads of one handle never win one slot: the second waits until the first has it. */
    void joinsOfOneHandle() {
        AtomicReference<Runnable> then = new AtomicReference<>();
        Participant process = new Participant() {
            @Override
            protected void store(Words words, long at, int size, long value, boolean release) {
                Runnable now = at == HIGH_MARK && !words.isRing() ? then.getAndSet(null) : null;
                if (now != null) now.run();
                super.store(words, at, size, value, release);
            }
        };
        MessageQueue queue = open(process);
        Supplier<Subscriber> join = () -> queue.createSubscriber(SubscriberOptions.observer(StartAt.NOW));
        AtomicReference<CompletableFuture<Subscriber>> second = new AtomicReference<>();
        then.set(() -> {
            second.set(start(join));
            try {
                second.get().get(2, TimeUnit.SECONDS);
            } catch (TimeoutException waits) {
                // as it should
            } catch (InterruptedException | ExecutionException e) {
                throw new IllegalStateException(e);
            }
        });
        join.get();
        second.get().join();
        assertThat(queue.stats().subscribers()).hasSize(2);
    }

    // 7

    void publishAfterAnothersGrowth() {
        String growing = "?capacity=4k&maxCapacity=64k&deleteOnLastClose=true";
        Publisher first = open(growing).createPublisher();
        Publisher second = open(growing).createPublisher();
        Subscriber reader = open(growing).createSubscriber(StartAt.OLDEST_RETAINED);
        first.publish(body(100));
        second.publish(body(8000));
        first.publish(body(100));
        for (int length : new int[] {100, 8000, 100})
            assertThat(reader.receive(soon).bytes()).hasSize(length);
    }

    void publishExclusivelyAfterGrowth() {
        MessageQueue queue = open("?capacity=4k&maxCapacity=64k&deleteOnLastClose=true");
        Subscriber reader = queue.createSubscriber();
        Publisher publisher =
                queue.createPublisher(PublisherOptions.builder().exclusive(true).build());
        int[] lengths = {100, 8000, 100, 3000, 14_000, 100};
        for (int length : lengths) publisher.publish(body(length));
        for (int length : lengths) assertThat(reader.receive(soon).bytes()).hasSize(length);
    }

    // 9

    /** Who opens while the last one deletes gets a queue that others find. */
    void openAgainstLastClose() {
        Between last = new Between() {
            @Override
            boolean isIt(String function, Object[] args) {
                return function.equals("shm_unlink");
            }
        };
        MessageQueue closing = open(last);
        CompletableFuture<MessageQueue> second = new CompletableFuture<>();
        last.then = () -> {
            run(() -> {
                try {
                    second.complete(open(FIXED));
                } catch (RuntimeException e) {
                    second.completeExceptionally(e);
                }
            });
            waitABit(second);
        };
        closing.close();
        assertThat(open(FIXED).stats().id()).isEqualTo(second.join().stats().id());
    }

    /** Long enough for whoever need not wait; who must wait is given up. */
    private static void waitABit(CompletableFuture<?> future) {
        try {
            future.get(2, TimeUnit.SECONDS);
        } catch (Exception itMustWait) {
            // rightly
        }
    }

    /** Of two that close at the same time one is the last. */
    void closeAgainstClose() {
        AtomicReference<Runnable> then = new AtomicReference<>();
        Participant first = new Participant() {
            @Override
            protected Object call(String function, Method method, Object[] args) throws Throwable {
                Object result = super.call(function, method, args);
                if (!function.equals("fcntl")) return result;
                Pointer flock = new Pointer((Long) args[2]);
                boolean givesAdminBack = flock.getShort(0) == F_UNLCK && flock.getLong(8) == Liveness.ADMIN_BYTE;
                if (givesAdminBack && then.get() != null) then.getAndSet(null).run();
                return result;
            }
        };
        MessageQueue closing = open(first);
        MessageQueue other = open(new Participant());
        then.set(other::close);
        closing.close();
        assertThat(MessageQueues.list("shm"))
                .as("nobody deletes it")
                .noneMatch(q -> q.uri().toString().equals("shm:" + name));
    }

    void twoQueues() {
        MessageQueue first = open(FIXED);
        first.createSubscriber();
        MessageQueue another = MessageQueues.open("shm:" + name + "-2" + FIXED);
        opened.push(another);
        another.createSubscriber();
        another.close(); // the last one removes what its subscribers had
        assertThat(NamedSemaphore.list(SlotSemaphores.prefix(first.stats().id())))
                .hasSize(1);
    }

    // 11

    /** What it looks at before it sleeps it has looked at. */
    private static void awaitSlice(Deque<Long> slices) {
        Patience.until("it sleeps", soon, () -> !slices.isEmpty());
    }

    void closeWakesReceive() {
        Deque<Long> slices = new ConcurrentLinkedDeque<>();
        Subscriber subscriber = noting(slices).createSubscriber();
        CompletableFuture<Message> receiving = start(subscriber::receive);
        awaitSlice(slices);
        subscriber.close();
        assertThat(receiving).succeedsWithin(soon);
    }

    void interruptWakesReceive() {
        Deque<Long> slices = new ConcurrentLinkedDeque<>();
        Subscriber subscriber = noting(slices).createSubscriber();
        AtomicReference<Thread> sleeper = new AtomicReference<>();
        CompletableFuture<Message> receiving = start(() -> {
            sleeper.set(Thread.currentThread());
            return subscriber.receive();
        });
        awaitSlice(slices);
        sleeper.get().interrupt();
        assertThat(receiving)
                .failsWithin(soon)
                .withThrowableThat()
                .withCauseInstanceOf(InterruptedQueueException.class);
    }

    void timeEndsReceive() {
        MessageQueue queue = open(FIXED);
        Subscriber subscriber = queue.createSubscriber();
        assertThat(start(() -> subscriber.receive(Duration.ofMillis(200))))
                .succeedsWithin(soon)
                .isNull();
    }

    /** It has read all, but acknowledged nothing. */
    void endWakesReceive() {
        MessageQueue queue = open(FIXED + "&maxGateTime=100ms");
        Publisher publisher = queue.createPublisher();
        Subscriber subscriber = queue.createSubscriber(
                SubscriberOptions.builder().ackMode(AckMode.CLIENT).build());
        fill(publisher, 500);
        CompletableFuture<Message> receiving = start(() -> {
            while (true) subscriber.receive();
        });
        Patience.until(
                "it sleeps",
                soon,
                () -> queue.stats().subscribers().get(0).counters().get("sleeps") > 0);
        publisher.publish(body(500));
        assertThat(receiving)
                .failsWithin(soon)
                .withThrowableThat()
                .withCauseInstanceOf(SubscriberDisconnectedException.class);
    }

    /** Opens one that notes how long its subscribers' slices are asked to be, in nanoseconds. */
    private MessageQueue noting(Deque<Long> slices) {
        LibC real = NativeLibC.load();
        LibC noting = (LibC) Proxy.newProxyInstance(
                LibC.class.getClassLoader(), new Class<?>[] {LibC.class}, (proxy, method, args) -> {
                    if (method.getName().equals("sem_clockwait")) {
                        Pointer until = new Pointer((Long) args[2]);
                        slices.add(1_000_000_000 * until.getLong(0) + until.getLong(8) - System.nanoTime());
                    }
                    return method.invoke(real, args);
                });
        MessageQueue queue = newQueue(
                URI.create("shm:" + name),
                Opening.open(new Machine(noting, SharedBytes.PLAIN), name, CONFIG, QueueSettings.of(CONFIG), 8));
        opened.push(queue);
        return queue;
    }

    /** Each receive ends without a message; silence goes on, and its slices grow. */
    private static void awaitSilence(Subscriber subscriber, Deque<Long> slices) {
        Patience.until("a slice is long", soon, () -> {
            assertThat(subscriber.receive(Duration.ofMillis(200))).isNull();
            return !slices.isEmpty() && slices.getLast() > SLICE_NANOS;
        });
    }

    void silenceOutlastsReceives() {
        Deque<Long> slices = new ConcurrentLinkedDeque<>();
        awaitSilence(noting(slices).createSubscriber(), slices);
    }

    void messageEndsSilence() {
        Deque<Long> slices = new ConcurrentLinkedDeque<>();
        MessageQueue queue = noting(slices);
        Subscriber subscriber = queue.createSubscriber();
        awaitSilence(subscriber, slices);
        queue.createPublisher().publish("ends it");
        assertThat(subscriber.receive(soon).text()).isEqualTo("ends it");
        slices.clear();
        assertThat(subscriber.receive(Duration.ofMillis(200))).isNull();
        assertThat(slices).isNotEmpty().allMatch(nanos -> nanos <= SLICE_NANOS);
    }

    // 12

    void lateJoinerDoesNotCount() {
        MessageQueue queue = open(FIXED);
        Publisher publisher = queue.createPublisher();
        long position = publisher.publish("before");
        Subscriber late = queue.createSubscriber();
        publisher.publish("after");
        late.receive(soon);
        assertThat(publisher.awaitAcknowledged(position, 1, Duration.ZERO)).isFalse();
    }

    void leaverCounts() {
        MessageQueue queue = open(FIXED);
        Publisher publisher = queue.createPublisher();
        Subscriber leaver = queue.createSubscriber();
        long position = publisher.publish("taken");
        leaver.receive(soon);
        leaver.close();
        assertThat(publisher.awaitAcknowledged(position, 1, Duration.ZERO)).isTrue();
    }

    /** What was seen once counts for good, also when its slot has been used again since. */
    void seenCounts() {
        MessageQueue queue = open(FIXED + "&slots=2");
        Publisher publisher = queue.createPublisher();
        Subscriber holds = queue.createSubscriber();
        Subscriber leaver = queue.createSubscriber();
        long position = publisher.publish("taken");
        CompletableFuture<Boolean> waiting = start(() -> publisher.awaitAcknowledged(position, 2, soon));
        leaver.receive(soon);
        waitABit(waiting); // it has looked by then: a slice is over, and several looks
        leaver.close();
        queue.createSubscriber();
        holds.receive(soon);
        assertThat(waiting).succeedsWithin(soon.multipliedBy(2)).isEqualTo(true);
    }

    void longestLeftIsUsedAgain() {
        MessageQueue queue = open(FIXED + "&slots=2");
        Publisher publisher = queue.createPublisher();
        Subscriber first = queue.createSubscriber();
        Subscriber second = queue.createSubscriber();
        second.close();
        long position = publisher.publish("taken");
        first.receive(soon);
        first.close();
        queue.createSubscriber();
        assertThat(publisher.awaitAcknowledged(position, 1, Duration.ZERO)).isTrue();
    }

    // 14

    /** Who waits for room for a long message stops neither one that fits nor a joiner. */
    void waiterHoldsNoLock() {
        MessageQueue queue = open(FIXED);
        queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        fill(publisher, 900);
        CompletableFuture<Long> waiting = start(() -> publisher.offer(body(900), soon.multipliedBy(3)));
        Patience.until("it waits", soon, () -> queue.stats().counters().get("fullWaits") > 0);
        Publisher other = open(FIXED).createPublisher();
        assertThat(other.offer(body(8), soon)).isPositive();
        open(FIXED)
                .createSubscriber(SubscriberOptions.builder()
                        .startAt(StartAt.OLDEST_RETAINED)
                        .build());
        assertThat(waiting).as("still waits").isNotDone();
        publisher.close();
        assertThat(waiting).failsWithin(soon);
    }

    // 20

    void disconnectGatesWhileItGrows() {
        String growing = "?capacity=4k&maxCapacity=64k&deleteOnLastClose=true";
        MessageQueue queue = open(growing);
        Subscriber slow = queue.createSubscriber(SubscriberOptions.builder()
                .slowSubscriber(SlowSubscriber.DISCONNECT)
                .build());
        Publisher publisher = queue.createPublisher();
        for (int i = 0; i < 20; i++) publisher.publish(body(1000));
        for (int i = 0; i < 20; i++) assertThat(slow.receive(soon).position()).isEqualTo(i + 1);
    }

    // 21

    void exclusiveIsRefusedAtOnce() {
        Publisher exclusive = open(FIXED)
                .createPublisher(PublisherOptions.builder().exclusive(true).build());
        assertThatThrownBy(() -> open(FIXED).createPublisher()).isInstanceOf(InUseException.class);
        exclusive.close();
    }

    void claimInAClaim() {
        Publisher first = open(FIXED).createPublisher();
        Publisher second = open(FIXED)
                .createPublisher(PublisherOptions.builder().timeout(soon).build());
        try (Claim claim = first.claim(8)) {
            assertThat(claim.buffer().remaining()).isEqualTo(8);
            assertThatThrownBy(() -> second.publish("nested")).isInstanceOf(IllegalStateException.class);
        }
    }

    void maxGateTimeCountsAcrossCalls() {
        MessageQueue queue = open(FIXED + "&maxGateTime=50ms");
        queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        fill(publisher, 500);
        Patience.until("there is room", soon, () -> publisher.offer(body(500), Duration.ZERO) != Publisher.REJECTED);
    }

    // 22

    void publisherCloseLeavesReaders() {
        MessageQueue queue = open(FIXED);
        Subscriber reader = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        publisher.publish("still there");
        publisher.close();
        assertThat(reader.receive(soon).text()).isEqualTo("still there");
    }

    // 25

    /**
     * A claim that its publisher's close has given up is nobody's any more: to close it again
     * leaves the lock to who has it now.
     */
    void claimOfAClosedPublisher() {
        Publisher closed = open(FIXED).createPublisher();
        Publisher holder = open(FIXED).createPublisher();
        Publisher other = open(FIXED).createPublisher();
        Claim given = closed.claim(8);
        closed.close();
        CompletableFuture<Void> held = new CompletableFuture<>();
        CompletableFuture<Void> done = new CompletableFuture<>();
        CompletableFuture<Long> position = start(() -> {
            try (Claim claim = holder.claim(8)) {
                held.complete(null);
                done.join();
                return claim.commit();
            }
        });
        held.join();
        given.close();
        assertThat(other.offer(body(8), Duration.ZERO)).isEqualTo(Publisher.REJECTED);
        assertThatThrownBy(given::commit).isInstanceOfAny(IllegalStateException.class, QueueClosedException.class);
        assertThat(other.offer(body(8), Duration.ZERO)).isEqualTo(Publisher.REJECTED);
        done.complete(null);
        assertThat(position.join()).isEqualTo(1);
        assertThat(other.publish(body(8))).isEqualTo(2);
    }

    void commitAfterItsPublisherIsClosed() {
        Publisher closed = open(FIXED).createPublisher();
        Publisher holder = open(FIXED).createPublisher();
        Claim given = closed.claim(8);
        closed.close();
        Claim claim = holder.claim(8);
        run(() -> assertThatThrownBy(given::commit).isInstanceOf(IllegalStateException.class))
                .join();
        assertThatThrownBy(given::commit).isInstanceOf(QueueClosedException.class);
        Publisher other = open(FIXED).createPublisher();
        assertThat(start(() -> other.offer(body(8), Duration.ZERO)).join()).isEqualTo(Publisher.REJECTED);
        assertThat(claim.commit()).isEqualTo(1);
    }

    /** Each closes its claim after the commit, when it is the other's already. */
    void claimsOfTwoThreads() {
        MessageQueue queue = open(FIXED);
        Publisher publisher = queue.createPublisher();
        List<CompletableFuture<Void>> both = new ArrayList<>();
        for (int t = 0; t < 2; t++)
            both.add(run(() -> {
                for (int i = 0; i < 20_000; i++)
                    try (Claim claim = publisher.claim(8)) {
                        claim.commit();
                        if (i % 16 == 0) LockSupport.parkNanos(50_000); // so that the other is at some step of its own
                    }
            }));
        both.forEach(CompletableFuture::join);
        assertThat(queue.stats().newestPosition()).isEqualTo(40_000);
    }

    private Subscriber recovered(MessageQueue queue, Publisher publisher, int messages) {
        Subscriber subscriber = queue.createSubscriber(
                SubscriberOptions.builder().ackMode(AckMode.CLIENT).build());
        for (int i = 1; i <= messages; i++) publisher.publish("message " + i);
        for (int i = 1; i <= messages; i++) subscriber.receive(soon);
        subscriber.recover();
        return subscriber;
    }

    /** What was handed over before recover may be acknowledged behind it: the gate moves on, and the reader with it. */
    void acknowledgedBehindRecover() {
        MessageQueue queue = open(FIXED);
        Publisher publisher = queue.createPublisher();
        Subscriber subscriber = recovered(queue, publisher, 10);
        subscriber.acknowledge(10);
        fill(publisher, 42);
        Message next = subscriber.receive(soon);
        assertThat(next.position()).isEqualTo(11);
        assertThat(next.bytes()).isEqualTo(new byte[42]);
    }

    /** And what it is reading again stays under its eyes. */
    void acknowledgedWhileItIsReadAgain() {
        MessageQueue queue = open(FIXED);
        Publisher publisher = queue.createPublisher();
        Subscriber subscriber = recovered(queue, publisher, 10);
        subscriber.poll(
                view -> {
                    run(() -> subscriber.acknowledge(10)).join();
                    fill(publisher, 42);
                    assertThat(view.text()).isEqualTo("message 1");
                },
                1,
                soon);
        assertThat(publisher.awaitAcknowledged(10, 1, soon)).isTrue();
        fill(publisher, 42);
        assertThat(subscriber.receive(soon).position()).isEqualTo(11);
    }

    /** By another thread, which is done with all that it sees handed over. */
    void acknowledgedWhileItsHandlerRuns() {
        MessageQueue queue = open(FIXED);
        Publisher publisher = queue.createPublisher();
        Subscriber subscriber = queue.createSubscriber(
                SubscriberOptions.builder().ackMode(AckMode.CLIENT).build());
        for (int i = 1; i <= 3; i++) publisher.publish("message " + i);
        AtomicInteger seen = new AtomicInteger();
        subscriber.poll(
                view -> {
                    run(subscriber::acknowledge).join();
                    fill(publisher, 42);
                    assertThat(view.text()).isEqualTo("message " + seen.incrementAndGet());
                },
                2,
                soon);
        assertThat(publisher.awaitAcknowledged(2, 1, soon)).isTrue();
        assertThat(publisher.awaitAcknowledged(3, 1, Duration.ZERO)).isFalse();
    }

    /** The same of messages that no batch reads. */
    void acknowledgedWhileItsHandlerRunsAlone() {
        MessageQueue queue = open(FIXED);
        Publisher publisher = queue.createPublisher();
        Subscriber subscriber = queue.createSubscriber(
                SubscriberOptions.builder().ackMode(AckMode.CLIENT).build());
        for (int i = 1; i <= 3; i++) publisher.publish(text("message " + i), KIND);
        AtomicInteger seen = new AtomicInteger();
        subscriber.poll(
                view -> {
                    run(subscriber::acknowledge).join();
                    fill(publisher, 42);
                    assertThat(view.text()).isEqualTo("message " + seen.incrementAndGet());
                },
                2,
                soon);
        assertThat(publisher.awaitAcknowledged(2, 1, soon)).isTrue();
        assertThat(publisher.awaitAcknowledged(3, 1, Duration.ZERO)).isFalse();
    }

    /** What another thread acknowledges of it is stored when its handler has returned, not at the end of the batch. */
    void acknowledgedInTheMiddleOfABatch() {
        MessageQueue queue = open(FIXED);
        Publisher publisher = three(queue);
        Subscriber subscriber = oldest(queue, AckMode.CLIENT);
        List<Boolean> before = new ArrayList<>();
        subscriber.poll(
                view -> {
                    if (view.position() > 1)
                        before.add(publisher.awaitAcknowledged(view.position() - 1, 1, Duration.ZERO));
                    run(subscriber::acknowledge).join();
                },
                3,
                soon);
        assertThat(before).containsExactly(true, true);
    }

    private Publisher three(MessageQueue queue) {
        Publisher publisher = queue.createPublisher();
        for (int i = 1; i <= 3; i++) publisher.publish("message " + i);
        return publisher;
    }

    private static Subscriber oldest(MessageQueue queue, AckMode mode) {
        return queue.createSubscriber(SubscriberOptions.builder()
                .ackMode(mode)
                .startAt(StartAt.OLDEST_RETAINED)
                .build());
    }

    private static ByteBuffer text(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    /** A handler that fails in the middle of a batch: what is in front of it is done with, it comes again, once. */
    void handlerFailsInABatch() {
        MessageQueue queue = open(FIXED);
        Publisher publisher = three(queue);
        Subscriber subscriber = oldest(queue, AckMode.AUTO);
        List<String> seen = new ArrayList<>();
        boolean[] fails = {true};
        MessageHandler handler = view -> {
            seen.add(view.text() + (view.redelivered() ? " again" : ""));
            if (view.position() == 2 && fails[0]) throw new IllegalStateException();
        };
        assertThatThrownBy(() -> subscriber.poll(handler, 3, soon)).isInstanceOf(IllegalStateException.class);
        assertThat(subscriber.position()).isEqualTo(1);
        assertThat(publisher.awaitAcknowledged(1, 1, Duration.ZERO)).isTrue();
        assertThat(publisher.awaitAcknowledged(2, 1, Duration.ZERO)).isFalse();
        fails[0] = false;
        assertThat(subscriber.poll(handler, 3, soon)).isEqualTo(2);
        assertThat(seen).containsExactly("message 1", "message 2", "message 2 again", "message 3");
        assertThat(publisher.awaitAcknowledged(3, 1, Duration.ZERO)).isTrue();
    }

    void handlerRecoversInABatch() {
        MessageQueue queue = open(FIXED);
        three(queue);
        Subscriber subscriber = oldest(queue, AckMode.CLIENT);
        List<String> seen = new ArrayList<>();
        while (seen.size() < 5)
            assertThat(subscriber.poll(
                            view -> {
                                seen.add(view.text() + (view.redelivered() ? " again" : ""));
                                if (seen.size() == 2) subscriber.recover();
                            },
                            5 - seen.size(),
                            soon))
                    .isPositive();
        assertThat(seen).containsExactly("message 1", "message 2", "message 1 again", "message 2 again", "message 3");
    }

    void handlerClosesInABatch() {
        MessageQueue queue = open(FIXED);
        three(queue);
        Subscriber subscriber = oldest(queue, AckMode.AUTO);
        assertThat(subscriber.poll(view -> subscriber.close(), 3, soon)).isOne();
    }

    void propertiesAmongPlainMessages() {
        MessageQueue queue = open(FIXED);
        Publisher publisher = three(queue);
        publisher.publish(text("message 4"), KIND);
        publisher.publish("message 5");
        List<String> seen = new ArrayList<>();
        assertThat(oldest(queue, AckMode.AUTO)
                        .poll(view -> seen.add(view.text() + view.properties().getString("kind", "")), 5, soon))
                .isEqualTo(5);
        assertThat(seen).containsExactly("message 1", "message 2", "message 3", "message 4odd", "message 5");
    }

    /** Read by a subscriber that left without acknowledging. */
    void attachedAgainItSaysWhatWasReadBefore() {
        MessageQueue queue = open(FIXED);
        SubscriberOptions audit = SubscriberOptions.builder()
                .name("audit")
                .ackMode(AckMode.CLIENT)
                .build();
        Subscriber before = queue.createSubscriber(audit);
        three(queue);
        assertThat(before.poll(view -> {}, 2, soon)).isEqualTo(2);
        before.close();
        List<Boolean> redelivered = new ArrayList<>();
        queue.createSubscriber(audit).poll(view -> redelivered.add(view.redelivered()), 3, soon);
        assertThat(redelivered).containsExactly(true, true, false);
    }

    /** An Error in front of the hand-over: nothing is lost. */
    void pollingFails() {
        boolean[] fails = {false};
        MessageQueue queue = open(new Participant() {
            @Override
            protected void store(Words words, long at, int size, long value, boolean release) {
                if (fails[0]) {
                    fails[0] = false;
                    throw new StackOverflowError();
                }
                super.store(words, at, size, value, release);
            }
        });
        three(queue);
        Subscriber subscriber = oldest(queue, AckMode.AUTO);
        fails[0] = true;
        assertThatThrownBy(() -> subscriber.poll(view -> {}, 3, soon)).isInstanceOf(StackOverflowError.class);
        assertThat(fails[0]).isFalse();
        List<String> seen = new ArrayList<>();
        assertThat(subscriber.poll(view -> seen.add(view.text()), 3, soon)).isEqualTo(3);
        assertThat(seen).containsExactly("message 1", "message 2", "message 3");
    }

    /** Stuck at its commit until it is let go; then it goes on. */
    private static final class Stuck extends Between {
        private final int atCover;
        private final CompletableFuture<Void> stuck = new CompletableFuture<>();
        private final CompletableFuture<Void> go = new CompletableFuture<>();
        private final CompletableFuture<Void> out = new CompletableFuture<>();
        private volatile boolean armed;
        private int covers;

        Stuck(int atCover) {
            this.atCover = atCover;
        }

        @Override
        boolean isIt(String function, Object[] args) {
            return function.equals("mmap") && (Integer) args[4] == -1 && (Long) args[0] != 0 && ++covers == atCover;
        }

        @Override
        protected void store(Words words, long at, int size, long value, boolean release) {
            if (armed && words.isRing() && release) {
                armed = false;
                stuck.complete(null);
                go.join();
            }
            super.store(words, at, size, value, release);
        }

        void publish(Publisher publisher) {
            armed = true;
            run(() -> {
                try {
                    publisher.publish("late");
                } catch (RuntimeException told) {
                    // that it is open
                } finally {
                    out.complete(null);
                }
            });
            stuck.join();
        }
    }

    /** Before its memory is covered, nobody may take over from a stuck publisher of a closing queue. */
    void coveredBeforeTheByteFalls() {
        Stuck stuck = new Stuck(1);
        MessageQueue closing = open(stuck);
        MessageQueue other = open(new Participant());
        Publisher others = other.createPublisher();
        stuck.publish(closing.createPublisher());
        long[] position = {0};
        stuck.then = () -> position[0] = others.offer(body(8), Duration.ZERO);
        closing.close();
        stuck.go.complete(null);
        stuck.out.join();
        assertThat(position[0]).as("while it is alive").isEqualTo(Publisher.REJECTED);
    }

    /** A stuck publisher that goes on just between the two coverings does no harm. */
    void headerIsCoveredFirst() {
        Stuck stuck = new Stuck(2);
        MessageQueue closing = open(stuck);
        MessageQueue other = open(new Participant());
        Subscriber reader = other.createSubscriber();
        stuck.publish(closing.createPublisher());
        stuck.then = () -> {
            stuck.go.complete(null);
            stuck.out.join();
        };
        closing.close();
        other.createPublisher().publish("next");
        Message last = null;
        for (Message m; (m = reader.receive(Duration.ZERO)) != null; ) last = m;
        assertThat(last.text()).isEqualTo("next");
    }

    /**
     * As a close does whose first attempt failed when the slot was free already: by now the slot,
     * and its bit, are somebody else's.
     */
    void leavesAgain() {
        MessageQueue leaving = open(new Participant());
        MessageQueue next = open(new Participant());
        SubscriberOptions observer = SubscriberOptions.observer(StartAt.NOW);
        int slot = handle(leaving).segment.slots.count() - 1;
        for (int j = 0; j < slot; j++) next.createSubscriber(observer);
        leaving.createSubscriber(observer);
        Handle handle = handle(leaving);
        long incarnation = SlotState.incarnation(handle.segment.slots.stateAcquire(slot));
        subscriptions(leaving).leave(slot, incarnation);
        next.createSubscriber(observer);
        Scene.announceSleeper(next, slot);
        subscriptions(leaving).leave(slot, incarnation);
        assertThat(handle.segment.header.bytes().getLongAcquire(SegmentHeader.SLEEPERS))
                .isEqualTo(1L << slot);
    }

    // 26

    /** It waits for another's step while its queue is closed: what it makes of zeros must not touch who lives. */
    void subscribingAgainstClose() {
        Between closing = new Between() {
            @Override
            boolean isIt(String function, Object[] args) {
                return function.equals("fcntl");
            }
        };
        MessageQueue queue = open(closing);
        MessageQueue other = open(new Participant());
        other.createSubscriber();
        closing.then = () -> Inside.cover(handle(queue));
        assertThatThrownBy(queue::createSubscriber).isInstanceOf(QueueClosedException.class);
        assertThat(NamedSemaphore.list(SlotSemaphores.prefix(handle(other).segment.queueId)))
                .as("of who lives")
                .hasSize(1);
    }

    /** In the memory of a queue that is being closed nobody is behind. */
    void awaitingAgainstClose() {
        Between closing = new Between() {
            @Override
            boolean isIt(String function, Object[] args) {
                return Refused.kindOf(function, args).equals("futex wait");
            }
        };
        MessageQueue queue = open(closing);
        MessageQueue other = open(new Participant());
        SubscriberOptions client =
                SubscriberOptions.builder().ackMode(AckMode.CLIENT).build();
        Subscriber done = other.createSubscriber(client);
        other.createSubscriber(client);
        Publisher publisher = queue.createPublisher();
        long position = publisher.publish("message");
        done.receive(soon);
        done.acknowledge();
        closing.then = () -> Inside.cover(handle(queue));
        assertThat(publisher.awaitAcknowledged(position, 1, Duration.ofSeconds(3)))
                .isFalse();
    }

    /** Of another user, who was killed on the way in: only that one may remove it. */
    void attachesBesideAnothersSemaphore() {
        MessageQueue dead = open(new Participant());
        dead.createSubscriber(audit()).close();
        Handle handle = handle(dead);
        long next = SlotState.incarnation(handle.segment.slots.stateAcquire(0)) + 1;
        handle.segment.slots.semInc(0, next);
        Inside.createSemaphore(handle, 0, next);
        Refused heir = new Refused();
        MessageQueue queue = open(heir);
        heir.refuseEach("sem_unlink", Errno.EPERM);
        queue.createSubscriber(audit());
        heir.refuseNothing();
        long taken = SlotState.incarnation(handle.segment.slots.stateAcquire(0));
        assertThat(taken).as("no name is tried that somebody had").isEqualTo(next + 1);
    }

    /**
     * Another one has grown it, and for a moment there is no address space: nothing was begun, so
     * there is nothing to mend.
     */
    void refusedToMapWhileItPublishes() {
        QueueConfig growing = QueueConfig.builder()
                .capacity(4096)
                .maxCapacity(65536)
                .deleteOnLastClose(true)
                .build();
        Participant others = new Participant();
        Refused process = new Refused();
        Publisher theirs = others.open(name, growing, 8).createPublisher();
        MessageQueue queue = process.open(name, growing, 8);
        opened.push(others::closeQueues);
        opened.push(process::closeQueues);
        Publisher publisher = queue.createPublisher();
        publisher.publish("one");
        theirs.publish(body(8000));
        process.refuseEach("mmap", Errno.ENOMEM);
        assertThatThrownBy(() -> publisher.publish("two")).isInstanceOf(InsufficientResourcesException.class);
        process.refuseNothing();
        assertThat(publisher.publish("two")).isEqualTo(3);
    }

    /** Behind the commit nothing is thrown: who publishes would do so again. */
    void wakingFails() {
        Participant failing = new Participant() {
            @Override
            protected Object call(String function, Method method, Object[] args) throws Throwable {
                if (function.equals("sem_post")) throw new StackOverflowError();
                return super.call(function, method, args);
            }
        };
        MessageQueue queue = open(failing);
        MessageQueue other = open(new Participant());
        Subscriber subscriber = other.createSubscriber();
        Publisher publisher = queue.createPublisher();
        Scene.announceSleeper(other, 0);
        ByteBuffer body = ByteBuffer.wrap("message".getBytes(StandardCharsets.UTF_8));
        assertThat(publisher.publish(body)).isEqualTo(1);
        assertThat(body.hasRemaining()).isFalse();
        assertThat(subscriber.receive(soon).text()).isEqualTo("message");
        assertThat(handle(other).segment.header.bytes().getIntAcquire(SegmentHeader.ASLEEP))
                .as("it was tried")
                .isZero();
    }

    /**
     * After the commit, while another thread of the same publisher tries without success: its
     * attempt takes nothing away from what is known here. And another publisher has published just
     * before this publisher came in.
     */
    void errorBesideAnothersAttempt() {
        Publisher[] shared = {null};
        Publisher[] before = {null};
        Participant failing = new Participant() {
            @Override
            protected boolean swap(Words words, long at, int size, long expected, long value) {
                if (before[0] != null) {
                    Publisher other = before[0];
                    before[0] = null;
                    assertThat(other.publish("meanwhile")).isEqualTo(2);
                }
                return super.swap(words, at, size, expected, value);
            }

            @Override
            protected void store(Words words, long at, int size, long value, boolean release) {
                if (shared[0] != null && !words.isRing()) { // the count
                    Publisher publisher = shared[0];
                    shared[0] = null;
                    assertThat(start(() -> publisher.offer(body(8), Duration.ZERO))
                                    .join())
                            .isEqualTo(Publisher.REJECTED);
                    throw new StackOverflowError();
                }
                super.store(words, at, size, value, release);
            }
        };
        Publisher publisher = open(failing).createPublisher();
        publisher.publish("one");
        before[0] = open(new Participant()).createPublisher();
        shared[0] = publisher;
        assertThat(publisher.publish("two")).isEqualTo(3);
        assertThat(shared[0]).as("it was tried").isNull();
        assertThat(publisher.publish("three")).isEqualTo(4);
    }

    /**
     * The lock is free, and the wake-up of a waiter fails: another thread of the same publisher is
     * inside by then. Its lock is not given back.
     */
    void releaseFailsBesideAnother() {
        Publisher[] shared = {null};
        Participant failing = new Participant() {
            @Override
            protected Object call(String function, Method method, Object[] args) throws Throwable {
                Publisher publisher = shared[0];
                if (publisher == null || !Refused.kindOf(function, args).equals("futex wake"))
                    return super.call(function, method, args);
                shared[0] = null;
                start(() -> publisher.claim(8)).join();
                throw new StackOverflowError();
            }
        };
        MessageQueue queue = open(failing);
        SharedBytes words = handle(queue).segment.header.bytes();
        Publisher publisher = queue.createPublisher();
        Claim claim = publisher.claim(8);
        words.getAndSetInt(SegmentHeader.PUBLISH_LOCK, words.getIntAcquire(SegmentHeader.PUBLISH_LOCK) | 1 << 31);
        shared[0] = publisher;
        assertThatThrownBy(claim::commit).isInstanceOf(StackOverflowError.class);
        assertThat(shared[0]).as("it was tried").isNull();
        assertThat(words.getIntAcquire(SegmentHeader.PUBLISH_LOCK))
                .as("the other thread's claim")
                .isNotZero();
    }

    /** A user's mapped file is cut short: its body cannot be read, and the batch goes on without it. */
    void foreignErrorInABatch() {
        boolean[] fails = {false};
        Participant reading = new Participant() {
            @Override
            protected void store(Words words, long at, int size, long value, boolean release) {
                if (fails[0] && words.isRing()) {
                    fails[0] = false;
                    throw new InternalError("a fault of memory that is not the queue's");
                }
                super.store(words, at, size, value, release);
            }
        };
        Publisher publisher = open(reading).createPublisher();
        try (Batch batch = publisher.batch(1000)) {
            batch.add("one");
            fails[0] = true;
            assertThatThrownBy(() -> batch.add("gone")).isInstanceOf(InternalError.class);
            assertThat(fails[0]).as("it was tried").isFalse();
            assertThat(batch.count()).isOne();
            batch.add("two");
            assertThat(batch.commit()).isEqualTo(2);
        }
        assertThat(publisher.offer(body(8), Duration.ZERO)).isEqualTo(3);
    }

    /** A log may block, or throw: what is to be told waits until the lock is given back. */
    void toldOutsideTheLock() {
        Participant process = new Participant();
        QueueConfig growing = QueueConfig.builder()
                .capacity(4096)
                .maxCapacity(65536)
                .deleteOnLastClose(true)
                .build();
        MessageQueue queue = process.open(name, growing, 8);
        opened.push(process::closeQueues);
        Publisher publisher = queue.createPublisher();
        List<Boolean> held = new ArrayList<>();
        handle(queue).note(() -> held.add(handle(queue).publishLock.isHeldByThisHandle()));
        publisher.publish(body(8000)); // it grows
        assertThat(held).containsExactly(false);
    }

    /** A writer died after the first word of its batch; readers have read all of it. That is no damage. */
    void batchOfADeadWriterThatWasRead() {
        MessageQueue queue = open(new Participant());
        Subscriber subscriber = queue.createSubscriber();
        SegmentHeader header = handle(queue).segment.header;
        long tail = header.tailAcquire();
        try (Batch batch = queue.createPublisher().batch(1000)) {
            for (int i = 0; i < 10; i++) batch.add(body(8));
            batch.commit();
        }
        header.countRelease(0); // as before the batch
        header.tailRelease(tail);
        for (int i = 0; i < 10; i++) assertThat(subscriber.receive(soon)).isNotNull();
        assertThat(damage()).isEmpty();
    }

    private Collection<String> damage() {
        Machine machine = Machine.real();
        SharedMemory object = QueueFile.open(machine.libC(), name);
        return dev.belfry.shm.inspect.Inside.damage(Segment.look(machine, name, object));
    }

    /** An Error between stepping behind a message and handing it over: it comes again. */
    void receivingFails() {
        boolean[] fails = {false};
        Participant failing = new Participant() {
            @Override
            protected void store(Words words, long at, int size, long value, boolean release) {
                if (fails[0]) {
                    fails[0] = false;
                    throw new StackOverflowError();
                }
                super.store(words, at, size, value, release);
            }
        };
        MessageQueue queue = open(failing);
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        publisher.publish("one");
        publisher.publish("two");
        fails[0] = true;
        assertThatThrownBy(() -> subscriber.receive(soon)).isInstanceOf(StackOverflowError.class);
        assertThat(fails[0]).isFalse();
        assertThat(subscriber.receive(soon).text()).isEqualTo("one");
        assertThat(subscriber.receive(soon).text()).isEqualTo("two");
    }

    /** What is copied while the memory is covered is half zeros; and no gate is seen there that says so. */
    void copyingAgainstClose() {
        MessageQueue[] closing = {null};
        int[] looks = {0};
        Participant process = new Participant() {
            @Override
            protected long load(Words words, long at, int size) {
                if (at == GATE && !words.isRing() && closing[0] != null && ++looks[0] == 2)
                    Inside.cover(handle(closing[0])); // the look behind the copy
                return super.load(words, at, size);
            }
        };
        MessageQueue queue = open(process);
        Publisher publisher = queue.createPublisher();
        Subscriber passable = queue.createSubscriber(SubscriberOptions.observer(StartAt.NOW));
        Subscriber inPlace = queue.createSubscriber();
        publisher.publish("message");
        assertThat(inPlace.poll(
                        view -> {
                            closing[0] = queue;
                            assertThat(passable.receive(Duration.ZERO)).isNull();
                            assertThat(looks[0]).isGreaterThan(1);
                            assertThatThrownBy(view::copy).isInstanceOf(QueueClosedException.class);
                        },
                        1))
                .isOne();
    }
}
