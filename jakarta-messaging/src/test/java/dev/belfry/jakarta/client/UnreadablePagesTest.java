package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.jakarta.domain.LocalConsumer;
import dev.belfry.testing.CaughtLog;
import dev.belfry.testing.Patience;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The directory of a queue's pages is not there for a while, as where its disk is not mounted. */
class UnreadablePagesTest extends DomainTest {
    private static final int MESSAGES = 300;

    @RegisterExtension
    final CaughtLog log = new CaughtLog();

    @TempDir
    Path directory;

    private Path spool;
    private Path elsewhere;
    private final List<Integer> heard = new CopyOnWriteArrayList<>();
    private final List<String> alerts = new CopyOnWriteArrayList<>();
    private final List<JMSException> told = new CopyOnWriteArrayList<>();

    @Override
    String scheme() {
        return "shm";
    }

    private String[] settings() {
        return new String[] {"maxCapacity=64k", "overflow=file:" + spool + "%3FanyFileSystem%3Dtrue", "prefetch=1"};
    }

    @BeforeEach
    void send() throws JMSException, IOException {
        spool = Files.createDirectory(directory.resolve("spool"));
        elsewhere = directory.resolve("elsewhere");
        BelfryConnection connection = connect(settings());
        BelfrySession session = auto(connection);
        MessageProducer producer = session.createProducer(queue("orders"));
        for (int i = 0; i < MESSAGES; i++) {
            BytesMessage message = session.createBytesMessage();
            message.writeInt(i);
            message.writeBytes(new byte[1_000]);
            producer.send(message);
        }
        connection.close();
        assertThat(spool).isNotEmptyDirectory();
        Files.move(spool, elsewhere);
    }

    @AfterEach
    void end() throws JMSException, IOException {
        mount();
        closeAllWithPages(spool);
    }

    private void mount() throws IOException {
        if (Files.exists(elsewhere)) Files.move(elsewhere, spool);
    }

    private static int number(Message message) {
        try {
            return ((BytesMessage) message).readInt();
        } catch (JMSException e) {
            throw new AssertionError(e);
        }
    }

    private static Integer[] all() {
        return IntStream.range(0, MESSAGES).boxed().toArray(Integer[]::new);
    }

    @Test
    void shouldTellTheConnectionOfAListenerOnceAndResumeWhenThePagesAreThere() throws JMSException, IOException {
        BelfryConnection connection = connect(settings());
        connection.setExceptionListener(told::add);
        auto(connection).createConsumer(queue("orders")).setMessageListener(message -> heard.add(number(message)));
        Patience.until("the listener's connection hears of it", () -> !told.isEmpty());
        BelfrySession other = auto(connection);
        other.createConsumer(queue("alerts")).setMessageListener(message -> alerts.add("" + message));
        send(auto(connection), "alerts", "fire", "flood");
        Patience.until("another queue goes on", () -> alerts.size() == 2);
        assertThat(heard)
                .as("what is in memory, and nothing behind a page")
                .isSorted()
                .doesNotContain(MESSAGES - 1);
        mount();
        Patience.until("the rest comes", () -> heard.size() == MESSAGES);
        assertThat(heard).containsExactly(all());
        assertThat(told).singleElement().satisfies(UnreadablePagesTest::hasItsPath);
    }

    private static void hasItsPath(Throwable told) {
        assertThat(told).isInstanceOf(JMSException.class).hasMessageContainingAll("spool", "are not there");
    }

    @Test
    void shouldThrowAtEachReceiveUntilThePagesAreThere() throws JMSException, IOException {
        MessageConsumer orders = auto(connect(settings())).createConsumer(queue("orders"));
        int inMemory = 0;
        for (Throwable thrown = null; thrown == null; ) {
            try {
                assertThat(number(orders.receive(Patience.limit().toMillis()))).isEqualTo(inMemory);
                inMemory++;
            } catch (JMSException e) {
                hasItsPath(thrown = e);
            }
        }
        for (int i = 0; i < 2; i++)
            assertThatThrownBy(() -> orders.receive(Patience.limit().toMillis()))
                    .satisfies(UnreadablePagesTest::hasItsPath);
        mount();
        Stream<Integer> rest = IntStream.range(inMemory, MESSAGES).boxed();
        for (int each : rest.toList()) assertThat(number(nextOf(orders))).isEqualTo(each);
    }

    private static Message nextOf(MessageConsumer orders) {
        List<Message> next = new ArrayList<>();
        Patience.until("it is read again", () -> {
            try {
                return next.add(orders.receive(Patience.limit().toMillis()));
            } catch (JMSException stillNotThere) {
                return false;
            }
        });
        return next.get(0);
    }

    /** What is made anew would get pages that are hidden once the right disk is mounted. */
    @Test
    void shouldMakeNoDirectoryAnewWhenSomePagesLieInOne() throws JMSException, IOException {
        Files.createDirectory(spool);
        MessageConsumer orders = auto(connect(settings())).createConsumer(queue("orders"));
        assertThatThrownBy(() -> {
                    while (orders.receive(Patience.limit().toMillis()) != null) heard.add(heard.size());
                })
                .satisfies(UnreadablePagesTest::hasItsPath);
        assertThat(spool).isEmptyDirectory();
        Files.delete(spool);
        mount();
        for (int i = heard.size(); i < MESSAGES; i++)
            assertThat(number(nextOf(orders))).isEqualTo(i);
        assertThat(log.text().lines().filter(line -> line.contains("cannot go to the disk")))
                .hasSize(1);
        assertThat(log.text()).contains("goes to the disk or comes back again");
    }

    @Test
    void shouldNotBeTriedAgainWhenNobodyWaits() throws JMSException {
        BelfryConnection connection = connect(settings());
        MessageConsumer orders = auto(connection).createConsumer(queue("orders"));
        assertThatThrownBy(() -> {
                    while (orders.receive(Patience.limit().toMillis()) != null) heard.add(heard.size());
                })
                .satisfies(UnreadablePagesTest::hasItsPath);
        LocalConsumer gone = (LocalConsumer) ((BelfryConsumer) orders).local;
        assertThat(connection.domain.unreadable(gone)).isNotNull();
        orders.close();
        Patience.until("it is forgotten", () -> connection.domain.unreadable(gone) == null);
    }
}
