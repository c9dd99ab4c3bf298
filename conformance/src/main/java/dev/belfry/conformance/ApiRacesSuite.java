package dev.belfry.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.Codec;
import dev.belfry.api.InterruptedQueueException;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.Subscriber;
import dev.belfry.conformance.ApiStates.State;
import dev.belfry.testing.Call;
import dev.belfry.testing.Depth;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Seeded;
import dev.belfry.testing.WaitsForOthers;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
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
 * 47-50: every two methods at the same time, and the races that close and interrupt may lose. There
 * may be exceptions, but no crash, no hang, and nothing lost.
 */
@Tag("T11")
@WaitsForOthers
public abstract class ApiRacesSuite extends ApiCalls {
    private static final int PAIR_ROUNDS = Depth.pick(1, 3, 100);
    private static final int CLOSE_RACES = Depth.pick(200, 1_000, 100_000);
    private static final int INTERRUPT_RACES = Depth.pick(200, 1_000, 100_000);

    /** For JUnit. */
    protected ApiRacesSuite() {}

    // ---- two methods, two threads, one object

    @Test
    @Tag("F60")
    @Tag("GATING")
    void b47EveryTwoMethodsAtTheSameTime() {
        List<String> complaints = new ArrayList<>();
        int pairs = 0;
        for (Class<?> type : STATEFUL) {
            List<Method> methods = ApiStates.methods(type).values().stream()
                    .filter(m ->
                            !isSkipped(m) && !List.of(m.getParameterTypes()).contains(Codec.class)) // of others
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
        forget(stand.queue, both);
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
            boolean receives = random.nextBoolean();
            int length = i % 7 == 0 ? 3_000 : 100;
            Call<Object> racing = closesReader
                    ? call(() -> receives ? subscriber.receive() : subscriber.poll(v -> {}, 8, LONG_TIME))
                    : call(() -> {
                        while (true) publisher.publish(bytes(length)); // until it is full: there is no reader
                    });
            if (closesReader && random.nextBoolean()) others.offer(bytes(100), Duration.ZERO);
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
