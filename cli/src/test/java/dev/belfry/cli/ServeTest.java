package dev.belfry.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What {@code serve} tells, beside the commands that tell the same. */
@Timeout(180)
@Tag("Waits")
@Slow
class ServeTest {
    /** The process that serves, and what it answers. */
    static final class Served {
        final URI address;
        final ChildJvm process;

        Served(Sandbox sandbox, String... options) {
            String[] all = new String[options.length + 3];
            System.arraycopy(options, 0, all, 3, options.length);
            System.arraycopy(new String[] {"serve", "--listen", "localhost:0"}, 0, all, 0, 3);
            process = sandbox.startBelfry(all);
            address = URI.create(process.line());
        }

        String get(String path) {
            return answer(path).substring(4);
        }

        Object json(String path) {
            return JsonText.parse(get(path));
        }

        /** With its status. */
        String answer(String path) {
            try {
                HttpURLConnection http =
                        (HttpURLConnection) address.resolve(path).toURL().openConnection();
                int status = http.getResponseCode();
                try (InputStream body = status < 400 ? http.getInputStream() : http.getErrorStream()) {
                    return status + " " + new String(body.readAllBytes(), UTF_8);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @SuppressWarnings("unchecked")
        List<Map<String, Object>> page(String section) {
            return (List<Map<String, Object>>) ((Map<String, Object>) json("/api/page")).get(section);
        }
    }

    @Test
    void shouldTellWhatTheCommandsTell() {
        try (Sandbox sandbox = new Sandbox()) {
            Served empty = new Served(sandbox);
            assertThat(empty.answer("/health"))
                    .startsWith("200 ")
                    .contains(" machine")
                    .doesNotContain("shm:");
            sandbox.actor("hold", "shm:q");
            sandbox.belfry("sub", "--name", "audit", "--from", "oldest", "--count", "1", "q");
            sandbox.start(Sandbox.java(Sender.class, "send", "shm:shop")).awaitExit();
            Served served = new Served(sandbox);
            assertThat(served.json("/api/queues/q"))
                    .isEqualTo(sandbox.belfry("info", "--json", "q").json());
            assertThat(served.json("/api/domains/shop"))
                    .isEqualTo(sandbox.belfry("jms", "ls", "--json", "shop").json());
            assertThat(still(served.get("/api/queues")))
                    .isEqualTo(still(sandbox.belfry("ls", "--json").out()));
            assertThat(ofQueues(still(served.get("/api/doctor/q"))))
                    .isNotEmpty()
                    .isEqualTo(ofQueues(
                            still(sandbox.belfry("doctor", "--json", "q").out())));
            assertThat(served.answer("/health/q"))
                    .matches(
                            "200 lagging  shm:q: no process is attached to 'audit', .* 'belfry unsubscribe q audit'.*\n");
            assertThat(still(served.get("/api/health/q")))
                    .isIn(named(JsonText.list(
                            still(sandbox.belfry("health", "--json", "q").out()), "verdicts")));
            assertThat(served.answer("/health/none")).startsWith("404 No queue 'none'");
            assertThat(served.answer("/api/domains/q")).startsWith("404 ").contains("'q' is a queue, not a domain");
            assertThat(served.get("/metrics"))
                    .containsPattern("messaging_client_sent_messages_total\\{.*\"q\".*} 3.0")
                    .containsPattern("messaging_belfry_domain_depth\\{.*\"orders\".*} 3.0");
            assertThat(served.page("keeps")).singleElement().satisfies(row -> assertThat(row)
                    .containsEntry("command", "belfry subs q")
                    .extractingByKey("what")
                    .asString()
                    .endsWith("'belfry unsubscribe q audit' ends it, and loses what it has not read"));
        }
    }

    @Test
    void shouldNameTheOwnerOfAQueueOfAnotherUserWhereASubscriptionIsToEnd() throws IOException {
        assumeTrue(Sandbox.ROOT, "only root can give a file away");
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.actor("hold", "shm:q");
            sandbox.belfry("sub", "--name", "audit", "--timeout", "1ms", "q");
            Files.setAttribute(sandbox.file("belfry.q"), "unix:uid", 12_345);
            assertThat(new Served(sandbox).page("keeps"))
                    .extracting(row -> (String) row.get("what"))
                    .singleElement()
                    .asString()
                    .contains("'belfry unsubscribe \"q?owner=12345\" audit' ends it");
            assertThat(sandbox.belfry("unsubscribe", "q?owner=12345", "audit").code())
                    .isZero();
        }
    }

    /** Without what moves. */
    private static Object still(String json) {
        return JsonText.parse(
                json.replaceAll("PerSecond\":\\d+", "PerSecond\":0").replaceAll("(, )?for [0-9,]+ m?s", ""));
    }

    /** What doctor finds on the machine, other tests change. */
    private static List<?> ofQueues(Object findings) {
        return JsonText.list(findings, "findings").stream()
                .filter(each -> ((String) each.get("subject")).startsWith("shm:"))
                .toList();
    }

    /** As answers of their own. */
    private static List<Map<String, Object>> named(List<Map<String, Object>> all) {
        all.forEach(each -> each.put("format", 1L));
        return all;
    }

    @Test
    void shouldShowBodiesOnlyIfToldTo() {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.start(Sandbox.java(Sender.class, "send", "shm:shop")).awaitExit();
            String without = new Served(sandbox).get("/api/domains/shop/orders");
            String with = new Served(sandbox, "--bodies").get("/api/domains/shop/orders");
            assertThat(without).contains("\"priority\"").doesNotContain("\"text\"", "\"properties\"");
            assertThat(with).contains("\"text\"", "\"properties\"");
        }
    }

