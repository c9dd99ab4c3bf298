package dev.belfry.shm.crash;

import dev.belfry.testing.Copy;
import dev.belfry.testing.OneJdk;
import java.util.stream.Stream;

/** The same where each record ends in a trailer, of the operations that write, repair or step over records. */
@OneJdk
@Copy(2)
class CrashPointWithTrailersTest extends CrashPointTest {
    @Override
    Stream<Operation> operations() {
        return super.operations()
                .filter(
                        o -> o.name()
                                .matches(
                                        "publish|publish with properties|claim, (commit|grow)|batch|batch, g.*|grow twice|gate move"))
                .map(Operation::withTrailers);
    }
}
