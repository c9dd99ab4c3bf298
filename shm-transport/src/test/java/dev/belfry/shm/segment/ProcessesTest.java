package dev.belfry.shm.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.shm.Inside;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A number that is, in this namespace, another process's. */
@WaitsForOthers
class ProcessesTest {
    private final int own = (int) ProcessHandle.current().pid();

    @Test
    void shouldTellNothingOfAProcessThatDoesNotHaveTheQueue() {
        try (MessageQueue queue = MessageQueues.open("shm:processes-" + own + "?deleteOnLastClose=true");
                ChildJvm stopped = ChildJvm.start("sleep", List.of("sh", "-c", "kill -STOP $$"))) {
            int other = (int) stopped.pid();
            Patience.until("it is stopped", () -> stateOf(other) == 'T');
            Handle handle = Inside.handle(queue);
            assertThat(Processes.isStopped(other, handle.segment)).isFalse();
            assertThat(Processes.numberHere(other, handle.segment)).isEqualTo("PID");
            assertThat(Processes.numberHere(own, handle.segment)).isEqualTo("" + own);
        }
    }

    private static char stateOf(int pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            return stat.charAt(stat.lastIndexOf(')') + 2);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
