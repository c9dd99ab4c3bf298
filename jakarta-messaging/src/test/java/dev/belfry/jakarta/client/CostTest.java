package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.belfry.jakarta.domain.Domains;
import dev.belfry.jakarta.domain.Held;
import dev.belfry.testing.Alone;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What a message costs that many follow: counted, not timed. */
@WaitsForOthers
@Alone
@Slow
class CostTest extends DomainTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int ROUNDS = 7;
    private static final int ROUND = 5_000;
    /** Of a round: so many messages are under way. */
    private static final int PARTS = 10;

    private final byte[] body = new byte[104];

    /** A log in the heap keeps its records there. */
    @Override
    String scheme() {
        return "shm";
    }

    private void send(Session session, MessageProducer producer, int n) throws JMSException {
        for (int i = 0; i < n; i++) {
            BytesMessage message = session.createBytesMessage();
            message.writeBytes(body);
            producer.send(message);
        }
    }

    /** Each has a record, as has its acknowledgement, and so has the taking of many. */
    @Test
    void shouldNeedTwoRecordsForAMessageAndFewForManyThatAreTaken() throws JMSException {
        BelfryConnection consumer = open(new Domains());
        AtomicInteger got = new AtomicInteger();
        auto(consumer).createConsumer(queue("q")).setMessageListener(m -> got.incrementAndGet());
        BelfrySession session = auto(connect());
        long before = Held.records(consumer.domain);
        send(session, session.createProducer(queue("q")), 2 * ROUND);
        consumer.start();
        Patience.until("all came", () -> got.get() == 2 * ROUND);
        assertThat((Held.records(consumer.domain) - before) / (2.0 * ROUND)).isLessThan(2.1);
    }

    /** A tenth more than it was. */
    @Test
    void shouldAllocateLittle() throws JMSException {
        BelfryConnection consumer = connect(new Domains());
        AtomicInteger got = new AtomicInteger();
        AtomicLong allocated = new AtomicLong();
        auto(consumer).createConsumer(queue("q")).setMessageListener(m -> {
            allocated.set(THREADS.getCurrentThreadAllocatedBytes());
            got.incrementAndGet();
        });
        BelfrySession session = auto(connect());
        MessageProducer producer = session.createProducer(queue("q"));
        long[] sent = new long[ROUNDS];
        long[] received = new long[ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
            long receivedBefore = allocated.get();
            for (int j = 0; j < PARTS; j++) {
                long sentBefore = THREADS.getCurrentThreadAllocatedBytes();
                send(session, producer, ROUND / PARTS);
                sent[i] += THREADS.getCurrentThreadAllocatedBytes() - sentBefore;
                int all = i * ROUND + (j + 1) * ROUND / PARTS;
                Patience.until("all came", () -> got.get() == all);
            }
            sent[i] /= ROUND;
            received[i] = (allocated.get() - receivedBefore) / ROUND;
        }
        Arrays.sort(sent);
        Arrays.sort(received);
        assertThat(sent[ROUNDS / 2]).as("sent %s", Arrays.toString(sent)).isLessThan(458);
        assertThat(received[ROUNDS / 2])
                .as("received %s", Arrays.toString(received))
                .isLessThan(890);
    }
}
