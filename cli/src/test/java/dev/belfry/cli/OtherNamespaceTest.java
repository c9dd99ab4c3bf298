package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.OwnMount;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two containers may share a queue and have pids of their own: the number of a member is another process's here. */
@Timeout(120)
@Tag("Waits")
@OneJdk
class OtherNamespaceTest {
    @Test
    void shouldTakeNoProcessOfThisNamespaceForAMember() {
        Assumptions.assumeTrue(OwnMount.isRoot(), "only root may make a pid namespace");
        try (Sandbox sandbox = new Sandbox()) {
            ChildJvm other = sandbox.start(List.of(
                    "unshare",
                    "-p",
                    "-f",
                    "--kill-child",
                    "--mount-proc",
                    "sh",
                    "-c",
                    "sleep 0; sleep 0; \"$@\"; exit",
                    "sh",
                    System.getProperty("java.home") + "/bin/java",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Actor.class.getName(),
                    "hold",
                    "shm:q"));
            other.expect("ready");
            ChildJvm own = sandbox.actor("idle", "shm:q");
            String info = sandbox.belfry("info", "q").out();
            assertThat(info)
                    .containsPattern("(?m)^ +4 +in another pid namespace ")
                    .containsPattern(own.pid() + " +Actor ");
            assertThat(sandbox.belfry("top", "--count", "1", "q").out())
                    .containsPattern("pid 4 +in another pid namespace ");
        }
    }
}
