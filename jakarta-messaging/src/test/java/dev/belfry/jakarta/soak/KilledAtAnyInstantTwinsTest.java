package dev.belfry.jakarta.soak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.ByTurns;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patched;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The soak against a provider that is a little wrong: it has to report it. Nobody is killed. */
@WaitsForOthers
@Slow
@OneJdk
class KilledAtAnyInstantTwinsTest {
    private static final String AT_TIMES = "if (System.nanoTime() / 64 % 4 == 0) ";
    private static final String NOT_ALWAYS = "if (System.nanoTime() / 64 % 4 != 0) ";

    @TempDir
    Path files;

    /** Of a transaction, or of an acknowledge: a list. */
    @ByTurns
    @Test
    @Timeout(300)
    void shouldFindThatAnAcknowledgementOfSeveralIsNotAppended() throws Exception {
        String acknowledges = "Holdings.byView(done, writer::ack);";
        assertNotAppended(1, "Sender", acknowledges, NOT_ALWAYS + acknowledges);
    }

    /** Of a listener, or of a receive. */
    @ByTurns
    @Test
    @Timeout(300)
    void shouldFindThatAnAcknowledgementOfOneIsNotAppended() throws Exception {
        assertNotAppended(
                2,
                "Sender",
                "long position = appendAtOnce(record, Reserve.SMALL, 0);",
                "long position = 1; " + NOT_ALWAYS + "position = appendAtOnce(record, Reserve.SMALL, 0);");
    }

    /** By a plain subscription; with this seed a sender has one. */
    @ByTurns
    @Test
    @Timeout(300)
    void shouldFindThatAMessageIsMissed() throws Exception {
        String reads = "byte[] message = new byte[record.length()];";
        Patched product = new Patched(files).and("TopicReader", reads, AT_TIMES + "return; " + reads);
        assertFound(7, product, "was missed by the plain subscription");
    }

    /** {@code seed}: of a soak whose receivers acknowledge in this way. */
    private void assertNotAppended(long seed, String type, String acknowledges, String notAlways) throws Exception {
        Patched product = new Patched(files).and(type, acknowledges, notAlways);
        assertFound(seed, product, "was acknowledged by", "came again");
    }

    private void assertFound(long seed, Patched product, CharSequence... words) throws Exception {
        try (Soak soak = new Soak(seed, files, product.directory(), true)) {
            soak.run(Duration.ofMillis(1), Duration.ofMillis(1));
            assertThat(soak.violations).anySatisfy(v -> assertThat(v).contains(words));
        }
    }
}
