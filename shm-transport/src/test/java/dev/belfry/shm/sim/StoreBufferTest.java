package dev.belfry.shm.sim;

import static dev.belfry.shm.Inside.handle;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.Publisher;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.Subscriber;
import dev.belfry.api.Subscribers;
import dev.belfry.shm.Quiet;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.sim.FakeKernel.Membarrier;
import dev.belfry.testing.Depth;
import dev.belfry.testing.Luck;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Seeded;
import dev.belfry.testing.Slow;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The schedules of {@link InterleavingTest}, on processors with store buffers: what is stored is
 * seen by others as late as can be, or when the schedule says so. Only here can it be told whether
 * each fence is where it must be, and whether membarrier stands in for those that are not there.
 */
@ExtendWith(Quiet.Always.class)
@Tag("T2")
@OneJdk
class StoreBufferTest {
    private static final int MOST = Depth.pick(300, 300, 50_000);
    private static final int RANDOM = Depth.pick(100, 100, 20_000);
    private static final int FIRST = 20;
    private static final int MOST_OF_A_TWIN = 50_000;
    private static final long SEED = 20261120;
    private static final int SLEEPER = 1;
    private static final int MESSAGES = 3;
    private static final int RAISED = SegmentHeader.ASLEEP + 4;
    private static final String WITHOUT_A_FENCE = "sleep against a publish without a fence";
    private static final String ROOM = "wait for room against acknowledge, without slices";
    private static final String FAVOURED = "publish against the favoured, without slices";
    private static final String SLEEP_OF_FAVOURED = "sleep against favoured publish, without slices";
    private static final String AWAIT = "await against acknowledge, without slices";

    // What is explored

    /** The thread that publishes is favoured from its second message on: the third is without an atomic and a fence. */
    private static Publisher favoured(Sim sim) {
        sim.favour();
        return Sim.publisher(sim.open(0));
    }

    private static Runnable publishing(Sim sim, Publisher publisher) {
        return () -> {
            for (int i = 0; i < MESSAGES; i++) sim.publish(publisher, 100 + i, 64);
        };
    }

    private static Sim.Scenario unfenced(Scheduler.Slices slices, Consumer<Sim> prepare) {
        return new Sim.Scenario(
                WITHOUT_A_FENCE,
                QueueConfig.builder().capacity(4096).maxCapacity(4096).build(),
                3,
                prepare,
                sim -> {
                    Publisher publisher = favoured(sim);
                    Subscriber subscriber =
                            sim.open(SLEEPER).createSubscriber(Sim.options().build());
                    return List.of(publishing(sim, publisher), () -> {
                        for (int i = 1; i <= MESSAGES; i++)
                            assertThat(sim.check(subscriber.receive())).isEqualTo(i);
                    });
                },
                sim -> {},
                -1,
                slices);
    }

    private static Sim.Scenario unfenced() {
        return unfenced(Scheduler.Slices.FAIL, Sim::preparing);
    }

    /** One thread for two subscribers: the fence that it requests for the first is for the second's queue, too. */
    private static Sim.Scenario unfencedForTwo() {
        return new Sim.Scenario(
                "sleep for two against a publish without a fence",
                QueueConfig.builder().capacity(4096).maxCapacity(4096).build(),
                3,
                Sim::preparing,
                sim -> {
                    sim.mute(SLEEPER);
                    Publisher publisher = favoured(sim);
                    Subscribers both = Subscribers.of(
                            sim.open(SLEEPER).createSubscriber(Sim.options().build()),
                            sim.open(2).createSubscriber(Sim.options().build()));
                    return List.of(publishing(sim, publisher), () -> {
                        for (int i = 0; i < 2 * MESSAGES; i++)
                            sim.check(both.receive().message());
                    });
                },
                sim -> {},
                -1,
                Scheduler.Slices.FAIL);
    }

