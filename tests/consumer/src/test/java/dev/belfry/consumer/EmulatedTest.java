package dev.belfry.consumer;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.testing.Depth;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.OwnMount;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Another processor, in an emulator: tests/aarch64/run says what that shows, and what not. In a copy,
 * as this build goes on.
 */
@Slow
@WaitsForOthers
@Timeout(7200)
@OneJdk
class EmulatedTest {
    @TempDir
    Path folder;

    @Test
    void shouldPassTheKitOnAarch64AndShareQueuesWithIt() throws IOException {
        assumeTrue(Depth.isLong(), "runs in -Plong");
        assumeTrue(OwnMount.isRoot() && Files.isExecutable(Path.of("/usr/bin/apt-get")), "needs root and apt-get");
        Path clone = folder.resolve("clone");
        Installed.copy(Installed.ROOT, clone, Set.of(".git", "docs", "target"));
        Files.write(
                clone.resolve(".mvn/maven.config"),
                List.of("-Dmaven.repo.local=" + System.getProperty("belfry.repository")),
                StandardOpenOption.APPEND);
        FirstStartTest.run(clone, "tests/aarch64/run", Duration.ofHours(1));
    }
}
