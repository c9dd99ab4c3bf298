package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.MessageQueues;
import dev.belfry.file.DiskProvider;
import dev.belfry.jakarta.BelfryConnectionFactory;
import dev.belfry.spi.DomainTools;
import dev.belfry.spi.Log;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which calls of a domain that lies in files wait for the disk, and how many of them share a sync. */
@WaitsForOthers
class DiskDomainTest extends DomainTest {
    private static final int SENDERS = 8;
    private static final int EACH = 30;
    private static final int EIO = 5;
    private static final int ENOSPC = 28;
    private static final Topic NEWS = new BelfryTopic("news");

    private final AtomicInteger syncs = new AtomicInteger();

    @Override
    String scheme() {
        return "disk";
    }

    @BeforeEach
    void count() {
        DiskProvider.beforeSync = () -> {
            syncs.incrementAndGet();
            return 0;
        };
    }

    @AfterEach
    void uncount() {
        DiskProvider.beforeSync = () -> 0;
    }

    /** The files of a small ring are all made when it is created: no later sync is for them. */
    private BelfryConnection connectQuietly(String... settings) throws JMSException {
        String[] all = Arrays.copyOf(settings, settings.length + 1);
        all[settings.length] = "capacity=64k";
        return connect(all);
    }

    private interface Step {
        void run() throws JMSException;
    }

    private int syncsOf(Step step) throws JMSException {
        int before = syncs.get();
        step.run();
        return syncs.get() - before;
    }

    private static MessageProducer producer(BelfrySession session, int mode) throws JMSException {
        MessageProducer producer = session.createProducer(queue("q"));
        producer.setDeliveryMode(mode);
        return producer;
    }

    @Test
    void shouldWaitForTheDiskWhereThatIsPromised() throws JMSException {
        BelfryConnection connection = connectQuietly("flush=1h", "clientID=c");
        BelfrySession auto = auto(connection);
        MessageProducer fast = producer(auto, DeliveryMode.NON_PERSISTENT);
        MessageProducer safe = producer(auto, DeliveryMode.PERSISTENT);
        TextMessage message = auto.createTextMessage("x");
        assertThat(syncsOf(() -> safe.send(message))).isPositive();
        assertThat(syncsOf(() -> {
                    for (int i = 0; i < EACH; i++) fast.send(message);
                }))
                .isZero();
        MessageConsumer consumer = auto.createConsumer(queue("q"));
        assertThat(syncsOf(() -> texts(consumer, EACH))).isZero();
        consumer.close();

        BelfrySession transacted = transacted(connection);
        MessageProducer sends = producer(transacted, DeliveryMode.NON_PERSISTENT);
        assertThat(syncsOf(() -> sends.send(message))).isZero();
        assertThat(syncsOf(transacted::commit)).isPositive();
        text(transacted.createConsumer(queue("q")));
        assertThat(syncsOf(transacted::commit)).isPositive();
        sends.send(message);
        assertThat(syncsOf(transacted::rollback)).isZero();

        MessageConsumer[] durable = new MessageConsumer[1];
        assertThat(syncsOf(() -> durable[0] = auto.createDurableConsumer(NEWS, "audit")))
                .isPositive();
        durable[0].close();
        assertThat(syncsOf(() -> auto.unsubscribe("audit"))).isPositive();
        assertThat(syncsOf(() -> auto.createConsumer(NEWS).close())).isZero();
    }

    @Test
    void shouldWaitForNoDiskWhereThatIsSyncedNowAndThen() throws JMSException {
        BelfryConnection connection = connectQuietly("sync=os", "flush=1h");
        BelfrySession auto = auto(connection);
        BelfrySession transacted = transacted(connection);
        assertThat(syncsOf(() -> {
                    send(auto, "q", "x");
                    send(transacted, "q", "y");
                    transacted.commit();
                }))
                .isZero();
        assertThat(texts(auto.createConsumer(queue("q")), 2)).containsExactly("x", "y");
    }

    /** They would come again after a power loss. */
    @Test
    void shouldTakeOutForGoodWhatItCounts() throws JMSException {
        BelfryConnection connection = connectQuietly("flush=1h"); // which keeps the log open
        MessageProducer fast = producer(auto(connection), DeliveryMode.NON_PERSISTENT);
        for (int i = 0; i < EACH; i++) fast.send(auto(connection).createTextMessage("x"));
        OperatorTools tools = new OperatorTools();
        int[] before = new int[1];
        assertThat(tools.take(
                        domain,
                        MessageQueues.open(domain + "?flush=1h&" + Log.KIND + "=" + Log.DOMAIN),
                        DomainTools.Source.queue("q"),
                        null,
                        some -> {
                            before[0] = syncs.get();
                            return some.size();
                        },
                        EACH))
                .isEqualTo(EACH);
        assertThat(syncs.get()).isGreaterThan(before[0]);
    }

