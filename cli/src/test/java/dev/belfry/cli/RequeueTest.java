package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.cli.Sandbox.Result;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What failed goes back to where it came from, and none is lost, however the command ends. */
@Timeout(180)
@Tag("Waits")
@OneJdk
class RequeueTest {

    private static void failed(Sandbox sandbox, String text, String origin) {
        sandbox.belfry(
                "pub", "dlq", text, "-P", "belfry_failed_origin=" + origin, "-P", "belfry_failed_subscriber=billing");
    }

    private static String all(Sandbox sandbox, String queue) {
        return sandbox.belfry("tail", "--from", "oldest", "--format", "lines", queue)
                .out();
    }

    private static Result refused(Sandbox sandbox, String why, String... command) {
        Result result = sandbox.belfry(command);
        assertThat(result.code()).as(result.toString()).isOne();
        assertThat(result.err()).contains(why);
        return result;
    }

    @Test
    void shouldSendEachMessageBackToItsOriginOnce() {
        try (Sandbox sandbox = new Sandbox()) {
            for (String queue : new String[] {"a", "b"}) sandbox.belfry("pub", queue, "first");
            failed(sandbox, "one", "shm:a");
            failed(sandbox, "two", "shm:b");
            failed(sandbox, "three", "shm:a");
            Result would = sandbox.belfry("requeue", "dlq", "--dry-run");
            assertThat(would.out().lines())
                    .hasSize(3)
                    .first()
                    .isEqualTo("1 {belfry_failed_origin=shm:a, belfry_failed_subscriber=billing} one");
            assertThat(would.err()).isEqualTo("belfry: would send back 3\n");
            assertThat(all(sandbox, "a")).isEqualTo("first\n");
            assertThat(sandbox.belfry("requeue", "dlq", "--count", "1").code()).isZero();
            assertThat(all(sandbox, "a")).isEqualTo("first\none\n");
            assertThat(sandbox.belfry("requeue", "dlq").err()).isEqualTo("belfry: sent back 2\n");
            assertThat(sandbox.belfry("requeue", "dlq").err()).isEqualTo("belfry: sent back 0\n");
            assertThat(all(sandbox, "a")).isEqualTo("first\none\nthree\n");
            assertThat(all(sandbox, "b")).isEqualTo("first\ntwo\n");
            assertThat(sandbox.belfry("tail", "--json", "b").out())
                    .contains("\"belfry_failed_subscriber\":\"billing\"");
        }
    }