    /** Somebody before had no membarrier. */
    private static void raised(Sim sim) {
        handle(sim.preparing()).segment.header.bytes().putIntRelease(RAISED, 1);
    }

    private static void explore(Sim sim, int most, int random) {
        int tried = 0;
        for (int preemptions = 0; tried < most && preemptions <= 3; preemptions++)
            tried = sim.explore(preemptions, most);
        sim.exploreRandomly(SEED, random);
    }

    private static DynamicTest passes(String name, Sim.Scenario scenario, Consumer<Sim> kernel) {
        return passes(name, scenario, kernel, MOST, RANDOM);
    }

    private static DynamicTest passes(String name, Sim.Scenario scenario, Consumer<Sim> kernel, int most, int random) {
        return DynamicTest.dynamicTest(name, () -> {
            try (Sim sim = new Sim(scenario, p -> new Sim.Process()).bufferStores()) {
                kernel.accept(sim);
                explore(sim, most, random);
            }
        });
    }

    /** Two threads of one process share a heap that has no store buffer here: so not the close. */
    private static boolean isOfProcesses(Sim.Scenario scenario) {
        return !scenario.threads() && !scenario.name().startsWith("close");
    }

    /** What the quick form of the tests has of the whole search. */
    @TestFactory
    Stream<DynamicTest> shouldKeepPromisesInTheFirstSchedules() {
        return Scenarios.all().stream()
                .filter(StoreBufferTest::isOfProcesses)
                .map(s -> passes(s.name(), s, sim -> {}, FIRST, FIRST));
    }

    @TestFactory
    @Slow
    Stream<DynamicTest> shouldKeepPromisesInEverySchedule() {
        return Scenarios.all().stream().filter(StoreBufferTest::isOfProcesses).map(s -> passes(s.name(), s, sim -> {}));
    }

    @Luck
    @Seeded(SEED)
    void shouldKeepPromisesInAnyRandomSchedule(long seed) {
        for (Sim.Scenario scenario : Scenarios.all()) {
            if (!isOfProcesses(scenario)) continue;
            try (Sim sim = new Sim(scenario, p -> new Sim.Process()).bufferStores()) {
                sim.exploreRandomly(seed, RANDOM / 20);
            }
        }
    }

    @TestFactory
    Stream<DynamicTest> shouldWakeWhereNobodyFences() {
        return Stream.of(unfenced(), unfencedForTwo()).map(s -> passes(s.name(), s, sim -> {}));
    }

    @TestFactory
    @Slow
    Stream<DynamicTest> shouldFenceWhereMembarrierIsDenied() {
        List<DynamicTest> all = new ArrayList<>();
        Consumer<Sim> everybody = sim -> {
            for (int process = 0; process < 3; process++) sim.membarrier(process, Membarrier.DENIED);
        };
        all.add(passes("everybody, unfenced", unfenced(), everybody));
        all.add(passes("everybody, unfenced, for two", unfencedForTwo(), everybody));
        for (String name : List.of(ROOM, AWAIT))
            all.add(passes("everybody, " + name, Scenarios.named(name), everybody));
        Consumer<Sim> publisher = sim -> sim.membarrier(0, Membarrier.DENIED);
        all.add(passes("the publisher", unfenced(), publisher));
        Consumer<Sim> sleeper = sim -> sim.membarrier(SLEEPER, Membarrier.DENIED);
        all.add(passes("the sleeper, the first of all", unfenced(Scheduler.Slices.END, Sim::preparing), sleeper));
        all.add(passes(
                "the sleeper, not the first", unfenced(Scheduler.Slices.FAIL, StoreBufferTest::raised), sleeper));
        return all.stream();
    }

    // Twins: each must be caught

    private static void assertCaught(
            Sim.Scenario scenario, Consumer<Sim> kernel, Function<Integer, Sim.Process> processes) {
        try (Sim sim = new Sim(scenario, processes).bufferStores()) {
            kernel.accept(sim);
            assertThatThrownBy(() -> explore(sim, MOST_OF_A_TWIN, 0)).isInstanceOf(AssertionError.class);
        }
    }

