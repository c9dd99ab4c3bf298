package dev.belfry.jakarta.soak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueues;
import dev.belfry.jakarta.BelfryConnectionFactory;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A send of another thread while the append of a commit is under way. */
@Timeout(60)
class SendDuringCommitTest {
    private final String name = "mem.SendDuringCommit" + ProcessHandle.current().pid();

    @AfterEach
    void delete() {
        MortalTransport.beforeAppend = () -> {};
        MessageQueues.delete("mem:" + name.substring(4));
    }

    @WaitsForOthers
    @Test
    @Slow
    void shouldBelongToTheNextTransaction() {
        BelfryConnectionFactory factory = new BelfryConnectionFactory("mortal:" + name + "?linger=0s");
        try (JMSContext context = factory.createContext(JMSContext.SESSION_TRANSACTED);
                JMSContext other = factory.createContext()) {
            Queue queue = context.createQueue("q");
            JMSConsumer consumer = other.createConsumer(queue);
            context.createProducer().send(queue, "1");
            Thread commits = Thread.currentThread();
            AtomicBoolean sent = new AtomicBoolean();
            MortalTransport.beforeAppend = () -> {
                if (Thread.currentThread() == commits && sent.compareAndSet(false, true))
                    CompletableFuture.runAsync(() -> context.createProducer().send(queue, "2"))
                            .join();
            };
            context.commit();
            assertThat(consumer.receiveBody(String.class, 1)).isEqualTo("1");
            assertThat(consumer.receiveNoWait()).isNull();
            context.commit();
            assertThat(consumer.receiveBody(String.class, 1)).isEqualTo("2");
        }
    }
}
