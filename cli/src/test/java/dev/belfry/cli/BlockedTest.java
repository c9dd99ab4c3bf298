package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.cli.Sandbox.Result;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A publisher that waits: which one, for what, and because of which process, in each place where a user would look. */
@Timeout(240)
@Tag("Waits")
@Slow
@OneJdk
class BlockedTest {
    private static Map<String, Object> queue(Sandbox sandbox) {
        return sandbox.belfry("ls", "--json", "--interval", "10ms")
                .list("queues")
                .get(0);
    }

    private static void awaitStuck(Sandbox sandbox) {
        Patience.until("it waits", () -> sandbox.belfry("ls").out().contains(" has waited "));
        assertThat(queue(sandbox)).containsEntry("health", "stuck");
    }

    private static String doctor(Sandbox sandbox, String line) {
        Result doctor = sandbox.belfry("doctor", "q");
        assertThat(doctor.out()).contains(line);
        assertThat(doctor.code()).isEqualTo(1);
        return doctor.out();
    }

    @Test
    @SuppressWarnings("unchecked")
    void shouldNameTheStoppedSubscriberOfAFullQueue() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            ChildJvm reader = sandbox.startBelfry("sub", "--name", "audit", "q?capacity=4k&maxCapacity=4k");
            sandbox.awaitSubscribers("q", 1);
            reader.pause();
            ChildJvm publisher = sandbox.startBelfry("pub", "--size", "200", "--count", "100", "q");
            awaitStuck(sandbox);
            Map<String, Object> waiting =
                    ((List<Map<String, Object>>) queue(sandbox).get("waiting")).get(0);
            assertThat(waiting).containsEntry("pid", publisher.pid()).containsEntry("kind", "ROOM");
            assertThat((Map<String, Object>) waiting.get("cause"))
                    .containsEntry("subscription", "audit")
                    .containsEntry("pid", reader.pid())
                    .containsEntry("isStopped", true);
            String said = "pid " + publisher.pid() + " \\([^)]+\\) has waited .* for room, held up by 'audit' of pid "
                    + reader.pid() + " \\([^)]+\\), which is stopped";
            assertThat(sandbox.belfry("ls").out()).containsPattern(said);
            assertThat(sandbox.belfry("top", "--count", "1", "q").out()).containsPattern(said);
            doctor(sandbox, "[waiting]\n        Let it continue ('kill -CONT " + reader.pid() + "')");
            RemedyTest.assertOneAnswer(sandbox);
            Result tried = sandbox.belfry("pub", "--size", "200", "--timeout", "200ms", "q");
            assertThat(tried.err())
                    .contains(
                            "Process " + reader.pid() + " is stopped: 'kill -CONT " + reader.pid() + "' continues it.");
            assertThat(sandbox.belfry("doctor", "q").out()).containsPattern("PROBLEM shm:q: " + said);
            reader.proceed();
            assertThat(publisher.awaitExit()).isZero();
            assertThat(queue(sandbox).get("waiting")).isEqualTo(List.of());
            assertThat(sandbox.belfry("doctor", "q").code()).isZero();
            RemedyTest.assertOneAnswer(sandbox);
        }
    }

    @Test
    void shouldNameTheSubscriptionThatNobodyAttends() {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.belfry("sub", "--name", "audit", "--timeout", "0s", "q?capacity=4k&maxCapacity=4k");
            ChildJvm publisher = sandbox.startBelfry("pub", "--size", "200", "--count", "100", "q");
            Patience.until("it waits", () -> !queue(sandbox).get("waiting").equals(List.of()));
            Patience.until(
                    "it has waited for long",
                    () -> sandbox.belfry("doctor", "q").out().contains("[waiting]"));
            doctor(sandbox, "Start its subscriber, or end it: 'belfry unsubscribe q audit'.");
            RemedyTest.assertOneAnswer(sandbox);
            RemedyTest.follow(sandbox, RemedyTest.remedy(sandbox, "waiting"));
            assertThat(Sandbox.finish(publisher, "").code()).isZero();
            RemedyTest.assertOneAnswer(sandbox);
        }
    }

    @Test
    void shouldNameThePublisherStoppedInAClaim() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            ChildJvm holder = sandbox.actor("claim", "shm:q");
            holder.pause();
            ChildJvm publisher = sandbox.startBelfry("pub", "q", "x");
            awaitStuck(sandbox);
            String said = "pid " + publisher.pid() + " \\([^)]+\\) has waited .* for a lock, held by pid "
                    + holder.pid() + " \\([^)]+\\), which is stopped";
            assertThat(sandbox.belfry("ls").out()).containsPattern(said);
            assertThat(sandbox.belfry("top", "--count", "1", "q").out()).containsPattern(said);
            assertThat(doctor(sandbox, "('kill -CONT " + holder.pid() + "')"))
                    .containsPattern("PROBLEM shm:q: " + said);
            RemedyTest.assertOneAnswer(sandbox);
            holder.kill();
            assertThat(Sandbox.finish(publisher, "").code()).isZero();
            RemedyTest.assertOneAnswer(sandbox);
        }
    }
}
