package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Depth;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A night in small: a consumer is away while many times the ring is sent to its queue, and others do not notice it.
 * With {@code -Plong} it is 64 times.
 */
@Slow
@OneJdk
@WaitsForOthers
@Timeout(600)
class NightsBacklogTest {
    private static final String ORDERS = "orders";
    private static final String ALERTS = "alerts";
    private static final int LENGTH = 1_000;
    private static final int MESSAGES = Depth.pick(8_000, 8_000, 64_000);
    private static final Duration LONG = Patience.limit().multipliedBy(6);
    private static final int FIRST = MESSAGES / 8;
    /** More than the ring has room for. */
    private static final int IN_MEMORY = (1 << 20) / LENGTH;
    /** For what comes and goes by chance; in the long form each message would need but 19 bytes to have more. */
    private static final long HEAP = 1 << 20;

    private record Live(int messages, long bytes) {
        static Live of(ChildJvm pager) {
            String[] live = pager.ask("live").split(" ");
            return new Live(Integer.parseInt(live[0]), Long.parseLong(live[1]));
        }
    }

    @TempDir
    Path directory;

    @Test
    void shouldKeepANightsBacklogInFilesWhenItsConsumerIsAway() throws IOException {
        keep(PagedDomain.Kind.FILE_OS);
    }

    @Test
    void shouldKeepANightsBacklogBesideMemoryWhenItsConsumerIsAway() throws IOException {
        keep(PagedDomain.Kind.SHM);
    }

    private void keep(PagedDomain.Kind kind) throws IOException {
        try (PagedDomain domain = new PagedDomain(kind, directory)) {
            ChildJvm pager = domain.pager();
            ChildJvm listens = domain.receiver(domain.uri(), ALERTS);
            ChildJvm beats = domain.beat(domain.uri(), ALERTS, LENGTH);
            send(domain, FIRST);
            Live before = Live.of(pager);
            int alerts = domain.book.read().received(ALERTS);
            send(domain, MESSAGES - FIRST);
            Live after = Live.of(pager);
            assertThat(domain.book.read().received(ALERTS)).as("alerts").isGreaterThan(alerts);
            assertThat(after.messages).isBetween(1, IN_MEMORY);
            assertThat(after.bytes - before.bytes).isLessThan(HEAP);
            beats.tell("end");
            beats.expect("ended");
            Patience.until("each alert came", () -> alertsCame(domain));
            if (kind != PagedDomain.Kind.SHM) {
                pager.endInput("");
                pager.expect("ended");
                listens.kill();
            }
            domain.receiver(domain.uri(), ORDERS);
            Patience.until("all orders came", LONG, () -> domain.book.read().isAllReceived());
            assertThat(domain.book.received(ORDERS)).isEqualTo(MESSAGES);
            assertThat(domain.book.count("again")).isZero();
        }
    }

    private static boolean alertsCame(PagedDomain domain) {
        return domain.book.read().missing().keySet().stream().noneMatch(sender -> sender.startsWith(ALERTS));
    }

    private static void send(PagedDomain domain, int messages) {
        domain.sender(domain.uri(), ORDERS, messages, LENGTH).expect("ended", LONG);
    }
}
