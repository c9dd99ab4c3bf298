package dev.belfry.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The example does what it says, says nothing else, and leaves nothing. */
@WaitsForOthers
@Slow
@OneJdk
class ExampleOfChronicleTest {
    @Test
    void shouldReadObjectsInPlace() {
        try (ChildJvm jvm = ChildJvm.startMerged(
                "ChronicleBytes",
                JavaCommand.of(ChronicleBytes.class).flags(JavaCommand.QUIET).words())) {
            jvm.awaitEnd(Duration.ofSeconds(90));
            assertThat(jvm.output().lines()).containsExactly("[B] 100,000 quotes, worth 562,500.00");
        }
    }
}
