package dev.belfry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.cli.Sandbox.Result;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each command, on real queues with real processes; what it prints as JSON is parsed and compared. */
@Timeout(180)
@Tag("Waits")
class EndToEndTest {
    @SuppressWarnings("unchecked")
    private static Map<String, Object> object(Object json) {
        return (Map<String, Object>) json;
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> array(Object json) {
        return (List<Map<String, Object>>) json;
    }

    @Test
    void shouldPublishAndTail() {
        try (Sandbox sandbox = new Sandbox()) {
            assertThat(sandbox.belfryWithInput("one\ntwo\nthr\u00e9e\n", "pub", "--json", "q")
                            .json())
                    .satisfies(json -> assertThat(object(json))
                            .containsEntry("uri", "shm:q")
                            .containsEntry("published", 3L)
                            .containsEntry("firstPosition", 1L)
                            .containsEntry("lastPosition", 3L));
            assertThat(sandbox.belfry("pub", "q", "four", "-P", "colour=green", "--timestamps")
                            .code())
                    .isZero();
            assertThat(sandbox.belfry("pub", "q", "--size", "20", "--count", "2")
                            .code())
                    .isZero();

            Result text = sandbox.belfry("tail", "--from", "oldest", "--count", "3", "q");
            assertThat(text).isEqualTo(new Result(0, "1 one\n2 two\n3 thr\u00e9e\n", ""));
            Map<String, Object> fourth = object(sandbox.belfry("tail", "--json", "--from", "4", "--count", "1", "q")
                    .json());
            assertThat(fourth)
                    .containsEntry("position", 4L)
                    .containsEntry("body", "four")
                    .containsEntry("properties", Map.of("colour", "green"))
                    .containsKey("timestamp");
            assertThat(sandbox.belfry("tail", "--format", "hex", "--from", "6", "q")
                            .out())
                    .contains("6 20 bytes", "00000000  61 62 63", "abcdefghijklmnop");
            assertThat(sandbox.belfry("tail", "--format", "lines", "--from", "now", "q")
                            .out())
                    .isEmpty();

            ChildJvm following =
                    sandbox.startBelfry("tail", "-f", "--from", "6", "--count", "2", "--format", "lines", "q");
            sandbox.awaitSubscribers("q", 1);
            sandbox.belfry("pub", "q", "--file", "/proc/sys/kernel/ostype");
            assertThat(Sandbox.finish(following, "").out()).isEqualTo("abcdefghijklmnopqrst\nLinux\n\n");
        }
    }

    @Test
    void shouldSubscribeUnderANameAndSayThatNobodyAttendsIt() {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.belfryWithInput("1\n2\n3\n", "pub", "q");
            assertThat(sandbox.belfry("sub", "--name", "audit", "--from", "oldest", "--count", "2", "q"))
                    .isEqualTo(new Result(0, "1 1\n2 2\n", ""));

            Map<String, Object> seen = sandbox.belfry("ls", "--json", "--interval", "20ms")
                    .list("queues")
                    .get(0);
            assertThat(seen)
                    .containsEntry("uri", "shm:q")
                    .containsEntry("newestPosition", 3L)
                    .containsEntry("publisherCount", 0L)
                    .containsEntry("lag", 1L)
                    .containsEntry("unattended", List.of("audit"))
                    .containsEntry("health", "lagging");
            assertThat(sandbox.belfry("ls").out()).contains("! shm:q: no process is attached to 'audit', lag 1");
            assertThat(sandbox.belfry("doctor", "q").out())
                    .contains("note    shm:q: no process is attached to 'audit', lag 1");

            assertThat(sandbox.belfry("rm", "q"))
                    .isEqualTo(
                            new Result(
                                    1,
                                    "",
                                    "belfry: shm:q stays: the subscriptions [audit] would be lost; 'belfry rm --force shm:q' removes it anyway\n"));
            assertThat(sandbox.belfry("sub", "--name", "audit", "--count", "1", "--format", "lines", "q")
                            .out())
                    .isEqualTo("3\n");
            assertThat(sandbox.belfry("unsubscribe", "q", "audit", "--json").json())
                    .isEqualTo(Map.of("format", 1L, "uri", "shm:q", "unsubscribed", "audit"));
            assertThat(sandbox.belfry("unsubscribe", "q", "audit").code()).isEqualTo(1);
            assertThat(sandbox.belfry("rm", "--json", "q").json())
                    .isEqualTo(Map.of("format", 1L, "removed", List.of("shm:q")));
            assertThat(sandbox.files()).isEmpty();
        }
    }

