package dev.belfry.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.AckMode;
import dev.belfry.api.Batch;
import dev.belfry.api.Capability;
import dev.belfry.api.Claim;
import dev.belfry.api.InterruptedQueueException;
import dev.belfry.api.Message;
import dev.belfry.api.MessageHandler;
import dev.belfry.api.MessageListener;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.MessageView;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.conformance.ApiStates.Cell;
import dev.belfry.conformance.ApiStates.State;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Every method in every state, every two methods at the same time, and the races that close and
 * interrupt may lose. There may be exceptions, but no crash, no hang, and nothing lost.
 */
@Tag("T11")
@Waits
public abstract class ApiRacesSuite extends ConformanceSuite {
    private static final int PAIR_ROUNDS = Depth.pick(1, 3, 100);
    private static final int CLOSE_RACES = Depth.pick(200, 1_000, 100_000);
    private static final int INTERRUPT_RACES = Depth.pick(200, 1_000, 100_000);
    private static final Duration MOMENT = Duration.ofMillis(20);

    /**
     * The types that behave differently in different states, and of which each two methods are
     * called at the same time.
     */
    private static final List<Class<?>> STATEFUL =
            List.of(MessageQueues.class, MessageQueue.class, Publisher.class, Subscriber.class);

    /** For JUnit. */
    protected ApiRacesSuite() {}

    // ---- objects in a state

    /**
     * An object in a state, what is needed to leave that state, and which threads may call its
     * methods.
     */
    private final class Stand {
        final CountDownLatch letGo = new CountDownLatch(1);
        Call<String> inside;
        MessageQueue queue;
        Publisher publisher;
        Subscriber subscriber;
        Object object;

        /**
         * A reader that cannot be passed may read in place, in memory that a close must leave
         * alone.
         */
        private SubscriberOptions reader(State state) {
            SubscriberOptions.Builder options = options();
            if (has(Capability.CLIENT_ACK)) options.ackMode(AckMode.CLIENT);
            if (state == State.EVICTED) options.slowSubscriber(SlowSubscriber.DISCONNECT);
            return options.build();
        }

        Stand(Class<?> type, State state) {
            nextQueue();
            if (type == MessageQueues.class && state == State.NEW) return;
            queue = open(FIXED);
            boolean exclusive = type == Publisher.class && state == State.BUSY;
            publisher = queue.createPublisher(
                    PublisherOptions.builder().exclusive(exclusive).build());
            subscriber = queue.createSubscriber(reader(state));
            if (!STATEFUL.contains(type)) return;
            if (state != State.NEW) {
                publisher.publish("first");
                next(subscriber);
                publisher.publish("second");
            }
            object = type == Publisher.class ? publisher : type == Subscriber.class ? subscriber : queue;
            switch (state) {
                case NEW, OPEN -> {}
                case BUSY -> goIn();
                case CLOSING -> {
                    goIn();
                    run(() -> close(object)).untilItWaitsOrEnds(); // for the one inside
                }
                case CLOSED -> close(object);
                case EVICTED -> fill(publisher, 100, 1_000);
                case POISONED -> {
                    fixture().damage(plainUri());
                    assertThatThrownBy(() -> publisher.publish("x")).isInstanceOf(RuntimeException.class);
                }
            }
        }

        private void fill(Publisher by, int length, int count) {
            for (int i = 0; i < count; i++) by.offer(bytes(length), Duration.ZERO);
        }

        /** A thread is inside, and stays there until it is let go. */
        private void goIn() {
            CountDownLatch isInside = new CountDownLatch(1);
            inside = object == publisher ? call(() -> claim(isInside)) : call(() -> handle(isInside));
            await(isInside);
        }

        private String claim(CountDownLatch isInside) {
            try (Claim claim = publisher.claim(8)) {
                assertThat(claim.buffer().remaining()).isEqualTo(8);
                isInside.countDown();
                await(letGo);
                return null;
            }
        }

        /** What the handler then still reads in its message. */
        private String handle(CountDownLatch isInside) {
            StringBuilder read = new StringBuilder();
            MessageHandler handler = message -> {
                isInside.countDown();
                await(letGo);
                read.append(message.text());
            };
            assertThat(subscriber.poll(handler, 1, Patience.limit())).isOne();
            return read.toString();
        }

        /** Null if the thread inside was not disturbed; otherwise what it read. */
        String complaint() {
            letGo.countDown();
            String read = inside == null ? null : inside.result();
            return read == null || read.equals("second") ? null : "the message under a handler became '" + read + "'";
        }

