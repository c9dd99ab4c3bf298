package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.jakarta.domain.Domains;
import dev.belfry.testing.Depth;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Whatever closes, stops or starts from another thread at any moment: all calls end, and no message
 * is lost or doubled.
 */
class ClosingRacesTest extends DomainTest {
    private static final int ROUNDS = Depth.isLong() ? 2_000 : 60;

    @WaitsForOthers
    @Test
    @Slow
    void shouldEndWhateverIsCalledBeside() throws Exception {
        BelfryConnection lasting = connect(new Domains(), "maxDeliveries=0");
        BelfrySession sender = auto(lasting);
        ExecutorService threads = Executors.newCachedThreadPool();
        AtomicInteger acknowledged = new AtomicInteger();
        int sent = 0;
        try {
            Random random = new Random(7);
            for (int round = 0; round < ROUNDS; round++) {
                BelfryConnection connection = connect("maxDeliveries=0");
                for (int i = 0; i < 5; i++) send(sender, "q", "" + sent++);
                CyclicBarrier begin = new CyclicBarrier(3);
                List<Future<?>> calls = new ArrayList<>();
                boolean listens = random.nextBoolean();
                BelfrySession session = auto(connection);
                MessageConsumer consumer = session.createConsumer(queue("q"));
                int act = random.nextInt(4);
                AtomicBoolean inside = new AtomicBoolean();
                AtomicBoolean closed = new AtomicBoolean();
                if (listens)
                    consumer.setMessageListener(m -> {
                        inside.set(true);
                        if (closed.get()) acknowledged.addAndGet(1_000_000); // after close returned
                        acknowledged.incrementAndGet();
                        inside.set(false);
                    });
                calls.add(threads.submit(() -> {
                    begin.await();
                    for (int i = 0; !listens && i < 4; i++)
                        if (quietly(() -> consumer.receive(5)) != null) acknowledged.incrementAndGet();
                    return null;
                }));
                calls.add(threads.submit(() -> {
                    begin.await();
                    if (act == 0) consumer.close();
                    else if (act == 1) session.close();
                    else if (act == 2) connection.close();
                    else {
                        connection.stop();
                        if (inside.get()) acknowledged.addAndGet(1_000_000);
                        connection.start();
                        connection.close();
                    }
                    closed.set(true);
                    return null;
                }));
                begin.await();
                for (Future<?> call : calls) call.get(Patience.limit().toSeconds(), TimeUnit.SECONDS);
                connection.close();
            }
        } finally {
            threads.shutdownNow();
        }
        List<String> rest = drain(auto(lasting).createConsumer(queue("q")));
        assertThat(acknowledged.get() + rest.size()).isEqualTo(sent);
    }

    /** A receive that begins after the close is refused; one that was under way returns null. */
    private static <T> T quietly(Jms.Step<T> step) throws JMSException {
        try {
            return step.run();
        } catch (IllegalStateException closed) {
            return null;
        }
    }
}
