package dev.belfry.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.bridge.Bridge;
import dev.belfry.testing.Patience;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
@Tag("Waits")
class BridgeMetricsTest {
    private static final String FROM = "mem:metrics-of-a-bridge?deleteOnLastClose=true";
    private static final String TO = "mem:metrics-of-a-bridge-2?deleteOnLastClose=true";

    @Test
    void shouldShowABridgesFigures() throws Exception {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        try (MessageQueue from = MessageQueues.open(FROM);
                MessageQueue to = MessageQueues.open(TO);
                Publisher out = from.createPublisher();
                Bridge bridge = new Bridge(FROM, TO)) {
            new BridgeMetrics(bridge, "copy").bindTo(registry);
            assertThat(gauge(registry, "lag")).isZero();
            for (int i = 0; i < 5; i++) out.publish("tick");
            new Thread(bridge, "bridge").start();
            Patience.until("all are forwarded", () -> bridge.stats().sourcePosition() == 5);
            assertThat(count(registry, "forwarded")).isEqualTo(5);
            assertThat(count(registry, "bytes")).isEqualTo(20);
            assertThat(count(registry, "retries")).isZero();
            assertThat(gauge(registry, "lag")).isZero();
            assertThat(gauge(registry, "forwarding")).isOne();
            assertThat(to.stats().newestPosition()).isEqualTo(5);
        }
        assertThat(gauge(registry, "forwarding")).isZero();
    }

    @Test
    void shouldShowTheLastBridgeOfANameAndLeaveNothingWhenItIsClosed() throws Exception {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        BridgeMetrics first = new BridgeMetrics(new Bridge(FROM, TO), "copy");
        first.bindTo(registry);
        try (MessageQueue from = MessageQueues.open(FROM);
                MessageQueue to = MessageQueues.open(TO);
                Publisher out = from.createPublisher();
                Bridge bridge = new Bridge(FROM, TO);
                BridgeMetrics last = new BridgeMetrics(bridge, "copy")) {
            last.bindTo(registry);
            first.close();
            new Thread(bridge, "bridge").start();
            out.publish("tick");
            Patience.until("it is forwarded", () -> to.stats().newestPosition() == 1);
            Patience.until("and told", () -> count(registry, "forwarded") == 1);
            assertThat(gauge(registry, "forwarding")).isOne();
            BridgeMetrics beside = new BridgeMetrics(bridge, "beside");
            beside.bindTo(registry);
            int both = registry.getMeters().size();
            beside.close();
            assertThat(registry.getMeters()).hasSize(both / 2);
        }
        assertThat(registry.getMeters()).isEmpty();
    }

    /** The page has a row for each name, with the text that a scrape has. */
    @Test
    void shouldHaveTheNamesAndTextsOfThePage() throws IOException {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        new BridgeMetrics(new Bridge(FROM, TO), "copy").bindTo(registry);
        String rows = Pattern.compile("(?m)^# HELP (\\S+) (.*)$")
                .matcher(registry.scrape())
                .results()
                .map(m -> "| `" + m.group(1) + "` | " + m.group(2) + " |\n")
                .sorted()
                .collect(Collectors.joining("", "|---|---|\n", ""));
        assertThat(Files.readString(Path.of("..", "docs", "prometheus", "names.md")))
                .contains(rows);
    }

    private static double count(SimpleMeterRegistry registry, String name) {
        return registry.get("messaging.belfry.bridge." + name)
                .tag("messaging.belfry.bridge", "copy")
                .functionCounter()
                .count();
    }

    private static double gauge(SimpleMeterRegistry registry, String name) {
        return registry.get("messaging.belfry.bridge." + name).gauge().value();
    }
}