    @Test
    void shouldTellOfDamageAndOfWhatHasHappened() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            ChildJvm holder = sandbox.actor("hold", "shm:q");
            sandbox.belfryWithInput("x\n", "pub", "bad");
            Served served = new Served(sandbox);
            assertThat(served.answer("/health")).startsWith("200 ");
            Files.write(sandbox.file("belfry.bad"), new byte[8], StandardOpenOption.WRITE);
            holder.kill();
            Patience.until("it is seen", () -> served.answer("/health").startsWith("503 "));
            assertThat(served.get("/health")).containsPattern("(damaged|foreign) +shm:bad: ");
            assertThat(served.answer("/health/q")).startsWith("200 ok       shm:q");
            assertThat(served.answer("/health/bad")).startsWith("503 ");
            assertThat(served.get("/metrics"))
                    .containsPattern("messaging_belfry_health\\{.*\"bad\".*} 2.0")
                    .containsPattern("messaging_belfry_health\\{.*\"q\".*} 0.0")
                    .doesNotContainPattern("messaging_belfry_bytes_total\\{.*\"bad\"");
            assertThat(served.page("broken").toString()).contains("bad");
            assertThat(served.page("queues").get(0)).containsEntry("uri", "shm:bad");
            Patience.until(
                    "it is told", () -> served.page("events").toString().contains("pid " + holder.pid() + " left"));
            assertThat(served.page("events").toString()).contains("it cannot be read: ");
            Files.delete(sandbox.file("belfry.bad"));
            Patience.until("it is well", () -> served.answer("/health").startsWith("200 "));
            assertThat(served.get("/metrics")).doesNotContain("\"bad\"");
        }
    }

    /** It may be well, for all that is known; a probe that names it asks for more. */
    @Test
    void shouldNotCallAQueueWellThatCannotBeRead() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.belfryWithInput("x\n", "pub", "newer");
            RemedyTest.patch(sandbox, "newer", 8, 9 | 1L << 32);
            Served served = new Served(sandbox);
            assertThat(served.answer("/health/newer")).startsWith("503 version  shm:newer: ");
            assertThat(served.answer("/health")).startsWith("200 ").contains("version  shm:newer: ");
        }
    }

    /** Also of what doctor alone finds, and of a queue that has no name any more. */
    @Test
    void shouldJudgeAsTheCommandDoesInMetersAndOnThePage() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.belfryWithInput("x\n", "pub", "open");
            Files.setPosixFilePermissions(sandbox.file("belfry.open"), PosixFilePermissions.fromString("rw-r--r--"));
            sandbox.actor("hold", "shm:removed");
            sandbox.actor("idle", "shm:removed");
            Files.delete(sandbox.file("belfry.removed"));
            Served served = new Served(sandbox);
            List<String> lines = ofQueues(sandbox.belfry("health").out());
            assertThat(lines).hasSize(2).anyMatch(line -> line.startsWith("broken   shm:open: "));
            assertThat(ofQueues(served.get("/health"))).isEqualTo(lines);
            assertThat(served.get("/metrics"))
                    .containsPattern("messaging_belfry_health\\{.*\"open\".*} 2.0")
                    .containsPattern("messaging_belfry_unlinked\\{.*\"removed\".*} 1.0");
            assertThat(served.page("broken").stream().map(row -> row.get("queue") + " " + row.get("level")))
                    .contains("shm:open critical", "shm:removed warning", "machine warning");
        }
    }

    /** What health says of the machine, other tests change. */
    private static List<String> ofQueues(String health) {
        return health.lines().filter(line -> line.contains(" shm:")).toList();
    }

    @Test
    void shouldTellWhoWaitsForWhom() {
        try (Sandbox sandbox = new Sandbox()) {
            Served served = new Served(sandbox);
            ChildJvm idle = sandbox.actor("idle", "shm:q?capacity=4k&maxCapacity=4k");
            ChildJvm tries = sandbox.actor("tries", "shm:q?capacity=4k&maxCapacity=4k");
            Patience.until("it waits", () -> !served.page("waits").isEmpty());
            Map<String, Object> row = served.page("waits").get(0);
            assertThat(row)
                    .containsEntry("who", "pid " + tries.pid() + " (Actor)")
                    .containsEntry("what", "for room, held up by 'audit' of pid " + idle.pid() + " (Actor)")
                    .containsEntry("command", "belfry doctor q");
            idle.pause();
            Patience.until(
                    "the command continues it",
                    () -> served.page("waits").get(0).get("command").equals("kill -CONT " + idle.pid()));
            idle.kill();
            Patience.until("nobody is attached", () -> served.page("waits").stream()
                    .anyMatch(one -> one.get("command").equals("belfry subs q")));
            sandbox.belfry("unsubscribe", "q", "audit");
            Patience.until("nobody waits", () -> served.page("waits").isEmpty());
            assertThat(served.page("events").toString())
                    .contains("'audit' unsubscribed", "nobody reads 'audit' any more");
        }
    }

    @Test
    void shouldChangeNothing() {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.actor("hold", "shm:q");
            sandbox.belfry("sub", "--name", "audit", "--from", "oldest", "--count", "1", "q");
            sandbox.start(Sandbox.java(Sender.class, "send", "shm:shop")).awaitExit();
            List<String> files = sandbox.files();
            byte[] queue = sandbox.bytes("q");
            byte[] domain = sandbox.bytes("shop");
            Served served = new Served(sandbox, "--bodies");
            for (String path : List.of(
                    "/",
                    "/metrics",
                    "/health",
                    "/health/q",
                    "/api/page",
                    "/api/queues",
                    "/api/queues/q",
                    "/api/queues/shop",
                    "/api/doctor",
                    "/api/doctor/q",
                    "/api/domains/shop",
                    "/api/domains/shop/orders")) {
                assertThat(served.answer(path)).as(path).startsWith("200 ");
                assertThat(sandbox.bytes("q")).as(path).isEqualTo(queue);
                assertThat(sandbox.bytes("shop")).as(path).isEqualTo(domain);
            }
            assertThat(sandbox.files()).isEqualTo(files);
        }
    }
}
