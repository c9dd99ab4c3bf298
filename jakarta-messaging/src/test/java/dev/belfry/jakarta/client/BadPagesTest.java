package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.jakarta.domain.Domains;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The directory of a domain's pages is deleted, cut, damaged, or another one is put there: a receive whose next message
 * cannot be read says why and where, nothing is dropped, and other queues go on. Once it is repaired, all come.
 */
@Slow
@WaitsForOthers
@Timeout(300)
class BadPagesTest extends DomainTest {
    private static final String ORDERS = "orders";
    private static final String ALERTS = "alerts";
    private static final String ANYWHERE = "anyFileSystem=true";
    private static final String RING = "maxCapacity=1m";
    private static final int MESSAGES = 3_000;
    private static final String FILLING = " ".repeat(1_000);
    private static final int SOME = 200;
    private static final int HALF = 700_000;
    private static final long SOON = 1_000;

    @TempDir
    Path directory;

    private final List<BelfryConnection> paging = new ArrayList<>();
    private int next;

    @Override
    String scheme() {
        return "shm";
    }

    /** Keeps the domain, of which no process pages. */
    private final List<String> gone = new ArrayList<>(); // what was in memory of directories that are removed

    @BeforeEach
    void begin() throws JMSException, IOException {
        Files.createDirectories(spool());
        connect(RING);
    }

    @AfterEach
    void deletePages() throws JMSException, IOException {
        closeAll();
        for (String inode : gone) forgetMemory(inode);
        if (Files.exists(spool()))
            for (Path life : lives(spool())) MessageQueues.delete("file:" + life + "?" + ANYWHERE);
    }

    private Path spool() {
        return directory.resolve("spool");
    }

    private static List<Path> lives(Path spool) throws IOException {
        try (Stream<Path> lives = Files.list(spool)) {
            return lives.toList();
        }
    }

    /** The only life that there is. */
    private Path pages() throws IOException {
        return lives(spool()).get(0);
    }

    /** A member of its own, until those that page are closed. */
    private Session session(String... settings) throws JMSException {
        List<String> all = new ArrayList<>(List.of(settings));
        all.add(RING);
        if (settings.length == 0) all.add(overflow(spool()));
        BelfryConnection one = connect(new Domains(), all.toArray(String[]::new));
        paging.add(one);
        return transacted(one);
    }

    private static String overflow(Path spool) {
        return "overflow=file:" + spool + "%3F" + ANYWHERE;
    }

    private MessageConsumer consumer() throws JMSException {
        BelfryConnection one = connect(new Domains(), RING);
        paging.add(one);
        return auto(one).createConsumer(queue(ORDERS));
    }

    /** Sends the messages from that one on. */
    private void fill(int from, int n) throws JMSException {
        fill(session(), from, n);
    }

    private static void fill(Session session, int from, int n) throws JMSException {
        MessageProducer producer = session.createProducer(queue(ORDERS));
        for (int i = from; i < from + n; i++) {
            producer.send(session.createTextMessage(i + FILLING));
            if (i % 16 == 15) session.commit();
        }
        session.commit();
    }

    /** Nobody has the pages open after it, and what lies in memory of them is gone, as after a reboot. */
    private void closeThosePaging() throws JMSException, IOException {
        for (BelfryConnection one : paging) one.close();
        paging.clear();
        Patience.until("the pages are closed", () -> !isOpen(spool()));
        forgetMemory(inode(pages()));
    }

    private static String inode(Path queue) throws IOException {
        return Long.toHexString((long) Files.getAttribute(queue.resolve("queue"), "unix:ino"));
    }

    private static void forgetMemory(String inode) throws IOException {
        try (DirectoryStream<Path> parts = Files.newDirectoryStream(Path.of("/dev/shm"), "belfry..file.*" + inode)) {
            for (Path part : parts) Files.delete(part);
        }
    }

