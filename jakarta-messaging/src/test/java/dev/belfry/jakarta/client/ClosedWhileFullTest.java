package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.jakarta.domain.Domains;
import dev.belfry.jakarta.domain.HeldLog;
import dev.belfry.jakarta.domain.LocalConsumer;
import dev.belfry.jakarta.text.Codes;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import jakarta.jms.CompletionListener;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.TransactionRolledBackException;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Close ends the calls of other threads that wait for room, and waits for none of them. */
@WaitsForOthers
class ClosedWhileFullTest extends DomainTest {
    private interface Call {
        Object run() throws JMSException;
    }

    private interface Of {
        Call of(BelfryConnection connection) throws JMSException;
    }

    /** Prepared while there is room. */
    private enum Waiting {
        SEND(connection -> sending(auto(connection), null)),
        SEND_WITH_A_CALLBACK(connection -> sending(auto(connection), new Unheard())),
        COMMIT_OF_A_SEND(connection -> {
            BelfrySession session = transacted(connection);
            sending(session, null).run();
            return committing(session);
        }),
        COMMIT_OF_WHAT_WAS_RECEIVED(connection -> {
            BelfrySession session = transacted(connection);
            next(session.createConsumer(queue("q")));
            return committing(session);
        }),
        ACKNOWLEDGE(connection -> {
            Message message = next(client(connection).createConsumer(queue("q")));
            return () -> {
                message.acknowledge();
                return "acknowledged";
            };
        }),
        RECEIVE(connection -> {
            MessageConsumer consumer = auto(connection).createConsumer(queue("q"));
            LocalConsumer local = (LocalConsumer) ((BelfryConsumer) consumer).local;
            local.hungry(true);
            connection.domain.turn();
            assertThat(local.isEmpty()).isFalse();
            return consumer::receive;
        }),
        TEMPORARY_QUEUE(connection -> auto(connection)::createTemporaryQueue),
        TEMPORARY_TOPIC(connection -> auto(connection)::createTemporaryTopic),
        SUBSCRIPTION(connection -> {
            Session session = auto(connection);
            return () -> session.createConsumer(new BelfryTopic("t"));
        }),
        UNSUBSCRIBE(connection -> {
            Session session = auto(connection);
            session.createSharedDurableConsumer(new BelfryTopic("t"), "s").close();
            return () -> {
                session.unsubscribe("s");
                return "unsubscribed";
            };
        }),
        CLIENT_ID(connection -> () -> {
            connection.setClientID("id");
            return "set";
        });

        private final Of call;

        Waiting(Of call) {
            this.call = call;
        }

        private static Call sending(Session session, CompletionListener listener) throws JMSException {
            var producer = session.createProducer(queue("q"));
            return () -> {
                if (listener == null) producer.send(session.createTextMessage("2"));
                else producer.send(session.createTextMessage("2"), listener);
                return "sent";
            };
        }

        private static Call committing(Session session) {
            return () -> {
                session.commit();
                return "committed";
            };
        }
    }

    private static final class Unheard implements CompletionListener {
        @Override
        public void onCompletion(Message message) {}

        @Override
        public void onException(Message message, Exception e) {}
    }

    private BelfrySession other;

    @ParameterizedTest
    @EnumSource(names = {"SEND", "SEND_WITH_A_CALLBACK", "COMMIT_OF_A_SEND"})
    void shouldEndACallThatWaitsForRoomInAFullDomain(Waiting waiting) throws JMSException {
        Domains member = new Domains();
        other = auto(connect(member, "capacity=64k", "maxCapacity=64k", "sendTimeout=0s"));
        send(other, "q", "1");
        BelfryConnection connection = connect(member, "sendTimeout=2min");
        Call call = waiting.call.of(connection);
        FullDomainTest.fill(other);
        assertEnds(waiting, connection, call);
        assertNothingWasSent();
    }

    /** As by a process that is stopped in the middle of an append: nothing can be acknowledged. */
    @ParameterizedTest
    @EnumSource
    @Slow
    void shouldEndACallThatWaitsForALogThatIsHeld(Waiting waiting) throws JMSException {
        Domains member = new Domains();
        other = auto(connect(member));
        send(other, "q", "1");
        BelfryConnection connection = open(member, "sendTimeout=2min");
        if (waiting != Waiting.CLIENT_ID) connection.start();
        Call call = waiting.call.of(connection);
        HeldLog.during(domain, () -> assertEnds(waiting, connection, call));
        assertNothingWasSent();
    }

    private static void assertEnds(Waiting waiting, BelfryConnection connection, Call call) throws JMSException {
        CompletableFuture<Object> outcome = new CompletableFuture<>();
        Thread caller = new Thread(() -> {
            try {
                outcome.complete(call.run());
            } catch (JMSException e) {
                outcome.complete(e);
            }
        });
        caller.start();
        Patience.until("the call waits", () -> waitsForRoom(caller));
        connection.close();
        Patience.until("the call has ended", outcome::isDone);
        if (waiting == Waiting.RECEIVE) assertThat(outcome.join()).isNull();
        else assertEndedByClose(waiting, (JMSException) outcome.join());
    }

    private void assertNothingWasSent() throws JMSException {
        MessageConsumer rest = other.createConsumer(queue("q"));
        assertThat(text(rest)).isEqualTo("1");
        assertThat(rest.receive(SHORT)).isNull();
    }

    private static boolean waitsForRoom(Thread caller) {
        return Arrays.stream(caller.getStackTrace())
                .anyMatch(frame -> frame.getMethodName().equals("appendLater")
                        || frame.getClassName().endsWith(".Membership"));
    }

    private static void assertEndedByClose(Waiting waiting, JMSException e) {
        boolean rollsBack = waiting.name().startsWith("COMMIT");
        assertThat(e)
                .isInstanceOf(rollsBack ? TransactionRolledBackException.class : IllegalStateException.class)
                .hasMessageStartingWith("Close has ended a call that waited for room in domain '");
        assertThat(e.getErrorCode()).isEqualTo(Codes.CLOSED);
    }
}
