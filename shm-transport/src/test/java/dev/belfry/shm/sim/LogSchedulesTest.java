package dev.belfry.shm.sim;

import static dev.belfry.shm.Inside.handle;
import static dev.belfry.shm.Inside.newLog;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.IncompatibleVersionException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.QueueConfig;
import dev.belfry.shm.Quiet;
import dev.belfry.shm.layout.Handles;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.segment.Segment;
import dev.belfry.spi.Log;
import dev.belfry.spi.LogReader;
import dev.belfry.spi.Mark;
import dev.belfry.spi.Reserve;
import dev.belfry.testing.Depth;
import dev.belfry.testing.LeakCheck;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patched;
import dev.belfry.testing.Slow;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What processes do to a domain's log at the same time, step by step; as {@link InterleavingTest}. */
@Tag("T2")
@Tag(LeakCheck.PLANTED)
@Timeout(600)
@ExtendWith(Quiet.Always.class)
@Slow
@OneJdk
class LogSchedulesTest {
    private static final int MOST = Depth.pick(1_500, 3_000, 100_000);
    private static final int RANDOM = Depth.pick(500, 1_000, 20_000);
    private static final long SEED = 20261122;
    private static final int LENGTH = 288;
    private static final int LEVEL = 40;
    private static final long FEATURE = 4;
    private static final QueueConfig SMALL = QueueConfig.builder()
            .capacity(4096)
            .maxCapacity(4096)
            .attribute(Log.KIND, Log.DOMAIN)
            .build();

    private static Log domain(MessageQueue queue) {
        return newLog(queue, Sim.publisher(queue));
    }

    private static long append(Sim sim, Log log, int number, Duration timeout) {
        ByteBuffer record = ByteBuffer.wrap(sim.begin(number, LENGTH));
        long position = log.append(record, Reserve.NONE, 1, timeout);
        if (position > 0) sim.published.put(number, position);
        return position;
    }

    /** A full log that a mark holds: one more needs the mark to move. */
    private static Log full(Sim sim) {
        Log domain = domain(sim.preparing());
        domain.mark("m");
        for (int i = 1; append(sim, domain, i, Duration.ZERO) > 0; i++) {}
        return domain;
    }

    private static Mark.At place(Log log, int position) {
        LogReader reader = log.reader();
        for (int i = 0; i < position; i++) assertThat(reader.next()).isEqualTo(LogReader.Step.RECORD);
        return new Mark.At(reader.place(), reader.position());
    }

    /** The mark still holds the log: it is not below the gate. */
    private static void requireHeld(Sim sim) {
        MessageQueue queue = sim.open(5);
        Log domain = domain(queue);
        Mark.At at = domain.mark("m").at();
        assertThat(at.place())
                .isGreaterThanOrEqualTo(handle(queue).segment.header.gateAcquire());
        LogReader reader = domain.reader();
        reader.moveTo(at);
        long next = at.position();
        while (reader.next() == LogReader.Step.RECORD)
            assertThat(reader.position()).isEqualTo(next++);
        // One that died after its commit has not counted it.
        assertThat(next).isBetween(domain.newest() + 1, domain.newest() + 2);
    }

    private static Sim.Scenario advances() {
        return new Sim.Scenario(
                "two advances against an append",
                SMALL,
                3,
                LogSchedulesTest::full,
                sim -> {
                    Log one = domain(sim.open(0));
                    Log two = domain(sim.open(1));
                    Log three = domain(sim.open(2));
                    Mark first = one.mark("m");
                    Mark second = two.mark("m");
                    Mark.At near = place(three, 2);
                    Mark.At far = place(three, 6);
                    return List.of(
                            () -> first.advance(near),
                            () -> second.advance(far),
                            () -> append(sim, three, 100, Duration.ZERO));
                },
                LogSchedulesTest::requireHeld,
                -1,
                Scheduler.Slices.END);
    }

    /** The mark lets go of six; one appends a lap of them while another reads from the start. */
    private static Sim.Scenario passing() {
        return new Sim.Scenario(
                "appends against a reader that is passed",
                SMALL,
                2,
                LogSchedulesTest::full,
                sim -> {
                    Log one = domain(sim.open(0));
                    Log two = domain(sim.open(1));
                    LogReader reader = two.reader();
                    assertThat(one.mark("m").advance(place(one, 6))).isEqualTo(Mark.Advance.MOVED);
                    return List.of(
                            () -> {
                                for (int i = 0; i < 4; i++) append(sim, one, 100 + i, Duration.ZERO);
                            },
                            () -> {
                                long position = 0;
                                for (int i = 0; i < 4 && reader.next() == LogReader.Step.RECORD; i++) {
                                    int from = reader.getInt(0);
                                    int to = reader.getInt(LENGTH - 4);
                                    if (!reader.intact()) return;
                                    assertThat(reader.position()).isEqualTo(++position);
                                    assertThat(from).as("torn").isEqualTo(to);
                                }
                            });
                },
                LogSchedulesTest::requireHeld,
                -1,
                Scheduler.Slices.END);
    }

