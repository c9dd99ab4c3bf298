package dev.belfry.jakarta.soak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueues;
import dev.belfry.conformance.OneJdk;
import dev.belfry.conformance.Patience;
import dev.belfry.conformance.Slow;
import dev.belfry.jakarta.client.BelfryConnection;
import dev.belfry.jakarta.soak.MortalMember.Source;
import dev.belfry.spi.Deadlines;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A member works in each of the modes. It dies before its first append, in the next round before its
 * second one, and so on. An heir then finds all that was sent and not acknowledged, and nothing else.
 */
@Timeout(60)
@Slow
@OneJdk
class DeathBeforeEachAppendTest {
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final List<String> ALL =
            IntStream.range(0, MortalMember.MESSAGES).mapToObj(i -> "" + i).toList();

    private final String name = "DeathBefore" + ProcessHandle.current().pid() + "-" + NUMBER.incrementAndGet();

    /** Text and JMSRedelivered of what an heir finds, in order. */
    private record Found(Map<String, Boolean> messages) {
        List<String> texts() {
            return List.copyOf(messages.keySet());
        }

        void add(Message message) throws JMSException {
            String text = ((TextMessage) message).getText().split(" ")[0];
            assertThat(messages.put(text, message.getJMSRedelivered())).as(text).isNull();
        }
    }

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
                                .map(mode -> new Life(mode, Source.SHARED_DURABLE, "mem")))
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
            if (life.mode.receives()) sendAll(before, life.source, uri);
            boolean died = member.dies(life.mortal(name), life.mode);
            try (BelfryConnection heir = MortalMember.connect(uri)) {
                heir.setClientID(MortalMember.CLIENT_ID);
                heir.start();
                check(member, life, heir.createSession(Session.AUTO_ACKNOWLEDGE), life + ", append " + append);
            }
            return died;
        } finally {
            MessageQueues.delete(uri);
        }
    }

    private static void sendAll(BelfryConnection connection, Source source, String uri) throws JMSException {
        try (BelfryConnection first = MortalMember.connect(uri)) { // a subscription is there before its messages
            first.setClientID(MortalMember.CLIENT_ID);
            source.consumer(first.createSession(Session.AUTO_ACKNOWLEDGE)).close();
        }
        Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(source.destination(session));
        for (String text : ALL) producer.send(session.createTextMessage(text));
    }

    private static void check(MortalMember member, Life life, Session session, String as) throws JMSException {
        Mode mode = life.mode;
        Found p = drain(session, "p");
        Found left = life.source == Source.QUEUE ? drain(session, "from") : drain(session, life.source);
        assertThat(drain(session, "q")).as(as).isEqualTo(p);
        if (mode.sends) assertThat(p.messages.values()).as(as).doesNotContain(true);
        switch (mode) {
            case SEND -> assertThat(left.texts()).as(as).isEqualTo(member.ended);
            case SEND_TRANSACTED -> assertThat(p.texts()).as(as).isEqualTo(member.ended);
            case TRANSFER -> {
                assertThat(p.texts()).as(as).containsAll(member.ended);
                assertThat(common(p.texts(), left.texts())).as(as).isEmpty();
                assertThat(union(p.texts(), left.texts())).as(as).containsExactlyInAnyOrderElementsOf(ALL);
            }
            default -> assertThat(union(member.given, left.texts())).as(as).containsExactlyInAnyOrderElementsOf(ALL);
        }
        if (mode.receives()) checkLeft(member, mode, left, as);
    }

    private static void checkLeft(MortalMember member, Mode mode, Found left, String as) {
        assertThat(common(left.texts(), member.ended)).as(as).isEmpty();
        assertThat(member.markedWrong).as(as).isEmpty();
        left.messages.forEach((text, redelivered) -> {
            if (member.given.contains(text))
                assertThat(redelivered).as("%s: %s", as, text).isTrue();
        });
        if (mode == Mode.CLIENT)
            assertThat(union(member.ended, left.texts())).as(as).hasSize(ALL.size());
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

    /** All that is there, each once. */
    private static Found drain(Session session, String queue) throws JMSException {
        Found found = new Found(new LinkedHashMap<>());
        long deadline = Deadlines.after(Patience.limit());
        try (MessageConsumer consumer = session.createConsumer(session.createQueue(queue))) {
            while (session.createBrowser(session.createQueue(queue))
                    .getEnumeration()
                    .hasMoreElements()) {
                assertThat(Deadlines.passed(deadline)).as("held by the dead").isFalse();
                Message message = consumer.receiveNoWait();
                if (message != null) found.add(message);
            }
        }
        return found;
    }

    /** All that the subscription has: one that comes last is sent after it. The dead have left, for their client id. */
    private static Found drain(Session session, Source source) throws JMSException {
        Found found = new Found(new LinkedHashMap<>());
        MessageProducer producer = session.createProducer(source.destination(session));
        producer.setPriority(0);
        producer.send(session.createTextMessage("end"));
        try (MessageConsumer consumer = source.consumer(session)) {
            while (true) {
                Message message = consumer.receive(Patience.limit().toMillis());
                assertThat(message).as("the last message").isNotNull();
                if (((TextMessage) message).getText().equals("end")) return found;
                found.add(message);
            }
        }
    }
}
