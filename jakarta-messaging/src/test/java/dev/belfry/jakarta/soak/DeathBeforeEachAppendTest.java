package dev.belfry.jakarta.soak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueues;
import dev.belfry.jakarta.client.BelfryConnection;
import dev.belfry.jakarta.soak.MortalMember.Source;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Slow;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A member works in each of the modes. It dies before its first append, in the next round before its
 * second one, and so on. An heir then finds all that was sent and not acknowledged, and nothing else; of a subscription
 * that is shared and not durable, one that has shared it.
 */
@Timeout(60)
@Slow
@OneJdk
class DeathBeforeEachAppendTest {
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private final String name = "DeathBefore" + ProcessHandle.current().pid() + "-" + NUMBER.incrementAndGet();

    /** A mode, where it receives from, and the transport of the domain. */
    record Life(Mode mode, Source source, String scheme) {
        @Override
        public String toString() {
            return mode + (source == Source.QUEUE ? "" : " of a " + source) + " over " + scheme;
        }

        /** As {@link MortalTransport} says it. */
        String mortal(String name) {
            return "mortal:" + (scheme.equals("mem") ? "mem." : "") + name;
        }
    }

    static Stream<Life> lives() {
        return Stream.of(
                        Arrays.stream(Mode.values()).map(mode -> new Life(mode, Source.QUEUE, "mem")),
                        Stream.of(Mode.LISTENER, Mode.TRANSFER).map(mode -> new Life(mode, Source.QUEUE, "shm")),
                        Stream.of(Mode.AUTO, Mode.DUPS_OK, Mode.TRANSFER)
                                .map(mode -> new Life(mode, Source.DURABLE, "mem")),
                        Stream.of(Mode.LISTENER, Mode.CLIENT, Mode.TRANSFER)
                                .map(mode -> new Life(mode, Source.SHARED_DURABLE, "mem")),
                        Stream.of(Mode.LISTENER, Mode.CLIENT, Mode.DUPS_OK, Mode.TRANSFER)
                                .map(mode -> new Life(mode, Source.SHARED, "mem")))
                .flatMap(lives -> lives);
    }

    @ParameterizedTest
    @MethodSource("lives")
    void shouldKeepWhatWasPromised(Life life) throws JMSException {
        int deaths = 0;
        while (diesBefore(deaths + 1, life)) deaths++;
        boolean isEach = Set.of(Mode.SEND, Mode.AUTO, Mode.LISTENER).contains(life.mode);
        assertThat(deaths).isGreaterThanOrEqualTo(isEach ? MortalMember.MESSAGES : 5);
    }

    /** False: it has made fewer appends. */
    private boolean diesBefore(int append, Life life) throws JMSException {
        String uri = life.scheme + ":" + name;
        MortalMember member = new MortalMember(life.source, append);
        try (BelfryConnection before = MortalMember.connect(uri)) {
            MessageConsumer survivor = life.source == Source.SHARED ? consumer(before, life.source) : null;
            if (life.mode.receives()) sendAll(before, life.source, uri);
            boolean died = member.dies(life.mortal(name), life.mode);
            before.start();
            try (BelfryConnection heir = MortalMember.connect(uri)) {
                heir.setClientID(MortalMember.CLIENT_ID);
                heir.start();
                MortalMember.leaves(uri);
                Session session = heir.createSession(Session.AUTO_ACKNOWLEDGE);
                check(member, life, session, survivor, life + ", append " + append);
            }
            return died;
        } finally {
            MessageQueues.delete(uri);
        }
    }

    private static void sendAll(BelfryConnection connection, Source source, String uri) throws JMSException {
        try (BelfryConnection first = MortalMember.connect(uri)) { // a subscription is there before its messages
            first.setClientID(MortalMember.CLIENT_ID);
            consumer(first, source).close();
        }
        Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(source.destination(session));
        for (String text : MortalMember.ALL) producer.send(session.createTextMessage(text));
    }

    private static MessageConsumer consumer(BelfryConnection connection, Source source) throws JMSException {
        return source.consumer(connection.createSession(Session.AUTO_ACKNOWLEDGE));
    }

    /** {@code survivor}: of a subscription that would have ended else. */
    private static void check(MortalMember member, Life life, Session session, MessageConsumer survivor, String as)
            throws JMSException {
        Mode mode = life.mode;
        Found p = Found.in(session, "p");
        Found left = life.source == Source.QUEUE
                ? Found.in(session, "from")
                : drain(session, life.source, survivor != null ? survivor : life.source.consumer(session));
        assertThat(Found.in(session, "q")).as(as).isEqualTo(p);
        if (mode.sends) assertThat(p.messages().values()).as(as).doesNotContain(true);
        switch (mode) {
            case SEND -> assertThat(left.texts()).as(as).isEqualTo(member.ended);
            case SEND_TRANSACTED -> assertThat(p.texts()).as(as).isEqualTo(member.ended);
            case TRANSFER -> {
                assertThat(p.texts()).as(as).containsAll(member.ended);
                assertThat(common(p.texts(), left.texts())).as(as).isEmpty();
                assertThat(union(p.texts(), left.texts())).as(as).containsExactlyInAnyOrderElementsOf(MortalMember.ALL);
            }
            default ->
                assertThat(union(member.given, left.texts()))
                        .as(as)
                        .containsExactlyInAnyOrderElementsOf(MortalMember.ALL);
        }
        if (mode.receives()) checkLeft(member, mode, left, as);
    }

    private static void checkLeft(MortalMember member, Mode mode, Found left, String as) {
        assertThat(common(left.texts(), member.ended)).as(as).isEmpty();
        assertThat(member.markedWrong).as(as).isEmpty();
        left.messages().forEach((text, redelivered) -> {
            if (member.given.contains(text))
                assertThat(redelivered).as("%s: %s", as, text).isTrue();
        });
        if (mode == Mode.CLIENT)
            assertThat(union(member.ended, left.texts())).as(as).hasSize(MortalMember.ALL.size());
    }

    private static Set<String> union(Collection<String> one, Collection<String> other) {
        Set<String> all = new HashSet<>(one);
        all.addAll(other);
        return all;
    }

    private static Set<String> common(Collection<String> one, Collection<String> other) {
        Set<String> common = new HashSet<>(one);
        common.retainAll(other);
        return common;
    }

    /** All that the subscription has: one that comes last is sent after it. The dead have left. */
    private static Found drain(Session session, Source source, MessageConsumer consumer) throws JMSException {
        MessageProducer producer = session.createProducer(source.destination(session));
        producer.setPriority(0);
        producer.send(session.createTextMessage("end"));
        return Found.before("end", consumer);
    }
}
