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

    @Test
    void shouldTakeTwoReadingsOfOneForTheSame() {
        assertSame(
                "'worker-1' (pid 7) has not moved for 3 s, lag 1,200",
                "'worker-1' (pid 7) has not moved for 1 min 2 s, lag 9");
        assertThat(said("unattended", "no process is attached to 'a1', lag 3")
                        .isAlso(said("unattended", "no process is attached to 7 subscriptions, such as 'a1'")))
                .isTrue();
    }

    @Test
    void shouldNotTakeOneForAnother() {
        assertOthers("'worker-1' (pid 7) has not moved for 3 s", "'worker-2' (pid 7) has not moved for 3 s");
        assertOthers("'worker' (pid 7) has not moved for 3 s", "'worker' (pid 8) has not moved for 3 s");
        assertOthers("the subscriber in slot 1 missed 3 messages", "the subscriber in slot 2 missed 3 messages");
    }

    @Test
    void shouldNotTakeOneForAnotherOfTheSameWords() {
        String what = "it is full";
        assertThat(said("waiting", what).isAlso(said("full-domain", what))).isFalse();
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

    private static Verdict.Said said(String check, String what) {
        return new Verdict.Said(Verdict.Level.WARNING, false, check, what, "");
    }

    private static void assertSame(String one, String other) {
        assertThat(said("behind", one).isAlso(said("behind", other)))
                .as(one + " / " + other)
                .isTrue();
    }

    private static void assertOthers(String one, String other) {
        assertThat(said("behind", one).isAlso(said("behind", other)))
                .as(one + " / " + other)
                .isFalse();
    }
}
