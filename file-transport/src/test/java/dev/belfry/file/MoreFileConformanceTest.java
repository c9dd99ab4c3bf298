package dev.belfry.file;

import dev.belfry.conformance.BatchSuite;
import dev.belfry.conformance.BatchUseSuite;
import dev.belfry.conformance.ClosingSuite;
import dev.belfry.conformance.GrowthSuite;
import dev.belfry.conformance.ModelSuite;
import dev.belfry.conformance.ProcessesSuite;
import dev.belfry.conformance.PropertiesSuite;
import dev.belfry.conformance.RedeliverySuite;
import dev.belfry.conformance.SeekSuite;
import dev.belfry.conformance.SlowReaderSuite;
import dev.belfry.conformance.StartAndHistorySuite;
import dev.belfry.conformance.StatsSuite;
import dev.belfry.conformance.WaitingSuite;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Slow;
import java.lang.reflect.Method;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The suites that take longer. Left out are those that need what files refuse: a time limit of the gate, a last close
 * that deletes, a queue that is deleted while it is open; and {@link WholeFiles}.
 */
@Slow
@OneJdk
class MoreFileConformanceTest implements FilesFixture {
    /** Leaves out those that count on room as soon as one message is read. */
    static final class WholeFiles implements ExecutionCondition {
        private static final Set<String> NEED_ROOM_AT_ONCE =
                Set.of("b53WaitsForTheRoomOfAllOfIt", "modelOfAQueueThatIsFull");

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            String test = context.getTestMethod().map(Method::getName).orElse("");
            return NEED_ROOM_AT_ONCE.contains(test)
                    ? ConditionEvaluationResult.disabled("room comes by whole files")
                    : ConditionEvaluationResult.enabled("");
        }
    }

    @Nested
    @ExtendWith(WholeFiles.class)
    class Batches extends BatchSuite {}

    @Nested
    class BatchUse extends BatchUseSuite {}

    @Nested
    class Closing extends ClosingSuite {}

    @Nested
    class Growth extends GrowthSuite {}

    @Nested
    class Properties extends PropertiesSuite {}

    @Nested
    class Redelivery extends RedeliverySuite {}

    @Nested
    class Seek extends SeekSuite {}

    @Nested
    class SlowReaders extends SlowReaderSuite {}

    @Nested
    class StartAndHistory extends StartAndHistorySuite {}

    @Nested
    class Stats extends StatsSuite {}

    @Nested
    class Waiting extends WaitingSuite {}

    @Nested
    @ExtendWith(WholeFiles.class)
    class Model extends ModelSuite {}

    @Nested
    class Processes extends ProcessesSuite {}
}
