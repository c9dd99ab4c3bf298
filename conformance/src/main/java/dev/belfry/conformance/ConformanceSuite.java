package dev.belfry.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.Capability;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.testing.Call;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Depth;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.Patience;
import dev.belfry.testing.RemoteJvm;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The common part of the suites: a queue name for each test, threads and JVMs to drive, and
 * clearing away afterwards.
 */
@ExtendWith(ConformanceExtension.class)
@DisplayNameGeneration(BehaviourNames.class)
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
public abstract class ConformanceSuite {
    /**
     * {@code mvn -Plong}, see {@link Depth}: tests of seconds take minutes, and hundreds of tries
     * become thousands.
     */
    static final boolean LONG = Depth.isLong();

    /** A queue that is soon full and cannot grow. */
    static final String FIXED = "capacity=16k&maxCapacity=16k";

    /** A queue that grows twice and is soon full then. */
    static final String SMALL = "capacity=4k&maxCapacity=16k";

    static final Duration SHORT = Duration.ofMillis(100);
    static final Duration LONG_TIME = Duration.ofHours(1);

    private static final String RUN =
            "kit-" + ProcessHandle.current().pid() + "-" + Long.toString(System.currentTimeMillis(), 36);
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private TransportFixture fixture;
    private String queueName;
    private final Set<URI> queues = new LinkedHashSet<>();

    /** The queue of a test that has called {@link #join}. */
    MessageQueue queue;

    Subscriber subscriber;
    Publisher publisher;

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final List<Call<?>> calls = new ArrayList<>();
    private final List<RemoteJvm> remotes = new ArrayList<>();

    /** For the suites. */
    ConformanceSuite() {}

    final void begin(TransportFixture transport) {
        fixture = transport;
        nextQueue();
    }

    /** From now on this test's queue is another one. */
    final void nextQueue() {
        queueName = RUN + "-" + NUMBER.incrementAndGet();
    }

    /**
     * JVMs first, as others may wait for them; queues next, which wakes waiting calls; names last.
     */
    final void end(Optional<Throwable> failure) throws Exception {
        if (fixture == null) return; // skipped
        List<ChildJvm> children = remotes.stream().map(RemoteJvm::jvm).toList();
        failure.ifPresent(f -> ChildJvm.reportTo(f, children));
        remotes.forEach(RemoteJvm::close);
        if (failure.isPresent()) calls.forEach(Call::interrupt); // the close of a set waits for its handler
        List<Throwable> trouble = new ArrayList<>();
        while (!opened.isEmpty()) attempt(trouble, opened.pop());
        for (Call<?> call : calls) {
            call.interrupt();
            call.thread().join(Patience.limit().toMillis());
            if (call.thread().isAlive()) trouble.add(new AssertionError("A thread of the test does not end"));
        }
        for (URI queue : queues) attempt(trouble, () -> fixture.remove(queue));
        if (trouble.isEmpty() || failure.isPresent()) return;
        AssertionError error = new AssertionError("Clearing away failed");
        trouble.forEach(error::addSuppressed);
        throw error;
    }

    private static void attempt(List<Throwable> trouble, AutoCloseable step) {
        try {
            step.close();
        } catch (Throwable e) {
            trouble.add(e);
        }
    }

    // ---- the transport and its queues

    final TransportFixture fixture() {
        return fixture;
    }

    final boolean has(Capability capability) {
        return fixture.capabilities().contains(capability);
    }

    final String queueName() {
        return queueName;
    }

    /** This test's queue, {@code scheme:name}. */
    final URI plainUri() {
        return URI.create(fixture.scheme() + ":" + queueName);
    }

    final String uri(String... parameters) {
        String all = Stream.concat(Stream.of(fixture.parameters()), Stream.of(parameters))
                .filter(p -> !p.isEmpty())
                .collect(Collectors.joining("&"));
        queues.add(plainUri());
        return plainUri() + (all.isEmpty() ? "" : "?" + all);
    }

    /** A further handle on this test's queue, closed after the test. */
    final MessageQueue open(String... parameters) {
        return open(fixture.config().build(), parameters);
    }

    final MessageQueue open(QueueConfig config, String... parameters) {
        return closing(MessageQueues.open(URI.create(uri(parameters)), config));
    }

    /** Opens this test's queue with a subscriber that gates and a publisher. */
    final void join(String... parameters) {
        join(options(), parameters);
    }

    final void join(SubscriberOptions.Builder options, String... parameters) {
        queue = open(parameters);
        subscriber = queue.createSubscriber(options.build());
        publisher = queue.createPublisher();
    }

