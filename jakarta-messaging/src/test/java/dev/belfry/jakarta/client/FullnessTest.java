package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.QueueHealth.Report;
import dev.belfry.jakarta.BelfryConnectionFactory;
import dev.belfry.spi.DomainTools.Contents;
import dev.belfry.spi.DomainTools.Kind;
import dev.belfry.spi.DomainTools.Trouble;
import dev.belfry.spi.Log;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.Session;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of a domain whose backlog goes to the disk: it fills when that disk does, or does not take it. */
@OneJdk
class FullnessTest extends DomainTest {
    private static final String TEXT = "x".repeat(900);

    @TempDir
    Path directory;

    private Path spool;
    private Path elsewhere;

    @Override
    String scheme() {
        return "shm";
    }

    @BeforeEach
    void make() throws IOException {
        spool = Files.createDirectory(directory.resolve("spool"));
        elsewhere = directory.resolve("elsewhere");
    }

    @AfterEach
    void delete() throws JMSException, IOException {
        mount();
        closeAllWithPages(spool);
    }

    private void mount() throws IOException {
        if (Files.exists(elsewhere)) Files.move(elsewhere, spool);
    }

    private String overflow(String more) {
        return "overflow=file:" + spool + "%3FanyFileSystem%3Dtrue" + more;
    }

    private Contents contents() {
        QueueConfig config =
                QueueConfig.builder().attribute(Log.KIND, Log.DOMAIN).build();
        try (MessageQueue log = MessageQueues.open(URI.create(domain), config)) {
            return new OperatorTools().contents(domain, log.unwrap(Log.class), Long.MAX_VALUE);
        }
    }

    private BelfryConnection members(String more, String capacity) throws JMSException {
        return connect("maxCapacity=" + capacity, overflow(more), "sendTimeout=0s");
    }

    /** As one that waits for room; nothing is in the way of the disk. */
    private static void send(Session session, String queue, String text, int n) throws JMSException {
        for (int sent = 0; sent < n; ) {
            try {
                send(session, queue, text);
                sent++;
            } catch (ResourceAllocationException full) {
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void shouldBeWellWhileTheDiskTakesWhatMemoryCannotHold() throws JMSException {
        send(auto(members("", "64k")), "orders", TEXT, 300);
        Patience.until("nothing is said of it", () -> contents().troubles().isEmpty());
        assertThat(contents().onDisk()).isGreaterThan(150);
        assertThat(contents().fullInSeconds()).isEmpty();
    }

    @Test
    void shouldSayThatMemoryFillsWhenTheDiskIsNotThereAndWhy() throws JMSException, IOException {
        BelfryConnection before = members("", "64k");
        send(auto(before), "orders", TEXT, 300);
        before.close();
        Files.move(spool, elsewhere);
        BelfrySession session = auto(members("", "64k"));
        Set<Kind> kinds = EnumSet.noneOf(Kind.class);
        while (!kinds.contains(Kind.FULL)) {
            try {
                send(session, "orders", TEXT);
            } catch (ResourceAllocationException full) {
                assertThat(full).hasMessageContaining("Nothing goes to the disk: Pages in 'file:" + spool);
            }
            for (Trouble one : contents().troubles()) {
                kinds.add(one.kind());
                assertThat(one.what())
                        .contains("Nothing more goes to the disk: ", spool.toString(), "Most is in 'orders', ")
                        .doesNotContain("At the rate");
            }
        }
        assertThat(kinds).containsExactly(Kind.FULL, Kind.FILLING);
        mount();
        Patience.until("it goes on", () -> contents().troubles().isEmpty());
    }

    @Test
    void shouldSayInTheMemberWhatItsDiskAnswered() throws JMSException {
        String missing = "overflow=file:" + directory + "/missing%3FanyFileSystem%3Dtrue";
        BelfryConnectionFactory factory =
                new BelfryConnectionFactory(domain + "?maxCapacity=64k&sendTimeout=0s&" + missing);
        try (Connection connection = factory.createConnection()) {
            Session session = connection.createSession();
            Patience.until("the domain is full", () -> isRefused(session));
            Report health = factory.health(Duration.ofMinutes(1)).get();
            assertThat(health.checks()).contains("full-domain");
            assertThat(health.reasons()).anySatisfy(reason -> assertThat(reason)
                    .contains("Nothing more goes to the disk: Pages in 'file:" + directory));
        }
    }

    private static boolean isRefused(Session session) {
        try {
            send(session, "orders", TEXT);
            return false;
        } catch (ResourceAllocationException full) {
            return full.getMessage().contains("Nothing goes to the disk");
        } catch (JMSException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void shouldBeFullOfWhatStaysInMemoryThoughTheDiskHasRoom() throws JMSException {
        BelfryConnection connection = members("", "64k");
        BelfrySession session = auto(connection);
        send(session, "orders", TEXT, 300);
        Patience.until("it is on the disk", () -> contents().troubles().isEmpty());
        session.createSharedDurableConsumer(session.createTopic("news"), "audit")
                .close();
        Patience.until("topics fill it", () -> {
            try {
                session.createProducer(session.createTopic("news")).send(session.createTextMessage(TEXT));
            } catch (ResourceAllocationException full) {
                return contents().troubles().stream().anyMatch(one -> one.kind() == Kind.FULL);
            } catch (JMSException e) {
                throw new AssertionError(e);
            }
            return false;
        });
        assertThat(contents().troubles()).singleElement().satisfies(one -> assertThat(one.what())
                .contains("Most that stays in memory is in subscription 'audit' to topic 'news'"));
    }

    /** So large that its members have used half of it before they leave the rest free for what moves the oldest. */
    @Slow
    @Test
    void shouldSayWhenTheDiskFillsAndNobodyConsumes() throws JMSException {
        BelfrySession session = auto(members("%26maxSize%3D180m", "1m"));
        String large = "x".repeat(60_000);
        while (contents().diskBytes() < 80 << 20) {
            send(session, "orders", large, 16);
            assertThat(contents().troubles()).noneMatch(one -> one.what().contains(" % of the 180 MiB"));
        }
        Patience.until("it is said", () -> {
            try {
                send(session, "orders", large, 16);
            } catch (JMSException e) {
                throw new AssertionError(e);
            }
            return contents().diskBytes() > 95 << 20;
        });
        List<Trouble> troubles = contents().troubles();
        assertThat(troubles).extracting(Trouble::kind).containsExactly(Kind.FILLING);
        assertThat(troubles.get(0).what())
                .matches(
                        "it is filling: [0-9,]+ messages \\([0-9.]+ MiB\\) are on the disk, 5\\d % of the 180 MiB that it may"
                                + " take. Most is in 'orders', [0-9,]+ messages, consumed by nobody. At the rate at which these came"
                                + " that is full in \\d+ (s|min)");
        assertThat(contents().fullInSeconds()).isPresent();
    }
}
