package dev.belfry.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class StandingTest {
    private final Standing standing = new Standing();

    private void gives(long from, long to) {
        for (long position = from; position <= to; position++) {
            standing.found(position);
            standing.handingOver(position);
        }
    }

    private List<Long> given() {
        return LongStream.rangeClosed(1, 30).filter(standing::isGiven).boxed().toList();
    }

    @Test
    void shouldAcceptAnAcknowledgementUpToItsBeginWhenItWentBackWithoutReading() {
        standing.attached(20, 0);
        standing.sought(0, 0);
        assertThat(standing.acknowledgeable()).isEqualTo(20);
        assertThat(standing.acceptedTo())
                .as("so what comes next may be acknowledged")
                .isEqualTo(20);
        standing.acknowledged(15);
        standing.recovered();
        assertThat(standing.handedOver()).isEqualTo(15);
        assertThat(given()).isEmpty();
    }

    @Test
    void shouldSayOfNothingElseThatItWasGivenWhenItMoves() {
        standing.attached(10, 0);
        gives(11, 14);
        standing.sought(4, 0);
        gives(5, 6);
        standing.sought(4, 0);
        assertThat(given()).containsExactly(5L, 6L, 7L, 8L, 9L, 10L, 11L, 12L, 13L, 14L);
        standing.attached(3, 6);
        assertThat(given()).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
    }

    @Test
    void shouldCountWhatItPassesOverOnceWhenItMovedNothingBefore() {
        for (boolean first : List.of(false, true)) {
            Standing fresh = new Standing();
            fresh.attached(20, 0);
            if (first) fresh.sought(20, fresh.lostBefore(21, 21));
            fresh.leaves();
            fresh.recovered();
            fresh.sought(9, fresh.lostBefore(10, fresh.handedOver() + 1));
            fresh.sought(20, fresh.lostBefore(21, 10));
            assertThat(fresh.lost()).isEqualTo(11);
            fresh.sought(9, fresh.lostBefore(10, 21));
            fresh.sought(20, fresh.lostBefore(21, 10));
            assertThat(fresh.lost()).isEqualTo(11);
        }
    }

    /** As an overrun with NEWEST, a seek back to what is still there, and an overrun again. */
    @Test
    void shouldCountWhatItJumpsOverOnceWhenItWentBackMeanwhile() {
        standing.attached(0, 0);
        gives(1, 3);
        standing.jumped(10, standing.lostBefore(10, 4));
        assertThat(standing.lost()).isEqualTo(6);
        standing.sought(6, standing.lostBefore(7, 10));
        standing.jumped(10, standing.lostBefore(10, 7));
        assertThat(standing.lost()).isEqualTo(6);
        standing.jumped(12, standing.lostBefore(12, 10));
        assertThat(standing.lost()).isEqualTo(8);
    }

    @Test
    void shouldForgetOnlyTheMessageThatWasNotHandedOver() {
        standing.attached(0, 20);
        standing.found(1);
        standing.notFound(1);
        assertThat(standing.accounted()).as("what was given before").isEqualTo(20);
        gives(1, 21);
        standing.notFound(21);
        assertThat(standing.accounted()).isEqualTo(20);
        standing.found(21);
        standing.failed(21);
        standing.notFound(21);
        assertThat(standing.accounted()).as("its handler saw it").isEqualTo(21);
    }

    /** After a reboot: what comes again is marked, but counts as lost if it is passed over. */
    @Test
    void shouldCountAsLostWhatWasFoundButNotHandedOverThoughItMayHaveBeenGivenBefore() {
        standing.attached(0, 8);
        standing.accountsFor(0);
        standing.found(1);
        standing.notFound(1);
        assertThat(standing.lostBefore(12, 1)).isEqualTo(11);
        gives(1, 1);
        standing.leaves();
        standing.recovered();
        standing.notFound(1);
        assertThat(standing.accounted()).as("it was handed over").isEqualTo(1);
    }

    @Test
    void shouldCountWhatIsLostOnceThoughItWasFoundAfterASeekBack() {
        standing.attached(0, 0);
        standing.sought(3, standing.lostBefore(4, 1));
        standing.sought(2, standing.lostBefore(3, 4));
        standing.found(3);
        standing.notFound(3);
        standing.sought(3, standing.lostBefore(4, 3));
        assertThat(standing.lost()).isEqualTo(3);
    }

    @Test
    void shouldAcceptTheSameAcknowledgementAgainWhenItsHandlerThrew() {
        standing.attached(0, 0);
        gives(1, 1);
        standing.acknowledged(1);
        standing.failed(1);
        standing.takenBack();
        assertThat(standing.handedOver()).isZero();
        assertThat(standing.acknowledgeable()).isEqualTo(1);
    }

    @Test
    void shouldChangeNothingWhenAStepIsMadeAgain() {
        standing.attached(0, 0);
        gives(1, 5);
        standing.acknowledged(3);
        String before = standing.toString();
        standing.acknowledged(2);
        assertThat(standing).hasToString(before);
        standing.sought(9, standing.lostBefore(10, 6));
        before = standing.toString();
        standing.sought(9, 0);
        assertThat(standing).hasToString(before);
        assertThat(standing.lost()).isEqualTo(4);
    }

    @Test
    void shouldFailInTestsWhenAStepBreaksWhatMustHold() {
        standing.attached(0, 0);
        gives(1, 3);
        assertThatThrownBy(() -> standing.acknowledged(4))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("acknowledged 4");
    }
}