    @Test
    void shouldShowWhoIsAttachedAndGuardWhatTheyUse() {
        try (Sandbox sandbox = new Sandbox()) {
            ChildJvm holder = sandbox.actor("hold", "shm:q?capacity=64k&maxCapacity=256k");
            ChildJvm reader = sandbox.startBelfry("sub", "--policy", "overrun", "--from", "oldest", "q");
            sandbox.awaitSubscribers("q", 1);

            Map<String, Object> info =
                    object(sandbox.belfry("info", "--json", "q").json());
            assertThat(object(info.get("properties")))
                    .containsEntry("file", "/dev/shm/belfry.q")
                    .containsEntry("initialCapacity", 65536L)
                    .containsEntry("layoutVersion", 3L)
                    .containsEntry("publishLock", "free")
                    .containsEntry("deleteOnLastClose", false)
                    .containsEntry("maxGateNanos", null);
            assertThat(array(info.get("members")))
                    .extracting(m -> m.get("pid"))
                    .containsExactlyInAnyOrder(holder.pid(), reader.pid());
            assertThat(array(info.get("regions"))).hasSize(1).first().satisfies(r -> assertThat(r)
                    .containsEntry("capacity", 65536L)
                    .containsEntry("current", true));
            assertThat(array(object(info.get("stats")).get("subscribers")))
                    .first()
                    .satisfies(s -> assertThat(s)
                            .containsEntry("pid", reader.pid())
                            .containsEntry("slowSubscriber", "OVERRUN")
                            .containsEntry("attached", true));
            assertThat(object(object(info.get("stats")).get("counters"))).containsEntry("grows", 0L);
            assertThat(sandbox.belfry("info", "q").out())
                    .contains("History: 3 messages can be read, 1 to 3", "(anonymous)", "overrun");

            Result refused = sandbox.belfry("rm", "q");
            assertThat(refused.code()).isEqualTo(1);
            assertThat(refused.err()).contains("attached are the processes", Long.toString(holder.pid()));
            assertThat(sandbox.files()).contains("belfry.q");
            assertThat(sandbox.belfry("rm", "--force", "q").code()).isZero();
            assertThat(sandbox.belfry("rm", "--force", "q"))
                    .isEqualTo(new Result(0, "there is no queue 'shm:q'\n", ""));
            assertThat(sandbox.belfry("rm", "q").code()).isEqualTo(1);
            assertThat(sandbox.files()).doesNotContain("belfry.q");
        }
    }

