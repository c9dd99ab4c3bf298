package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.Claim;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.MessageTooLargeException;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.QueueFullException;
import dev.belfry.jakarta.domain.Held;
import dev.belfry.jakarta.domain.HeldLog;
import dev.belfry.spi.Log;
import dev.belfry.spi.Reserve;
import dev.belfry.testing.Patience;
import jakarta.jms.JMSException;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.TransactionRolledBackException;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** A send that was refused for as long as it may wait says why. */
class RefusedSendTest extends DomainTest {
    private static final String[] LOG = {"capacity=64k", "maxCapacity=64k", "sendTimeout=0s"};

    private static void assertRefused(String why, ThrowingCallable send) {
        assertRefused(why, QueueFullException.CODE, send);
    }

    private static void assertRefused(String why, String code, ThrowingCallable send) {
        assertThatThrownBy(send)
                .isInstanceOf(ResourceAllocationException.class)
                .hasMessageContaining(why)
                .extracting(e -> ((JMSException) e).getErrorCode())
                .isEqualTo(code);
    }

    @Test
    void shouldSayThatTheMessageIsTooLong() throws JMSException {
        BelfrySession session = auto(connect(LOG));
        assertRefused(
                "a sixteenth of maxCapacity 64 KiB",
                MessageTooLargeException.CODE,
                () -> send(session, "q", "x".repeat(5000)));
    }

    @Test
    void shouldSayThatTheDomainIsFull() throws JMSException {
        BelfrySession session = auto(connect(LOG));
        assertRefused("is full", () -> {
            while (true) send(session, "q", "x".repeat(1000));
        });
    }

    @Test
    void shouldSayThatTheDomainIsHeldByOneThatAppends() throws JMSException {
        BelfrySession session = auto(connect(LOG));
        QueueConfig config =
                QueueConfig.builder().attribute(Log.KIND, Log.DOMAIN).build();
        try (MessageQueue other = MessageQueues.open(URI.create(domain), config);
                Claim claim = other.unwrap(Log.class).claim(64, Reserve.SMALL, Patience.limit())) {
            assertThat(claim).isNotNull();
            assertRefused("is held", () -> inAnotherThread(session));
        }
        send(session, "q", "now");
    }

    /** Others would wait for the room that its parts take until then. */
    @Test
    void shouldTellNothingOfATransactionThatCanNeverFit() throws JMSException {
        BelfryConnection connection = connect(LOG);
        BelfrySession session = transacted(connection);
        for (int i = 0; i < 16; i++) send(session, "q", "x".repeat(3_500));
        long records = Held.records(connection.domain);
        assertThatThrownBy(session::commit)
                .isInstanceOf(TransactionRolledBackException.class)
                .hasMessageContaining(
                        "limit of domain '" + domain + "' is 49,152 (three quarters of maxCapacity 64 KiB)")
                .extracting(e -> ((JMSException) e).getErrorCode())
                .isEqualTo(MessageTooLargeException.CODE);
        assertThat(Held.records(connection.domain)).as("records").isEqualTo(records);
    }

    /** Its name was to be told with it. */
    @Test
    void shouldTellTheNameOfAQueueAfterTheFirstSendWasRefused() throws JMSException {
        BelfryConnection connection = connect(LOG);
        BelfrySession session = auto(connection);
        HeldLog.during(domain, () -> assertThatThrownBy(() -> send(session, "named", "x"))
                .isInstanceOf(ResourceAllocationException.class));
        send(session, "named", "y");
        assertThat(Held.nameOf(connection.domain, "named")).isEqualTo("named");
    }

    private static void inAnotherThread(BelfrySession session) throws Throwable {
        try {
            CompletableFuture.runAsync(() -> Jms.uncheckedAct(() -> send(session, "q", "x")))
                    .join();
        } catch (CompletionException e) {
            throw e.getCause().getCause();
        }
    }
}
