package dev.belfry.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.cli.ServeTest.Served;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The real Prometheus has nothing but {@code belfry serve}, and each alert of docs/prometheus fires at its problem. */
@Timeout(240)
@Tag("Waits")
@Slow
@OneJdk
class ServePrometheusTest {
    private static final Path RULES = Path.of("..", "docs", "prometheus", "alerts.yml");
    private static final String SMALL = "?capacity=4k&maxCapacity=4k";

    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void shouldFireEachAlertAtItsProblem(@TempDir Path directory) throws Exception {
        assumeTrue(isInstalled(), "needs prometheus: apt-get install prometheus");
        try (Sandbox sandbox = new Sandbox("size=32m")) {
            Served served = new Served(sandbox);
            int port = free();
            try (ChildJvm prometheus = prometheus(served, directory, port)) {
                sandbox.actor("hold", "shm:well" + SMALL);
                plant(sandbox, port);
                TreeSet<String> all = new TreeSet<>(List.of(
                        "BelfryBridgeDown bridged",
                        "BelfryDeadLetters shop",
                        "BelfryDomainFilling fills",
                        "BelfryMemoryNearlyFull null",
                        "BelfryMessagesLost lost",
                        "BelfryNameRemoved removed",
                        "BelfryPublishersWait full",
                        "BelfryQueueNearlyFull full",
                        "BelfryQueueStuck stuck",
                        "BelfrySubscriptionUnattended left"));
                TreeSet<String> fired = new TreeSet<>(); // that of a loss ends soon
                try {
                    Patience.until("they fire: " + all, Duration.ofSeconds(60), () -> {
                        fired.addAll(alerts(port));
                        return fired.containsAll(all);
                    });
                } catch (AssertionError late) {
                    assertThat(fired).containsAll(all); // says which
                    throw late;
                }
                assertThat(fired).noneMatch(alert -> alert.endsWith(" well"));
                assertThat(prometheus.output()).doesNotContain("error");
            }
        }
    }

    private void plant(Sandbox sandbox, int port) throws Exception {
        sandbox.actor("stops", "shm:stuck" + SMALL);
        sandbox.actor("idle", "shm:full" + SMALL);
        for (int i = 0; i < 2; i++) sandbox.actor("tries", "shm:full" + SMALL); // who together wait all the time
        for (String name : List.of("left", "bridge-to-shm-far")) {
            String queue = name.equals("left") ? "left" : "bridged";
            sandbox.belfryWithInput("x\n".repeat(3), "pub", queue);
            sandbox.belfry("sub", "--name", name, "--from", "oldest", "--count", "1", queue);
        }
        sandbox.actor("hold", "shm:removed" + SMALL);
        sandbox.actor("idle", "shm:removed"); // of the one that created it alone nobody knows the name
        Files.delete(sandbox.file("belfry.removed"));
        sandbox.start(Sandbox.java(Sender.class, "dead", "shm:shop?maxDeliveries=1"))
                .expect("ready");
        sandbox.start(Sandbox.java(Sender.class, "half", "shm:fills?capacity=64k&maxCapacity=64k"))
                .expect("ready");
        ChildJvm slow = sandbox.startBelfry("sub", "--name", "slow", "--policy", "overrun", "lost" + SMALL);
        sandbox.awaitSubscribers("lost", 1);
        Patience.until("a reading before the loss", () -> isScraped(port, "lost"));
        slow.pause();
        sandbox.belfryWithInput("x\n".repeat(5_000), "pub", "lost");
        slow.proceed();
        long free = sandbox.file("").toFile().getUsableSpace();
        Files.write(sandbox.file("fill"), new byte[(int) (free - (1 << 20))]);
    }

    private static ChildJvm prometheus(Served served, Path directory, int port) throws IOException {
        String rules =
                Files.readString(RULES).replaceAll("for: \\d+m", "for: 0s").replace("[5m]", "[10s]");
        Files.writeString(directory.resolve("alerts.yml"), rules);
        Files.writeString(directory.resolve("prometheus.yml"), """
                global: {scrape_interval: 1s, evaluation_interval: 1s}
                rule_files: [alerts.yml]
                scrape_configs:
                  - job_name: belfry
                    static_configs: [{targets: ['%s']}]
                """.formatted(served.address.getAuthority()));
        return ChildJvm.startMerged(
                "prometheus",
                List.of(
                        "prometheus",
                        "--config.file=" + directory.resolve("prometheus.yml"),
                        "--storage.tsdb.path=" + directory.resolve("data"),
                        "--web.listen-address=127.0.0.1:" + port,
                        "--log.level=warn"));
    }

    /** "ALERT QUEUE" of each that fires. */
    private TreeSet<String> alerts(int port) {
        TreeSet<String> all = new TreeSet<>();
        try {
            URI address = URI.create("http://127.0.0.1:" + port + "/api/v1/alerts");
            String text = http.send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
            Map<?, ?> data = (Map<?, ?>) ((Map<?, ?>) JsonText.parse(text)).get("data");
            for (Object each : (List<?>) data.get("alerts")) {
                Map<?, ?> labels = (Map<?, ?>) ((Map<?, ?>) each).get("labels");
                all.add(labels.get("alertname") + " " + labels.get("messaging_destination_name"));
            }
            return all;
        } catch (IOException | InterruptedException notYet) {
            return all;
        }
    }

    /** A counter whose first reading is not 0 has not risen, for Prometheus. */
    private boolean isScraped(int port, String queue) {
        try {
            String query = URLEncoder.encode(
                    "messaging_belfry_health{messaging_destination_name=\"%s\"}".formatted(queue), UTF_8);
            URI address = URI.create("http://127.0.0.1:" + port + "/api/v1/query?query=" + query);
            return http.send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString())
                    .body()
                    .contains("\"value\"");
        } catch (IOException | InterruptedException notYet) {
            return false;
        }
    }

    private static int free() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static boolean isInstalled() {
        return Files.isExecutable(Path.of("/usr/bin/prometheus"));
    }
}
