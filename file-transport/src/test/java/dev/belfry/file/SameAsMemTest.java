package dev.belfry.file;

import dev.belfry.conformance.SameAsMemSuite;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Slow;
import org.junit.jupiter.api.Nested;

/** Random programs over queues in files beside {@code mem:}, which keeps all, too. */
@OneJdk
@Slow
class SameAsMemTest {
    @Nested
    class SyncsNowAndThen extends SameAsMemSuite implements FilesFixture {
        @Override
        public String parameters() {
            return FilesFixture.super.parameters() + "&keep=all";
        }
    }

    @Nested
    class SyncsAlways extends SameAsMemSuite implements FilesFixture {
        @Override
        public String parameters() {
            return "anyFileSystem=true&keep=all";
        }
    }
}
