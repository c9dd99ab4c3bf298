package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.jakarta.domain.Domains;
import dev.belfry.testing.Depth;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Seeded;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Threads of several members send, receive, acknowledge, recover, roll back and close at random, in
 * a small log. A ledger says at the end: each message that was sent was acknowledged once, and no
 * message was delivered as new twice.
 */
@Slow
class RandomQueuesTest extends DomainTest {
    private static final String[] QUEUES = {"q", "p"};

    private final Set<String> sent = ConcurrentHashMap.newKeySet();
    private final Map<String, AtomicInteger> acknowledged = new ConcurrentHashMap<>();
    private final Set<String> delivered = ConcurrentHashMap.newKeySet();
    private final Set<String> mistakes = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean sending = new AtomicBoolean(true);

    /** Of a small log. */
    String settings() {
        return "maxCapacity=128k";
    }

    private void acknowledged(List<String> texts) {
        for (String text : texts)
            acknowledged.computeIfAbsent(text, t -> new AtomicInteger()).incrementAndGet();
        texts.clear();
    }

    private String check(TextMessage m) throws JMSException {
        String text = m.getText();
        if (m.getJMSRedelivered() != (count(m) > 1)) mistakes.add(text + ": flag and count differ");
        if (!m.getJMSRedelivered() && !delivered.add(text)) mistakes.add(text + " was delivered as new twice");
        return text;
    }

    private Void send(BelfryConnection connection, String name, int count, long seed) throws JMSException {
        Random random = new Random(seed);
        BelfrySession session = random.nextBoolean() ? auto(connection) : transacted(connection);
        MessageProducer producer = session.createProducer(null);
        List<String> open = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String text = name + i;
            TextMessage m = session.createTextMessage(text);
            producer.send(queue(QUEUES[random.nextInt(2)]), m, DeliveryMode.PERSISTENT, random.nextInt(10), 0);
            open.add(text);
            if (!session.getTransacted()) {
                sent.addAll(open);
                open.clear();
            } else if (random.nextInt(5) == 0 || i == count - 1) {
                boolean commit = random.nextInt(3) != 0;
                if (commit) sent.addAll(open); // before the commit: others may have it before this goes on
                if (commit) session.commit();
                else session.rollback();
                open.clear();
            }
        }
        session.close();
        return null;
    }

    private Void receive(BelfryConnection connection, long seed) throws JMSException {
        Random random = new Random(seed);
        while (true) {
            int mode = random.nextInt(3);
            BelfrySession session = connection.createSession(mode);
            List<MessageConsumer> consumers = new ArrayList<>();
            for (String queue : QUEUES) consumers.add(session.createConsumer(queue(queue)));
            List<String> open = new ArrayList<>();
            boolean any = false;
            for (int i = random.nextInt(60); i >= 0; i--) {
                TextMessage m = (TextMessage) consumers.get(random.nextInt(2)).receive(1 + random.nextInt(20));
                if (m == null) continue;
                any = true;
                open.add(check(m));
                if (mode == Session.AUTO_ACKNOWLEDGE) acknowledged(open);
                else if (random.nextInt(6) == 0) {
                    if (mode == Session.CLIENT_ACKNOWLEDGE) m.acknowledge();
                    else session.commit();
                    acknowledged(open);
                } else if (random.nextInt(12) == 0) {
                    if (mode == Session.CLIENT_ACKNOWLEDGE) session.recover();
                    else session.rollback();
                    open.clear();
                }
            }
            session.close();
            if (!any && !sending.get() && acknowledged.size() == sent.size()) return null;
        }
    }

    @WaitsForOthers
    @Seeded({1, 2})
    void shouldDeliverEachMessageOnce(long seed) throws Exception {
        int count = Depth.isLong() ? 20_000 : 600;
        Random random = new Random(seed);
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            List<Future<Void>> senders = new ArrayList<>();
            List<Future<Void>> receivers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                BelfryConnection connection = connect(new Domains(), "maxDeliveries=0", settings());
                long next = random.nextLong();
                if (i < 2) {
                    String name = "abc".substring(i, i + 1);
                    senders.add(threads.submit(() -> send(connection, name, count, next)));
                }
                receivers.add(threads.submit(() -> receive(connection, next + 1)));
                if (i == 0) receivers.add(threads.submit(() -> receive(connection, next + 2)));
            }
            for (Future<Void> one : senders) one.get(Patience.limit().toSeconds(), TimeUnit.SECONDS);
            sending.set(false);
            for (Future<Void> one : receivers) one.get(Patience.limit().toSeconds(), TimeUnit.SECONDS);
        } finally {
            threads.shutdownNow();
        }
        assertThat(mistakes).isEmpty();
        assertThat(acknowledged.keySet()).isEqualTo(sent);
        assertThat(acknowledged.values()).allMatch(n -> n.get() == 1);
    }
}
