package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.MessageQueues;
import dev.belfry.api.QueueCorruptedException;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** A domain in shared memory whose file is cut short under it. */
class DamagedDomainTest extends DomainTest {
    @Override
    String scheme() {
        return "shm";
    }

    private void damage() throws IOException {
        Path file = Path.of("/dev/shm", "belfry." + domain.substring(domain.indexOf(':') + 1));
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(64);
        }
    }

    private static void assertDamaged(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOf(JMSException.class)
                .extracting(e -> ((JMSException) e).getErrorCode())
                .isEqualTo(QueueCorruptedException.CODE);
    }

    @Test
    void shouldCloseAllTheSameAndBeRefusedAfterwards() throws Exception {
        BelfryConnection connection = connect();
        BelfrySession session = client(connection);
        send(session, "q", "1", "2");
        MessageConsumer consumer = session.createConsumer(queue("q"));
        assertThat(text(consumer)).isEqualTo("1");
        damage();
        assertDamaged(consumer::receive);
        assertDamaged(session::close);
        session.close();
        assertDamaged(this::connect);
        MessageQueues.delete(domain);
        BelfryConnection anew = connect();
        send(auto(anew), "q", "3");
        assertThat(text(auto(anew).createConsumer(queue("q")))).isEqualTo("3");
        connection.close();
    }

    /** What DUPS_OK has kept back cannot be told then: of all calls that tell it, none may throw anything else. */
    @Test
    void shouldSayTheSameOfWhatWasToBeAcknowledgedLater() throws Exception {
        BelfrySession session = connect().createSession(Session.DUPS_OK_ACKNOWLEDGE);
        send(session, "q", "1");
        MessageConsumer consumer = session.createConsumer(queue("q"));
        assertThat(text(consumer)).isEqualTo("1");
        damage();
        assertDamaged(session::recover);
        assertDamaged(consumer::close);
        assertThat(session.consumes(new BelfryQueue("q"))).as("it is closed").isFalse();
        assertDamaged(session::close);
        session.close();
    }
}
