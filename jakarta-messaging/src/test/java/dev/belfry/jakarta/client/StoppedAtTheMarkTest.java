package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.QueueFullException;
import dev.belfry.jakarta.domain.Held;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.Patched;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.TransactionRolledBackException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A process is stopped where it moves the mark of a domain: no other can make room until it continues or ends. */
@WaitsForOthers
@Slow
class StoppedAtTheMarkTest extends DomainTest {
    private static final String MOVES = "slots.ackPosRelease(mark.slot, from.position() - 1);";
    private static final String STAYS_THERE = """
            System.out.println("moving");
            try {
                Thread.sleep(Long.MAX_VALUE);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            """;
    private static final String SMALL = "?capacity=64k&maxCapacity=64k";
    private static final int REFUSED = 3;
    /** In all more than fills a log of 64 KiB. */
    private static final int TIMES = 10;

    private static final int EACH = 100;

    private final Patched stops = Patched.in("Marks", MOVES, STAYS_THERE + MOVES);
    private ChildJvm child;

    @Override
    String scheme() {
        return "shm";
    }

    @AfterEach
    void endChild() {
        if (child != null) child.close();
        stops.close();
    }

    private void stopAtTheMark() {
        child = JavaCommand.of(QueueMember.class, domain + SMALL, "" + Session.AUTO_ACKNOWLEDGE)
                .flags(JavaCommand.QUICK)
                .flags(JavaCommand.QUIET)
                .classPath(stops.classPath())
                .start();
        child.expect("ready");
        child.ask("consume others", "ok"); // so it makes room itself, long before the log is full
        for (int i = 0; i < TIMES; i++) {
            child.tell("send others 0 " + EACH);
            child.tell("serve " + EACH);
        }
        Patience.until("it moves the mark", child, () -> child.line().equals("moving"));
        child.pause();
    }

    private <T extends JMSException> void assertRefused(Class<T> type, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOf(type)
                .hasMessageContaining("is held by pid " + child.pid() + " ")
                .hasMessageContaining("while it makes room")
                .extracting(e -> ((JMSException) e).getErrorCode())
                .isEqualTo(QueueFullException.CODE);
    }

    private static List<String> marked(MessageConsumer consumer) throws JMSException {
        List<String> marked = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            TextMessage next = next(consumer);
            marked.add(next.getText() + " " + next.getJMSRedelivered());
        }
        return marked;
    }

    @Test
    void shouldRefuseInTimeAndRollBackWhenAnotherIsStoppedAsItMovesTheMark() throws JMSException {
        stopAtTheMark();
        BelfryConnection connection = connect("sendTimeout=300ms");
        BelfrySession sender = auto(connection);
        send(sender, "in", "0", "1", "2");
        BelfrySession transacted = transacted(connection);
        MessageConsumer in = transacted.createConsumer(queue("in"));
        assertThat(texts(in, 3)).containsExactly("0", "1", "2");
        String rolledBack = "z".repeat(1_000);
        send(transacted, "q", rolledBack); // of which there is much: what has little would find room still

        long before = Held.records(connection.domain);
        AtomicInteger sent = new AtomicInteger();
        for (int i = 0; i < REFUSED; i++)
            assertRefused(ResourceAllocationException.class, () -> {
                for (; ; sent.incrementAndGet()) send(sender, "q", "x".repeat(1_000));
            });
        assertThat(Held.records(connection.domain))
                .as("records: none was told again where the mark stands")
                .isEqualTo(before + sent.get());
        assertRefused(TransactionRolledBackException.class, transacted::commit);

        child.kill();
        assertThat(marked(in)).containsExactly("0 true", "1 true", "2 true");
        send(sender, "q", "y".repeat(1_000));
        transacted.commit();
        assertThat(browse(sender.createBrowser(queue("q")))).isNotEmpty().doesNotContain(rolledBack);
    }
}
