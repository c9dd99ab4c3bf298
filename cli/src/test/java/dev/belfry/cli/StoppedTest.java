package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.ChildJvm;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Subscribers of another process whose listeners have failed. */
@Timeout(180)
@Tag("Waits")
@Tag("F58")
class StoppedTest {
    private static final String NO_LOG = "-Dslf4j.provider=org.slf4j.helpers.NOP_FallbackServiceProvider";

    @Test
    void shouldNameThoseWhoseListenerFailedAlsoAfterTheirProcessHasEnded() {
        try (Sandbox sandbox = new Sandbox()) {
            ChildJvm actor = sandbox.actor("stops", "shm:q");
            assertStuck(sandbox);
            actor.kill();
            assertStuck(sandbox);
            sandbox.belfry("sub", "--name", "audit", "--count", "1", "q");
            sandbox.belfry("unsubscribe", "q", "billing");
            assertThat(sandbox.belfry("subs", "q").out()).doesNotContain("stopped");
            assertThat(sandbox.belfry("info", "q").out()).containsPattern("stopped +2");
        }
    }

    private static void assertStuck(Sandbox sandbox) {
        assertThat(sandbox.belfry("subs", "q").out()).contains("stopped: its listener failed at 1");
        assertThat(sandbox.belfry("ls", "--json").out())
                .contains("\"stuck\"", "'audit' has stopped: its listener failed at position 1");
    }

    @Test
    void shouldPrintTheFirstWhereNoLogIs() {
        try (Sandbox sandbox = new Sandbox()) {
            ChildJvm actor =
                    sandbox.start(Sandbox.java(Actor.class, "stops", "shm:q").flags(List.of(NO_LOG)));
            actor.expect("ready");
            Sandbox.Result result = Sandbox.finish(actor, "");
            assertThat(result.err().lines().filter(line -> !line.startsWith("SLF4J")))
                    .singleElement()
                    .asString()
                    .startsWith(
                            "Belfry: Subscriber 'audit' of 'shm:q': the listener is stopped and the subscriber closed:"
                                    + " java.lang.IllegalStateException: cannot read this.");
        }
    }
}
