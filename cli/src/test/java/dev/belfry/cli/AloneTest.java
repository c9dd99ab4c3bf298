package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How old things are, as the command shows it of other processes' queues. */
@Timeout(180)
@Tag("Waits")
class AloneTest {
    private static final String AGE = "[1-9][0-9,]* (ms|s)";

    @Test
    void shouldShowTheLastPublishAndSinceWhenASubscriptionIsAlone() {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.belfryWithInput("one\ntwo\n", "pub", "q");
            sandbox.belfry("sub", "--name", "audit", "--from", "oldest", "--count", "1", "q");
            assertThat(sandbox.belfry("subs", "q").out()).containsPattern("no process attached, for " + AGE);
            assertThat(sandbox.belfry("info", "q").out())
                    .containsPattern("the last publish was " + AGE + " ago")
                    .containsPattern("no process attached, for " + AGE);
            assertThat(sandbox.belfry("doctor", "q").out()).contains("no process is attached to 'audit', lag 1");
            assertThat(sandbox.belfry("subs", "--json", "q").out()).containsPattern("\"aloneSinceMillis\":[1-9]");
            assertThat(sandbox.belfry("ls", "--json").out()).containsPattern("\"lastPublishMillis\":[1-9]");
            Patience.until(
                    "the oldest is a second old",
                    () -> sandbox.belfry("subs", "q").out().matches("(?s).* 1 +[1-9]\\S* m?s  +0 .*"));
        }
    }

    /** By the command's own eyes: it cannot be stored by one that was killed. */
    @Test
    @Slow
    void shouldShowSinceWhenASubscriptionIsAloneWhoseProcessWasKilled() {
        try (Sandbox sandbox = new Sandbox()) {
            ChildJvm reader = sandbox.startBelfry("sub", "--name", "audit", "q");
            Patience.until("it reads", () -> sandbox.belfry("subs", "q").out().contains("audit"));
            reader.kill();
            assertThat(sandbox.belfry("subs", "q").out())
                    .contains("no process attached")
                    .doesNotContain("attached, for");
            sandbox.actor("claim", "shm:q"); // it has a publisher
            Patience.until(
                    "it is noted", () -> sandbox.belfry("subs", "q").out().contains("attached, for"));
        }
    }
}
