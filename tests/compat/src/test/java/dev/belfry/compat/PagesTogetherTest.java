package dev.belfry.compat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.MessageQueues;
import dev.belfry.testing.ByTurns;
import dev.belfry.testing.Depth;
import dev.belfry.testing.Patched;
import dev.belfry.testing.Seeded;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.io.IOException;
import java.net.URI;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Processes of 0.1.0 and of today's build in one domain whose backlog is to go to the disk, killed at random moments.
 * While one of 0.1.0 lives all stays in memory, and it takes part. Once messages are on the disk it is refused, also
 * when all have come back and nobody asks for the disk any more, until the domain is deleted. Nothing is lost or
 * doubled.
 */
@Timeout(300)
@WaitsForOthers
@Slow
@Tag("F73")
class PagesTogetherTest {
    /** Before one of each seat is killed, of whom none of 0.1.0 follows, and again after it. */
    private static final int KILLS = Depth.pick(2, 2, 40);

    private static final String SMALL = "?capacity=64k&maxCapacity=1m&linger=0s&maxDeliveries=0";
    private static final String ANYWHERE = "anyFileSystem=true";
    private static final String UNKNOWN = "needs a newer library, for its features 2";
    private static final String UNKNOWN_FILE = "has flags 8, which this library does not know";

    private final String shared = "shm:belfry-pages-" + UUID.randomUUID();

    @TempDir
    Path directory;

    private Path spool;

    /** Here a test may still be skipped. */
    @BeforeEach
    void build() throws IOException {
        Released.jars();
        spool = Files.createDirectory(directory.resolve("spool"));
    }

    /** The next process that opens it clears up what those that were killed have left. */
    @AfterEach
    void remove() throws IOException {
        for (String uri : new String[] {shared, "file:" + directory.resolve("domain")})
            MessageQueues.delete(URI.create(uri));
        try (DirectoryStream<Path> lives = Files.newDirectoryStream(spool)) {
            for (Path life : lives) MessageQueues.delete(URI.create("file:" + life));
        }
    }

    @Seeded(266)
    void shouldAccountForEveryMessageOfADomainInMemory(long seed) throws Exception {
        inMemory(seed, null);
    }

    @Seeded(1)
    void shouldAccountForEveryMessageOfADirectory(long seed) throws Exception {
        Path domain = directory.resolve("domain");
        String uri = "file:" + domain + SMALL + "&" + ANYWHERE;
        play(new PagedDomain(uri, "on", null), seed, domain.resolve("overflow"), UNKNOWN_FILE);
    }

    private void inMemory(long seed, Path planted) throws Exception {
        String overflow = "file:" + spool + "%3F" + ANYWHERE;
        play(new PagedDomain(shared + SMALL, overflow, planted), seed, spool, UNKNOWN);
    }

    /** {@code pages}: below it they are. */
    private static void play(PagedDomain domain, long seed, Path pages, String why) throws Exception {
        try (Seats seats = new Seats(domain, seed)) {
            try {
                seats.begin();
                domain.awaitOneThatItWaitsFor();
                seats.kill(KILLS);
                domain.awaitOneThatItWaitsFor();
                assertThat(isEmpty(pages)).isTrue();
                domain.upgrade();
                seats.kill(Seats.ALL); // with the last one of 0.1.0 the way is free
                domain.awaitPages();
                assertThat(isEmpty(pages)).isFalse();
                domain.requireRefused(why);
                seats.kill(KILLS);
                domain.drainWithoutTheSetting(seats);
                domain.requireRefused(why);
                domain.requireAcceptedOnceItIsDeleted();
            } catch (Throwable failure) {
                seats.reportTo(failure);
                throw failure;
            }
        }
    }

    private static boolean isEmpty(Path directory) throws IOException {
        if (!Files.exists(directory)) return true;
        try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
            return !all.iterator().hasNext();
        }
    }

    @ByTurns
    @Test
    void shouldNoticePagesBesideAProcessThatCannotReadThem() {
        try (Patched twin = Patched.in("Domain", "if (log.raise(Log.PAGES)) return \"\";", "if (true) return \"\";")) {
            Path planted = twin.directory();
            assertThatThrownBy(() -> inMemory(3, planted))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageMatching("(?s)It has ended.* of RELEASED.*|.*expected: null.*");
        }
    }

    @ByTurns
    @Test
    void shouldNoticeADoorThatIsLeftOpen() {
        try (Patched twin = Patched.in("Features", "if (isKnown) handle.segment.header.raiseFeatures(feature);", "")) {
            Path planted = twin.directory();
            assertThatThrownBy(() -> inMemory(4, planted))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("joined as");
        }
    }
}