    /** All that are inside know it, and one that does not opens. */
    private static Sim.Scenario raise() {
        return new Sim.Scenario(
                "raise against open",
                SMALL,
                3,
                sim -> domain(sim.preparing()),
                sim -> {
                    MessageQueue inside = sim.open(0);
                    Segment segment = handle(inside).segment;
                    for (int h = 0; h < segment.handles.count(); h++)
                        segment.header.bytes().putInt(SegmentHeader.SIZE + h * Handles.SIZE + LEVEL, 3);
                    Log one = domain(inside);
                    return List.of(() -> sim.noted.put("raised", one.raise(FEATURE)), () -> {
                        try {
                            sim.open(1);
                            sim.noted.put("opened", true);
                        } catch (IncompatibleVersionException refused) {
                            sim.noted.put("opened", false);
                        }
                    });
                },
                sim -> {
                    boolean isInside = (boolean) sim.noted.get("opened");
                    if (!sim.died(0)) assertThat(sim.noted.get("raised")).isEqualTo(!isInside);
                    if (!isInside) return;
                    assertThat(handle(sim.open(2)).segment.header.features())
                            .as("one that does not know it is inside")
                            .isZero();
                },
                -1,
                Scheduler.Slices.END);
    }

    private static List<Sim.Scenario> all() {
        return List.of(advances(), advances().mortal(), passing(), passing().mortal(), raise(), raise().mortal());
    }

    @TestFactory
    Stream<DynamicTest> shouldKeepPromisesInEverySchedule() {
        return all().stream()
                .map(s -> DynamicTest.dynamicTest(s.name(), () -> {
                    try (Sim sim = new Sim(s, p -> new Sim.Process())) {
                        int tried = 0;
                        for (int preemptions = 0; preemptions <= s.preemptions() && tried < MOST; preemptions++)
                            tried = sim.explore(preemptions, MOST);
                        System.out.printf("%-60s %6d schedules, %d%n", s, tried, sim.exploreRandomly(SEED, RANDOM));
                    }
                }));
    }

    /** Runs the schedules of one scenario, as {@code Noticers.Schedules} does for its own. */
    static final class Schedules implements Consumer<String> {
        @Override
        public void accept(String scenario) {
            Sim.Scenario found = all().stream()
                    .filter(s -> s.name().equals(scenario))
                    .findFirst()
                    .orElseThrow();
            try (Sim sim = new Sim(found, p -> new Sim.Process())) {
                sim.exploreRandomly(1, 3_000);
                for (int preemptions = 0; preemptions <= 3; preemptions++) sim.explore(preemptions, 12_000);
            }
        }
    }

    @Test
    void shouldNoticeAnAdvanceWithoutTheLock() {
        String locked = "joining.underGateLock(deadline, () -> moveForward(mark, to), () -> Mark.Advance.BUSY);";
        try (Patched twin = Patched.in("Marks", locked, "moveForward(mark, to);")) {
            twin.directory();
            assertThatThrownBy(() -> twin.run(Schedules.class, "two advances against an append"))
                    .isNotInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void shouldNoticeARaiseWithoutTheAdminByte() {
        String step = "((java.util.function.LongFunction<Boolean>) deadline -> {";
        try (Patched twin = Patched.in("Features", "handle.admin.under(deadline -> {", step)
                .and("Features", "return isKnown; });", "return isKnown; }).apply(0);")) {
            twin.directory();
            assertThatThrownBy(() -> twin.run(Schedules.class, "raise against open"))
                    .isNotInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void shouldNoticeAReaderThatTrustsBeforeItChecks() {
        try (Patched twin = Patched.in("LogCursor", "return !isOverwritten(place);", "return true;")) {
            twin.directory();
            assertThatThrownBy(() -> twin.run(Schedules.class, "appends against a reader that is passed"))
                    .isNotInstanceOf(IllegalArgumentException.class);
        }
    }
}
