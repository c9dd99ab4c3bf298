package dev.belfry.jakarta.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.Claim;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.jakarta.message.BelfryTextMessage;
import dev.belfry.jakarta.message.MessageCodec;
import dev.belfry.jakarta.message.Sending;
import dev.belfry.jakarta.message.TrustedClasses;
import dev.belfry.jakarta.selector.Selector;
import dev.belfry.jakarta.text.Out;
import dev.belfry.spi.Log;
import dev.belfry.testing.Slow;
import jakarta.jms.JMSException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What many messages cost that are in front of those that a consumer gets: counted, not timed. */
@Slow
@Timeout(60)
class BacklogTest {
    private static final int BACKLOG = 300_000;
    private static final int PER_COMMIT = 10_000;
    private static final int DELIVERED = 500;
    /** Of the design. */
    private static final int MOST_UNDER_CLAIM = 512;

    private static final long Q = Domain.queueId("q");
    private static final int WANTED = 4;
    private static final int UNWANTED = 9;
    private static final long AT_ONCE = 0;
    private static final long LATER = Long.MAX_VALUE;

    private final MessageCodec codec = new MessageCodec((kind, name) -> null, TrustedClasses.of(TrustedClasses.ALL));
    private final Out out = new Out(256);
    private final String uri = "mem:Backlog" + ProcessHandle.current().pid();
    private final Domain sender = new Domain(uri, open());
    private final Domain taker = new Domain(uri, watched(MessageQueue.class, open()));
    private LocalConsumer consumer;
    private Action beforeClaim = () -> {};
    private int claims;
    private long visitedBefore;
    private long mostVisited;

    private interface Action {
        void run() throws JMSException;
    }

    private MessageQueue open() {
        return MessageQueues.open(uri + "?capacity=256m&maxCapacity=256m&" + Log.KIND + "=" + Log.DOMAIN);
    }

    @BeforeEach
    void begin() throws JMSException {
        consumer = consume(taker);
    }

    private static LocalConsumer consume(Domain domain) throws JMSException {
        return domain.consume(Q, "q", Selector.of("JMSPriority < " + UNWANTED), new Signal(), 32);
    }

    /** The same handle; notes how many messages its consumer visits while a claim is open. */
    private <T> T watched(Class<T> type, Object real) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    boolean takes = method.getName().equals("claim") && consumer != null && consumer.isWaitedFor();
                    if (takes) {
                        Action action = beforeClaim;
                        beforeClaim = () -> {};
                        action.run();
                    }
                    Object answer = method.invoke(real, arguments);
                    if (takes) {
                        claims++;
                        visitedBefore = consumer.candidates.visited;
                    }
                    if (real instanceof Claim && method.getName().equals("close"))
                        mostVisited = Math.max(mostVisited, consumer.candidates.visited - visitedBefore);
                    if (answer instanceof Log) return watched(Log.class, answer);
                    return takes && answer != null ? watched(Claim.class, answer) : answer;
                }));
    }

    @AfterEach
    void end() {
        taker.close(Duration.ZERO);
        sender.close(Duration.ZERO);
        MessageQueues.delete(uri);
    }

    private void send(int n, int priority, long deliveryTime) throws JMSException {
        BelfryTextMessage message = new BelfryTextMessage();
        message.setJMSPriority(priority);
        message.setJMSDeliveryTime(deliveryTime);
        for (int sent = 0; sent < n; ) {
            List<Sent> some = new ArrayList<>();
            for (; sent < n && some.size() < PER_COMMIT; sent++) {
                out.clear();
                codec.encode(message, new Sending(Q, sender.nextSerial(), 0, 0, 0), out);
                some.add(new Sent(Q, "q", Arrays.copyOf(out.array(), out.length())));
            }
            sender.commit(List.of(), some, Limit.AT_ONCE);
        }
    }

    /** Of the messages that are there for it; how many it got. */
    private int receiveAll() {
        int got = 0;
        consumer.hungry(true);
        while (true) {
            if (consumer.isEmpty()) taker.turn();
            Taken taken = consumer.poll();
            if (taken == null) break;
            taker.commit(List.of(taken), List.of(), Limit.AT_ONCE);
            got++;
        }
        consumer.hungry(false);
        return got;
    }

    /** Each of the backlog is asked once, and one that is delivered once more. */
    private void deliverOneByOne() throws JMSException {
        for (int i = 1; i <= DELIVERED; i++) {
            send(1, WANTED, AT_ONCE);
            assertThat(receiveAll()).isEqualTo(1);
            assertThat(consumer.evaluated).isBetween((long) BACKLOG, BACKLOG + 2L * i);
        }
    }

    @Test
    void shouldAskNoMoreForWhatItDeliversThanWithoutABacklogThatItDoesNotWant() throws JMSException {
        send(BACKLOG, UNWANTED, AT_ONCE);
        deliverOneByOne();
    }

    @Test
    void shouldAskNoMoreForWhatItDeliversThanWithoutABacklogThatIsDelayed() throws JMSException {
        send(BACKLOG, WANTED, LATER);
        deliverOneByOne();
    }

    /** It would stop all that send meanwhile. What it has not visited then comes in its next turns. */
    @Test
    void shouldVisitFewMessagesWhileItHoldsTheLog() throws JMSException {
        consume(sender); // so that each choice is made under the publish lock
        for (int priority : new int[] {UNWANTED, WANTED}) {
            send(1, WANTED, AT_ONCE);
            beforeClaim = () -> send(BACKLOG, priority, priority == WANTED ? LATER : AT_ONCE);
            assertThat(receiveAll()).isEqualTo(1);
        }
        assertThat(claims).isPositive();
        assertThat(mostVisited).isEqualTo(MOST_UNDER_CLAIM);
        assertThat(consumer.evaluated).isBetween(2L * BACKLOG, 2L * BACKLOG + 4);
    }
}
