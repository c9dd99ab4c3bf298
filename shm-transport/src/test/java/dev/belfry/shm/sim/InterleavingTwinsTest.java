package dev.belfry.shm.sim;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.shm.Quiet;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.layout.RegionTable;
import dev.belfry.testing.OneJdk;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Defects that only certain schedules show, each to be found by the explorer within few pre-emptions. */
@ExtendWith(Quiet.Always.class)
@OneJdk
class InterleavingTwinsTest {
    private static final int PUBLISH_LOCK = 128;
    private static final int GATE_LOCK = 256;
    private static final int GATE = 520;
    private static final int ASLEEP = 640;
    private static final int ROOM = 896;
    private static final int WAITERS = 1 << 31;
    private static final int MOST = 50_000;

    private static void assertCaught(String scenario, Function<Integer, Sim.Process> processes) {
        try (Sim sim = new Sim(Scenarios.named(scenario), processes)) {
            assertThatThrownBy(() -> explore(sim)).isInstanceOf(AssertionError.class);
        }
    }

    private static void explore(Sim sim) {
        for (int preemptions = 0; preemptions <= 3; preemptions++) sim.explore(preemptions, MOST);
    }

    private static Function<Integer, Sim.Process> only(int process, Supplier<Sim.Process> broken) {
        return p -> p == process ? broken.get() : new Sim.Process();
    }

    @Test
    void shouldNoticeWhenThePublisherLooksForSleepersBeforeItCommits() {
        assertCaught("sleep against publish, without slices", only(0, () -> new Sim.Process() {
            private long asleep;

            @Override
            protected boolean swap(Words words, long at, int size, long expected, long value) {
                boolean done = super.swap(words, at, size, expected, value);
                if (at == PUBLISH_LOCK && done && value != 0) asleep = words.read(ASLEEP, 4);
                return done;
            }

            @Override
            protected long load(Words words, long at, int size) {
                long now = super.load(words, at, size);
                return at == ASLEEP && !words.isRing() ? asleep : now;
            }
        }));
    }

    @Test
    void shouldNoticeWhenTheSleeperDoesNotLookOnceMore() {
        assertCaught("sleep against publish, without slices", only(1, () -> new Sim.Process() {
            private long seen;
            private boolean armed;

            @Override
            protected boolean swap(Words words, long at, int size, long expected, long value) {
                armed |= at == ASLEEP && !words.isRing() && value == 1;
                return super.swap(words, at, size, expected, value);
            }

            @Override
            protected long load(Words words, long at, int size) {
                long now = super.load(words, at, size);
                if (!words.isRing()) return now;
                if (armed) {
                    armed = false;
                    return seen;
                }
                return seen = now;
            }
        }));
    }

    @Test
    void shouldNoticeWhenALiveOwnerIsRobbed() {
        try (Sim sim = new Sim(Scenarios.named("publish against publish, who may be slow"), p -> new Sim.Process())) {
            sim.everybodyLooksDead();
            assertThatThrownBy(() -> explore(sim)).isInstanceOf(AssertionError.class);
        }
    }

    /** As one that gives the lock back before it commits. */
    @Test
    void shouldNoticeWhenAPublisherWritesWithoutTheLock() {
        assertCaught("publish against publish, without slices", only(0, () -> new Sim.Process() {
            @Override
            protected boolean swap(Words words, long at, int size, long expected, long value) {
                boolean takes = at == PUBLISH_LOCK && !words.isRing() && value != 0;
                return takes || super.swap(words, at, size, expected, value);
            }
        }));
    }

    @Test
    void shouldNoticeWhenAJoinerDoesNotLockTheGate() {
        assertCaught("gate move against join OLDEST_RETAINED", only(1, () -> new Sim.Process() {
            @Override
            protected boolean swap(Words words, long at, int size, long expected, long value) {
                return at == GATE_LOCK && !words.isRing() || super.swap(words, at, size, expected, value);
            }

            @Override
            protected long load(Words words, long at, int size) {
                return at == GATE_LOCK && !words.isRing() ? 0 : super.load(words, at, size);
            }
        }));
    }

    /** Does not see that the gate moves. */
    private static final class Blind extends Sim.Process {
        private long gate = -1;

        @Override
        protected long load(Words words, long at, int size) {
            long now = super.load(words, at, size);
            if (at != GATE || words.isRing()) return now;
            if (gate < 0) gate = now;
            return gate;
        }
    }

    @Test
    void shouldNoticeWhenAnObserverDoesNotLookAtTheGateAfterCopying() {
        assertCaught("overrun against copy", only(1, Blind::new));
    }

    @Test
    void shouldNoticeWhenAnEvictedReaderReadsOn() {
        assertCaught("evict by DISCONNECT against resume", only(1, Blind::new));
    }

    @Test
    void shouldNoticeWhenTheHopGoesBeforeTheBase() {
        assertCaught("grow against hop", only(0, () -> new Sim.Process() {
            private Runnable base;

            @Override
            protected void store(Words words, long at, int size, long value, boolean release) {
                if (!words.isRing() && at == 1152 + 32 + 16 && value != RegionTable.UNUSED) {
                    base = () -> super.store(words, at, size, value, release);
                    return;
                }
                super.store(words, at, size, value, release);
                if (words.isRing() && RecordHeader.type(value) == RecordHeader.HOP) base.run();
            }
        }));
    }

    @Test
    void shouldNoticeWhenAnUnlockWakesNobody() {
        assertCaught("publish against publish, without slices", p -> new Sim.Process() {
            @Override
            protected boolean swap(Words words, long at, int size, long expected, long value) {
                boolean unlocks = at == PUBLISH_LOCK && !words.isRing() && value == 0;
                return super.swap(words, at, size, unlocks ? words.read(at, 4) : expected, value);
            }

            @Override
            protected long load(Words words, long at, int size) {
                long now = super.load(words, at, size);
                boolean mine = at == PUBLISH_LOCK && !words.isRing() && owner == (now & ~WAITERS);
                return mine ? now & ~WAITERS : now;
            }

            private final long owner = p == 0 ? 1 << 11 | 2 : 1 << 11 | 3;
        });
    }

    @Test
    void shouldNoticeWhenAnAcknowledgementWakesNobody() {
        for (String scenario : new String[] {
            "await against acknowledge, without slices", "wait for room against acknowledge, without slices"
        })
            assertCaught(scenario, only(1, () -> new Sim.Process() {
                @Override
                protected long load(Words words, long at, int size) {
                    long now = super.load(words, at, size);
                    return at == ROOM && !words.isRing() ? now & ~1 : now;
                }
            }));
    }

    @Test
    void shouldNoticeWhenTheTailGoesBeforeTheEmptyWord() {
        assertCaught("publish against join NOW, who may die", only(0, () -> new Sim.Process() {
            private Runnable empty;

            @Override
            protected void store(Words words, long at, int size, long value, boolean release) {
                if (words.isRing() && RecordHeader.isEmpty(value)) {
                    empty = () -> super.store(words, at, size, value, release);
                    return;
                }
                super.store(words, at, size, value, release);
                if (at == 384 && !words.isRing() && empty != null) {
                    empty.run();
                    empty = null;
                }
            }
        }));
    }
}
