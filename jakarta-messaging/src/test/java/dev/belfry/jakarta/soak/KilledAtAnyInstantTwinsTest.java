package dev.belfry.jakarta.soak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.conformance.Patched;
import dev.belfry.conformance.Waits;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The soak against a provider that is a little wrong: it has to report it. Nobody is killed. */
@Waits
class KilledAtAnyInstantTwinsTest {
    @TempDir
    Path files;

    @Test
    @Timeout(300)
    void shouldFindThatAnAcknowledgementIsNotAppended() throws Exception {
        Path classes = new Patched(files)
                .and(
                        "dev.belfry.jakarta.domain.Sender",
                        "Holdings.byQueue(done, writer::ack);",
                        "if (System.nanoTime() / 64 % 4 != 0) Holdings.byQueue(done, writer::ack);")
                .directory();
        try (Soak soak = new Soak(1, files, classes, true)) {
            soak.run(Duration.ofMillis(1), Duration.ofMillis(1));
            assertThat(soak.violations).anyMatch(v -> v.contains("was acknowledged by") && v.contains("came again"));
        }
    }
}
