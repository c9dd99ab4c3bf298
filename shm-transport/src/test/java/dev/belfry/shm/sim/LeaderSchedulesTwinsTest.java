package dev.belfry.shm.sim;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.shm.Quiet;
import dev.belfry.testing.ByTurns;
import dev.belfry.testing.LeakCheck;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patched;
import dev.belfry.testing.Slow;
import dev.belfry.testing.Turn;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/** Mistakes of leaders, each of which the schedules of {@link LeaderScenarios} must show. */
@Tag(LeakCheck.PLANTED)
@ExtendWith(Quiet.Always.class)
@Slow
@OneJdk
@ByTurns
class LeaderSchedulesTwinsTest {
    private static final String LEADER = "Leader";
    private static final int MOST = 1_500;
    private static final int RANDOM = 4_000;

    private record Mistake(String what, String scenario, String type, String snippet, String replacement) {}

    /** Of the scenario of this name. */
    static final class Schedules implements Consumer<String> {
        @Override
        public void accept(String scenario) {
            Sim.Scenario found = LeaderScenarios.named(scenario);
            try (Sim sim = new Sim(found, p -> new LeaderScenarios.Process())) {
                sim.explore(0, MOST);
                sim.explore(1, MOST);
                sim.exploreRandomly(1, RANDOM);
                sim.explore(2, MOST);
            }
        }
    }

    private static Stream<Mistake> mistakes() {
        return Stream.of(
                new Mistake(
                        "durable is raised before the sync",
                        "two publishers to files against a reader, without slices",
                        LEADER,
                        "if (syncsAlways) sync(span);",
                        "words.raiseCopied(records.committed()); if (syncsAlways) sync(span);"),
                new Mistake(
                        "its position is raised before the sync",
                        "two publishers to files against a reader, without slices",
                        LEADER,
                        "if (syncsAlways) sync(span);",
                        "words.raiseCopiedPosition(records.committedPosition() - 1); if (syncsAlways) sync(span);"),
                new Mistake(
                        "a copy is not checked against the gate",
                        "a leader against a lap, who may stand still",
                        LEADER,
                        "if (gate > at) return false;",
                        ""),
                new Mistake(
                        "the place where it begins is not checked against the gate",
                        "a leader against a lap, who may stand still",
                        LEADER,
                        "if (gate > from) continue;",
                        ""),
                new Mistake(
                        "files are closed while a thread is in a step",
                        "a leader whose queue is closed, who may stand still",
                        LEADER,
                        "if (uses.close()) end();",
                        "uses.close(); end();"),
                new Mistake(
                        "durable is stored, not raised",
                        "a leader against a lap, who may stand still",
                        "JournalWords",
                        "if (word >= value) return false;",
                        ""),
                new Mistake(
                        "only the commit wakes readers",
                        "two publishers to files against a reader, without slices",
                        LEADER,
                        "if (wakesReaders) handle.wakeSleepersIfAny();",
                        ""),
                new Mistake(
                        "nobody is woken after a take-over",
                        "two publishers to files against a reader, who may die",
                        LEADER,
                        "private void takenOver() { handle.wakeSleepersIfAny();",
                        "private void takenOver() {"),
                new Mistake(
                        "nobody takes over, or leads beside",
                        "two publishers to files against a reader, who may die",
                        LEADER,
                        "&& wait.ended() == null) lead(true);",
                        "&& wait.ended() == null) lead(false);"),
                new Mistake(
                        "the position that a dead leader has not raised stays",
                        "two publishers to files against a reader, who may die",
                        LEADER,
                        "words.raiseCopiedPosition(position - 1);",
                        ""),
                new Mistake(
                        "a leader wakes nobody that waits for it",
                        "two publishers to files against a reader, without slices",
                        LEADER,
                        "} synced.wake(); // after both: one that it wakes leads",
                        "}"),
                new Mistake(
                        "a leader wakes before it is out",
                        "threads that lead, without slices",
                        LEADER,
                        "leading.set(null); } synced.wake();",
                        "synced.wake(); leading.set(null); }"),
                new Mistake(
                        "two threads of a process lead",
                        "threads that lead, who may stand still",
                        LEADER,
                        "if (!leading.compareAndSet(null, Thread.currentThread())) return false;",
                        "beside = true;"),
                new Mistake(
                        "a failed sync is not told to others",
                        "two publishers against a failing sync",
                        LEADER,
                        "words.fail(refused.errno == 0 ? Errno.ENOENT : refused.errno);",
                        ""),
                new Mistake(
                        "a flush syncs less than it says",
                        "laps against a flush, who may stand still",
                        LEADER,
                        "words.raiseDurable(written.offset());",
                        "words.raiseDurable(words.copiedAcquire());"),
                new Mistake(
                        "the gate passes what is not copied",
                        "laps against a flush",
                        "Gate",
                        "journal == null ? tail : Math.min(tail, journal.copiedAcquire())",
                        "tail"));
    }

    @TestFactory
    Stream<DynamicTest> shouldNotice() {
        return Turn.of(mistakes()
                .map(m -> DynamicTest.dynamicTest(m.what, () -> {
                    try (Patched twin = Patched.in(m.type, m.snippet, m.replacement)) {
                        if (LeaderScenarios.named(m.scenario).threads()) twin.through(FieldSteps::into);
                        twin.directory();
                        assertThatThrownBy(() -> twin.run(Schedules.class, m.scenario))
                                .isNotInstanceOf(IllegalArgumentException.class);
                    }
                })));
    }
}
