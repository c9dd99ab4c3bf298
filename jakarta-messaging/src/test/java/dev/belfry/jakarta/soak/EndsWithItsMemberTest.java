package dev.belfry.jakarta.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.MessageQueues;
import dev.belfry.jakarta.client.BelfryConnection;
import dev.belfry.jakarta.soak.DeathBeforeEachAppendTest.Life;
import dev.belfry.jakarta.soak.MortalMember.Source;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Slow;
import jakarta.jms.Destination;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A member has what ends with it: a plain subscription, a temporary queue or topic. It works in each of the modes. It
 * dies before its first append, in the next round before its second one, and so on. Nothing of it is left, and who
 * sends there is told so at once. A topic's other subscriber gets each message, once and in order, while the log is
 * lapped.
 */
@Timeout(60)
@Slow
@OneJdk
class EndsWithItsMemberTest {
    private static final AtomicInteger NUMBER = new AtomicInteger();
    /** Longer together than the log. */
    private static final int LATER = 60;

    private static final String FILLING = " " + "x".repeat(20_000);

    private final String name = "EndsWith" + ProcessHandle.current().pid() + "-" + NUMBER.incrementAndGet();

    static Stream<Life> lives() {
        return Stream.of(
                        Stream.of(Mode.AUTO, Mode.LISTENER, Mode.CLIENT, Mode.DUPS_OK, Mode.TRANSFER)
                                .map(mode -> new Life(mode, Source.PLAIN, "mem")),
                        Stream.of(Mode.AUTO, Mode.LISTENER, Mode.CLIENT, Mode.TRANSFER)
                                .map(mode -> new Life(mode, Source.TEMPORARY_QUEUE, "mem")),
                        Stream.of(Mode.DUPS_OK, Mode.TRANSFER)
                                .map(mode -> new Life(mode, Source.TEMPORARY_TOPIC, "mem")),
                        Stream.of(Source.PLAIN, Source.TEMPORARY_QUEUE, Source.TEMPORARY_TOPIC)
                                .map(source -> new Life(Mode.TRANSFER, source, "shm")))
                .flatMap(lives -> lives);
    }

    @ParameterizedTest
    @MethodSource("lives")
    void shouldLeaveNothing(Life life) throws JMSException {
        int deaths = 0;
        while (new Round(life, deaths + 1).dies()) deaths++;
        assertThat(deaths).isGreaterThanOrEqualTo(3);
    }

    private final class Round {
        private final Life life;
        private final int append;
        private final String as;
        private final List<String> published = new ArrayList<>();
        private Session session;
        private MessageProducer producer;
        /** Null: the member has not come so far. */
        private Destination from;

        Round(Life life, int append) {
            this.life = life;
            this.append = append;
            as = life + ", append " + append;
        }

        /** False: it has made fewer appends. */
        boolean dies() throws JMSException {
            String uri = life.scheme() + ":" + name;
            boolean died;
            MortalMember member = new MortalMember(life.source(), append, this::send);
            try (BelfryConnection other = MortalMember.connect(uri)) {
                other.start();
                session = other.createSession(Session.AUTO_ACKNOWLEDGE);
                producer = session.createProducer(null);
                MessageConsumer witness = session.createConsumer(session.createTopic("from"));
                died = member.dies(life.mortal(name), life.mode());
                checkMember(member);
                boolean isTemporary = life.source() != Source.PLAIN;
                if (isTemporary && from != null)
                    assertThatThrownBy(() -> producer.send(from, session.createTextMessage("late")))
                            .as(as)
                            .isInstanceOf(InvalidDestinationException.class);
                checkWitness(witness);
                checkMoved(member);
            }
            assertThat(MortalMember.leftIn(uri)).as(as).isEmpty();
            MessageQueues.delete(uri);
            return died;
        }

        private void send(Destination to) throws JMSException {
            from = to;
            for (String text : MortalMember.ALL) producer.send(to, session.createTextMessage(text));
            if (life.source() == Source.PLAIN) published.addAll(MortalMember.ALL);
        }

        /** What it was given as long as it lived. */
        private void checkMember(MortalMember member) {
            assertThat(member.markedWrong).as(as).isEmpty();
            List<String> given = member.given.stream().distinct().toList();
            assertThat(given).as(as).isEqualTo(MortalMember.ALL.subList(0, given.size()));
        }

        private void checkWitness(MessageConsumer witness) throws JMSException {
            List<String> seen = new ArrayList<>();
            for (int i = 0; i < LATER; i++) {
                published.add("later" + i);
                producer.send(session.createTopic("from"), session.createTextMessage("later" + i + FILLING));
                while (seen.size() < published.size()) {
                    TextMessage next = (TextMessage) witness.receiveNoWait();
                    assertThat(next).as(as).isNotNull();
                    assertThat(next.getJMSRedelivered()).as(as).isFalse();
                    seen.add(next.getText().split(" ")[0]);
                }
            }
            assertThat(seen).as(as).isEqualTo(published);
        }

        /** Each transaction, or nothing of it; one may have died as it returned. */
        private void checkMoved(MortalMember member) throws JMSException {
            List<String> p = Found.in(session, "p").texts();
            assertThat(Found.in(session, "q").texts()).as(as).isEqualTo(p);
            if (life.mode() != Mode.TRANSFER) assertThat(p).isEmpty();
            else assertThat(p).as(as).containsAll(member.ended).isSubsetOf(member.given);
        }
    }
}
