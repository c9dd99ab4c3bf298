package dev.belfry.jakarta.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.jakarta.selector.Selector;
import dev.belfry.jakarta.wire.Envelope;
import dev.belfry.spi.Log;
import dev.belfry.spi.LogReader;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A consumer that has messages in its buffer and acknowledges each: what it asks of the log meanwhile is counted. */
@OneJdk
class BusyConsumerTest {
    private static final long Q = Domain.queueId("q");
    private static final int PREFETCH = 32;
    /** So many until it takes as many at once as it may. */
    private static final int FIRST = 4 * PREFETCH;

    private static final int REST = 20 * PREFETCH;

    private final String uri = "mem:BusyConsumer" + ProcessHandle.current().pid();
    private final List<Domain> members = new ArrayList<>();
    private final AtomicLong asked = new AtomicLong();

    private Domain member(MessageQueue handle) {
        Domain member = new Domain(uri, handle);
        members.add(member);
        return member;
    }

    private MessageQueue open() {
        return MessageQueues.open(uri + "?" + Log.KIND + "=" + Log.DOMAIN);
    }

    @AfterEach
    void end() {
        for (Domain one : members) one.close(Duration.ZERO);
        MessageQueues.delete(uri);
    }

    /** The same handle; counts how often its readers are asked for a record. */
    private <T> T counted(Class<T> type, Object real) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    if (type == LogReader.class && method.getName().equals("next")) asked.incrementAndGet();
                    Object answer = method.invoke(real, arguments);
                    if (answer instanceof Log) return counted(Log.class, answer);
                    return answer instanceof LogReader ? counted(LogReader.class, answer) : answer;
                }));
    }

    private static Sent message(long serial, int priority) {
        Envelope message = new Envelope();
        message.destination = Q;
        message.serial = serial;
        message.priority = priority;
        message.body = new byte[10];
        return new Sent(Q, "q", message.bytes());
    }

    /** As a session does. */
    private static Taken receive(Domain domain, LocalConsumer consumer) {
        if (!domain.isReady(consumer)) {
            consumer.hungry(true);
            domain.takeNow(consumer);
            consumer.hungry(false);
        }
        Taken taken = consumer.poll();
        assertThat(taken).as("the next message").isNotNull();
        domain.acknowledge(taken, Limit.of(Patience.limit()));
        return taken;
    }

    @Test
    void shouldNotAskForItsOwnAcknowledgements() {
        Domain sender = member(open());
        for (int i = 0; i < FIRST + REST; i++) sender.send(message(i, 4), Limit.AT_ONCE);
        Domain domain = member(counted(MessageQueue.class, open()));
        LocalConsumer consumer = domain.consume(Q, "q", Selector.orNull(null), new Signal(), PREFETCH);
        for (int i = 0; i < FIRST; i++) receive(domain, consumer);
        asked.set(0);
        for (int i = 0; i < REST; i++) receive(domain, consumer);
        assertThat(asked.get() / (double) REST)
                .as("records that it asks for, with each acknowledgement")
                .isLessThan(1.5);
    }

    @Test
    void shouldSeeWhatIsMoreUrgentBeforeItsNextMessage() {
        Domain sender = member(open());
        Domain domain = member(open());
        for (int i = 0; i < FIRST; i++) sender.send(message(i, 4), Limit.AT_ONCE);
        LocalConsumer consumer = domain.consume(Q, "q", Selector.orNull(null), new Signal(), PREFETCH);
        for (int i = 0; i < FIRST / 4; i++) {
            receive(domain, consumer);
            receive(domain, consumer);
            sender.send(message(FIRST + i, 9), Limit.AT_ONCE);
            assertThat(receive(domain, consumer).priority).isEqualTo(9);
        }
    }
}
