package dev.belfry.micrometer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueFullException;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.jakarta.BelfryConnectionFactory;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import jakarta.jms.JMSContext;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What docs/prometheus.md promises: its names, its rules and its dashboard, asked of the real Prometheus. */
@Timeout(180)
@Tag("Waits")
@Slow
@OneJdk
class PrometheusTest {
    private static final Path DOCS = Path.of("..", "docs").toAbsolutePath().normalize();
    private static final Path RULES = DOCS.resolve("prometheus/alerts.yml");
    private static final Path DASHBOARD = DOCS.resolve("prometheus/dashboard.json");
    private static final String NAME = "prometheus-" + ProcessHandle.current().pid() + "-";
    private static final List<String> PLANTED = List.of("stuck", "full", "lost", "left", "nearly", "removed", "well");
    private static final Pattern EXPRESSION = Pattern.compile("\"expr\": \"((?:[^\"\\\\]|\\\\.)*)\"");
    private static final Pattern ALERT = Pattern.compile("\"alertname\":\"(\\w+)\".*?\"messaging_destination_name\":\""
            + NAME + "(\\w+)\"|\"messaging_destination_name\":\"" + NAME + "(\\w+)\".*?\"alertname\":\"(\\w+)\"");

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private int port;

    @AfterEach
    void close() throws Exception {
        while (!open.isEmpty()) open.pop().close();
    }

    /** The page has a row for each name, with the text that a scrape has. */
    @Test
    void shouldHaveTheNamesAndTextsOfThePage() throws Exception {
        MessageQueue queue =
                open(MessageQueues.open("shm:" + NAME + "names?deleteOnLastClose=true&capacity=4k&maxCapacity=4k"));
        open(queue.createSubscriber());
        blocked(queue);
        open(() -> MessageQueues.delete("shm:" + NAME + "domain"));
        try (JMSContext context = new BelfryConnectionFactory("shm:" + NAME + "domain").createContext()) {
            for (int i = 0; i < 3; i++) context.createProducer().send(context.createQueue("orders"), "apples");
        }
        URI meters = meters("names", "domain?queueKind=domain");
        String scrape = scrape(meters, "messaging_belfry_publisher_waiting_time_seconds{");
        assertThat(scrape.lines().filter(row -> row.startsWith("messaging_belfry_domain_")))
                .anyMatch(row -> row.contains("_messages{") && row.endsWith(" 3.0"))
                .anyMatch(row -> row.contains("_dead_letters{") && row.endsWith(" 0.0"))
                .anyMatch(row -> row.contains("_depth{")
                        && row.contains("messaging_belfry_domain_destination=\"orders\"")
                        && row.endsWith(" 3.0"));
        Map<String, String> scraped = new TreeMap<>();
        for (Matcher m = Pattern.compile("(?m)^# HELP (\\S+) (.*)$").matcher(scrape); m.find(); )
            scraped.put(m.group(1), m.group(2));
        Map<String, String> documented = new TreeMap<>();
        String page = Files.readString(DOCS.resolve("prometheus/names.md"));
        for (Matcher m = Pattern.compile("(?m)^\\| `(messaging_\\w+)` \\| (.*) \\|$")
                        .matcher(page);
                m.find(); )
            if (!m.group(1).matches("messaging_belfry_(bridge|shm|journal|history)_.*"))
                documented.put(m.group(1), m.group(2));
        assertThat(documented).isEqualTo(scraped);
        assertThat(scrape).doesNotContain("NaN");
    }

    @Test
    void shouldSayWhatTheDiskDoes(@TempDir Path directory) throws Exception {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        String page = Files.readString(DOCS.resolve("prometheus/names.md"));
        String uri = "file:" + directory + "/meters?anyFileSystem=true";
        try (MessageQueue queue = MessageQueues.open(uri);
                BelfryMetrics metrics = new BelfryMetrics(queue)) {
            queue.createPublisher().publish("hello");
            metrics.bindTo(registry);
            List<String> rows = registry.scrape()
                    .lines()
                    .filter(row -> row.matches("messaging_belfry_(journal|history)_.*"))
                    .toList();
            assertThat(rows).hasSize(5);
            for (String row : rows) assertThat(page).contains("`" + row.substring(0, row.indexOf('{')) + "`");
            assertThat(rows).anyMatch(row -> row.contains("_syncs_total") && row.endsWith(" 1.0"));
        } finally {
            MessageQueues.delete(uri);
        }
    }

