package dev.belfry.jakarta.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.Claim;
import dev.belfry.api.InsufficientResourcesException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.QueueCorruptedException;
import dev.belfry.jakarta.fold.State;
import dev.belfry.jakarta.selector.Selector;
import dev.belfry.jakarta.wire.DestinationId;
import dev.belfry.jakarta.wire.Envelope;
import dev.belfry.spi.Log;
import dev.belfry.spi.LogReader;
import dev.belfry.spi.Mark;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import jakarta.jms.JMSException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * An Error before or after each call of the log, while a member folds and takes: as what it knows may be half of
 * something, it ends, says so once, and others get all that it had.
 */
@OneJdk
@Timeout(60)
class SpoiledMemberTest {
    private static final long Q = Domain.queueId("q");
    private static final int MESSAGES = 4;

    private final String uri = "mem:SpoiledMember" + ProcessHandle.current().pid();
    private final Thread here = Thread.currentThread();
    private final List<RuntimeException> told = new CopyOnWriteArrayList<>();
    private Domain sender;
    private Domain member;
    private Inbox<Taken> inbox;
    private int step;
    private int throwing;

    /** What a member does when the Error comes. */
    private enum Doing {
        TAKE {
            @Override
            void run(SpoiledMemberTest test) {
                test.inbox.hungry(true);
                test.member.turn();
            }
        },
        ASK {
            @Override
            void run(SpoiledMemberTest test) {
                test.member.withState(State::size);
            }
        },
        LOOK {
            @Override
            void run(SpoiledMemberTest test) {
                test.member.hasUrgent(List.of());
            }
        },
        READ {
            @Override
            void run(SpoiledMemberTest test) {
                while (test.inbox.poll() != null) continue;
            }
        };

        abstract void run(SpoiledMemberTest test);
    }

    private static final class Thrown extends Error {
        private static final long serialVersionUID = 1;
    }

    private MessageQueue open() {
        return MessageQueues.open(uri + "?capacity=64k&maxCapacity=64k&" + Log.KIND + "=" + Log.DOMAIN);
    }

