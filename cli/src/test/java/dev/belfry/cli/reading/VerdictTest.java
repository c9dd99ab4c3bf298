package dev.belfry.cli.reading;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.QueueHealth;
import dev.belfry.spi.NoAnswerException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class VerdictTest {
    /** Monitoring knows them. */
    @Test
    void shouldKeepItsExitCodes() {
        assertThat(Verdict.Level.OK.code).isZero();
        assertThat(Verdict.Level.WARNING.code).isEqualTo(1);
        assertThat(Verdict.Level.CRITICAL.code).isEqualTo(2);
        assertThat(Verdict.Level.UNKNOWN.code).isEqualTo(3);
        assertThat(QueueHealth.Status.values())
                .extracting(Verdict.Level::of)
                .containsExactly(Verdict.Level.OK, Verdict.Level.WARNING, Verdict.Level.CRITICAL);
    }

    /** By its figures alone, too, as {@code top} has no checkup. */
    @Test
    void shouldBeStuckWhereADiskDoesNotAnswer() {
        NoAnswerException hangs =
                new NoAnswerException("file:/q", "the disk under /q has not answered for 5 s", "Check it.");
        QueueWatch.Hidden hidden = QueueWatch.Hidden.by(hangs);
        Verdict verdict = Verdict.of(new QueueWatch.Look("file:/q", null, null, hidden, hangs.getMessage()));
        assertThat(verdict.level()).isEqualTo(Verdict.Level.CRITICAL);
        assertThat(verdict.line()).contains("stuck", "the disk under /q has not answered for 5 s. Check it.");
    }

    @Test
    void shouldTellDamageBeforeWhatIsStuck() {
        List<Verdict> all = new ArrayList<>();
        for (String word : List.of("ok", "lagging", "stuck", "broken", "damaged")) {
            Verdict.Level level = word.equals("ok")
                    ? Verdict.Level.OK
                    : word.equals("lagging") ? Verdict.Level.WARNING : Verdict.Level.CRITICAL;
            all.add(new Verdict("shm:q", level, word, List.of()));
        }
        all.sort(Verdict.WORST_FIRST);
        assertThat(all).extracting(Verdict::word).containsExactly("damaged", "broken", "stuck", "lagging", "ok");
    }
}
