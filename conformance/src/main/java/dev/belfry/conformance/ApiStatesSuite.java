package dev.belfry.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.Claim;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.MessageView;
import dev.belfry.api.Publisher;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.conformance.ApiStates.Cell;
import dev.belfry.conformance.ApiStates.State;
import dev.belfry.testing.Call;
import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import java.lang.reflect.Method;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** 46: every method in every state, and with hostile arguments: an answer of the API's, and no crash or hang. */
@Tag("T11")
@WaitsForOthers
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
public abstract class ApiStatesSuite extends ApiCalls {
    /** For JUnit. */
    protected ApiStatesSuite() {}

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
                        Claim claim = stand.publisher.claim(16);
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
                            if (cell.state() != State.CLOSED)
                                outcome.set(Outcome.of(cell.method(), kept.get(), arguments(cell.method())));
                        },
                        1,
                        Patience.limit());
                if (cell.state() == State.CLOSED) {
                    stand.queue.close();
                    outcome.set(Outcome.of(cell.method(), kept.get(), arguments(cell.method())));
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
}
