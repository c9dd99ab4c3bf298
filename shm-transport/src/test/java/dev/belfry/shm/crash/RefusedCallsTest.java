package dev.belfry.shm.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.belfry.api.ConnectionLostException;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.QueueCorruptedException;
import dev.belfry.shm.Quiet;
import dev.belfry.shm.layout.SlotState;
import dev.belfry.shm.posix.Errno;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.shm.sim.Words;
import dev.belfry.testing.Depth;
import dev.belfry.testing.Slow;
import java.lang.reflect.Method;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Each native call of each operation is refused in turn, with each error that it plausibly gives.
 * Either the operation gets along without, or its exception names the call and nothing has changed:
 * no descriptor, lock, mapping, name or slot is left behind, nothing was published. Then the same
 * again must work, and everybody else goes on.
 */
@Tag("T8")
@Tag("F23")
@ExtendWith(Quiet.Always.class)
@Slow
class RefusedCallsTest {
    /** An offer that is refused growth says only that the queue is full. */
    @TestFactory
    Stream<DynamicTest> shouldLeaveNothingAndGoOnWhicheverCallIsRefused() {
        return Operation.all().stream()
                .filter(o -> !o.name().matches("grow when full|grow twice"))
                .map(o -> DynamicTest.dynamicTest(o.name(), () -> {
                    int refusals = everyRefusal(o, Refused::new);
                    System.out.printf("refused calls of %-32s %4d%n", o.name(), refusals);
                }));
    }

    /** How many there were. */
    private static int everyRefusal(Operation operation, Supplier<Refused> victims) {
        int refusals = 0;
        for (int k = 1; ; k++) {
            int kinds = refused(operation, k, 1, victims);
            if (kinds == 0) return refusals;
            refusals++;
            for (int n : others(k, kinds)) {
                refused(operation, k, n, victims);
                refusals++;
            }
        }
    }

    /** Which errors of a call come besides the first: none, one that changes from call to call, or all. */
    private static int[] others(int k, int kinds) {
        if (kinds == 1 || Depth.chosen() == Depth.SAMPLE) return new int[0];
        return Depth.isLong() ? IntStream.rangeClosed(2, kinds).toArray() : new int[] {2 + k % (kinds - 1)};
    }

    /** Says how many errors the k-th call has, 0 if there is none. */
    private static int refused(Operation operation, int k, int n, Supplier<Refused> victims) {
        String[] what = {"before"};
        try {
            return assertTimeoutPreemptively(CrashPointTest.patience(), () -> {
                try (Scene scene = new Scene(operation.config(), operation.slots(), victims::get, Participant::new)) {
                    Refused victim = (Refused) scene.victim;
                    operation.before().accept(scene);
                    Holdings before = Holdings.of(scene);
                    victim.refuse(k, n);
                    Throwable refusal = run(operation, scene);
                    int kinds = victim.kinds();
                    if (victim.refused() == null) return 0;
                    what[0] = victim.refused() + " refused with " + Errno.name(victim.errno());
                    if (victim.errno() == Errno.EINTR)
                        assertThat(refusal).as("asked again").isNull();
                    boolean abandoned =
                            operation.name().startsWith("repair") && refusal instanceof QueueCorruptedException;
                    if (refusal != null && !abandoned) { // a repair that cannot be ended is left to others
                        requireClear(refusal, victim);
                        Holdings.of(scene).requireNoMoreThan(before, "held after " + refusal);
                        victim.refuse(0, 0);
                        assertThat(run(operation, scene)).as("the same again").isNull();
                    }
                    what[0] += ", afterwards";
                    victim.refuse(0, 0);
                    victim.closeQueues(); // it was let go on to here, and leaves
                    assertThat(victim.holdsNothing()).isTrue();
                    CrashPointTest.check(operation, scene);
                    return kinds;
                }
            });
        } catch (AssertionError | RuntimeException failure) {
            throw new AssertionError(operation.name() + ", call " + k + ", " + what[0], failure);
        }
    }

    private static Throwable run(Operation operation, Scene scene) {
        int begun = scene.begun();
        try {
            operation.run().accept(scene);
            return null;
        } catch (RuntimeException refused) {
            if (scene.begun() > begun) scene.notPublished();
            return refused;
        }
    }

    // Twins

    private static void assertNoticed(String operation, Supplier<Refused> victims) {
        assertThatThrownBy(
                        () -> CrashPointTest.expectingFailure(() -> everyRefusal(Operation.named(operation), victims)))
                .isInstanceOf(AssertionError.class);
    }

    /** Whose caller never hears what posix_fallocate said. */
    @Test
    void shouldNoticeWhenARefusedGrowthIsIgnored() {
        assertNoticed("grow", () -> new Refused() {
            @Override
            protected Object refusal(String function, Method method, Object[] args) {
                return function.equals("posix_fallocate") ? 0 : super.refusal(function, method, args);
            }
        });
    }

    @Test
    void shouldNoticeWhenTheSlotIsNotGivenBack() {
        assertNoticed("join now", () -> new Refused() {
            @Override
            protected boolean swap(Words words, long at, int size, long expected, long value) {
                boolean frees = size == 8
                        && SlotState.phase(expected) == SlotState.JOINING
                        && SlotState.phase(value) == SlotState.FREE;
                return frees && refused() != null || super.swap(words, at, size, expected, value);
            }
        });
    }

    @Test
    void shouldNoticeWhenADescriptorIsNotClosed() {
        assertNoticed("open", () -> new Refused() {
            @Override
            protected Object call(String function, Method method, Object[] args) throws Throwable {
                return function.equals("close") && refused() != null ? 0 : super.call(function, method, args);
            }
        });
    }

    private static void requireClear(Throwable refusal, Refused victim) {
        assertThat(refusal)
                .as("says for sure that nothing was done")
                .isInstanceOf(MessageQueueException.class)
                .isNotInstanceOf(QueueCorruptedException.class)
                .isNotInstanceOf(ConnectionLostException.class);
        for (Throwable cause = refusal; ; cause = cause.getCause()) {
            assertThat(cause).as("no cause names the call: " + refusal, refusal).isNotNull();
            if (cause instanceof PosixException posix
                    && posix.errno == victim.errno()
                    && (posix.call.equals(victim.refused())
                            || victim.refused().equals("syscall") && posix.call.equals("futex"))) return;
        }
    }
}
