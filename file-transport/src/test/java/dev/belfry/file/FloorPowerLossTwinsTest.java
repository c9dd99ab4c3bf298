package dev.belfry.file;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.testing.ByTurns;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patched;
import dev.belfry.testing.Slow;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The histories of {@link FloorPowerLossTest}, with a step left out: each must be seen. */
@Slow
@OneJdk
@ByTurns
@Timeout(300)
class FloorPowerLossTwinsTest {
    enum Mistake {
        FILES_GO_BEFORE_THE_PLACES_ARE_KEPT(
                "LogDirectory",
                "places.write(PlacesForm.write(next));",
                "segments.removeBelow(next.kept().offset()); places.write(PlacesForm.write(next));"),
        FILES_GO_BY_PLACES_OF_A_DEAD_PROCESS_THAT_ARE_NOT_ON_THE_DISK(
                "LogDirectory",
                "|| before.equals(next) && isSynced) return true;",
                "|| before.equals(next) && isSynced) return true;"
                        + " if (before.equals(next)) { segments.removeBelow(next.kept().offset()); return true; }"),
        WHAT_A_DEAD_PROCESS_DID_NOT_REMOVE_STAYS(
                "LogDirectory",
                "|| before.equals(next) && isSynced) return true;",
                "|| before.equals(next)) return true;"),
        AN_OPENING_REMOVES_NOTHING_BELOW_THE_FLOOR(
                "Recovery",
                "present.headMap(Math.min(places.kept().offset() / segments.size, index))"
                        + " .values() .forEach(files.directory::unlink);",
                ""),
        A_PLACE_THAT_NOBODY_IS_ATTACHED_TO_NEEDS_NOTHING(
                "FloorOnDisk",
                "boolean counts = SlotState.isSubscription(state)",
                "boolean counts = SlotState.phase(state) == SlotState.ACTIVE"),
        THE_FLOOR_PASSES_WHAT_IS_DURABLE(
                "FloorRaiser",
                "long durable = handle.segment.journal.durableAcquire();",
                "long durable = handle.segment.journal.copiedAcquire();"),
        THE_FLOOR_HAS_ANOTHER_POSITION(
                "FloorOnDisk",
                "raiseFloorLocked(to.offset(), to.position());",
                "raiseFloorLocked(to.offset(), to.position() - 1);"),
        A_PLACE_THAT_WAS_PASSED_IS_AT_THE_FLOOR(
                "LivePart",
                "next.offset() < floor.offset() && !named.isBelowFloor(floor.offset());",
                "next.offset() < floor.offset();"),
        WHAT_IS_GONE_COUNTS_AS_GIVEN(
                "Joining",
                "if (SlotState.policy(state).jumps() && slots.owner(slot) == 0) slots.readPos(slot, acknowledged);",
                ""),
        A_MISSING_FILE_IS_THE_END_OF_THE_LOG(
                "ReadBelow",
                "&& piece.position() == 0) throw damaged(new Places.At(offset, 0));",
                "&& piece.position() == 0) return false;");

        final String type;
        final String right;
        final String wrong;

        Mistake(String type, String right, String wrong) {
            this.type = type;
            this.right = right;
            this.wrong = wrong;
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldBeSeen(Mistake mistake) {
        try (Patched twin = Patched.in(mistake.type, mistake.right, mistake.wrong)) {
            twin.directory();
            assertThatThrownBy(() -> {
                        for (int from = 0; from < 1000; from += 20)
                            twin.run(FloorHistories.class, from + " " + (from + 20));
                    })
                    .isInstanceOf(AssertionError.class)
                    .hasMessageStartingWith("seed ");
        }
    }
}
