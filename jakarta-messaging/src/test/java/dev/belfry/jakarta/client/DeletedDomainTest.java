package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.MessageQueues;
import dev.belfry.api.QueueClosedException;
import dev.belfry.jakarta.domain.Domains;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** A domain that is deleted under its connections, which would stay there for ever. */
@Slow
@WaitsForOthers
class DeletedDomainTest extends DomainTest {
    @Test
    void shouldTellItsConnectionsUnlessTheyAreToStay() throws Exception {
        BelfryConnection connection = connect();
        BelfrySession session = auto(connection);
        List<JMSException> told = new CopyOnWriteArrayList<>();
        connection.setExceptionListener(told::add);
        session.createConsumer(queue("q")).setMessageListener(m -> {});
        MessageConsumer receiver = auto(connection).createConsumer(queue("r"));
        JMSException[] thrown = {null};
        Thread waiting = new Thread(() -> {
            try {
                receiver.receive();
            } catch (JMSException e) {
                thrown[0] = e;
            }
        });
        waiting.start();
        BelfrySession staying = auto(connect(new Domains(), "endIfDeleted=false"));
        MessageQueues.delete(domain);
        Patience.until("it was told", () -> !told.isEmpty());
        assertThat(told).singleElement().satisfies(e -> {
            assertThat(e.getErrorCode()).isEqualTo(QueueClosedException.CODE);
            assertThat(e).hasMessageContaining("was deleted");
        });
        waiting.join();
        assertThat(thrown[0]).hasMessageContaining("was deleted");
        assertThatThrownBy(() -> send(auto(connection), "q", "1")).hasMessageContaining("was deleted");
        send(staying, "q", "1");
        assertThat(text(staying.createConsumer(queue("q")))).isEqualTo("1");
        BelfryConnection next = connect();
        assertThat(next.domain).isNotSameAs(connection.domain);
        send(auto(next), "q", "2");
        assertThat(text(auto(next).createConsumer(queue("q")))).isEqualTo("2");
    }
}
