package dev.belfry.shm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.api.QueueConfig;
import dev.belfry.shm.crash.Participant;
import dev.belfry.shm.crash.Scene;
import dev.belfry.shm.posix.ByteRangeLock;
import dev.belfry.shm.posix.RealLibC;
import dev.belfry.shm.posix.SharedMemory;
import dev.belfry.testing.LeakCheck;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The check that runs around every class notices what one could leave behind, each in turn. */
@Tag("T13")
class LeakCheckTest {
    private static final QueueConfig CONFIG = QueueConfig.builder()
            .capacity(4096)
            .maxCapacity(4096)
            .deleteOnLastClose(true)
            .build();

    private final LeakCheck check = new LeakCheck();

    @BeforeEach
    void begin() {
        check.begin();
    }

    /** A queue with a subscriber, closed in order by a process that does not make these calls. */
    private List<String> leftWithout(String call) {
        Participant forgetful = new Participant() {
            @Override
            protected Object call(String function, Method method, Object[] args) throws Throwable {
                return function.equals(call) ? 0 : super.call(function, method, args);
            }
        };
        try (Scene scene = new Scene(CONFIG, 4, () -> forgetful, Participant::new)) {
            scene.withVictim();
            check.watch(scene.queue.stats().id());
            scene.queue.createSubscriber().close();
            scene.queue.close();
            return check.left();
        }
    }

    @Test
    void shouldFindNothingWhenAllIsGivenBack() {
        assertThat(leftWithout("nothing")).isEmpty();
        assertThat(check.left()).isEmpty();
    }

    @Test
    void shouldNoticeASemaphoreThatIsNotUnlinked() {
        assertThat(leftWithout("sem_unlink")).anyMatch(left -> left.startsWith("the name sem.belfry."));
    }

    @Test
    void shouldNoticeAQueueThatIsNotUnlinked() {
        assertThat(leftWithout("shm_unlink")).anyMatch(left -> left.startsWith("the name belfry."));
    }

    /** Its pid is in the name: the tests of another build on the same machine. */
    @Test
    void shouldLeaveToAnotherProcessWhatIsNamedAfterIt() throws Exception {
        long parent = ProcessHandle.current().parent().orElseThrow().pid();
        assumeTrue(parent >= 100, "needs a parent whose pid has three digits");
        Path theirs = Path.of("/dev/shm/belfry.leak-" + parent + "-1");
        Path ours = Path.of("/dev/shm/belfry.leak-" + ProcessHandle.current().pid() + "-1");
        try {
            Files.createFile(theirs);
            assertThat(check.left()).isEmpty();
            Files.createFile(ours);
            assertThat(check.left()).containsExactly("the name " + ours.getFileName());
        } finally {
            Files.deleteIfExists(theirs);
            Files.deleteIfExists(ours);
        }
    }

    @Test
    void shouldNoticeADescriptorThatIsNotClosed() {
        assertThat(leftWithout("close")).anyMatch(left -> left.startsWith("a descriptor of /dev/shm/"));
    }

    @Test
    void shouldNoticeALockAndAMapping() {
        try (SharedMemory object = SharedMemory.createUnnamed(RealLibC.load(), 0600, -1)) {
            object.allocate(0, 4096);
            new ByteRangeLock(object).tryLock(7);
            var mapping = object.map(0, 4096, true);
            assertThat(check.left())
                    .anyMatch(left -> left.startsWith("a lock on /dev/shm/"))
                    .anyMatch(left -> left.startsWith("a mapping of /dev/shm/"));
            mapping.coverWithZeroPages();
        }
        assertThat(check.left()).isEmpty();
    }
}
