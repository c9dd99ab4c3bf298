package dev.belfry.conformance;

import static dev.belfry.conformance.BatchSuite.assertState;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.AckMode;
import dev.belfry.api.Batch;
import dev.belfry.api.Capability;
import dev.belfry.api.Claim;
import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageTooLargeException;
import dev.belfry.api.Publisher;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.conformance.ApiStates.Cell;
import dev.belfry.conformance.ApiStates.State;
import dev.belfry.testing.WaitsForOthers;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** 54-55: batches that are used wrongly, and batches as history. */
@WaitsForOthers
@Tag("BATCH")
public abstract class BatchUseSuite extends ConformanceSuite {
    protected BatchUseSuite() {}

    // ---- 54: misuse

    @Test
    void b54NestedPublishClaimAndBatchAreRefused() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        Publisher second = queue.createPublisher();
        try (Batch batch = publisher.batch(1_000)) {
            batch.add("outer");
            for (Publisher nested : List.of(publisher, second)) {
                assertState(() -> nested.publish("nested"), () -> nested.offer(bytes(1), Duration.ZERO));
                assertState(() -> nested.batch(1), () -> nested.tryBatch(1, Duration.ZERO));
                if (has(Capability.CLAIM)) assertState(() -> nested.claim(1));
            }
            batch.commit();
        }
        if (has(Capability.CLAIM))
            try (Claim claim = publisher.claim(5)) {
                assertState(() -> publisher.batch(1), () -> second.tryBatch(1, Duration.ZERO));
                claim.buffer().put("claim".getBytes());
                claim.commit();
            }
        second.publish("later");
        List<String> expected = new ArrayList<>(List.of("outer", "later"));
        if (has(Capability.CLAIM)) expected.add(1, "claim");
        assertThat(texts(subscriber, expected.size())).isEqualTo(expected);
    }

    /** A try around it closes it late, when another batch is open. */
    @Test
    void b54ACommittedOneDoesNothingToTheNext() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        for (int turn = 0; turn < 3; turn++) {
            Batch second;
            try (Batch first = publisher.batch(100)) {
                first.add("first");
                first.commit();
                second = publisher.batch(100);
                second.add("second");
                assertState(() -> first.add("stolen"), () -> first.claim(1), () -> first.fits(1), first::commit);
            }
            second.add("third");
            second.commit();
            second.close();
        }
        assertThat(texts(subscriber, 9))
                .containsExactly("first", "second", "third", "first", "second", "third", "first", "second", "third");
        assertNothingComes(subscriber);
    }

    @Test
    @SuppressWarnings("try")
    void b54OtherThreadsAreRefused() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        try (Batch batch = queue.createPublisher().batch(1_000)) {
            batch.claim(5).buffer().put("whole".getBytes());
            run(() -> {
                        assertState(() -> batch.add("stolen"), () -> batch.claim(1), () -> batch.shorten(1));
                        assertState(() -> batch.fits(1), batch::commit);
                        batch.close();
                    })
                    .result();
            assertThat(batch.count()).isOne();
            batch.commit();
        }
        assertThat(texts(subscriber, 1)).containsExactly("whole");
        assertNothingComes(subscriber);
    }

    @Test
    void b54BadArgumentsAreRefusedAndHoldNothingUp() {
        MessageQueue queue = open("capacity=4k&maxCapacity=64k");
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        int most = publisher.maxMessageLength();
        assertThatThrownBy(() -> publisher.batch(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> publisher.tryBatch(-1, Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> publisher.tryBatch(1, null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> publisher.sizeInBatch(-1)).isInstanceOf(IllegalArgumentException.class);
        if (most < Integer.MAX_VALUE) {
            assertThatThrownBy(() -> publisher.batch(most + 1)).isInstanceOf(MessageTooLargeException.class);
            assertThatThrownBy(() -> publisher.tryBatch(most + 1, Duration.ZERO))
                    .isInstanceOf(MessageTooLargeException.class);
        }
        try (Batch batch = publisher.batch(1_000)) {
            assertState(() -> batch.shorten(0));
            batch.add("added");
            assertState(() -> batch.shorten(0)); // it was not claimed
            batch.claim(5).buffer().put("claim".getBytes());
            for (int bad : List.of(-1, 6, Integer.MIN_VALUE, Integer.MAX_VALUE))
                assertThatThrownBy(() -> batch.shorten(bad)).isInstanceOf(IllegalArgumentException.class);
            for (Method method : ApiStates.methods(Batch.class).values())
                for (int i = 0; i < method.getParameterCount(); i++)
                    for (Object hostile : ApiStatesSuite.hostile(method.getParameterTypes()[i])) {
                        if (method.getName().equals("shorten")) continue;
                        Object[] arguments = arguments(method);
                        arguments[i] = hostile;
                        int before = batch.count();
                        Throwable thrown = call(batch, method, arguments) instanceof Throwable t ? t : null;
                        assertThat(thrown == null || ApiStates.isOfTheApi(thrown))
                                .as("%s with %s threw %s", method, hostile, thrown)
                                .isTrue();
                        if (thrown != null) assertThat(batch.count()).isEqualTo(before);
                    }
            batch.commit();
        }
        open().createPublisher().publish("not held up");
        assertThat(texts(subscriber, 2)).containsExactly("added", "claim");
        assertThat(drain(subscriber)).last().extracting(Message::text).isEqualTo("not held up");
    }

    @Test
    void b54EveryMethodInEveryState() {
        List<String> complaints = new ArrayList<>();
        for (Cell cell : ApiStates.cells(Batch.class)) {
            nextQueue();
            MessageQueue queue = open();
            Publisher publisher = queue.createPublisher();
            run(() -> {
                        Batch batch = publisher.batch(1_000);
                        if (cell.state() == State.OPEN || cell.state() == State.CLOSING) batch.claim(8);
                        if (cell.state() == State.CLOSING) run(publisher::close).untilItWaitsOrEnds();
                        if (cell.state() == State.CLOSED) batch.close();
                        Object result = call(batch, cell.method(), arguments(cell.method()));
                        String complaint = result instanceof Throwable thrown
                                ? cell.complaint(null, thrown)
                                : cell.complaint(result, null);
                        if (complaint != null) complaints.add(complaint);
                        batch.close();
                    })
                    .result();
            queue.close();
        }
        assertThat(complaints).isEmpty();
    }

    /** The result or exception of a call. */
    private static Object call(Batch batch, Method method, Object[] arguments) {
        try {
            return method.invoke(batch, arguments);
        } catch (InvocationTargetException e) {
            return e.getCause();
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }

    private static Object[] arguments(Method method) {
        return Arrays.stream(method.getParameterTypes())
                .map(BatchUseSuite::argument)
                .toArray();
    }

    private static Object argument(Class<?> type) {
        if (type == byte[].class) return new byte[] {1};
        if (type == String.class) return "t";
        if (type == int.class) return 1;
        return type == MessageProperties.class ? MessageProperties.empty() : bytes(1);
    }

    // ---- 55: history is by message

    @Test
    @Tag("NAMED")
    @Tag("CLIENT_ACK")
    @Tag("POSITIONS")
    void b55NamedSubscriptionGoesOnInTheMiddleOfABatch() {
        SubscriberOptions audit =
                options().name("audit").ackMode(AckMode.CLIENT).build();
        MessageQueue queue = open();
        try (Subscriber subscriber = queue.createSubscriber(audit)) {
            batch(queue.createPublisher(), 1, 6, 1);
            assertThat(texts(subscriber, 3)).hasSize(3);
            subscriber.acknowledge();
            next(subscriber);
        }
        assertThat(texts(open().createSubscriber(audit), 3)).containsExactly("4", "5", "6");
    }

    @Test
    @Tag("HISTORY")
    @Tag("POSITIONS")
    @Tag("OVERRUN")
    void b55SubscriptionsBeginAndJumpWithinBatches() {
        MessageQueue queue = open(FIXED);
        Subscriber slow = queue.createSubscriber(
                options().slowSubscriber(SlowSubscriber.OVERRUN).build());
        Publisher publisher = queue.createPublisher();
        long newest = 0;
        for (int round = 0; round < 100; round++) {
            batch(publisher, newest + 1, 7, 200);
            newest += 7;
            long before = queue.stats().oldestPosition();
            Subscriber oldest = oldest(queue);
            List<Message> retained = drain(oldest);
            oldest.close();
            assertThat(retained.get(0).position())
                    .isBetween(before, queue.stats().oldestPosition());
            assertThat(retained).last().extracting(Message::position).isEqualTo(newest);
            for (int i = 0; i < retained.size(); i++) {
                long position = retained.get(0).position() + i;
                assertThat(retained.get(i).position()).isEqualTo(position);
                assertThat(retained.get(i).text().strip()).isEqualTo(Long.toString(position));
            }
        }
        List<Message> read = drain(slow);
        assertThat(slow.lostCount()).isPositive().isEqualTo(newest - read.size());
        assertThat(read).allSatisfy(m -> assertThat(m.text().strip()).isEqualTo(Long.toString(m.position())));
    }

    /** Messages with their positions as texts, so many characters wide. */
    private static void batch(Publisher publisher, long first, int count, int width) {
        try (Batch batch = publisher.batch(count * publisher.sizeInBatch(width))) {
            for (long i = first; i < first + count; i++) batch.add(String.format("%-" + width + "d", i));
            assertThat(batch.commit()).isEqualTo(first + count - 1);
        }
    }
}
