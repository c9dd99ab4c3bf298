package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.cli.Sandbox.Result;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A publisher that waits: who waits, for what, and because of which process, wherever one would look. */
@Timeout(240)
class BlockedTest {
    private static void signal(String signal, Process process) throws Exception {
        new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                .start()
                .waitFor();
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> queue(Sandbox sandbox) {
        return ((List<Map<String, Object>>)
                        sandbox.belfry("ls", "--json", "--interval", "10ms").json())
                .get(0);
    }

    private static void awaitLagging(Sandbox sandbox) {
        Sandbox.until("it waits", () -> queue(sandbox).get("health").equals("lagging"));
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
            Process reader = sandbox.startBelfry("sub", "--name", "audit", "q?capacity=4k&maxCapacity=4k");
            sandbox.awaitSubscribers("q", 1);
            signal("STOP", reader);
            Process publisher = sandbox.startBelfry("pub", "--size", "200", "--count", "100", "q");
            awaitLagging(sandbox);
            Map<String, Object> waiting =
                    ((List<Map<String, Object>>) queue(sandbox).get("waiting")).get(0);
            assertThat(waiting).containsEntry("pid", publisher.pid()).containsEntry("what", "ROOM");
            assertThat((Map<String, Object>) waiting.get("because"))
                    .containsEntry("subscription", "audit")
                    .containsEntry("pid", reader.pid())
                    .containsEntry("stopped", true);
            String said = "pid " + publisher.pid() + " \\([^)]+\\) has waited .* for room, held up by 'audit' of pid "
                    + reader.pid() + " \\([^)]+\\), which is stopped";
            assertThat(sandbox.belfry("ls").out()).containsPattern(said);
            assertThat(sandbox.belfry("top", "--count", "1", "q").out()).containsPattern(said);
            doctor(sandbox, "[waiting]\n        Let it go on ('kill -CONT " + reader.pid() + "')");
            assertThat(sandbox.belfry("doctor", "q").out()).containsPattern("PROBLEM shm:q: " + said);
            signal("CONT", reader);
            assertThat(publisher.waitFor()).isZero();
            assertThat(queue(sandbox).get("waiting")).isEqualTo(List.of());
            assertThat(sandbox.belfry("doctor", "q").code()).isZero();
        }
    }

    @Test
    void shouldNameTheSubscriptionThatNobodyAttends() {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.belfry("sub", "--name", "audit", "--timeout", "0s", "q?capacity=4k&maxCapacity=4k");
            Process publisher = sandbox.startBelfry("pub", "--size", "200", "--count", "100", "q");
            Sandbox.until("it waits", () -> !queue(sandbox).get("waiting").equals(List.of()));
            Sandbox.until(
                    "it has waited for long",
                    () -> sandbox.belfry("doctor", "q").out().contains("[waiting]"));
            doctor(sandbox, "Start its subscriber, or end it: 'belfry unsubscribe q audit'.");
            assertThat(sandbox.belfry("unsubscribe", "q", "audit").code()).isZero();
            assertThat(Sandbox.finish(publisher, "").code()).isZero();
        }
    }

    @Test
    void shouldNameThePublisherStoppedInAClaim() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            Process holder = sandbox.actor("claim", "shm:q");
            signal("STOP", holder);
            Process publisher = sandbox.startBelfry("pub", "q", "x");
            awaitLagging(sandbox);
            String said = "pid " + publisher.pid() + " \\([^)]+\\) has waited .* for a lock, held by pid "
                    + holder.pid() + " \\([^)]+\\), which is stopped";
            assertThat(sandbox.belfry("ls").out()).containsPattern(said);
            assertThat(sandbox.belfry("top", "--count", "1", "q").out()).containsPattern(said);
            assertThat(doctor(sandbox, "('kill -CONT " + holder.pid() + "')"))
                    .containsPattern("PROBLEM shm:q: " + said);
            Sandbox.kill(holder);
            assertThat(Sandbox.finish(publisher, "").code()).isZero();
        }
    }
}
