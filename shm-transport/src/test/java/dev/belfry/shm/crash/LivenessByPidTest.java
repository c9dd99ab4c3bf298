package dev.belfry.shm.crash;

import static dev.belfry.shm.Inside.handle;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.jna.Pointer;
import dev.belfry.shm.Quiet;
import dev.belfry.shm.layout.Handles;
import dev.belfry.shm.sync.Liveness;
import dev.belfry.testing.Slow;
import java.lang.reflect.Method;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The defect that the tests in other pid namespaces must notice: asking for the pid whether somebody lives. */
@Tag("T10")
@Tag("F67")
@ExtendWith(Quiet.Always.class)
@Slow
class LivenessByPidTest {
    private static final int F_OFD_GETLK = 36;
    private static final short F_WRLCK = 1;
    private static final short F_UNLCK = 2;

    /** In a pid namespace of its own: the pid that it says means another process here, or none. */
    private static Participant elsewhere(int pid) {
        return new Participant() {
            @Override
            protected Object call(String function, Method method, Object[] args) throws Throwable {
                return function.equals("getpid") ? pid : super.call(function, method, args);
            }
        };
    }

    /** Asks for the pid of whoever holds the byte, instead of for the byte. */
    private static final class Naive extends Participant {
        @Override
        protected Object call(String function, Method method, Object[] args) throws Throwable {
            Object result = super.call(function, method, args);
            if (!function.equals("fcntl") || (Integer) args[1] != F_OFD_GETLK || scene == null) return result;
            Handles handles = handle(scene.bystander).segment.handles;
            Pointer flock = new Pointer((Long) args[2]);
            int handle = (int) (flock.getLong(8) - Liveness.FIRST_BYTE);
            boolean lives = ProcessHandle.of(handles.pid(handle)).isPresent();
            flock.setShort(0, lives ? F_WRLCK : F_UNLCK);
            if (lives) flock.setLong(16, 1);
            return result;
        }
    }

    private static Scene scene;

    /** In the middle of a publish it dies; number 1 lives on here as it does everywhere. */
    private static void goOnAfterADeath(Supplier<Participant> others) {
        try (Scene scene = new Scene(Operation.named("publish").config(), 4, () -> elsewhere(1), others)) {
            scene.withWatcher();
            scene.withPublisher();
            LivenessByPidTest.scene = scene;
            scene.victim.dieBeforeStoreAt(392);
            scene.mayDie(scene.victim, () -> scene.publish(scene.publisher, 100));
            scene.publishSoon(scene.bystander.createPublisher(), 100);
        } finally {
            LivenessByPidTest.scene = null;
        }
    }

    @Test
    void shouldGoOnAfterTheDeathOfSomebodyWhosePidLivesHere() {
        goOnAfterADeath(Participant::new);
    }

    @Test
    void shouldNoticeWhenThePidIsAsked() {
        assertThatThrownBy(() -> CrashPointTest.expectingFailure(() -> goOnAfterADeath(Naive::new)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("publishing soon");
    }
}
