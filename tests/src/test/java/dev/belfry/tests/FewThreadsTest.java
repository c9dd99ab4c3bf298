package dev.belfry.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One moment without threads must not cost a JVM its queues for good. */
@Timeout(120)
class FewThreadsTest {
    /** Nobody's: the limit counts all threads of a user. */
    private static final int USER = 61_817;

    @TempDir
    Path copies;

    @Test
    void shouldOpenQueuesAgainOnceThereAreThreads() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "needs root, to start a JVM as another user");
        assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/setpriv")) && Files.isExecutable(Path.of("/usr/bin/prlimit")),
                "setpriv or prlimit is not installed");
        String name = "few-threads-" + ProcessHandle.current().pid();
        List<String> command = new ArrayList<>(List.of(
                "/usr/bin/setpriv",
                "--reuid=" + USER,
                "--regid=" + USER,
                "--clear-groups",
                "/usr/bin/prlimit",
                "--nproc=60",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.io.tmpdir=" + copies,
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                Somebody.readableCopies(copies),
                FewThreads.class.getName(),
                name));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(said.lines()).contains("later: opened", "then: opened, 0 descriptors more");
        assertThat(Path.of("/dev/shm/belfry." + name)).doesNotExist();
    }
}
