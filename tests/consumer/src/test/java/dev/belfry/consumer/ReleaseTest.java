package dev.belfry.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.api.MessageQueues;
import dev.belfry.testing.Depth;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A release, rehearsed: what would be published goes into a folder, and a user builds from that with
 * an empty local repository.
 */
@Slow
@WaitsForOthers
@Timeout(3600)
@OneJdk
class ReleaseTest {
    @TempDir
    Path folder;

    @Test
    void shouldBuildAUsersProjectFromWhatWouldBePublished() throws IOException {
        assumeTrue(Depth.isLong(), "runs in -Plong");
        Path released = Installed.released(folder.resolve("release"));
        for (String end : new String[] {".jar", ".pom", "-sources.jar", "-javadoc.jar", "-cyclonedx.json"})
            assertThat(file(released, "belfry-api", end)).isNotEmptyFile();
        assertThat(Files.readString(file(released, "belfry-api", ".pom"))).doesNotContain("<parent>");

        String name = "release-" + ProcessHandle.current().pid();
        try {
            ConsumerTest.runReadme(
                    Installed.from(released, folder.resolve("user")).project(Path.of("plain")), name);
        } finally {
            MessageQueues.delete("shm:" + name);
        }
    }

    /** The only one that ends so. Of a snapshot the time of its deployment is in the name, instead of the word. */
    private static Path file(Path repository, String name, String end) throws IOException {
        String version = System.getProperty("belfry.version");
        String named = name + "-" + version.replace("SNAPSHOT", "[0-9]*-[0-9]") + end;
        Path folder = repository.resolve("dev/belfry").resolve(name).resolve(version);
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, named)) {
            List<Path> all = new ArrayList<>();
            found.forEach(all::add);
            assertThat(all).as("%s in %s", named, folder).hasSize(1);
            return all.get(0);
        }
    }
}