    final <T extends AutoCloseable> T closing(T resource) {
        opened.push(resource);
        return resource;
    }

    static SubscriberOptions.Builder options() {
        return SubscriberOptions.builder();
    }

    static Subscriber oldest(MessageQueue queue) {
        return queue.createSubscriber(StartAt.OLDEST_RETAINED);
    }

    /** The options of a subscriber that awaitAcknowledged counts: without MEMBERS it has a name. */
    final SubscriberOptions.Builder counted() {
        boolean named = !has(Capability.MEMBERS) && has(Capability.NAMED);
        return options().name(named ? "counted-" + NUMBER.incrementAndGet() : null);
    }

    /** More messages than a {@link #SMALL} queue keeps; fewer on another host, to which each goes and comes back. */
    final int many() {
        return has(Capability.CROSS_HOST) ? 300 : 3_000;
    }

    /** More was published than this test's queue is to keep: from now on the oldest are gone. */
    final void overwritten() {
        fixture.overwrite(plainUri());
    }

    /**
     * A test with thousands of queues keeps none of those that it has closed, nor the calls that are
     * over: their memory is unmapped when the collector has found them.
     */
    final void forget(MessageQueue closed, List<? extends Call<?>> over) {
        opened.remove(closed);
        calls.removeAll(over);
    }

    // ---- threads and JVMs

    final <T> Call<T> call(Callable<T> body) {
        Call<T> call = new Call<>(body);
        calls.add(call);
        return call.start();
    }

    final Call<Void> run(ThrowingRunnable body) {
        return call(() -> {
            body.run();
            return null;
        });
    }

    interface ThrowingRunnable {
        void run() throws Exception;
    }

    static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(Patience.limit().toMillis(), TimeUnit.MILLISECONDS))
                    .as("it happens at all")
                    .isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("The test itself was interrupted", e);
        }
    }

    /** A JVM that has this test's queue open. */
    final RemoteJvm remote(String... parameters) {
        RemoteJvm jvm = remoteJvm(JavaCommand.QUICK);
        jvm.ask("open " + uri(parameters));
        return jvm;
    }

    /** One that has subscribed. */
    final RemoteJvm remoteReader(String... options) {
        RemoteJvm jvm = remote();
        jvm.ask("subscribe " + String.join(" ", options));
        return jvm;
    }

    /** One that can publish. */
    final RemoteJvm remoteWriter() {
        RemoteJvm jvm = remote();
        jvm.ask("publisher");
        return jvm;
    }

    final RemoteJvm remoteJvm(List<String> flags) {
        RemoteJvm jvm = RemoteJvm.start(flags);
        remotes.add(jvm);
        return jvm;
    }

    // ---- messages

    static ByteBuffer bytes(int length) {
        return ByteBuffer.allocate(length);
    }

    /** The next message, available or on its way. */
    static Message next(Subscriber subscriber) {
        Message message = subscriber.receive(Patience.limit());
        assertThat(message).as("the next message").isNotNull();
        return message;
    }

    static List<Message> next(Subscriber subscriber, int count) {
        return Stream.generate(() -> next(subscriber)).limit(count).toList();
    }

    static List<String> texts(Subscriber subscriber, int count) {
        return next(subscriber, count).stream().map(Message::text).toList();
    }

    /** All messages that are available now. */
    static List<Message> drain(Subscriber subscriber) {
        return Stream.generate(subscriber::receiveNoWait)
                .takeWhile(Objects::nonNull)
                .toList();
    }

    static void assertNothingComes(Subscriber subscriber) {
        Message message = subscriber.receive(SHORT);
        assertThat(message == null ? null : message.text())
                .as("another message")
                .isNull();
    }

    static List<String> publish(Publisher publisher, String prefix, int count) {
        List<String> texts =
                Stream.iterate(1, i -> i + 1).limit(count).map(i -> prefix + i).toList();
        texts.forEach(publisher::publish);
        return texts;
    }

    /** Offers messages of this length until one is rejected; returns how many were taken. */
    static int fill(Publisher publisher, int length) {
        for (int taken = 0; taken < 100_000; taken++)
            if (publisher.offer(bytes(length), Duration.ZERO) == Publisher.REJECTED) return taken;
        throw new AssertionError("A queue of 16 KiB with a gating subscriber that does not read is never full");
    }

    static long nanosOf(ThrowingRunnable body) throws Exception {
        long start = System.nanoTime();
        body.run();
        return System.nanoTime() - start;
    }
}
