package dev.belfry.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.Alone;
import dev.belfry.testing.Depth;
import dev.belfry.testing.MessageViolation;
import dev.belfry.testing.Seeded;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * JVMs are started, killed, stopped, continued and closed at random, and every message is accounted
 * for. What is done is decided by the seed: the same in each normal build, for some seconds; fresh
 * ones with luck, one after the other; an hour of one in a long run, or of any with
 *
 * <pre>
 * mvn verify -pl tests/processes -am -Dtest=ChaosSoakTest \
 *     -Dsurefire.failIfNoSpecifiedTests=false -Dbelfry.soak.seconds=3600 -Dsurefire.timeout=0 -Dbelfry.seed=N
 * </pre>
 */
@Tag("T7")
@Tag("T12")
@Tag("T13")
@WaitsForOthers
@Alone
@Slow
class ChaosSoakTest {
    private static final long SECONDS = Long.getLong("belfry.soak.seconds", Depth.pick(8, 8, 3600));

    @RegisterExtension
    final Stage stage = new Stage();

    @TempDir
    Path files;

    @Seeded(14)
    @Timeout(86_400)
    @Tag("F14")
    void shouldAccountForEveryMessageWhateverHappensToWhomAndWhen(long seed) throws Exception {
        soak(seed, SECONDS, null);
    }

    /**
     * Publishers go in and out without atomics whenever they are alone for a moment, and lose that
     * way to the next one, or die in it.
     */
    @Seeded(14)
    @Timeout(86_400)
    void shouldAccountForEveryMessageWherePublishersAreFavouredSoon(long seed) throws Exception {
        soak(seed, SECONDS / 2, PatchedTransport.favouringSoon(files).directory());
    }

    private void soak(long seed, long seconds, Path classes) throws Exception {
        SoakReport report;
        Duration generation = Duration.ofMillis(Math.min(30_000, 250 * seconds));
        try (Chaos chaos = new Chaos(seed, generation, files, stage, classes, false)) {
            report = chaos.run(Duration.ofSeconds(seconds));
        }
        System.out.println(report);
        MessageViolation.requireNone(report.violations, report);
        assertThat(report.kills).isPositive();
        assertThat(report.messages()).isPositive();
    }
}
