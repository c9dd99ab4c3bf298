package dev.belfry.shm.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.shm.Quiet;
import dev.belfry.testing.LeakCheck;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patched;
import dev.belfry.testing.Slow;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A process dies before each of its stores and native calls in turn, in each operation of a domain's log; and
 * mistakes put into the product, which that must notice.
 */
@Tag("T1")
@Tag("F1")
@Tag("F3")
@Tag(LeakCheck.PLANTED)
@ExtendWith(Quiet.Always.class)
@OneJdk
class LogCrashPointTest {
    @TestFactory
    Stream<DynamicTest> shouldKeepPromisesWhereverOneDies() {
        return LogOperations.all().stream()
                .map(o -> DynamicTest.dynamicTest(o.name(), () -> {
                    int points = 0;
                    while (!CrashPointTest.diesAt(o, points + 1, Participant::new, Participant::new)) points++;
                    System.out.printf("crash points of %-32s %4d%n", o.name(), points);
                    assertThat(points).isPositive();
                }));
    }

    /** As Noticers.Crash for the operations of a queue. */
    static final class Crash implements Consumer<String> {
        @Override
        public void accept(String operation) {
            CrashPointTest.expectingHang(() ->
                    CrashPointTest.diesAtEach(LogOperations.named(operation), Participant::new, Participant::new));
        }
    }

    private record Mistake(String what, String operation, String type, String snippet, String replacement) {}

    @TestFactory
    @Slow
    Stream<DynamicTest> shouldNotice() {
        String gates = "slots.stateRelease(slot, SlotState.withPhase(begun, SlotState.DETACHED));";
        return Stream.of(
                        new Mistake(
                                "the word after a log's record is not cleared",
                                "append, gate move",
                                "LogEnd",
                                "putLong(need, RecordHeader.empty(position + 1));",
                                ""),
                        new Mistake(
                                "a mark gates before it has a place",
                                "mark",
                                "Marks",
                                "joining.fill(slot, incarnation, name, AckMode.NONE);",
                                "joining.fill(slot, incarnation, name, AckMode.NONE);" + gates),
                        new Mistake("a mark is made in JOINING and left there", "mark", "Marks", gates, ""),
                        new Mistake(
                                "an advance stores only its position",
                                "advance",
                                "Marks",
                                "slots.ackOffRelease(slot, place.offset());",
                                ""))
                .map(m -> DynamicTest.dynamicTest(m.what, () -> {
                    try (Patched twin = Patched.in(m.type, m.snippet, m.replacement)) {
                        twin.directory();
                        assertThatThrownBy(() -> twin.run(Crash.class, m.operation))
                                .isNotInstanceOf(IllegalArgumentException.class);
                    }
                }));
    }
}
