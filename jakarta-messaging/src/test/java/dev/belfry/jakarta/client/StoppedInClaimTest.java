package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.jakarta.domain.Domains;
import dev.belfry.spi.MessageQueueProvider;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A process is stopped where it has claimed the log and has not committed: as it takes messages that it competes for,
 * and as it makes room. Others wait, and are told for whom. It continues, or is killed while it is stopped.
 */
@WaitsForOthers
@Slow
class StoppedInClaimTest extends DomainTest {
    private static final int EACH = 10;
    /** More than fills a log of 64 KiB. */
    private static final int MANY = 800;

    private final ExecutorService threads = Executors.newFixedThreadPool(2);
    private ChildJvm child;
    private Future<?> sent;
    private MessageConsumer consumer;

    @Override
    String scheme() {
        return "shm";
    }

    @AfterEach
    void endAll() {
        threads.shutdownNow();
        if (child != null) child.close();
    }

    private void startChild() {
        String mortal = domain.replace("shm:", "mortal:");
        child = JavaCommand.of(QueueMember.class, mortal + "?prefetch=1", "" + Session.CLIENT_ACKNOWLEDGE)
                .flags(JavaCommand.QUICK)
                .flags(JavaCommand.QUIET)
                .start();
        child.expect("ready");
    }

    /** It is told something that it does not come to the end of. */
    private void stopInClaim(String words) {
        child.ask("stand", "ok");
        child.tell(words);
        child.expect("claimed");
        child.pause();
    }

    private void proceed() {
        child.tell("go on");
        child.proceed();
    }

    /** A send of {@code text} waits, and what is called beside it, until {@code end} has run. */
    private <T> T wait(BelfrySession sender, String text, Callable<T> beside, Runnable end) throws Exception {
        sent = threads.submit(() -> {
            send(sender, "q", text);
            return null;
        });
        Future<T> called = threads.submit(beside);
        BelfrySession brief = auto(connect("sendTimeout=300ms"));
        assertThatThrownBy(() -> send(brief, "q", "refused"))
                .isInstanceOf(ResourceAllocationException.class)
                .hasMessageMatching("(?s).* is held by pid " + child.pid() + " \\(.*\\) in the middle of an append;.*");
        String stopped = "publish lock is held by pid " + child.pid() + ", which is stopped";
        Patience.until(
                "doctor says: " + stopped, child, () -> doctor().stream().anyMatch(said -> said.contains(stopped)));
        assertThat(List.of(sent, called)).noneMatch(Future::isDone);
        end.run();
        return called.get(Patience.limit().toSeconds(), TimeUnit.SECONDS);
    }

    private void awaitSent() throws Exception {
        sent.get(Patience.limit().toSeconds(), TimeUnit.SECONDS);
    }

    private List<String> doctor() {
        for (MessageQueueProvider one : ServiceLoader.load(MessageQueueProvider.class))
            if (one.scheme().equals("shm"))
                return one.inspector().orElseThrow().diagnose(domain.substring(4), false).stream()
                        .map(finding -> finding.what())
                        .toList();
        throw new AssertionError("no shm");
    }

    private static List<String> numbers(int to) {
        return IntStream.range(0, to).mapToObj(i -> "" + i).toList();
    }

    private void add(TextMessage message, List<String> to) throws JMSException {
        assertThat(message.getJMSRedelivered()).as(message.getText()).isFalse();
        to.add(message.getText());
    }

    @Test
    void shouldWaitForOneThatTakes() throws Exception {
        BelfrySession sender = auto(connect());
        consumer = auto(connect(new Domains(), "prefetch=1")).createConsumer(queue("q"));
        startChild();
        child.ask("consume q", "ok");
        List<String> got = new ArrayList<>();

        send(sender, "q", numbers(EACH - 1).toArray(String[]::new));
        stopInClaim("hold 3");
        add(wait(sender, "" + (EACH - 1), () -> next(consumer), this::proceed), got);
        awaitSent();
        for (int i = 0; i < 3; i++) got.add(child.expect("got").replace(" false", ""));
        child.ask("end", "ok");

        for (int i = EACH; i < 2 * EACH - 1; i++) send(sender, "q", "" + i);
        stopInClaim("hold 1");
        add(wait(sender, "" + (2 * EACH - 1), () -> next(consumer), child::kill), got);
        while (got.size() < 2 * EACH) add(next(consumer), got);
        assertThat(got).containsExactlyInAnyOrderElementsOf(numbers(2 * EACH));
        assertThat(consumer.receiveNoWait()).isNull();
    }

    /** Nobody else here folds before, or might do so first. */
    @Test
    void shouldWaitForOneThatMakesRoom() throws Exception {
        BelfrySession sender = auto(connect("capacity=64k", "maxCapacity=64k"));
        startChild();
        stopInClaim("send q 0 " + MANY);
        BelfrySession other = auto(connect(new Domains()));
        List<String> got = new ArrayList<>();
        Callable<TextMessage> beside = () -> {
            consumer = other.createConsumer(queue("q"));
            return next(consumer);
        };
        add(wait(sender, "mine", beside, child::kill), got);
        while (!got.contains("mine")) add(next(consumer), got);
        awaitSent();
        for (TextMessage m; (m = (TextMessage) consumer.receiveNoWait()) != null; ) add(m, got);
        assertThat(got.remove("mine")).isTrue();
        assertThat(got).isNotEmpty().isEqualTo(numbers(got.size()));
    }
}