    /** Its rule, asked of the figures of a queue whose reader needs what is in the files alone. */
    @Test
    void shouldNotAlarmWhereAReaderIsBehindTheRing(@TempDir Path directory) throws Exception {
        assumeTrue(isInstalled("promtool"), "needs prometheus: apt-get install prometheus");
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        String uri = "file:" + directory + "/behind?anyFileSystem=true&capacity=64k&maxCapacity=64k";
        try (MessageQueue queue = MessageQueues.open(uri);
                BelfryMetrics metrics = new BelfryMetrics(queue);
                Publisher publisher = queue.createPublisher()) {
            open(queue.createSubscriber(
                    SubscriberOptions.builder().name("behind").build()));
            for (int i = 0; i < 200; i++) publisher.publish(new byte[1000]);
            metrics.bindTo(registry);
            String scrape = registry.scrape();
            assertThat(value(scrape, "messaging_belfry_use_bytes")).isGreaterThan(200_000);
            assertThat(value(scrape, "messaging_belfry_use_max_bytes")).isLessThanOrEqualTo(64 << 10);
            StringBuilder test = new StringBuilder("rule_files: [" + RULES + "]\ntests:\n- input_series:\n");
            for (String row :
                    scrape.lines().filter(row -> row.startsWith("messaging_")).toList())
                test.append("  - {series: '" + row.replaceFirst(" (\\S+)$", "', values: '$1+0x9'}\n"));
            test.append("  alert_rule_test: [{eval_time: 5m, alertname: BelfryQueueNearlyFull, exp_alerts: []}]\n");
            Path file = Files.writeString(directory.resolve("test.yml"), test);
            assertThat(run("", "promtool", "test", "rules", file.toString())).contains("SUCCESS");
        } finally {
            close();
            MessageQueues.delete(uri);
        }
    }

    private static double value(String scrape, String name) {
        Matcher row = Pattern.compile("(?m)^" + name + "\\{.* (\\S+)$").matcher(scrape);
        assertThat(row.find()).as(name).isTrue();
        return Double.parseDouble(row.group(1));
    }

    @Test
    void shouldShowTheProgramOfTheTests() throws Exception {
        String source = Files.readString(Path.of("src/test/java/dev/belfry/micrometer/Meters.java"));
        String body = source.substring(source.indexOf("    public static void main"), source.lastIndexOf("}"));
        assertThat(Files.readString(DOCS.resolve("prometheus.md"))).contains(body.replaceAll("(?m)^ {4}", ""));
    }

    @Test
    void shouldFireEachAlertAndAnswerEachQueryOfTheDashboard(@TempDir Path directory) throws Exception {
        assumeTrue(
                isInstalled("prometheus") && isInstalled("promtool"), "needs prometheus: apt-get install prometheus");
        Map<String, MessageQueue> queues = new TreeMap<>();
        for (String each : PLANTED)
            queues.put(
                    each,
                    open(MessageQueues.open(
                            "shm:" + NAME + each + "?capacity=64k&maxCapacity=64k&deleteOnLastClose=true")));
        Map<String, Publisher> publishers = new TreeMap<>();
        Map<String, Subscriber> subscribers = new TreeMap<>();
        queues.forEach((name, queue) -> {
            publishers.put(name, open(queue.createPublisher()));
            SubscriberOptions.Builder options = SubscriberOptions.builder().name("audit");
            if (name.equals("lost")) options.slowSubscriber(SlowSubscriber.OVERRUN);
            subscribers.put(name, open(queue.createSubscriber(options.build())));
        });
        URI scraped = meters(PLANTED.toArray(new String[0]));
        assertThat(run(scrape(scraped, "messaging_"), "promtool", "check", "metrics"))
                .isEmpty();
        assertThat(run("", "promtool", "check", "rules", RULES.toString())).contains("SUCCESS: 10 rules found");
        prometheus(scraped, directory);
        Patience.until("each queue was scraped", () -> count("messaging_belfry_health") == PLANTED.size());
        assertThat(alerts()).as("while all is well").isEmpty();

        subscribers.get("stuck").setListener(message -> {
            throw new IllegalStateException("planted");
        });
        publishers.get("stuck").publish("it fails");
        blocked(queues.get("full"));
        for (int i = 0; i < 1000; i++) publishers.get("lost").publish(new byte[1000]);
        subscribers.get("left").close();
        publishers.get("left").publish("for nobody");
        for (int i = 0; i < 57; i++) publishers.get("nearly").publish(new byte[1000]);
        Files.delete(Path.of("/dev/shm/belfry." + NAME + "removed"));
        subscribers.get("lost").receive();

        Map<String, String> wanted = Map.of(
                "BelfryQueueStuck", "stuck",
                "BelfryPublishersWait", "full",
                "BelfryMessagesLost", "lost",
                "BelfrySubscriptionUnattended", "left",
                "BelfryQueueNearlyFull", "nearly",
                "BelfryNameRemoved", "removed");
        TreeSet<String> firing = new TreeSet<>();
        wanted.forEach((alert, queue) -> firing.add(alert + " " + queue));
        Patience.until("they fire", Duration.ofSeconds(60), () -> alerts().containsAll(firing));
        assertThat(alerts()).noneMatch(alert -> alert.endsWith(" well"));

        List<String> expressions = new ArrayList<>();
        for (Matcher m = EXPRESSION.matcher(Files.readString(DASHBOARD)); m.find(); )
            expressions.add(m.group(1).replace("\\\"", "\""));
        assertThat(expressions).hasSize(14);
        for (String each : expressions) {
            String concrete = each.replace("$queue", ".*").replace("$__rate_interval", "10s");
            Patience.until("'" + concrete + "' has rows", () -> count(concrete) > 0);
        }
    }

