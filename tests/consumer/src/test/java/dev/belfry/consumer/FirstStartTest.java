package dev.belfry.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.belfry.testing.ByTurns;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Depth;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a clean clone builds and fetches before a page's first line runs: counted, from an empty local repository. */
@ByTurns
@Slow
@WaitsForOthers
@Timeout(1200)
@OneJdk
class FirstStartTest {
    @TempDir
    Path folder;

    /** In a long run also the lines that are built as one of the first three is. */
    static Stream<Arguments> lines() {
        Stream<Arguments> each = Stream.of(
                arguments("./hello LateJoiner", 4, 92),
                arguments("./hello --kafka LateJoiner", 8, 145),
                arguments("./belfry --version", 8, 73));
        if (!Depth.isLong()) return each;
        return Stream.concat(
                each, Stream.of(arguments("./hello Transfer", 6, 93), arguments("./hello ChronicleBytes", 6, 92)));
    }

    @ParameterizedTest
    @MethodSource("lines")
    void shouldBuildWhatItNeedsWhenTheCloneIsClean(String line, int modules, int jars) throws IOException {
        assumeTrue(System.getProperty("belfry.maven") != null, "needs to be run by Maven");
        Path clone = folder.resolve("clone");
        Installed.copy(Installed.ROOT, clone, Set.of(".git", "docs", "target", "test"));
        Path repository = folder.resolve("repository");
        Path settings = Settings.finding(folder, Path.of(System.getProperty("belfry.repository")));
        Files.write(
                clone.resolve(".mvn/maven.config"),
                List.of("-s", settings.toString(), "-Dmaven.repo.local=" + repository),
                StandardOpenOption.APPEND);

        String said = run(clone, line, Duration.ofMinutes(15));
        assertThat(said.lines().filter(one -> one.startsWith("  Belfry ")))
                .as(said)
                .hasSize(modules);
        try (Stream<Path> files = Files.walk(repository)) {
            assertThat(files.filter(file -> file.toString().endsWith(".jar")))
                    .as("jars that it fetched")
                    .hasSizeLessThanOrEqualTo(jars);
        }
    }

    static String run(Path clone, String line, Duration limit) {
        try (ChildJvm run = ChildJvm.startMerged(line, clone, List.of(line.split(" ")))) {
            try {
                run.awaitEnd(limit);
            } catch (AssertionError e) {
                assumeFalse(Installed.isUnreachable(run.output()), Installed.UNREACHED);
                throw e;
            }
            return run.output();
        }
    }
}
