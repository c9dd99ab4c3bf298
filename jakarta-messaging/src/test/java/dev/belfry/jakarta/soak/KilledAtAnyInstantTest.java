package dev.belfry.jakarta.soak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.Alone;
import dev.belfry.testing.Depth;
import dev.belfry.testing.MessageViolation;
import dev.belfry.testing.Seeded;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Processes that send and receive in all modes are killed and stopped at random, and every message
 * is accounted for: some seconds in each build, fresh seeds with luck, an hour in a long run, or
 * with
 *
 * <pre>
 * mvn verify -pl tests/jakarta-messaging -am -Dtest=KilledAtAnyInstantTest \
 *     -Dsurefire.failIfNoSpecifiedTests=false -Dbelfry.soak.seconds=3600 -Dsurefire.timeout=0 -Dbelfry.seed=N
 * </pre>
 */
@WaitsForOthers
@Alone
@Slow
class KilledAtAnyInstantTest {
    private static final long SECONDS = Long.getLong("belfry.soak.seconds", Depth.pick(8, 15, 3600));

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path files;

    @Seeded(18)
    @Timeout(86_400)
    void shouldAccountForEveryMessage(long seed) throws Exception {
        try (Soak soak = new Soak(seed, files, null, false)) {
            try {
                soak.run(Duration.ofSeconds(SECONDS), Duration.ofSeconds(Math.min(20, SECONDS / 3)));
            } finally {
                System.out.println(soak.report);
                System.out.println("  journals       " + files + ", kept if this test fails");
            }
            MessageViolation.requireNone(soak.violations, soak.report);
            assertThat(soak.report.kills).isPositive();
            assertThat(soak.report.messages()).isPositive();
        }
    }
}
