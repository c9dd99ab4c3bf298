package dev.belfry.file;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.testing.ByTurns;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patched;
import dev.belfry.testing.Slow;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The same histories, with a step left out: each must be seen. */
@Slow
@OneJdk
@ByTurns
@Timeout(300)
class PowerLossTwinsTest {
    enum Mistake {
        A_NEW_SEGMENT_HAS_NO_NAME_ON_THE_DISK(
                "Segments", "makeOrAwait(ready / size); directory.sync();", "makeOrAwait(ready / size);"),
        A_SEGMENT_THAT_IS_FOUND_COUNTS_AS_SYNCED("Segments", "directory.sync(); // the process", "// the process"),
        A_SEGMENT_IS_LINKED_BEFORE_ITS_ZEROS_ARE_ON_THE_DISK(
                "Segments",
                "file.write(zeros.clear().limit(now), at); file.syncData();",
                "file.write(zeros.clear().limit(now), at);"),
        A_SEGMENT_IS_LINKED_BEFORE_ITS_STORAGE_IS_ON_THE_DISK(
                "Segments", "if (allocates.test(file)) file.syncData();", "if (allocates.test(file)) return;"),
        OPENING_ENDS_WITHOUT_A_SYNC_OF_THE_DIRECTORY(
                "Recovery", "files.directory.sync(); segments.noteReady", "segments.noteReady"),
        ONLY_THE_LAST_FILE_IS_SYNCED(
                "OpenSegments",
                "for (Entry each : files) each.file.syncData();",
                "files.get(files.size() - 1).file.syncData();"),
        WHAT_ONLY_A_DEAD_PROCESS_WAS_TOLD_IS_FORGOTTEN(
                "OpenSegments", "from = Math.max(from, each.hearsFrom);", "from = 0;"),
        THE_SEGMENT_OF_THE_CUT_IS_NOT_REPLACED(
                "Recovery", "if (replaces) segments.replace", "if (index < 0) segments.replace"),
        LATER_SEGMENTS_STAY("Recovery", "present.tailMap(next, true).values().forEach(files.directory::unlink);", ""),
        OPENING_DOES_NOT_WRITE_AGAIN("Recovery", "writeAgain(replaces ? index * segments.size : cut.offset());", ""),
        OPENING_DOES_NOT_SYNC_WHAT_IT_WRITES("Recovery", "range.sync();", ""),
        A_BATCH_HAS_NO_BIT("SealedRecords", "inBatch = RecordTrailer.isMore(front);", "inBatch = false;"),
        NO_CHECKSUM_IS_CHECKED("SealedRecords", "if (trailer >>> CHECKSUM_SHIFT != sum.getValue()) return false;", ""),
        SEGMENTS_GO_BEFORE_THE_PLACES_ARE_KEPT(
                "LogDirectory",
                "places.write(PlacesForm.write(next));",
                "segments.removeBelow(next.kept().offset()); places.write(PlacesForm.write(next));"),
        PLACES_OF_THE_PAGE_CACHE_COUNT(
                "Areas", "if (!isSynced(newest)) put(newest.limit(end + Integer.BYTES).position(0));", ""),
        WHAT_IS_NOT_SYNCED_IS_NOT_KEPT(
                "LogDirectory", "isSyncedUpToThere ? asked :", "isSyncedUpToThere || true ? asked :"),
        PLACES_OF_AN_EARLIER_LIFE_COUNT("Restored", "if (!found.equals(places)) files.write(found);", ""),
        PLACES_HAVE_ONE_AREA("Areas", "file.write(whole, (number & 1) * areaSize);", "file.write(whole, 0);"),
        A_LIFE_THAT_GOES_ON_COUNTS_AS_CLOSED(
                "LogDirectory", "if (life.closedAt() != Life.OPEN) write(life.closedAt(Life.OPEN), false);", ""),
        PLACES_ARE_LINKED_BEFORE_THEY_ARE_ON_THE_DISK("Areas", "temporary.syncData();", "");

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
            requireSeen(twin);
        }
    }

    static void requireSeen(Patched twin) {
        assertThatThrownBy(() -> {
                    for (int from = 0; from < 6000; from += 100) {
                        twin.run(Histories.class, from + " " + (from + 100) + " 0");
                        twin.run(Histories.class, from + " " + (from + 100) + " 10");
                    }
                })
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("seed ");
    }
}
