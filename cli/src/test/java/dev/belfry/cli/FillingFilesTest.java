package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A queue of files tells from half on that publishers will wait for room in them; of a domain see its troubles. */
@Timeout(180)
@Tag("Waits")
@OneJdk
@Slow
class FillingFilesTest {
    private static final String MEBI = "1048576";

    private static void publish(Sandbox sandbox, String queue, int mebibytes) {
        assertThat(sandbox.belfry("pub", "--size", MEBI, "--count", "" + mebibytes, queue)
                        .code())
                .isZero();
    }

    private static void assertNotFilling(Sandbox sandbox) {
        assertThat(RemedyTest.findings(sandbox, "filling")).isEmpty();
    }

    /** By each that judges, and before anything is broken. */
    private static void assertFilling(Sandbox sandbox, String uri, String what) {
        Patience.until("its disk has answered", () -> sandbox.belfry("ls")
                .out()
                .contains("it is filling: " + what)); // a busy one is waited for briefly
        for (List<String> command : List.of(List.of("ls"), List.of("top", "--count", "1"), List.of("GET", "/api/page")))
            assertThat(sandbox.belfry(command.toArray(String[]::new)).out())
                    .as("%s", command)
                    .contains("it is filling: " + what);
        assertThat(sandbox.belfry("GET", "/health").out()).contains("lagging  " + uri + ": ");
        assertThat(RemedyTest.findings(sandbox, "filling"))
                .singleElement()
                .satisfies(finding -> assertThat((String) finding.get("what")).startsWith("it is filling: " + what))
                .satisfies(finding -> assertThat(finding).containsEntry("level", "note"));
        assertThat(sandbox.belfry("doctor", uri).code()).isZero();
        RemedyTest.assertOneAnswer(sandbox);
    }

    @Test
    void shouldNameTheSubscriptionThatKeepsHalfOfMaxSize(@TempDir Path directory) {
        String uri = "file:" + directory + "/kept";
        String created = uri + "?anyFileSystem=true&sync=os&maxSize=128m";
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.belfry("sub", "--name", "loses", "--policy", "overrun", "--timeout", "1ms", created);
            publish(sandbox, created, 20);
            sandbox.belfry("sub", "--name", "audit", "--timeout", "1ms", created);
            sandbox.actor("hold", created);
            publish(sandbox, created, 60);
            assertNotFilling(sandbox);
            publish(sandbox, created, 5);
            assertFilling(
                    sandbox, uri, "'audit', which no process reads, keeps 50 % of the 128 MiB that maxSize allows");
            RemedyTest.assertMended(sandbox, "filling");
        }
    }

    /** Nobody is behind, and all stops in the end. */
    @Test
    void shouldTellThatAllIsKept(@TempDir Path directory) {
        String uri = "file:" + directory + "/kept";
        String created = uri + "?anyFileSystem=true&sync=os&maxSize=128m&keep=all";
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.actor("hold", created);
            publish(sandbox, created, 100);
            assertNotFilling(sandbox);
            publish(sandbox, created, 14);
            assertFilling(sandbox, uri, "with keep=all it keeps 89 % of the 128 MiB that maxSize allows");
            RemedyTest.follow(sandbox, RemedyTest.remedy(sandbox, "filling"));
            sandbox.belfry("keep", uri, "needed");
            assertNotFilling(sandbox);
        }
    }

    /** While a next file of the log still finds room on it. */
    @Test
    void shouldTellThatItsDiskFills() {
        String uri = "file:/dev/shm/kept";
        String created = uri + "?anyFileSystem=true&sync=os";
        try (Sandbox sandbox = new Sandbox("size=600m")) {
            sandbox.belfry("sub", "--name", "audit", "--timeout", "1ms", created);
            sandbox.actor("hold", created);
            publish(sandbox, created, 220);
            assertNotFilling(sandbox);
            publish(sandbox, created, 70);
            assertFilling(sandbox, uri, "'audit', which no process reads, keeps 52 % of the 55");
        }
    }
}
