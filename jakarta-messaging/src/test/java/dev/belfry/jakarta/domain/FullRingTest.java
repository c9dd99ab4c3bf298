package dev.belfry.jakarta.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.jakarta.selector.Selector;
import dev.belfry.jakarta.wire.Envelope;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Log;
import dev.belfry.spi.LogReader;
import dev.belfry.spi.Reserve;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A member that only sends, and finds the log full again and again: what it reads of the log is counted. */
@OneJdk
@Timeout(60)
class FullRingTest {
    private static final int LENGTH = 200;
    private static final int PART = 100;
    /** The sender finds it full. */
    private static final int TIMES = 200;

    private static final long Q = Domain.queueId("q");

    private final String uri = "mem:FullRing" + ProcessHandle.current().pid();
    private final List<Domain> members = new ArrayList<>();
    private final Thread sends = Thread.currentThread();
    private final AtomicLong read = new AtomicLong();
    private final AtomicLong full = new AtomicLong();
    private volatile boolean waits;
    private volatile boolean ended;

    private Domain member(MessageQueue handle) {
        Domain member = new Domain(uri, handle);
        members.add(member);
        return member;
    }

    private MessageQueue open() {
        return MessageQueues.open(uri + "?capacity=1m&maxCapacity=1m&" + Log.KIND + "=" + Log.DOMAIN);
    }

    @AfterEach
    void end() {
        for (Domain one : members) one.close(Duration.ZERO);
        MessageQueues.delete(uri);
    }

    /**
     * The same handle; counts records that the sender reads, and its waits for room. A slice of such a wait ends when
     * there is some: under load others may need longer than a slice to make it.
     */
    private <T> T counted(Class<T> type, Object real) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    boolean isSlice = method.getName().equals("append") && !Duration.ZERO.equals(arguments[3]);
                    if (isSlice) {
                        arguments[3] = Patience.limit();
                        full.incrementAndGet();
                        waits = true;
                    }
                    Object answer = method.invoke(real, arguments);
                    if (isSlice) waits = false;
                    if (answer == LogReader.Step.RECORD && Thread.currentThread() == sends) read.incrementAndGet();
                    if (answer instanceof Log) return counted(Log.class, answer);
                    return answer instanceof LogReader ? counted(LogReader.class, answer) : answer;
                }));
    }

    private static Sent message(long serial) {
        return message(serial, LENGTH);
    }

    private static Sent message(long serial, int length) {
        Envelope message = new Envelope();
        message.destination = Q;
        message.serial = serial;
        message.priority = 4;
        message.body = new byte[length];
        return new Sent(Q, "q", message.bytes());
    }

    private static int fill(Domain sender, int length) {
        int[] sent = {0};
        assertThatThrownBy(() -> {
                    for (; ; sent[0]++) sender.send(message(sent[0], length), Limit.AT_ONCE);
                })
                .isInstanceOf(NoRoomException.class);
        return sent[0];
    }

    private static final class Consumer {
        final Signal signal = new Signal();
        final Domain domain;
        final LocalConsumer consumer;

        Consumer(Domain domain) {
            this.domain = domain;
            consumer = domain.consume(Q, "q", Selector.orNull(null), signal, 32);
        }

        void receive(int n) {
            consumer.hungry(true);
            for (int i = 0; i < n; i++) domain.acknowledge(next(), Limit.of(Patience.limit()));
            consumer.hungry(false);
        }

        private Taken next() {
            long deadline = Deadlines.after(Patience.limit());
            Taken taken;
            while ((taken = consumer.poll()) == null && !Deadlines.passed(deadline)) {
                domain.lower(signal);
                if (consumer.isEmpty()) domain.await(List.of(consumer), signal, deadline);
            }
            assertThat(taken).as("the next message").isNotNull();
            return taken;
        }
    }

    /** Some other one consumes, and makes room, before a slice of the sender's wait is over. */
    @WaitsForOthers
    @Test
    void shouldNotFoldWhileAnotherMakesRoom() throws Exception {
        Consumer consumer = new Consumer(member(open()));
        Domain sender = member(counted(MessageQueue.class, open()));
        fill(sender, LENGTH);
        read.set(0);
        full.set(0);
        Thread receives = new Thread(() -> {
            while (!ended) {
                if (waits) consumer.receive(PART);
                else Thread.onSpinWait();
            }
        });
        receives.start();
        try {
            for (int i = 0; full.get() < TIMES; i++) sender.send(message(i), Limit.of(Patience.limit()));
        } finally {
            ended = true;
        }
        assertThat(read).as("records that the sender has read").hasValue(0);
        receives.join();
    }

    /** What it tells takes hardly any room, and no sender asks. */
    @Test
    void shouldMakeRoomBeforeItWaitsItself() {
        Consumer consumer = new Consumer(member(open()));
        Domain sender = member(open());
        int sent = fill(sender, 60_000);
        consumer.receive(sent);
        consumer.consumer.hungry(true);
        consumer.domain.turn();
        consumer.consumer.hungry(false);
        ByteBuffer next = ByteBuffer.wrap(message(sent, 60_000).bytes());
        assertThat(sender.log.append(next, Reserve.NORMAL, 0, Duration.ZERO)).isPositive();
    }
}