        void clear() {
            letGo.countDown();
            if (queue != null) queue.close();
        }
    }

    private static void close(Object object) {
        try {
            ((AutoCloseable) object).close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private boolean hasState(Class<?> type, State state) {
        if (state == State.EVICTED) return has(Capability.DISCONNECT);
        if (state == State.POISONED) return fixture().canDamage();
        if (type != Publisher.class) return true;
        if (state == State.BUSY && !has(Capability.EXCLUSIVE)) return false;
        return has(Capability.CLAIM) || state != State.CLOSING && state != State.BUSY;
    }

    /** A good value for each parameter. */
    private Object[] arguments(Method method) {
        boolean list = method.getName().equals("list");
        boolean names = method.getDeclaringClass() == MessageQueues.class;
        return Arrays.stream(method.getParameterTypes())
                .map(type -> list ? fixture().scheme() : names && type == String.class ? uri() : argument(type))
                .toArray();
    }

    private Object argument(Class<?> type) {
        if (type == URI.class) return URI.create(uri());
        if (type == QueueConfig.class) return fixture().config().build();
        if (type == byte[].class) return new byte[] {1, 2, 3};
        if (type == String.class) return "text";
        if (type == ByteBuffer.class) return bytes(8);
        if (type == MessageProperties.class) return MessageProperties.empty();
        if (type == Duration.class) return MOMENT;
        if (type == int.class) return 1;
        if (type == long.class) return 1L;
        if (type == Class.class) return MessageQueue.class;
        if (type == StartAt.class) return StartAt.NOW;
        if (type == PublisherOptions.class) return PublisherOptions.defaults();
        if (type == SubscriberOptions.class) return SubscriberOptions.defaults();
        if (type == MessageHandler.class) return (MessageHandler) view -> {};
        if (type == MessageListener.class) return (MessageListener) message -> {};
        throw new AssertionError("a parameter of a new type: " + type);
    }

    /** The outcome of a call: a result, or what it threw. */
    private record Outcome(Object result, Throwable thrown) {
        static Outcome of(Method method, Object on, Object... arguments) {
            try {
                return new Outcome(method.invoke(on, arguments), null);
            } catch (InvocationTargetException e) {
                return new Outcome(null, e.getCause());
            } catch (IllegalAccessException e) {
                throw new AssertionError(e);
            }
        }
    }

    // ---- one method, one state

    @Test
    @Tag("F56")
    @Tag("GATING")
    void b46EveryMethodOfTheEntryPoint() {
        assertAsTheTableSays(MessageQueues.class);
    }

    @Test
    @Tag("F55")
    @Tag("F56")
    @Tag("GATING")
    void b46EveryMethodOfAQueue() {
        assertAsTheTableSays(MessageQueue.class);
    }

    @Test
    @Tag("F55")
    @Tag("F56")
    @Tag("GATING")
    void b46EveryMethodOfAPublisher() {
        assertAsTheTableSays(Publisher.class);
    }

    @Test
    @Tag("F55")
    @Tag("F56")
    @Tag("GATING")
    void b46EveryMethodOfASubscriber() {
        assertAsTheTableSays(Subscriber.class);
    }

    private void assertAsTheTableSays(Class<?> type) {
        List<String> complaints = new ArrayList<>();
        int tried = 0;
        for (Cell cell : ApiStates.cells(type)) {
            if (!hasState(type, cell.state()) || isSkipped(cell.method())) continue;
            complain(complaints, cell);
            tried++;
        }
        System.out.printf("%s: %d methods of %s in their states%n", fixture().scheme(), tried, type.getSimpleName());
        assertThat(complaints).isEmpty();
    }

    private boolean isSkipped(Method method) {
        return switch (method.getName()) {
            case "claim" -> !has(Capability.CLAIM);
            case "batch", "tryBatch", "sizeInBatch" -> !has(Capability.BATCH);
            case "awaitAcknowledged" -> !has(Capability.AWAIT_ACK);
            case "unsubscribe" -> !has(Capability.NAMED);
            case "delete" -> !has(Capability.DELETE);
            case "list" -> !has(Capability.LIST);
            default -> false;
        };
    }

    private static boolean isToBeClosed(Object result) {
        return result instanceof Claim || result instanceof Batch || result instanceof MessageQueue;
    }

    private void complain(List<String> complaints, Cell cell) {
        Stand stand = new Stand(cell.type(), cell.state());
        try {
            Call<Outcome> call = call(() -> Outcome.of(cell.method(), stand.object, arguments(cell.method())));
            if (cell.expected().equals("waits")) {
                call.untilItWaits();
                close(stand.object); // wakes it
                assertThat(call.result().thrown()).isNull();
                return;
            }
            if (cell.method().getName().equals("close")) stand.letGo.countDown(); // it may wait for the thread inside
            Outcome outcome = call.result();
            String complaint = cell.complaint(outcome.result(), outcome.thrown());
            if (complaint != null) complaints.add(complaint);
            if (isToBeClosed(outcome.result()))
                run(() -> close(outcome.result())).result();
            String beside = stand.complaint();
            if (beside != null) complaints.add(cell + ": " + beside);
        } finally {
            stand.clear();
        }
    }

    @Test
    @Tag("F56")
    @Tag("CLAIM")
    void b46EveryMethodOfAClaim() {
        List<String> complaints = new ArrayList<>();
        for (Cell cell : ApiStates.cells(Claim.class)) {
            Stand stand = new Stand(Claim.class, cell.state());
            call(() -> {
                        Claim claim = stand.publisher.claim(8);
                        if (cell.state() == State.CLOSED) claim.close();
                        if (cell.state() == State.OPEN) claim.buffer().putInt(7);
                        if (cell.state() == State.CLOSING)
                            run(stand.publisher::close).untilItWaitsOrEnds();
                        Outcome outcome = Outcome.of(cell.method(), claim, arguments(cell.method()));
                        String complaint = cell.complaint(outcome.result(), outcome.thrown());
                        if (complaint != null) complaints.add(complaint);
                        claim.close();
                        return null;
                    })
                    .result();
            stand.queue.close();
        }
        assertThat(complaints).isEmpty();
    }

    @Test
    @Tag("F56")
    void b46EveryMethodOfAMessage() {
        List<String> complaints = new ArrayList<>();
        for (Class<?> type : List.<Class<?>>of(MessageView.class, Message.class))
            for (Cell cell : ApiStates.cells(type)) {
                Stand stand = new Stand(type, cell.state());
                stand.publisher.publish("a message");
                AtomicReference<MessageView> kept = new AtomicReference<>();
                AtomicReference<Outcome> outcome = new AtomicReference<>();
                stand.subscriber.poll(
                        view -> {
                            kept.set(type == Message.class ? view.copy() : view);
                            if (cell.state() == State.CLOSING) stand.subscriber.close();
                            if (cell.state() != State.CLOSED) outcome.set(Outcome.of(cell.method(), kept.get()));
                        },
                        1,
                        Patience.limit());
                if (cell.state() == State.CLOSED) {
                    stand.queue.close();
                    outcome.set(Outcome.of(cell.method(), kept.get()));
                }
                String complaint =
                        cell.complaint(outcome.get().result(), outcome.get().thrown());
                if (complaint != null) complaints.add(complaint);
                stand.queue.close();
            }
        assertThat(complaints).isEmpty();
    }

    /**
     * Null, empty, negative, huge, of the wrong kind: refused by an exception of the API, or
     * accepted; in use and closed.
     */
    @Test
    @Tag("F56")
    void b46HostileArgumentsAreRefused() {
        List<String> complaints = new ArrayList<>();
        for (Class<?> type : STATEFUL) {
            callWithHostileArguments(complaints, type, State.OPEN, null);
            Stand closed = new Stand(type, State.CLOSED); // one for all, as no call changes it any more
            callWithHostileArguments(complaints, type, State.CLOSED, closed);
            closed.clear();
        }
        assertThat(complaints).isEmpty();
    }

    /** Without a stand, a call has a new one if the call before it was not refused. */
    private void callWithHostileArguments(List<String> complaints, Class<?> type, State state, Stand shared) {
        Stand stand = shared;
        for (Method method : ApiStates.methods(type).values())
            for (int i = 0; i < method.getParameterCount() && !isSkipped(method); i++)
                for (Object hostile : hostile(method.getParameterTypes()[i])) {
                    if (stand == null) stand = new Stand(type, state);
                    Object on = stand.object;
                    Object[] arguments = arguments(method);
                    arguments[i] = hostile;
                    Outcome outcome =
                            call(() -> Outcome.of(method, on, arguments)).result();
                    if (outcome.thrown() != null && !ApiStates.isOfTheApi(outcome.thrown()))
                        complaints.add(ApiStates.signature(method) + " with " + hostile + " when " + state + " threw "
                                + outcome.thrown());
                    if (outcome.result() instanceof MessageQueue opened) opened.close();
                    if (shared != null || outcome.thrown() != null) continue;
                    stand.clear();
                    stand = null;
                }
        if (shared == null && stand != null) stand.clear();
    }

    static List<Object> hostile(Class<?> type) {
        List<Object> hostile = new ArrayList<>();
        if (!type.isPrimitive()) hostile.add(null);
        if (type == int.class) hostile.addAll(List.of(Integer.MIN_VALUE, -1, 0, Integer.MAX_VALUE));
        if (type == long.class) hostile.addAll(List.of(Long.MIN_VALUE, -1L, Long.MAX_VALUE));
        if (type == Duration.class) hostile.addAll(List.of(Duration.ofSeconds(Long.MIN_VALUE), Duration.ofNanos(-1)));
        if (type == byte[].class) hostile.addAll(List.of(new byte[0], new byte[1 << 20]));
        if (type == String.class) hostile.addAll(List.of("", "\0", "\ud800", "../..", "x".repeat(1 << 16)));
        if (type == ByteBuffer.class)
            hostile.addAll(List.of(bytes(0), bytes(1 << 20), ByteBuffer.allocateDirect(1 << 20)));
        if (type == StartAt.class) hostile.add(StartAt.at(Long.MAX_VALUE));
        if (type == Class.class) hostile.add(int.class);
        if (type == URI.class) hostile.addAll(List.of(URI.create(""), URI.create("../.."), URI.create("none:a?b=c&b")));
        return hostile;
    }

    // ---- two methods, two threads, one object

    @Test
    @Tag("F60")
    @Tag("GATING")
    void b47EveryTwoMethodsAtTheSameTime() {
        List<String> complaints = new ArrayList<>();
        int pairs = 0;
        for (Class<?> type : STATEFUL) {
            List<Method> methods = ApiStates.methods(type).values().stream()
                    .filter(m -> !isSkipped(m))
                    .collect(Collectors.toList());
            for (int i = 0; i < methods.size(); i++)
                for (int j = i; j < methods.size(); j++, pairs++)
                    for (int round = 0; round < PAIR_ROUNDS; round++)
                        race(complaints, type, methods.get(i), methods.get(j));
        }
        System.out.printf("%s: %d pairs of methods, %d times each%n", fixture().scheme(), pairs, PAIR_ROUNDS);
        assertThat(complaints).isEmpty();
    }

    private void race(List<String> complaints, Class<?> type, Method one, Method other) {
        Stand stand = new Stand(type, State.OPEN);
        CyclicBarrier start = new CyclicBarrier(2);
        List<Call<Outcome>> both = new ArrayList<>();
        for (Method method : List.of(one, other))
            both.add(call(() -> {
                start.await(Patience.limit().toSeconds(), TimeUnit.SECONDS);
                Outcome outcome = Outcome.of(method, stand.object, arguments(method));
                if (isToBeClosed(outcome.result())) close(outcome.result());
                return outcome;
            }));
        if (one.getName().equals("receive") || other.getName().equals("receive")) close(stand.subscriber); // wakes it
        for (Call<Outcome> call : both) {
            Throwable thrown = call.result().thrown();
            if (thrown != null && !isAnswerToARace(thrown))
                complaints.add(ApiStates.signature(one) + " beside " + ApiStates.signature(other) + " threw " + thrown);
        }
        stand.queue.close();
    }

    private static boolean isAnswerToARace(Throwable thrown) {
        return ApiStates.isOfTheApi(thrown) && !(thrown instanceof NullPointerException);
    }

    // ---- close

    @Seeded(55)
    @Tag("F55")
    @Tag("GATING")
    void b48CloseAgainstReceivePollPublishAndGrowth(long seed) {
        MessageQueue queue = open("capacity=4k&maxCapacity=16k");
        Publisher others = queue.createPublisher();
        Random random = new Random(seed);
        long slowest = 0;
        for (int i = 0; i < CLOSE_RACES; i++) {
            Subscriber subscriber = queue.createSubscriber();
            Publisher publisher = queue.createPublisher();
            boolean closesReader = i % 2 == 0;
            int length = i % 7 == 0 ? 3_000 : 100;
            Call<Object> racing = closesReader
                    ? call(() -> i(random) == 0 ? subscriber.receive() : subscriber.poll(v -> {}, 8, LONG_TIME))
                    : call(() -> {
                        while (true) publisher.publish(bytes(length)); // until it is full: there is no reader
                    });
            if (closesReader && i(random) == 0) others.offer(bytes(100), Duration.ZERO);
            spin(random.nextInt(60_000));
            long began = System.nanoTime();
            close(closesReader ? subscriber : publisher);
            if (closesReader) assertThat(outcome(racing)).isIn("returned", "closed");
            else assertThat(outcome(racing)).isEqualTo("closed");
            slowest = Math.max(slowest, System.nanoTime() - began);
            subscriber.close();
            publisher.close();
        }
        System.out.printf(
                "%s: %d races of close, the slowest took %d ms%n",
                fixture().scheme(), CLOSE_RACES, slowest / 1_000_000);
        assertThat(others.publish("goes on")).isPositive();
    }

    private static int i(Random random) {
        synchronized (random) {
            return random.nextInt(2);
        }
    }

    private static void spin(int nanos) {
        long end = System.nanoTime() + nanos;
        while (System.nanoTime() < end) Thread.onSpinWait();
    }

    private static String outcome(Call<?> call) {
        try {
            call.result();
            return "returned";
        } catch (AssertionError e) {
            if (e.getCause() instanceof QueueClosedException) return "closed";
            throw e;
        }
    }

    // ---- interrupt

    /**
     * Whichever comes first: the flag is set afterwards, and the message was returned, or comes
     * next.
     */
    @Seeded(57)
    @Tag("F57")
    void b49InterruptAgainstMessageLosesNeither(long seed) {
        MessageQueue queue = open("capacity=64k&maxCapacity=64k");
        Publisher publisher = queue.createPublisher();
        Subscriber subscriber = queue.createSubscriber();
        Random random = new Random(seed);
        int returned = 0;
        for (int i = 0; i < INTERRUPT_RACES; i++) {
            int delay = random.nextInt(40_000);
            Thread reader = Thread.currentThread();
            Call<Void> interrupting = run(() -> {
                spin(delay);
                reader.interrupt();
            });
            Call<Void> publishing = run(() -> {
                spin(40_000 - delay);
                publisher.publish("one");
            });
            Message message = null;
            try {
                message = subscriber.receive(Patience.limit());
                returned++;
            } catch (InterruptedQueueException e) {
                assertThat(reader.isInterrupted()).as("the flag is kept").isTrue();
            }
            while (!reader.isInterrupted() && !interrupting.isDone()) Thread.onSpinWait();
            assertThat(Thread.interrupted() || interruptedSoon(interrupting))
                    .as("the interrupt is not lost")
                    .isTrue();
            publishing.result();
            if (message == null) message = next(subscriber);
            assertThat(message.text()).isEqualTo("one");
            assertThat(subscriber.lag()).isLessThanOrEqualTo(0);
        }
        System.out.printf(
                "%s: %d races of interrupt, the message won %d%n", fixture().scheme(), INTERRUPT_RACES, returned);
    }

    private static boolean interruptedSoon(Call<Void> interrupting) {
        while (!interrupting.isDone()) Thread.onSpinWait();
        return Thread.interrupted();
    }

    // ---- listener

    @Test
    @Tag("F58")
    void b50ListenerMayThrowAnErrorOrPublishToItsQueue() {
        MessageQueue queue = open();
        Publisher publisher = queue.createPublisher();
        AtomicReference<Throwable> told = new AtomicReference<>();
        Subscriber failing = queue.createSubscriber(
                options().maxRedeliveries(0).onError(told::set).build());
        StackOverflowError error = new StackOverflowError("the listener's own");
        failing.setListener(m -> {
            throw error;
        });
        List<String> heard = new ArrayList<>();
        CountDownLatch answered = new CountDownLatch(2);
        Subscriber answering = queue.createSubscriber();
        answering.setListener(m -> {
            heard.add(m.text());
            answered.countDown();
            if (m.text().equals("question")) publisher.publish("answer");
        });
        publisher.publish("question");
        await(answered);
        Patience.until("onError is told", () -> told.get() != null);
        assertThat(told.get()).isSameAs(error);
        answering.close();
        assertThat(heard).containsExactly("question", "answer");
        assertThatThrownBy(failing::receiveNoWait)
                .isInstanceOfAny(QueueClosedException.class, IllegalStateException.class);
    }
}
