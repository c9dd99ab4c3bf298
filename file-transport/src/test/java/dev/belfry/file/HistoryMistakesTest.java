package dev.belfry.file;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.belfry.testing.ByTurns;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patched;
import dev.belfry.testing.Slow;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The tests of a history notice planted mistakes. */
@ByTurns
@Slow
@OneJdk
class HistoryMistakesTest {
    /** One test of {@link HistoryTest}. */
    static final class One implements Consumer<String> {
        @Override
        public void accept(String name) {
            try {
                HistoryTest test = new HistoryTest("&sync=os");
                try {
                    HistoryTest.class.getDeclaredMethod(name).invoke(test);
                } finally {
                    test.close();
                }
            } catch (Exception failed) {
                throw new AssertionError(failed);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = "##",
            value = {
                "WindowReader ## HOP && ring != files) forget(); ## HOP) { forget(); ring = regions.at(cursor); } ## shouldReadOverWhereTheRingHasGrownInAnEarlierLife",
                "WindowReader ## if (isInFiles) ring = files; ## if (isInFiles) {} ## shouldReadOverWhereTheRingHasGrownInAnEarlierLife",
                "FloorOnDisk ## if (place >= floor) least = Math.min(least, place); ## if (place >= floor) {} ## shouldWaitAtMaxSizeForTheOldestPlace",
                "FloorOnDisk ## toNewest ? this::ofRing : this::offset ## this::offset ## shouldJumpToTheNewestWhenTheRingHasPassedIt",
                "FloorOnDisk ## else if (SlotState.policy(state).jumps()) least = Math.min(least, floor); ## '' ## shouldKeepForOneThatWasPassedWhatMaxSizeAllows",
                "Parts ## if (kind.history) segment.journal.createFloor(floor.offset(), floor.position()); ## '' ## shouldBeginAtTheFloorAfterAReboot",
                "FileKeeper ## header.gateAcquire() > offset ? slots.readPos(slot) : Places.Named.NOT_KNOWN ## Places.Named.NOT_KNOWN ## shouldMarkOnlyWhatItWasGivenThoughItComesAgainAfterAReboot",
                "ProvenRecords ## || !walked.prove(piece)) return null; ## ) return null; walked.prove(piece); if (walked.offset() < end) break; } if (false) { ## shouldGoOnAtMaxSizeThoughWhatNobodyNeedsIsDamaged"
            })
    void shouldBeNoticed(String type, String snippet, String replacement, String test) {
        try (Patched twin = Patched.in(type, snippet, replacement)) {
            twin.directory();
            assertThatCode(() -> assertTimeoutPreemptively(Duration.ofSeconds(40), () -> twin.run(One.class, test)))
                    .isInstanceOf(AssertionError.class);
        }
    }
}
