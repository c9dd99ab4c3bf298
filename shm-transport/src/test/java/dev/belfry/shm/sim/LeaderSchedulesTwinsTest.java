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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/** Mistakes of leaders, each of which the schedules of {@link LeaderScenarios} must show. */
@Tag(LeakCheck.PLANTED)
@ExtendWith(Quiet.Always.class)
@Slow
@OneJdk
@ByTurns
class LeaderSchedulesTwinsTest {
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

    private static Mistake leader(String what, String scenario, String snippet, String replacement) {
        return new Mistake(what, scenario, "Leader", snippet, replacement);
    }

    private static Stream<Mistake> mistakes() {
        return Stream.of(
                leader(
                        "durable is raised before the sync",
                        "two publishers to files against a reader, without slices",
                        "if (syncsAlways) sync(span);",
                        "words.raiseCopied(records.committed()); if (syncsAlways) sync(span);"),
                leader(
                        "its position is raised before the sync",
                        "two publishers to files against a reader, without slices",
                        "if (syncsAlways) sync(span);",
                        "words.raiseCopiedPosition(records.committedPosition() - 1); if (syncsAlways) sync(span);"),
                leader(
                        "a copy is not checked against the gate",
                        "a leader against a lap, who may stand still",
                        "if (gate > at) return false;",
                        ""),
                leader(
                        "the place where it begins is not checked against the gate",
                        "a leader against a lap, who may stand still",
                        "if (gate > from) continue;",
                        ""),
                leader(
                        "files are closed while a thread is in a step",
                        "a leader whose queue is closed, who may stand still",
                        "if (uses.close()) end();",
                        "uses.close(); end();"),
                new Mistake(
                        "durable is stored, not raised",
                        "a leader against a lap, who may stand still",
                        "JournalWords",
                        "if (word >= value) return false;",
                        ""),
                leader(
                        "only the commit wakes readers",
                        "two publishers to files against a reader, without slices",
                        "if (wakesReaders) handle.wakeSleepersIfAny();",
                        ""),
                leader(
                        "nobody is woken after a take-over",
                        "two publishers to files against a reader, who may die",
                        "private void takenOver() { handle.wakeSleepersIfAny();",
                        "private void takenOver() {"),
                leader(
                        "nobody takes over, or leads beside",
                        "two publishers to files against a reader, who may die",
                        "&& wait.ended() == null) lead(true);",
                        "&& wait.ended() == null) lead(false);"),
                leader(
                        "the position that a dead leader has not raised stays",
                        "two publishers to files against a reader, who may die",
                        "words.raiseCopiedPosition(position - 1);",
                        ""),
                leader(
                        "a leader wakes nobody that waits for it",
                        "two publishers to files against a reader, without slices",
                        "} synced.wake(); // after both: one that it wakes leads",
                        "}"),
                leader(
                        "a leader wakes before it is out",
                        "threads that lead, without slices",
                        "leading.set(null); } synced.wake();",
                        "synced.wake(); leading.set(null); }"),
                leader(
                        "two threads of a process lead",
                        "threads that lead, who may stand still",
                        "if (!leading.compareAndSet(null, Thread.currentThread())) return false;",
                        "beside = true;"),
                leader(
                        "a failed sync is not told to others",
                        "two publishers against a failing sync",
                        "words.fail(refused.errno == 0 ? Errno.ENOENT : refused.errno);",
                        ""),
                leader(
                        "a flush syncs less than it says",
                        "laps against a flush, who may stand still",
                        "words.raiseDurable(written.offset());",
                        "words.raiseDurable(words.copiedAcquire());"),
                new Mistake(
                        "the gate passes what is not copied",
                        "laps against a flush",
                        "Gate",
                        "journal == null ? tail : Math.min(tail, journal.copiedAcquire())",
                        "tail"));
    }

    /** Those that have no turn, too. */
    @Test
    void shouldFindEachStatement() {
        mistakes().forEach(m -> Patched.in(m.type, m.snippet, m.replacement).close());
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