    /** In a thread of its own: two steps at once are more than the common pool of two processors runs on JDK 25. */
    private static CompletableFuture<Void> async(Step step) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        step.run();
                    } catch (JMSException e) {
                        throw new CompletionException(e);
                    }
                },
                task -> new Thread(task).start());
    }

    /** A sync of a millisecond at least: all that send meanwhile share the next one. */
    @Test
    void shouldShareSyncsAmongSenders() throws Exception {
        DiskProvider.beforeSync = () -> {
            syncs.incrementAndGet();
            LockSupport.parkNanos(1_000_000);
            return 0;
        };
        BelfryConnection connection = connectQuietly("flush=1h");
        List<Thread> senders = new ArrayList<>();
        List<Throwable> thrown = new ArrayList<>();
        for (int i = 0; i < SENDERS; i++) {
            BelfrySession session = i % 2 == 0 ? auto(connection) : transacted(connection);
            senders.add(new Thread(() -> {
                try {
                    for (int j = 0; j < EACH; j++) {
                        send(session, "q", "x");
                        if (session.getTransacted()) session.commit();
                    }
                } catch (JMSException e) {
                    synchronized (thrown) {
                        thrown.add(e);
                    }
                }
            }));
        }
        int before = syncs.get();
        senders.forEach(Thread::start);
        for (Thread one : senders) one.join();
        assertThat(thrown).isEmpty();
        assertThat(syncs.get() - before)
                .as("syncs of %d sends", SENDERS * EACH)
                .isLessThanOrEqualTo(SENDERS * EACH / 2);
    }

    @Test
    void shouldSayThatTheDiskHasFailed() throws JMSException {
        BelfryConnection connection = connectQuietly("flush=1h");
        BelfrySession session = auto(connection);
        send(session, "q", "before");
        DiskProvider.beforeSync = () -> EIO;
        assertThatThrownBy(() -> send(session, "q", "unknown"))
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("has ended for all processes: a read, write or sync in")
                .hasMessageContaining("may be lost or not. See to the disk")
                .satisfies(e -> assertThat(((JMSException) e).getErrorCode()).isEqualTo("BELFRY-117"));
        assertThatThrownBy(() -> send(session, "q", "after")).isInstanceOf(JMSException.class);
        count();
        Patience.until("the member has left", () -> {
            try {
                connection.close();
                return true;
            } catch (JMSException told) {
                return true;
            }
        });
        BelfrySession again = auto(connect());
        send(again, "q", "later");
        assertThat(drain(again.createConsumer(queue("q")))).startsWith("before").endsWith("later");
    }

    @Test
    @Slow
    void shouldSayThatTheDiskIsFullAndGoOnWhenThereIsRoom() throws JMSException {
        BelfryConnection connection = connectQuietly("sendTimeout=1s");
        BelfrySession session = auto(connection);
        DiskProvider.beforeSync = () -> isMakingAFile() ? ENOSPC : 0;
        List<String> sent = new ArrayList<>();
        MessageProducer fast = producer(session, DeliveryMode.NON_PERSISTENT);
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 1_000; i++) {
                        fast.send(session.createTextMessage(i + "x".repeat(4_000)));
                        sent.add("" + i);
                    }
                })
                .isInstanceOf(ResourceAllocationException.class)
                .hasMessageContaining("is full: 'file:")
                .hasMessageContaining("cannot grow: room for two segments of 1 MiB is needed")
                .hasMessageContaining("Make room on it");
        MessageConsumer consumer = session.createConsumer(queue("q"));
        for (int i = 0; i < EACH; i++) assertThat(text(consumer)).startsWith(sent.get(i) + "x");
        count();
        send(session, "other", "later");
        assertThat(drain(session.createConsumer(queue("other")))).containsExactly("later");
        assertThat(drain(consumer)).hasSize(sent.size() - EACH);
    }

    /** On a disk that has room for two segments. */
    @Test
    @Slow
    void shouldGoOnWhenWhatIsAcknowledgedHasLeftTheDisk() throws JMSException {
        BelfryConnection connection = connect("capacity=64k", "flush=500ms", "sendTimeout=1s");
        DiskProvider.beforeSync = () -> isMakingAFile() && DiskProvider.segments(domain) >= 2 ? ENOSPC : 0;
        BelfrySession session = auto(connection);
        MessageProducer fast = producer(session, DeliveryMode.NON_PERSISTENT);
        MessageConsumer consumer = session.createConsumer(queue("q"));
        for (int round = 0; round < 4; round++) {
            List<String> sent = new ArrayList<>();
            Patience.until("a send is not refused any more", () -> isSent(session, fast, sent));
            while (isSent(session, fast, sent))
                ;
            assertThat(drain(consumer).stream().map(String::strip)).isEqualTo(sent);
        }
    }

    private static boolean isSent(BelfrySession session, MessageProducer to, List<String> sent) {
        try {
            String text = "" + sent.size();
            to.send(session.createTextMessage(text + " ".repeat(4_000)));
            return sent.add(text);
        } catch (ResourceAllocationException full) {
            return false;
        } catch (JMSException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean isMakingAFile() {
        return StackWalker.getInstance()
                .walk(frames -> frames.anyMatch(frame -> frame.getMethodName().equals("makeOrAwait")));
    }

    /** Syncs wait for that. Returns what is counted down by the first one. */
    private static CountDownLatch syncsUntil(CountDownLatch goOn) {
        CountDownLatch syncing = new CountDownLatch(1);
        DiskProvider.beforeSync = () -> {
            syncing.countDown();
            Patience.until("the test goes on", () -> goOn.getCount() == 0);
            return 0;
        };
        return syncing;
    }

    /** The close waits for the same sync, as its own is not over before. */
    @Test
    void shouldLetASendEndThatWaitsForTheDiskWhileItIsClosed() throws Exception {
        BelfryConnection connection = connectQuietly("flush=1h");
        BelfrySession session = auto(connection);
        CountDownLatch goOn = new CountDownLatch(1);
        CountDownLatch syncing = syncsUntil(goOn);
        CompletableFuture<Void> sending = async(() -> send(session, "q", "x"));
        syncing.await();
        CompletableFuture<Void> closing = async(connection::close);
        assertThatThrownBy(() -> closing.get(SHORT, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
        assertThat(sending).isNotDone();
        goOn.countDown();
        sending.join();
        closing.join();
        assertThat(drain(auto(connect()).createConsumer(queue("q")))).containsExactly("x");
    }

    /** Another connection keeps the log open, which is synced when it is closed. */
    @Test
    void shouldCloseASessionWhoseCommitWaitsForTheDisk() throws Exception {
        BelfryConnection connection = connectQuietly("flush=1h");
        BelfrySession stays = auto(connect());
        BelfrySession session = transacted(connection);
        send(session, "q", "x");
        CountDownLatch goOn = new CountDownLatch(1);
        CountDownLatch syncing = syncsUntil(goOn);
        CompletableFuture<Void> committing = async(session::commit);
        syncing.await();
        CompletableFuture<Void> closing = async(connection::close);
        Patience.until("the connection is closed", closing::isDone);
        assertThat(committing).isNotDone();
        goOn.countDown();
        committing.join();
        closing.join();
        assertThat(drain(stays.createConsumer(queue("q")))).containsExactly("x");
    }

    /** Ten to a commit, while it is copied: the copy has what was not acknowledged, without a gap. */
    @Test
    void shouldGiveEachMessageOnceOutOfABackupThatWasMadeMeanwhile() throws Exception {
        BelfryConnection connection = connectQuietly();
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger sent = new AtomicInteger();
        AtomicInteger acknowledged = new AtomicInteger();
        CompletableFuture<Void> sender = async(() -> {
            BelfrySession session = transacted(connection);
            MessageProducer producer = producer(session, DeliveryMode.PERSISTENT);
            while (!over.get()) {
                for (int i = 0; i < 10; i++) producer.send(session.createTextMessage(String.valueOf(sent.get() + i)));
                session.commit();
                sent.addAndGet(10);
            }
        });
        CompletableFuture<Void> receiver = async(() -> {
            BelfrySession session = transacted(connection);
            MessageConsumer consumer = session.createConsumer(queue("q"));
            while (!over.get()) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
                if (sent.get() - acknowledged.get() < 100) continue;
                texts(consumer, 10);
                session.commit();
                acknowledged.addAndGet(10);
            }
        });
        Patience.until("both are at work", () -> acknowledged.get() >= 100);
        int sentBefore = sent.get();
        int acknowledgedBefore = acknowledged.get();
        String copy = domain + "-copy";
        DiskProvider.backup(domain, copy);
        int acknowledgedMeanwhile = acknowledged.get() + 10;
        Patience.until("both go on", () -> acknowledged.get() > acknowledgedMeanwhile);
        BelfryConnectionFactory restored = new BelfryConnectionFactory(copy + "?linger=0s");
        assertThatThrownBy(restored::createConnection)
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("is open");
        over.set(true);
        sender.join();
        receiver.join();
        connection.close();
        try (Connection later = restored.createConnection()) {
            later.start();
            Session session = later.createSession(Session.AUTO_ACKNOWLEDGE);
            List<Integer> left = drain(session.createConsumer(queue("q"))).stream()
                    .map(Integer::valueOf)
                    .toList();
            assertThat(left.get(0)).isBetween(acknowledgedBefore, acknowledgedMeanwhile);
            assertThat(left).hasSizeGreaterThanOrEqualTo(sentBefore - left.get(0));
            assertThat(left)
                    .isEqualTo(IntStream.range(left.get(0), left.get(0) + left.size())
                            .boxed()
                            .toList());
            assertThat(left.get(left.size() - 1)).isLessThan(sent.get());
        } finally {
            MessageQueues.delete(copy);
        }
    }
}
