package dev.belfry.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.conformance.Depth;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * JVMs are started, killed, stopped, continued and closed at random, and every message is accounted for. Half a minute in a normal build; an hour:
 *
 * <pre>mvn verify -pl tests -am -Dtest=ChaosSoakTest -Dsurefire.failIfNoSpecifiedTests=false -Dbelfry.soak.seconds=3600</pre>
 *
 * {@code -Dbelfry.soak.seed=N} for a mixture seen before.
 */
@Tag("T7")
@Tag("T12")
@Tag("T13")
class ChaosSoakTest {
    private static final long SECONDS = Long.getLong("belfry.soak.seconds", Depth.pick(12, 30, 3600));
    private static final long SEED = Long.getLong("belfry.soak.seed", System.nanoTime());

    @RegisterExtension
    final Stage stage = new Stage();

    @TempDir
    Path files;

    @Test
    @Timeout(86_400)
    @Tag("F14")
    void shouldAccountForEveryMessageWhateverHappensToWhomAndWhen() throws Exception {
        soak(SECONDS, null);
    }

    /** Publishers go in and out without atomics whenever they are alone for a moment, and lose that way to the next one, or die in it. */
    @Test
    @Timeout(86_400)
    void shouldAccountForEveryMessageWherePublishersAreFavouredSoon() throws Exception {
        soak(SECONDS / 2, PatchedTransport.favouringSoon(files));
    }

    private void soak(long seconds, Path classes) throws Exception {
        SoakReport report;
        Duration generation = Duration.ofSeconds(Math.min(30, seconds / 4));
        try (Chaos chaos = new Chaos(SEED, generation, files, stage, classes, false)) {
            report = chaos.run(Duration.ofSeconds(seconds));
        }
        System.out.println(report);
        assertThat(report.violations).as(report.toString()).isEmpty();
        assertThat(report.kills).isPositive();
        assertThat(report.messages()).isPositive();
    }
}