    private static boolean isOpen(Path directory) {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors.anyMatch(one -> file(one).startsWith(directory + "/"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String file(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException closedMeanwhile) {
            return "";
        }
    }

    /** All that can be received, and then why the next one cannot, each time. */
    private void assertRefused(MessageConsumer consumer, Path life, String why) {
        for (int i = 0; i < 2; i++) {
            JMSException[] refused = {null};
            Patience.until("it is refused", () -> {
                refused[0] = catchThrowableOfType(JMSException.class, () -> receiveNext(consumer));
                return refused[0] != null;
            });
            assertThat(refused[0])
                    .hasMessageContaining(why)
                    .hasMessageContaining(life.toString())
                    .hasMessageNotContainingAny("reset", "another one", "unsubscribe");
        }
        assertThat(next).isLessThan(2 * MESSAGES);
    }

    /** Returns false if there is none soon. */
    private boolean receiveNext(MessageConsumer consumer) throws JMSException {
        Message one = consumer.receive(SOON);
        if (one == null) return false;
        assertThat(((TextMessage) one).getText().trim()).isEqualTo("" + next);
        next++;
        return true;
    }

    /** For a second it may still be told what was known. */
    private void receiveTo(int end, MessageConsumer consumer) {
        while (next < end) {
            Patience.until("message " + next + " comes", () -> {
                try {
                    return receiveNext(consumer);
                } catch (JMSException stillKnown) {
                    return false;
                }
            });
        }
    }

    private void requireOtherQueuesGoOn() throws JMSException {
        Session session = session();
        MessageConsumer consumer = session.createConsumer(queue(ALERTS));
        send(session, ALERTS, "a");
        session.commit();
        assertThat(text(consumer)).isEqualTo("a");
        session.commit();
        consumer.close();
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList())
                Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
        }
    }

    private void remove(Path all) throws IOException {
        gone.add(inode(all));
        try (Stream<Path> files = Files.walk(all)) {
            for (Path each : files.sorted(Comparator.reverseOrder()).toList()) Files.delete(each);
        }
    }

    /** Sends until that is refused with these words. Returns how many it has sent. */
    private int fillWhatThereIs(String setting, String... why) throws JMSException {
        Session session = session(setting, "sendTimeout=100ms");
        int[] sent = {0};
        Patience.until("it is refused, and the reason is known", () -> {
            try {
                fill(session, sent[0], 1);
                sent[0]++;
                return false;
            } catch (JMSException refused) {
                assertThat(refused).hasMessageContaining("is full (1 MiB)");
                return Stream.of(why).allMatch(refused.getMessage()::contains);
            }
        });
        return sent[0];
    }

    private interface Change {
        void to(Path life) throws IOException;
    }

    private static RandomAccessFile log(Path life) throws IOException {
        return new RandomAccessFile(life.resolve("log.0000000000000000").toFile(), "rw");
    }

    private void change(Change change, String why) throws JMSException, IOException {
        fill(0, MESSAGES);
        closeThosePaging();
        Path life = pages();
        Path right = directory.resolve("right");
        copy(life, right);
        change.to(life);
        MessageConsumer consumer = consumer();
        assertRefused(consumer, life, why);
        requireOtherQueuesGoOn();
        remove(life);
        copy(right, life);
        receiveTo(MESSAGES, consumer);
    }

    @Test
    void shouldGoOnWhenTheDirectoryIsPutBackThatWasRemoved() throws Exception {
        fill(0, MESSAGES);
        closeThosePaging();
        Path life = pages();
        Path aside = directory.resolve("aside");
        Files.move(life, aside);
        MessageConsumer consumer = consumer();
        assertRefused(consumer, life, "are not there");
        requireOtherQueuesGoOn();
        Files.move(aside, life);
        receiveTo(MESSAGES, consumer);
    }

    @Test
    void shouldReadFromMemoryWhenTheDirectoryIsMovedAwayForAMoment() throws Exception {
        fill(0, MESSAGES);
        Path life = pages();
        Path aside = directory.resolve("aside");
        Files.move(life, aside);
        MessageConsumer consumer = consumer();
        requireOtherQueuesGoOn();
        Files.move(aside, life);
        fill(MESSAGES, SOME);
        receiveTo(MESSAGES + SOME, consumer);
    }

