package dev.belfry.shm.crash;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.jna.Pointer;
import dev.belfry.shm.Quiet;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.layout.RegionTable;
import dev.belfry.shm.sim.Words;
import dev.belfry.testing.OneJdk;
import java.lang.reflect.Method;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A tool that has never been seen to fail proves nothing: each defect planted here must be caught
 * by the crash points.
 */
@ExtendWith(Quiet.Always.class)
@OneJdk
class CrashPointTwinsTest {
    private static final int TAIL = 384;
    private static final int GATE = 520;
    private static final int F_OFD_GETLK = 36;
    private static final short F_WRLCK = 1;

    private static void assertCaught(String operation, Supplier<Participant> victims, Supplier<Participant> others) {
        assertThatThrownBy(() -> CrashPointTest.expectingFailure(
                        () -> CrashPointTest.diesAtEach(Operation.named(operation), victims, others)))
                .isInstanceOf(AssertionError.class);
    }

    private static void assertVictimCaught(String operation, Supplier<Participant> victims) {
        assertCaught(operation, victims, Participant::new);
    }

    private static void assertOthersCaught(String operation, Supplier<Participant> others) {
        assertCaught(operation, Participant::new, others);
    }

    /** Keeps one store back and does it after the next one that it was meant to precede. */
    private abstract static class Reorders extends Participant {
        private Runnable kept;

        abstract boolean isFirst(Words words, long at, long value);

        abstract boolean isSecond(Words words, long at, long value);

        @Override
        protected void store(Words words, long at, int size, long value, boolean release) {
            if (isFirst(words, at, value)) {
                kept = () -> super.store(words, at, size, value, release);
                return;
            }
            super.store(words, at, size, value, release);
            if (kept == null || !isSecond(words, at, value)) return;
            Runnable late = kept;
            kept = null;
            late.run();
        }
    }

    @Test
    void shouldNoticeWhenTheCommitGoesBeforeTheEmptyWord() {
        assertVictimCaught("gate move", () -> new Reorders() {
            @Override
            boolean isFirst(Words words, long at, long value) {
                return words.isRing() && RecordHeader.isEmpty(value);
            }

            @Override
            boolean isSecond(Words words, long at, long value) {
                return words.isRing() && RecordHeader.type(value) == RecordHeader.DATA;
            }
        });
    }

    @Test
    void shouldNoticeWhenTheCommitGoesBeforeThePayload() {
        assertVictimCaught("publish", () -> new Participant() {
            @Override
            protected void store(Words words, long at, int size, long value, boolean release) {
                if (!release || !words.isRing() || RecordHeader.type(value) != RecordHeader.DATA) {
                    super.store(words, at, size, value, release);
                    return;
                }
                int length = RecordHeader.frameLength(value) / 8;
                long[] payload = new long[length];
                for (int i = 1; i < length; i++) {
                    payload[i] = words.read(at + 8L * i, 8);
                    words.write(at + 8L * i, 8, 0);
                }
                super.store(words, at, size, value, true);
                crashPoint("payload");
                for (int i = 1; i < length; i++) words.write(at + 8L * i, 8, payload[i]);
            }
        });
    }

    @Test
    void shouldNoticeWhenTheGateIsNotMovedBeforeOverwriting() {
        assertVictimCaught("gate move", () -> new Participant() {
            @Override
            protected void store(Words words, long at, int size, long value, boolean release) {
                if (at != GATE || words.isRing()) super.store(words, at, size, value, release);
            }
        });
    }

    @Test
    void shouldNoticeWhenTheHopGoesBeforeTheBase() {
        assertVictimCaught("grow", () -> new Reorders() {
            @Override
            boolean isFirst(Words words, long at, long value) {
                return !words.isRing() && at == 1152 + 32 + 16 && value != RegionTable.UNUSED;
            }

            @Override
            boolean isSecond(Words words, long at, long value) {
                return words.isRing() && RecordHeader.type(value) == RecordHeader.HOP;
            }
        });
    }

    @Test
    void shouldNoticeWhenRepairLeavesADeadGrowersBase() {
        assertOthersCaught("grow", () -> new Participant() {
            @Override
            protected void store(Words words, long at, int size, long value, boolean release) {
                boolean dropsBase = !words.isRing() && at == 1152 + 32 + 16 && value == RegionTable.UNUSED;
                if (!dropsBase) super.store(words, at, size, value, release);
            }
        });
    }

    @Test
    void shouldNoticeWhenRepairDoesNotMoveTheTail() {
        assertOthersCaught("repair a publish", () -> new Participant() {
            private boolean publishes;

            @Override
            protected void store(Words words, long at, int size, long value, boolean release) {
                publishes |= words.isRing() && release;
                boolean repairs = !words.isRing() && at == TAIL && !publishes;
                if (!repairs) super.store(words, at, size, value, release);
                if (at == TAIL) publishes = false;
            }
        });
    }

    @Test
    void shouldNoticeWhenAcknowledgedGoesBeforeItsOffset() {
        int slot = 4096 + 8 * 64 + 1024;
        assertVictimCaught("acknowledge", () -> new Reorders() {
            @Override
            boolean isFirst(Words words, long at, long value) {
                return !words.isRing() && at == slot + 152;
            }

            @Override
            boolean isSecond(Words words, long at, long value) {
                return !words.isRing() && at == slot + 144;
            }
        });
    }

    @Test
    void shouldNoticeWhenTheDeadLookAlive() {
        assertOthersCaught("publish", () -> new Participant() {
            @Override
            protected Object call(String function, Method method, Object[] args) throws Throwable {
                Object result = super.call(function, method, args);
                if (function.equals("fcntl") && (Integer) args[1] == F_OFD_GETLK)
                    new Pointer((Long) args[2]).setShort(0, F_WRLCK);
                return result;
            }
        });
    }

    @Test
    void shouldNoticeWhenSemaphoresStay() {
        assertOthersCaught("join now", () -> new Participant() {
            @Override
            protected Object call(String function, Method method, Object[] args) throws Throwable {
                return function.equals("sem_unlink") ? (Object) 0 : super.call(function, method, args);
            }
        });
    }
}
