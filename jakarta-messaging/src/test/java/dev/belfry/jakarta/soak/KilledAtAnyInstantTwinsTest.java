package dev.belfry.jakarta.soak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.conformance.OneJdk;
import dev.belfry.conformance.Patched;
import dev.belfry.conformance.Slow;
import dev.belfry.conformance.Waits;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The soak against a provider that is a little wrong: it has to report it. Nobody is killed. */
@Waits
@Slow
@OneJdk
class KilledAtAnyInstantTwinsTest {
    @TempDir
    Path files;

    /** Of a transaction, or of an acknowledge: a list. */
    @Test
    @Timeout(300)
    void shouldFindThatAnAcknowledgementOfSeveralIsNotAppended() throws Exception {
        assertFound(1, "Holdings.byView(done, writer::ack);");
    }

    /** Of a listener, or of a receive. */
    @Test
    @Timeout(300)
    void shouldFindThatAnAcknowledgementOfOneIsNotAppended() throws Exception {
        assertFound(2, "append(writer.end(), Reserve.SMALL, 0, timeout);");
    }

    /** {@code seed}: of a soak whose receivers acknowledge in this way. */
    private void assertFound(long seed, String acknowledges) throws Exception {
        Path classes = new Patched(files)
                .and(
                        "dev.belfry.jakarta.domain.Sender",
                        acknowledges,
                        "if (System.nanoTime() / 64 % 4 != 0) " + acknowledges)
                .directory();
        try (Soak soak = new Soak(seed, files, classes, true)) {
            soak.run(Duration.ofMillis(1), Duration.ofMillis(1));
            assertThat(soak.violations).anyMatch(v -> v.contains("was acknowledged by") && v.contains("came again"));
        }
    }
}
