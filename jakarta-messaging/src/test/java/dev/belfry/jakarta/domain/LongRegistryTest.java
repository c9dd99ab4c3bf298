package dev.belfry.jakarta.domain;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.belfry.api.Claim;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.jakarta.fold.State;
import dev.belfry.jakarta.fold.ToldRegistry;
import dev.belfry.jakarta.wire.DestinationId;
import dev.belfry.jakarta.wire.Envelope;
import dev.belfry.jakarta.wire.Op;
import dev.belfry.jakarta.wire.RecordWriter;
import dev.belfry.spi.Log;
import dev.belfry.spi.LogReader;
import dev.belfry.spi.Reserve;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The registry is told again while messages go on: what is done for it while all are stopped is counted as bytes that
 * its thread allocates.
 */
@OneJdk
@Timeout(60)
class LongRegistryTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int QUEUES = 8_000;

    private final String uri = "mem:LongRegistry" + ProcessHandle.current().pid();
    private final List<Domain> members = new ArrayList<>();
    private final Thread here = Thread.currentThread();
    private Domain keeper;
    private Domain other;
    /** Before each claim of this thread. */
    private Runnable beforeClaim = () -> {};

    private int claims;
    private long before;
    private long allocated;

    private Domain member(boolean counted) {
        MessageQueue handle = MessageQueues.open(uri + "?capacity=16m&maxCapacity=16m&" + Log.KIND + "=" + Log.DOMAIN);
        Domain member = new Domain(uri, counted ? counted(MessageQueue.class, handle) : handle);
        members.add(member);
        return member;
    }

    /** The same handle; this thread's claims are counted, and what it allocates in them. */
    private <T> T counted(Class<T> type, Object real) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    boolean isHere = Thread.currentThread() == here;
                    if (isHere && method.getName().equals("claim")) beforeClaim.run();
                    if (isHere && method.getName().equals("commit"))
                        allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
                    Object answer = method.invoke(real, arguments);
                    if (answer instanceof Log) return counted(Log.class, answer);
                    if (!isHere || !(answer instanceof Claim)) return answer;
                    claims++;
                    Claim claim = counted(Claim.class, answer);
                    before = THREADS.getCurrentThreadAllocatedBytes();
                    return claim;
                }));
    }

    @BeforeEach
    void begin() {
        keeper = member(true);
        other = member(false);
        for (int i = 0; i < QUEUES; i++) define(i);
        String name = "x".repeat(500_000);
        for (int i = 0; i < 10; i++) append(record().define(Domain.queueId("q"), 0, name)); // garbage
        keeper.withState(State::position);
        claims = 0;
    }

    private static long id(int queue) {
        return DestinationId.of(DestinationId.TEMPORARY_QUEUE, "t" + queue);
    }

    private RecordWriter record() {
        return new RecordWriter().begin(other.self);
    }

    private void define(int queue) {
        append(record().define(id(queue), 0, "t" + queue));
    }

    private void append(RecordWriter record) {
        assertThat(other.log.append(record.end(), Reserve.NORMAL, 0, Patience.limit()))
                .isPositive();
    }

    @AfterEach
    void end() {
        for (Domain one : members) one.close(Duration.ZERO);
        MessageQueues.delete(uri);
    }

    private void assertToldAsItIs(int queues) {
        assertThat(keeper.<Long>withState(State::checkpoint)).isPositive();
        State state = new State(1);
        for (LogReader reader = other.log.reader(); reader.next() == LogReader.Step.RECORD; ) {
            assertThat(ToldRegistry.isExact(state, reader)).isTrue();
            state.apply(reader.position(), reader.place(), reader);
        }
        assertThat(state.checkpoint()).isEqualTo(keeper.<Long>withState(State::checkpoint));
        Domain late = member(false);
        for (int i = 0; i < queues; i++) {
            long id = id(i);
            assertThat(late.<Long>withState(s -> s.registry.owner(id))).isEqualTo(other.self);
        }
    }

    @Test
    void shouldWriteItBeforeAllAreStopped() {
        keeper.makeRoom();
        assertThat(claims).isEqualTo(1);
        assertThat(allocated).as("bytes in the claim").isLessThan(10 * QUEUES);
        assertToldAsItIs(QUEUES);
    }

    /** And a subscription, which is made meanwhile. */
    @Test
    void shouldTellCursorsAsTheyAreWhenAllAreStopped() {
        long topic = Domain.topicId("t");
        append(record().subscribe(topic, Op.DURABLE, "c", "one", null));
        Envelope message = new Envelope();
        message.destination = topic;
        beforeClaim = () -> {
            append(record().message(message.bytes()));
            append(record().subscribe(topic, Op.DURABLE, "c", "two", null));
            append(record().message(message.bytes()));
        };
        keeper.makeRoom();
        assertThat(claims).isEqualTo(1);
        assertToldAsItIs(QUEUES);
    }

    @Test
    void shouldTellARegistryThatChangesAllTheTime() {
        beforeClaim = () -> define(QUEUES + claims);
        keeper.makeRoom();
        assertThat(claims).isEqualTo(3);
        assertToldAsItIs(QUEUES + claims);
    }
}