    /** The same handle; an Error comes at one of this thread's steps. */
    private <T> T throwing(Class<T> type, Object real) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    step();
                    Object answer;
                    try {
                        answer = method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                    if (answer instanceof Log) return throwing(Log.class, answer);
                    if (answer instanceof LogReader) return throwing(LogReader.class, answer);
                    if (answer instanceof Mark) return throwing(Mark.class, answer);
                    if (answer instanceof Claim) return throwing(Claim.class, answer);
                    step();
                    return answer;
                }));
    }

    private void step() {
        if (Thread.currentThread() == here && ++step == throwing) throw new Thrown();
    }

    private void send(long destination, String name) {
        Envelope message = new Envelope();
        message.destination = destination;
        message.serial = sender.nextSerial();
        message.body = new byte[8];
        sender.send(new Sent(destination, name, message.bytes()), Limit.AT_ONCE);
    }

    static Stream<Doing> all() {
        return Stream.of(Doing.values());
    }

    @ParameterizedTest
    @MethodSource("all")
    void shouldEndWithOneClearExceptionWhereverAnErrorComes(Doing doing) throws JMSException {
        int steps = 0;
        while (endsAfterAnErrorAt(doing, steps + 1)) steps++;
        assertThat(steps).as("steps").isGreaterThan(10);
    }

    /** One that only reads, as for meters, knows nothing of what it had half read. */
    @Test
    void shouldWatchAgainWhereverAnErrorComes() {
        sender = new Domain(uri, open());
        try (MessageQueue watched = throwing(MessageQueue.class, open());
                Places places = new Places(uri, watched.unwrap(Log.class))) {
            int steps = 0;
            for (boolean thrown = true; thrown; steps++) {
                send(Q, "q");
                step = 0;
                throwing = steps + 1;
                try {
                    places.contents();
                    thrown = false;
                } catch (Thrown e) {
                    thrown = true;
                }
                throwing = 0;
                assertThat(places.contents().messages())
                        .as("after an Error at step " + (steps + 1))
                        .isEqualTo(steps + 1);
            }
            assertThat(steps).as("steps").isGreaterThan(10);
        } finally {
            sender.close(Duration.ZERO);
            MessageQueues.delete(uri);
        }
    }

    /** As for want of memory, which may meet each of them. */
    @Test
    void shouldTellAllThoughOneThrows() throws JMSException {
        member = new Domain(uri, open());
        try {
            LocalConsumer waiting = consume(member);
            waiting.signal.lower();
            AtomicBoolean wasRaised = new AtomicBoolean();
            member.onFailure(e -> {
                wasRaised.set(waiting.signal.isRaised());
                throw new Thrown();
            });
            member.onFailure(e -> {
                throw new IllegalStateException("by one");
            });
            member.onFailure(told::add);
            member.spoil(new Thrown());
            Patience.until("it was told", () -> !told.isEmpty());
            assertThat(wasRaised).as("raised before a listener is asked").isTrue();
        } finally {
            member.close(Duration.ZERO);
            MessageQueues.delete(uri);
        }
    }

    /** More memory would not help. */
    @Test
    void shouldTellOfDamageWhereARecordCannotBeFolded() {
        member = new Domain(uri, open());
        try {
            member.onFailure(told::add);
            member.spoil(new AssertionError("Record at position 7 cannot be folded"));
            Patience.until("it was told", () -> !told.isEmpty());
            assertThat(told)
                    .singleElement()
                    .isInstanceOf(QueueCorruptedException.class)
                    .extracting(Throwable::getMessage)
                    .asString()
                    .contains("is damaged", "Record at position 7 cannot be folded", "belfry doctor")
                    .doesNotContain("-Xmx");
        } finally {
            member.close(Duration.ZERO);
            MessageQueues.delete(uri);
        }
    }

    private boolean endsAfterAnErrorAt(Doing doing, int at) throws JMSException {
        throwing = 0;
        told.clear();
        sender = new Domain(uri, open());
        member = new Domain(uri, throwing(MessageQueue.class, open()));
        try {
            member.onFailure(told::add);
            inbox = doing == Doing.READ ? subscribe() : consume(member);
            for (int i = 0; i < MESSAGES; i++) send(inbox.destination, "q");
            if (!comes(doing, at)) return false;
            Patience.until("it was told", () -> !told.isEmpty());
            assertThat(told).singleElement().isInstanceOf(InsufficientResourcesException.class);
            assertThat(told.get(0)).hasRootCauseInstanceOf(Thrown.class).hasMessageContaining("Thrown");
            assertThat(member.isBroken()).isTrue();
            assertThatThrownBy(() -> member.turn()).hasCause(told.get(0));
            assertThatThrownBy(() -> member.hasUrgent(List.of())).hasCause(told.get(0));
            assertThatThrownBy(() -> member.membership.claim("id", Limit.AT_ONCE))
                    .hasRootCauseInstanceOf(Thrown.class);
            member.close(Duration.ZERO);
            if (doing != Doing.READ) othersGetAll();
            return true;
        } catch (AssertionError e) {
            throw new AssertionError(doing + ", an Error at step " + at, e);
        } finally {
            member.close(Duration.ZERO);
            sender.close(Duration.ZERO);
            MessageQueues.delete(uri);
        }
    }

    private static LocalConsumer consume(Domain domain) throws JMSException {
        return domain.consume(Q, "q", Selector.of(null), new Signal(), 2);
    }

    private Inbox<Taken> subscribe() throws JMSException {
        long topic = DestinationId.of(DestinationId.TOPIC, "q");
        Wish wish = new Wish(topic, "q", 0, null, null, null);
        return member.subscribe(wish, new Filter(Selector.of(null), null), new Signal(), 2, Limit.AT_ONCE);
    }

    /** False: there was no such step. */
    private boolean comes(Doing doing, int at) {
        step = 0;
        throwing = at;
        try {
            doing.run(this);
            return false;
        } catch (Thrown e) {
            return true;
        } finally {
            throwing = 0;
        }
    }

    private void othersGetAll() throws JMSException {
        LocalConsumer other = consume(sender);
        other.hungry(true);
        Set<Long> got = new TreeSet<>();
        List<Taken> all = new ArrayList<>();
        Patience.until("it got all", () -> {
            sender.freeOfTheDead();
            sender.turn();
            for (Taken one; (one = other.poll()) != null; all.add(one)) got.add(one.mid);
            return all.size() >= MESSAGES;
        });
        assertThat(got).hasSize(MESSAGES);
        assertThat(all).hasSize(MESSAGES);
    }
}