    @Test
    void shouldTakeTheSpaceThatThePageTells() throws IOException {
        String page = Files.readString(Path.of("../docs/operations.md"));
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.belfry("pub", "small?capacity=4k&maxCapacity=4k", "x");
            assertThat(page).contains("`ls -l` shows " + sandbox.bytes("small").length / 1024 + " KiB");
        }
    }

    /** Half a minute is what proves it. */
    @Test
    void shouldCallNobodyStuckWhoIsOnlySlow() {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.actor("slow", "shm:q");
            Result listed = sandbox.belfry("ls", "--json");
            assertThat(listed.list("queues").get(0))
                    .containsEntry("lag", 2L)
                    .containsEntry("health", "ok")
                    .containsEntry("reasons", List.of());
            assertThat(listed.code()).isZero();
            assertThat(sandbox.belfry("top", "--count", "5", "--interval", "20ms")
                            .out())
                    .contains("ok")
                    .doesNotContain("stuck");
        }
    }

    @Test
    void shouldReadFromATimeUntilATime() {
        try (Sandbox sandbox = new Sandbox()) {
            for (int i = 1; i <= 4; i++) {
                long before = System.currentTimeMillis();
                assertThat(sandbox.belfry("pub", "--timestamps", "q", "message " + i)
                                .code())
                        .isZero();
                Patience.until("the clock moves", () -> System.currentTimeMillis() > before + 1);
            }
            String second = timestamp(sandbox, "2");
            String fourth = timestamp(sandbox, "4");
            assertThat(tail(sandbox, "--from", second, "--until", fourth))
                    .isEqualTo(new Result(0, "message 2\nmessage 3\n", ""));
            assertThat(tail(sandbox, "--from", fourth)).isEqualTo(new Result(0, "message 4\n", ""));
            assertThat(tail(sandbox, "--until", "1")).isEqualTo(new Result(0, "message 1\n", ""));
            String soon = Instant.now().plusMillis(300).toString();
            ChildJvm ends = sandbox.startBelfry("tail", "-f", "--until", soon, "--format", "lines", "q");
            assertThat(Sandbox.finish(ends, "").out()).contains("message 4");
            assertThat(tail(sandbox, "-f", "--from", "3", "--until", "4"))
                    .isEqualTo(new Result(0, "message 3\nmessage 4\n", ""));
            Result longAgo = tail(sandbox, "--from", "1h", "--until", "2");
            assertThat(longAgo.out()).isEqualTo(tail(sandbox, "--until", "2").out());
            assertThat(longAgo.err())
                    .startsWith("belfry: shm:q has nothing from so long ago: its oldest message is of ");
            assertThat(tail(sandbox, "--from", "2099-01-01T00:00")).isEqualTo(new Result(0, "", ""));
            assertThat(sandbox.belfry("pub", "q", "undated").code()).isZero();
            assertThat(tail(sandbox, "--from", "2099-01-01T00:00Z").err())
                    .startsWith(
                            "belfry: Message 5 of 'shm:q' has no timestamp, so time(2099-01-01T00:00:00Z) cannot be");
            Result undated = tail(sandbox, "--from", "4", "--until", "2099-01-01T00:00Z");
            assertThat(undated.code()).isEqualTo(1);
            assertThat(undated.err())
                    .isEqualTo("belfry: message 5 has no timestamp, which --until needs: its publisher writes none\n");
        }
    }

    private static String timestamp(Sandbox sandbox, String position) {
        return (String) object(sandbox.belfry("tail", "--json", "--from", position, "--count", "1", "q")
                        .json())
                .get("timestamp");
    }

    private static Result tail(Sandbox sandbox, String... options) {
        return sandbox.belfry(Stream.concat(Stream.of("tail", "q", "--format", "lines"), Arrays.stream(options))
                .toArray(String[]::new));
    }

    @Test
    void shouldSayWhatIsWrongWithTheUsage() {
        try (Sandbox sandbox = new Sandbox()) {
            assertThat(sandbox.belfry("tail").code()).isEqualTo(2);
            assertThat(sandbox.belfry("tail").err()).contains("Missing required parameter: 'Q'", "belfry tail --help");
            assertThat(sandbox.belfry("nothing").code()).isEqualTo(2);
            assertThat(sandbox.belfry("pbu", "q", "x"))
                    .isEqualTo(new Result(
                            2, "", "belfry: There is no command 'pbu'; did you mean 'pub'?\nTry 'belfry --help'.\n"));
            Result bare = sandbox.freshBelfry();
            assertThat(bare.code()).isEqualTo(2);
            assertThat(bare.err()).contains("Usage: belfry", "  doctor ", "  unsubscribe ");
            assertThat(sandbox.belfry("tail", "--from", "yesterday", "q"))
                    .isEqualTo(new Result(
                            2,
                            "",
                            "belfry: --from must be 'oldest', 'now', a position or a time: 2026-11-27T10:00, with Z or"
                                    + " +01:00 at its end, 10:00 of today, 5m ago as 5m; was 'yesterday'\n"));
            assertThat(sandbox.belfry("tail", "--until", "0", "q").err())
                    .startsWith("belfry: --until must be a position or a time: 2026-11-27T10:00, ")
                    .contains("; was '0'");
            assertThat(sandbox.belfry("pub", "a b", "x").code()).isEqualTo(2);
            Result none = sandbox.belfry("info", "none");
            assertThat(none.code()).isEqualTo(1);
            assertThat(none.out()).isEmpty();
            assertThat(none.err()).startsWith("belfry: No queue 'none' in /dev/shm");
            assertThat(sandbox.belfry("ls", "--json")).isEqualTo(new Result(0, "{\"format\":1,\"queues\":[]}\n", ""));
            for (String command : List.of(
                    "ls",
                    "info",
                    "top",
                    "tail",
                    "pub",
                    "sub",
                    "subs",
                    "unsubscribe",
                    "bridge",
                    "bench",
                    "doctor",
                    "gc",
                    "rm"))
                assertThat(sandbox.belfry(command, "--help").out())
                        .as(command)
                        .contains("Usage: belfry " + command, "--json", "Examples:", "  belfry " + command)
                        .doesNotContain("\033");
            assertThat(sandbox.files()).isEmpty();
        }
    }

    @Test
    @Slow
    void shouldMeasureThisMachine() {
        try (Sandbox sandbox = new Sandbox()) {
            Map<String, Object> figures =
                    object(sandbox.belfry("bench", "--seconds", "0.2", "--json").json());
            assertThat((Long) figures.get("messagesPerSecond")).isGreaterThan(1000);
            Map<String, Object> oneWay = object(figures.get("oneWayNanos"));
            assertThat((Long) oneWay.get("p50")).isPositive().isLessThanOrEqualTo((Long) oneWay.get("p99"));
            assertThat((Long) oneWay.get("p99")).isLessThanOrEqualTo((Long) oneWay.get("max"));
            Map<String, Object> rings = object(figures.get("messagesPerSecondByCapacity"));
            assertThat(rings).containsKeys("1m", "4m").containsKey((String) figures.get("bestCapacity"));
            assertThat(sandbox.belfry("bench", "--seconds", "0.1", "--size", "500k")
                            .out())
                    .contains("messages a second by size of the ring: 4m ")
                    .containsPattern("; take capacity=\\d+m");
            assertThat(sandbox.files()).isEmpty();
        }
    }

    @Test
    void shouldCompleteCommands() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            String script = sandbox.belfry("completion").out();
            for (String file : List.of("belfry.prices", "belfry.profits", "belfry.pr$(exit 1)", "sem.belfry.1.1"))
                Files.createFile(sandbox.file(file));
            assertThat(completions(sandbox, script, "do")).isEqualTo("doctor\n");
            assertThat(completions(sandbox, script, "info", "pr")).isEqualTo("prices profits\n");
            assertThat(completions(sandbox, script, "jms", "ls", "")).isEqualTo("prices profits\n");
            assertThat(completions(sandbox, script, "gc", "pr")).isEqualTo("\n");
        }
    }

    /** Each line of each {@code --help}, as roff would show it. */
    @Test
    void shouldPrintAManualPageOfAllCommands() {
        try (Sandbox sandbox = new Sandbox()) {
            String page = sandbox.belfry("man").out();
            assertThat(page).startsWith(".TH BELFRY 1\n.SH NAME\n").doesNotContainPattern("(?m)^['.](?!TH|SH|nf|fi)");
            String shown = page.replace("\\-", "-").replace("\\&", "").replace("\\e", "\\");
            for (String command : List.of("", "ls", "check", "serve", "jms", "jms unsubscribe", "man")) {
                String help =
                        sandbox.belfry((command + " --help").strip().split(" ")).out();
                assertThat(shown).contains(".SH " + ("belfry " + command).strip() + "\n.nf\n" + help + ".fi\n");
            }
        }
    }

    private static String completions(Sandbox sandbox, String script, String... words) throws Exception {
        String call = "source /dev/stdin; COMP_WORDS=(belfry \"$@\"); COMP_CWORD=$#; _complete_belfry;"
                + " echo \"${COMPREPLY[@]}\"";
        List<String> bash = new ArrayList<>(List.of("bash", "-c", call, "bash"));
        bash.addAll(List.of(words));
        return Sandbox.finish(sandbox.start(bash), script).out();
    }
}