    @Test
    void shouldGoOnWhenPagesThatWereCutArePutBack() throws Exception {
        change(
                life -> {
                    try (RandomAccessFile log = log(life)) {
                        log.setLength(HALF);
                    }
                },
                "has 700000 bytes, a segment has 67108864");
    }

    @Test
    void shouldGoOnWhenPagesThatWereDamagedArePutBack() throws Exception {
        change(
                life -> {
                    try (RandomAccessFile log = log(life)) {
                        log.seek(HALF);
                        log.write(new byte[SOME]);
                    }
                },
                "is not as it was written");
    }

    @Test
    void shouldGoOnWhenTheRightPagesArePutBackInsteadOfAnOlderCopy() throws Exception {
        fill(0, MESSAGES);
        closeThosePaging();
        Path life = pages();
        Path older = directory.resolve("older");
        copy(life, older);
        fill(MESSAGES, MESSAGES);
        closeThosePaging();
        Path right = directory.resolve("right");
        copy(life, right);
        remove(life);
        copy(older, life);
        MessageConsumer consumer = consumer();
        assertRefused(consumer, life, "lack that at ");
        requireOtherQueuesGoOn();
        consumer.close();
        closeThosePaging();
        remove(life);
        copy(right, life);
        receiveTo(2 * MESSAGES, consumer());
    }

    @Test
    void shouldGoOnWhenPagesAreReplacedByThoseOfAnotherDomain() throws Exception {
        Path spool = Files.createDirectory(directory.resolve("another"));
        String another = domain + "-another";
        Settings settings = Settings.of(another + "?linger=0s&" + RING + "&" + overflow(spool), Map.of());
        try (BelfryConnection connection = new BelfryConnection(settings, new Domains())) {
            fill(transacted(connection), 0, MESSAGES);
        }
        Patience.until("its pages are closed", () -> !isOpen(spool));
        Path its = lives(spool).get(0);
        change(
                life -> {
                    remove(life);
                    copy(its, life);
                },
                "is of another page");
        MessageQueues.delete("file:" + its + "?" + ANYWHERE);
        MessageQueues.delete(another);
    }

    @Test
    void shouldPageOutWhenTheDirectoryIsMadeThatWasNotThere() throws Exception {
        Files.delete(spool());
        int sent = fillWhatThereIs(overflow(spool()), spool().toString(), "are not there");
        Files.createDirectory(spool());
        fill(sent, MESSAGES);
        assertThat(pages().resolve("queue")).exists();
        receiveTo(sent + MESSAGES, consumer());
    }

    /** Pages would be gone after a loss of power, and take the memory that they are to save. */
    @Test
    void shouldRefuseADirectoryInMemory() throws Exception {
        Path memory = Files.createTempDirectory(Path.of("/dev/shm"), "BadPagesTest");
        try {
            int sent = fillWhatThereIs("overflow=file:" + memory, memory.toString(), "tmpfs");
            assertThat(memory).isEmptyDirectory();
            receiveTo(sent, consumer());
        } finally {
            Files.delete(memory);
        }
    }

    @Test
    void shouldGoOnWhenAStrangerReadsAndPublishesThere() throws Exception {
        fill(0, MESSAGES);
        byte[] order = "an order of another program".getBytes();
        try (MessageQueue queue = MessageQueues.open("file:" + pages() + "?" + ANYWHERE);
                Subscriber tail = queue.createSubscriber(SubscriberOptions.observer(StartAt.OLDEST_RETAINED));
                Publisher publisher = queue.createPublisher()) {
            assertThat(tail.receive(Patience.limit())).isNotNull();
            publisher.publish(order);
            fill(MESSAGES, MESSAGES);
            publisher.publish(order);
            receiveTo(2 * MESSAGES, consumer());
        }
    }
}