    /** With it, those who drop duplicates would take it for one that they have had. */
    @Test
    void shouldSendBackWhatABridgeBroughtWithoutItsMark() {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.belfry("pub", "a", "first");
            sandbox.belfry("pub", "far", "one", "-P", "belfry_failed_origin=shm:a", "-P", "own=1");
            assertThat(sandbox.belfry("bridge", "--count", "1", "far", "dlq").code())
                    .isZero();
            assertThat(sandbox.belfry("tail", "--from", "oldest", "--json", "dlq")
                            .out())
                    .contains("belfry_source");
            assertThat(sandbox.belfry("requeue", "dlq").code()).isZero();
            assertThat(sandbox.belfry("tail", "--json", "--from", "2", "a").out())
                    .contains("\"own\":\"1\"", "belfry_failed_origin")
                    .doesNotContain("belfry_source", "belfry_position", "belfry_carried");
        }
    }

    @Test
    void shouldKeepAMessageThatCannotGoBack() {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.belfry("pub", "dlq", "lost its origin");
            failed(sandbox, "two", "shm:gone");
            String why = "message 1 was not sent back, and stays: it has no belfry_failed_origin: give --to";
            refused(sandbox, why, "requeue", "dlq");
            refused(sandbox, why, "requeue", "dlq");
            refused(sandbox, "from which they would come again", "requeue", "dlq", "--to", "dlq");
            sandbox.belfry("pub", "again", "zero");
            assertThat(sandbox.belfry("requeue", "dlq", "--to", "again", "--count", "1")
                            .code())
                    .isZero();
            why = "message 2 was not sent back, and stays: there is no queue 'shm:gone' any more";
            refused(sandbox, why, "requeue", "dlq");
            sandbox.belfry("pub", "gone", "first");
            assertThat(sandbox.belfry("requeue", "dlq").code()).isZero();
            assertThat(all(sandbox, "again")).isEqualTo("zero\nlost its origin\n");
            assertThat(all(sandbox, "gone")).isEqualTo("first\ntwo\n");
        }
    }

    @Test
    void shouldBeRefusedWhileAnotherReadsByThatName() {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.belfry("pub", "a", "first");
            failed(sandbox, "one", "shm:a");
            try (ChildJvm reader = sandbox.startBelfry("sub", "--name", "operator", "dlq")) {
                Patience.until(
                        "it is there", () -> sandbox.belfry("subs", "dlq").out().contains("operator"));
                Result refused = sandbox.belfry("requeue", "dlq", "--name", "operator");
                assertThat(refused.code()).isOne();
                assertThat(refused.err()).contains("operator", "pid").contains("sent back 0");
                reader.kill();
            }
            assertThat(all(sandbox, "a")).isEqualTo("first\n");
        }
    }

    /** After each of its publishes it may be killed: the next one begins with what was not acknowledged. */
    @Test
    @Slow
    void shouldLoseNoneWhenItIsKilledInTheMiddle() {
        int many = 3_000;
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.belfry("pub", "a", "first");
            sandbox.belfry("pub", "dlq", "--size", "3", "--count", "" + many, "-P", "belfry_failed_origin=shm:a");
            try (ChildJvm killed = sandbox.startBelfry("requeue", "dlq")) {
                Patience.until("it has begun", () -> newest(sandbox) > 10);
                killed.kill();
            }
            long before = newest(sandbox);
            Result rest = sandbox.belfry("requeue", "dlq");
            assertThat(rest.code()).as(rest.toString()).isZero();
            assertThat(newest(sandbox)).as("of " + before).isBetween(many + 1L, many + 2L);
        }
    }

    /** Room in a queue is waited for as long as it says; a message is not done before it is in there. */
    @Test
    void shouldLoseNoneWhenItsTargetIsFull() {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.belfry("sub", "--name", "billing", "--timeout", "0s", "a?capacity=4k&maxCapacity=4k");
            sandbox.belfry("pub", "dlq", "--size", "200", "--count", "30", "-P", "belfry_failed_origin=shm:a");
            Result full = refused(sandbox, "'shm:a' is full", "requeue", "--timeout", "1s", "dlq");
            long sent = newest(sandbox);
            assertThat(full.err())
                    .contains("message " + (sent + 1) + " was not sent back, and stays")
                    .contains("belfry: sent back " + sent + "\n");
            try (ChildJvm killed = sandbox.startBelfry("requeue", "dlq")) {
                Patience.until("it waits for room", () -> waits(sandbox));
                killed.kill();
            }
            sandbox.belfry("unsubscribe", "a", "billing");
            assertThat(sandbox.belfry("requeue", "dlq").err()).isEqualTo("belfry: sent back " + (30 - sent) + "\n");
            assertThat(newest(sandbox)).isEqualTo(30);
        }
    }

    /** Else one that fails again at once would go back and forth for ever. */
    @Test
    void shouldLeaveWhatComesMeanwhileToTheNextTime() {
        try (Sandbox sandbox = new Sandbox()) {
            failed(sandbox, "one", "shm:dlq");
            for (int time = 1; time <= 2; time++)
                assertThat(sandbox.belfry("requeue", "dlq", "--count", "3").err())
                        .isEqualTo("belfry: sent back 1\n");
            assertThat(all(sandbox, "dlq")).isEqualTo("one\none\none\n");
        }
    }

    private static boolean waits(Sandbox sandbox) {
        return sandbox.belfry("info", "--json", "a").out().matches("(?s).*\"waiting\":\\s*\\[\\s*\\{.*");
    }

    private static long newest(Sandbox sandbox) {
        String json = sandbox.belfry("info", "--json", "a").out();
        return Long.parseLong(json.replaceAll("(?s).*\"newestPosition\":(\\d+).*", "$1"));
    }
}
