package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Depth;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Seeded;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Processes that send, receive and page are killed while the backlog of their queue goes to the disk and comes back:
 * what was committed is received, none of it as new twice, none again that was done, and what is new comes in order.
 * With {@code -Pluck -Dbelfry.luck=10min} each kind of domain is tried so long.
 */
@Slow
@WaitsForOthers
@Timeout(300)
class KilledWhilePagingTest {
    private static final String QUEUE = "orders";
    private static final int MESSAGES = 3_000;
    private static final int LENGTH = 700;
    private static final int ROUNDS = Depth.pick(3, 3, 8);

    @TempDir
    Path directory;

    @Seeded({1, 2})
    void shouldLoseNothingInMemoryWhenMembersAreKilledWhileTheyPage(long seed) throws IOException {
        kill(PagedDomain.Kind.SHM, seed);
    }

    @Seeded(1)
    void shouldLoseNothingInFilesWhenMembersAreKilledWhileTheyPage(long seed) throws IOException {
        kill(PagedDomain.Kind.FILE_OS, seed);
    }

    @Seeded(2)
    void shouldLoseNothingInSyncedFilesWhenMembersAreKilledWhileTheyPage(long seed) throws IOException {
        kill(PagedDomain.Kind.FILE_ALWAYS, seed);
    }

    private void kill(PagedDomain.Kind kind, long seed) throws IOException {
        Random random = new Random(seed);
        try (PagedDomain domain = new PagedDomain(kind, directory)) {
            ChildJvm pager = domain.pager();
            ChildJvm sender = sender(domain, random);
            domain.awaitMore("sent", MESSAGES / 32, nothing -> false);
            for (int i = 0; i < ROUNDS; i++) {
                ChildJvm receiver = domain.receiver(uri(domain, random), QUEUE);
                domain.awaitMore("done", 100 + random.nextInt(800), PagedBook::isAllReceived);
                if (random.nextInt(3) > 0) {
                    pager.kill();
                    pager = domain.pager();
                }
                if (random.nextBoolean()) {
                    sender.kill();
                    sender = sender(domain, random);
                    domain.awaitMore("sent", 1 + random.nextInt(60), nothing -> false);
                }
                receiver.kill();
            }
            sender.expect("ended");
            assertThat(domain.hasPages()).isTrue();
            domain.receiver(domain.uri(), QUEUE);
            Patience.until("all are received", () -> domain.book.read().isAllReceived());
            if (Depth.chosen() == Depth.LUCK) System.out.println(kind + ", seed " + seed + ": " + domain.book);
        }
    }

    /** Some page out themselves. */
    private static String uri(PagedDomain domain, Random random) {
        return random.nextBoolean() ? domain.paging("") : domain.uri();
    }

    private static ChildJvm sender(PagedDomain domain, Random random) {
        return domain.sender(uri(domain, random), QUEUE, MESSAGES, LENGTH);
    }
}