    /** A publisher whose waits for room time out, one after the other. */
    private void blocked(MessageQueue queue) {
        Thread thread = new Thread(() -> {
            try (Publisher out = queue.createPublisher(
                    PublisherOptions.builder().timeout(Duration.ofMillis(200)).build())) {
                while (!Thread.currentThread().isInterrupted()) publish(out);
            }
        });
        thread.start();
        open(() -> {
            thread.interrupt();
            thread.join();
        });
    }

    private static void publish(Publisher out) {
        try {
            out.publish(new byte[1000]);
        } catch (QueueFullException expected) {
            return;
        }
    }

    private URI meters(String... queues) {
        List<String> arguments = new ArrayList<>(List.of("0"));
        for (String queue : queues) arguments.add("shm:" + NAME + queue);
        ChildJvm child = open(JavaCommand.of(Meters.class, arguments.toArray(new String[0]))
                .flags(JavaCommand.QUICK)
                .start());
        return URI.create(child.line());
    }

    private String scrape(URI from, String words) {
        String[] text = new String[1];
        Patience.until("the scrape has " + words, () -> (text[0] = get(from)).contains(words));
        return text[0];
    }

    private void prometheus(URI scraped, Path directory) throws IOException {
        String rules =
                Files.readString(RULES).replaceAll("for: \\d+m", "for: 0s").replace("[5m]", "[10s]");
        Files.writeString(directory.resolve("alerts.yml"), rules);
        Files.writeString(directory.resolve("prometheus.yml"), """
                global: {scrape_interval: 1s, evaluation_interval: 1s}
                rule_files: [alerts.yml]
                scrape_configs:
                  - job_name: belfry
                    static_configs: [{targets: ['%s']}]
                """.formatted(scraped.getAuthority()));
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Process server = new ProcessBuilder(
                        "prometheus",
                        "--config.file=" + directory.resolve("prometheus.yml"),
                        "--storage.tsdb.path=" + directory.resolve("data"),
                        "--web.listen-address=127.0.0.1:" + port,
                        "--log.level=warn")
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
        open(() -> server.destroyForcibly().waitFor());
    }

    /** "ALERT QUEUE" of each that fires. */
    private TreeSet<String> alerts() {
        TreeSet<String> all = new TreeSet<>();
        for (String row : query("ALERTS{alertstate=\"firing\"}").split("\\{\"metric\":")) {
            Matcher m = ALERT.matcher(row);
            if (m.find()) all.add(m.group(1) != null ? m.group(1) + " " + m.group(2) : m.group(4) + " " + m.group(3));
        }
        return all;
    }

    private int count(String expression) {
        return query(expression).split("\\{\"metric\":").length - 1;
    }

    private String query(String expression) {
        try {
            return get(URI.create(
                    "http://127.0.0.1:" + port + "/api/v1/query?query=" + URLEncoder.encode(expression, UTF_8)));
        } catch (UncheckedIOException notYetThere) {
            return "";
        }
    }

    private static String get(URI address) {
        try (InputStream answer = address.toURL().openStream()) {
            return new String(answer.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What it prints, if it does not like something. */
    private static String run(String input, String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().write(input.getBytes(UTF_8));
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    private static boolean isInstalled(String program) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    }

    private <T extends AutoCloseable> T open(T it) {
        open.push(it);
        return it;
    }
}
