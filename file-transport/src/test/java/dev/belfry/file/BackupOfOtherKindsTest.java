package dev.belfry.file;

import dev.belfry.testing.Slow;
import java.util.stream.Stream;

/** The same of a queue that waits for the disk, and of one that is not kept whole. */
@Slow
class BackupOfOtherKindsTest extends BackupTest {
    static Stream<String> kinds() {
        return Stream.of("&keep=all", "&sync=os&maxCapacity=8m");
    }

    BackupOfOtherKindsTest(String form) {
        super(form);
    }
}
