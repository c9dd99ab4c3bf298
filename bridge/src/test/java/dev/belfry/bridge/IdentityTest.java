package dev.belfry.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.WaitsForOthers;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Runs beside those that wait, or it would need a JVM of its own. */
@WaitsForOthers
class IdentityTest {
    private static final String EARLIER = "00000000-0000-0000-0000-000000000001";
    private static final String PRESENT = "00000000-0000-0000-0000-000000000002";
    private static final String OTHER = "00000000-0000-0000-0000-000000000003";
    private static final String THIRD = "00000000-0000-0000-0000-000000000004";

    private final Identity queue =
            new Identity(List.of(new Identity.Part(EARLIER, 500), new Identity.Part(PRESENT, Long.MAX_VALUE)));

    @Test
    void shouldHaveHadWhatItsEarlierIdHadBeforeItEnded() {
        assertThat(queue.hasHad(new Mark(EARLIER, 500, null, 500, 0))).isTrue();
        assertThat(queue.hasHad(new Mark(OTHER, 7, EARLIER, 500, 0))).isTrue();
        assertThat(queue.hasHad(new Mark(OTHER, 7, THIRD + ' ' + EARLIER, 500, 0)))
                .isTrue();
    }

    /** As the original of a backup, which has gone on. */
    @Test
    void shouldNotHaveHadWhatCameToTheQueueOfThatIdLater() {
        assertThat(queue.hasHad(new Mark(EARLIER, 501, null, 501, 0))).isFalse();
        assertThat(queue.hasHad(new Mark(OTHER, 7, EARLIER, 501, 0))).isFalse();
        assertThat(queue.hasHad(new Mark(OTHER, 7, EARLIER + ' ' + THIRD, 7, 0)))
                .isFalse();
    }

    @Test
    void shouldHaveHadAllThatCameThroughItsPresentId() {
        assertThat(queue.hasHad(new Mark(PRESENT, 501, null, 501, 0))).isTrue();
        assertThat(queue.hasHad(new Mark(OTHER, 7, PRESENT + ' ' + THIRD, 7, 0)))
                .isTrue();
        assertThat(queue.hasHad(new Mark(OTHER, 7, null, 7, 0))).isFalse();
    }
}
