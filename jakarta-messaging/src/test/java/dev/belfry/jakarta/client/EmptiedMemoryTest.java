package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.OwnMount;
import dev.belfry.testing.Patched;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * All processes of a domain are killed, and all that it had in memory is gone. What returned is on the disk, though
 * nothing is synced there that no call waits for.
 */
@WaitsForOthers
@Timeout(300)
class EmptiedMemoryTest extends DomainTest {
    private static final int ALL = 20;
    private static final int HELD = 3;
    private static final int LIVES = 5;
    private static final String FLUSH = "flush=1h";

    private final Random random = new Random(7);

    @Override
    String scheme() {
        return "disk";
    }

    private ChildJvm member(OwnMount memory, Patched product, String settings, int mode) {
        JavaCommand command = JavaCommand.of(QueueMember.class, domain + "?linger=0s&" + settings, "" + mode)
                .flags(JavaCommand.QUICK)
                .flags(JavaCommand.QUIET)
                .through(memory.launcher());
        ChildJvm child = (product == null ? command : command.classPath(product.classPath())).start();
        child.expect("ready");
        return child;
    }

    private static List<String> numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "" + i).toList();
    }

    private void keep(Patched product) throws JMSException {
        try (OwnMount memory = OwnMount.ofShm("size=64m");
                ChildJvm child = member(memory, product, FLUSH + "&clientID=c", Session.CLIENT_ACKNOWLEDGE)) {
            child.ask("subscribe durable audit", "ok");
            child.ask("publish 0 " + ALL, "ok");
            child.ask("send q 0 " + ALL, "ok");
            child.tell("hold " + HELD);
            for (int i = 0; i < HELD; i++) child.expect("got");
            child.ask("request queue", "ok"); // a send: what was taken before it is on the disk, too
            child.kill();
        }
        BelfrySession session = client(connect("clientID=c"));
        MessageConsumer consumer = session.createConsumer(queue("q"));
        assertThat(texts(consumer, ALL)).isEqualTo(numbers(0, ALL));
        assertThat(drain(consumer)).isEmpty();
        MessageConsumer audit = session.createDurableConsumer(session.createTopic("news"), "audit");
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < ALL; i++) {
            TextMessage next = next(audit);
            texts.add(next.getText());
            assertThat(next.getJMSRedelivered()).as(next.getText()).isEqualTo(i < HELD);
        }
        assertThat(texts).isEqualTo(numbers(0, ALL));
    }

    @Test
    void shouldHaveWhatWasSentAndItsSubscription() throws JMSException {
        keep(null);
    }

    private void transact(Patched product, int length) throws JMSException {
        int committed = -1;
        try (OwnMount memory = OwnMount.ofShm("size=256m");
                ChildJvm child = member(memory, product, FLUSH, Session.SESSION_TRANSACTED)) {
            child.tell("pairs q p " + length);
            for (int i = 0; i < 8; i++) {
                child.expect("commit " + i);
                if (i < 7) child.expect("committed " + i);
                if (i < 7) committed = i;
            }
            child.kill();
        }
        BelfrySession session = auto(connect());
        List<String> q = drain(session.createConsumer(queue("q")));
        assertThat(q).hasSizeGreaterThan(committed * KilledMembersTest.EACH);
        assertThat(drain(session.createConsumer(queue("p")))).isEqualTo(q);
        List<String> whole = IntStream.range(0, q.size())
                .mapToObj(i -> i / KilledMembersTest.EACH + "." + i % KilledMembersTest.EACH)
                .toList();
        assertThat(q.stream().map(text -> text.split(" ")[0])).isEqualTo(whole);
        assertThat(q.size() % KilledMembersTest.EACH).isZero();
        assertThat(q.size() / KilledMembersTest.EACH).isGreaterThan(committed);
    }

    /** Of each transaction that was begun. Large ones are told in stages. */
    @Slow
    @ParameterizedTest
    @ValueSource(ints = {10, 20_000})
    void shouldHaveTransactionsWholeOrNot(int length) throws JMSException {
        transact(null, length);
    }

    enum Mistake {
        A_SEND_DOES_NOT_WAIT("Sender", "if (message.isPersistent()) log.awaitDurable(position);"),
        A_COMMIT_DOES_NOT_WAIT("Settlement", "Jms.act(() -> domain.awaitDurable(committed));");

        final String type;
        final String wait;

        Mistake(String type, String wait) {
            this.type = type;
            this.wait = wait;
        }
    }

    @Slow
    @OneJdk
    @ParameterizedTest
    @EnumSource
    void shouldSee(Mistake mistake) {
        OwnMount.ofShm("size=1m").close(); // where there is none the test is skipped
        try (Patched product = Patched.in(mistake.type, mistake.wait, "")) {
            assertThatThrownBy(() -> {
                        if (mistake == Mistake.A_SEND_DOES_NOT_WAIT) keep(product);
                        else transact(product, 10);
                    })
                    .isInstanceOf(AssertionError.class)
                    .hasMessageMatching("(?s).*(but was|Expecting).*");
        }
    }

    /**
     * In each life one sends, and one moves what it receives to another queue in transactions; then
     * both are killed.
     */
    @Test
    @Slow
    void shouldLoseAndDoubleNothingInManyLives() throws Exception {
        String small = "flush=500ms&capacity=64k&maxCapacity=1m";
        Set<String> returned = new HashSet<>();
        for (int life = 0; life < LIVES; life++) {
            try (OwnMount memory = OwnMount.ofShm("size=64m");
                    ChildJvm sender = member(memory, null, small, Session.AUTO_ACKNOWLEDGE);
                    ChildJvm mover = member(memory, null, small, Session.SESSION_TRANSACTED)) {
                mover.ask("consume q", "ok");
                mover.tell("serve 1000000");
                for (int from = life * 1000, end = from + 100 + random.nextInt(300); from < end; from += 10) {
                    sender.ask("send q " + from + " " + (from + 10), "ok");
                    returned.addAll(numbers(from, from + 10));
                }
                sender.tell("send q " + (life * 1000 + 500) + " " + (life * 1000 + 900));
                mover.kill();
                sender.kill();
            }
        }
        BelfrySession session = auto(connect());
        Map<String, List<String>> found = new TreeMap<>(); // a message, and in which queues it was
        for (String queue : List.of("q", "done"))
            for (String text : drain(session.createConsumer(queue(queue))))
                found.computeIfAbsent(text, none -> new ArrayList<>()).add(queue);
        Set<String> lost = new TreeSet<>(returned);
        lost.removeAll(found.keySet());
        found.values().removeIf(where -> where.size() == 1);
        assertThat(lost).as("returned, and in no queue").isEmpty();
        assertThat(found).as("there twice").isEmpty();
    }
}