    private static void assertCaught(Sim.Scenario scenario, Consumer<Sim> kernel) {
        assertCaught(scenario, kernel, p -> new Sim.Process());
    }

    @Test
    void shouldNoticeWhenASleeperDoesNotAskForTheFence() {
        for (Sim.Scenario scenario : List.of(unfenced(), unfencedForTwo()))
            assertCaught(scenario, sim -> sim.membarrier(SLEEPER, Membarrier.ONLY_SAYS_SO));
        for (String name : List.of(ROOM, AWAIT))
            assertCaught(Scenarios.named(name), sim -> sim.membarrier(0, Membarrier.ONLY_SAYS_SO));
    }

    @Test
    void shouldNoticeWhenAChangerIsNotRegisteredYet() {
        assertCaught(unfenced(), sim -> sim.membarrier(0, Membarrier.ONLY_SAYS_REGISTERED));
        for (String name : List.of(ROOM, AWAIT))
            assertCaught(Scenarios.named(name), sim -> sim.membarrier(SLEEPER, Membarrier.ONLY_SAYS_REGISTERED));
    }

    @Test
    void shouldNoticeWhenAChangerWithoutMembarrierDoesNotFence() {
        assertCaught(Scenarios.named(ROOM), sim -> sim.membarrier(SLEEPER, Membarrier.DENIED), p -> new Sim.Process() {
            @Override
            public void fullFence() {
                if (p != SLEEPER) super.fullFence();
            }
        });
    }

    @Test
    void shouldNoticeWhenASleeperTakesAHeldLockForFree() {
        assertCaught(unfenced(), sim -> {}, p -> new Sim.Process() {
            @Override
            protected long load(Words words, long at, int size) {
                long now = super.load(words, at, size);
                return p == SLEEPER && at == SegmentHeader.PUBLISH_LOCK && !words.isRing() ? 0 : now;
            }
        });
    }

    /** A publisher that wants the lock of a favoured one, and a sleeper to which a favoured one publishes. */
    @Test
    void shouldNoticeWhenNobodyAsksTheFavouredForTheFence() {
        for (String name : List.of(FAVOURED, SLEEP_OF_FAVOURED))
            assertCaught(Scenarios.named(name), sim -> sim.membarrier(1, Membarrier.ONLY_SAYS_SO));
    }

    @Test
    void shouldNoticeWhenTheFavouredIsNotRegistered() {
        for (String name : List.of(FAVOURED, SLEEP_OF_FAVOURED))
            assertCaught(Scenarios.named(name), sim -> sim.membarrier(0, Membarrier.ONLY_SAYS_REGISTERED));
    }

    @Test
    void shouldNoticeWhenASleeperLooksAtTheLockWordAlone() {
        assertCaught(Scenarios.named(SLEEP_OF_FAVOURED), sim -> {}, p -> new Sim.Process() {
            @Override
            protected long load(Words words, long at, int size) {
                long now = super.load(words, at, size);
                boolean both = at == SegmentHeader.PUBLISH_LOCK && size == 8 && !words.isRing();
                return both ? now & 0xFFFF_FFFFL : now;
            }
        });
    }

    @Test
    void shouldNoticeWhenTheWordBesideIsNotSeen() {
        Consumer<Sim> sleeper = sim -> sim.membarrier(SLEEPER, Membarrier.DENIED);
        assertCaught(unfenced(Scheduler.Slices.FAIL, StoreBufferTest::raised), sleeper, p -> new Sim.Process() {
            @Override
            protected long load(Words words, long at, int size) {
                long now = super.load(words, at, size);
                return at == SegmentHeader.ASLEEP && size == 8 && !words.isRing() ? now & 0xFFFF_FFFFL : now;
            }
        });
    }
}
