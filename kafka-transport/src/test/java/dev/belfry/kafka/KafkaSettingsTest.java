package dev.belfry.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.ConnectionLostException;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.ProviderInfo;
import dev.belfry.api.QueueConfig;
import dev.belfry.spi.MessageQueueProvider;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Without a broker: what the URI and the configuration say, and what is registered. */
class KafkaSettingsTest {
    private static final String SECRET = "hunter2";

    @TempDir
    private Path directory;

    @Test
    void shouldPassClientSettingsThrough() throws IOException {
        Path file = Files.writeString(directory.resolve("client.properties"), """
                security.protocol=SASL_SSL
                ssl.key.password=hunter2
                client.rack=a
                """);
        KafkaSettings settings = KafkaSettings.of(
                "kafka:orders",
                config().attribute("properties", file.toString())
                        .attribute("kafka.client.rack", "b")
                        .build());
        assertThat(settings.clients())
                .containsEntry("bootstrap.servers", "host:9092")
                .containsEntry("security.protocol", "SASL_SSL")
                .containsEntry("ssl.key.password", SECRET)
                .containsEntry("client.rack", "b");
        assertThat(settings.toString()).doesNotContain(SECRET);
    }

    @Test
    void shouldRefuseWhatPromisesRestOn() throws IOException {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MessageQueues.open("kafka:orders?bootstrap=host:9092&kafka.acks=0"))
                .withMessageStartingWith("Unknown parameter 'kafka.acks'");
        Path file = Files.writeString(directory.resolve("client.properties"), "acks=0\nssl.key.password=hunter2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MessageQueues.open("kafka:orders?bootstrap=host:9092&properties=" + file))
                .withMessageContaining("'acks'")
                .withMessageNotContaining(SECRET);
    }

    @Test
    void shouldSayWhatIsMissingOrWrong() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MessageQueues.open("kafka:orders"))
                .withMessageContaining("bootstrap=HOST:PORT");
        for (String wrong : List.of(
                "replication=0",
                "replication=many",
                "minInsyncReplicas=-1",
                "retention=soon",
                "retentionBytes=1x",
                "properties=/none/such"))
            assertThatIllegalArgumentException()
                    .as(wrong)
                    .isThrownBy(() -> MessageQueues.open("kafka:orders?bootstrap=host:9092&" + wrong));
    }

    /** Each way of the client to look a name up. No name server is asked for a label of 64 characters. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "&kafka.client.dns.lookup=resolve_canonical_bootstrap_servers_only",
                "&kafka.bootstrap.resolve.timeout.ms=100"
            })
    void shouldLoseItsConnectionWhenNoNameResolves(String lookUp) {
        String name = "n".repeat(64);
        assertThatThrownBy(() -> MessageQueues.open("kafka:orders?bootstrap=" + name + ":9092" + lookUp))
                .isInstanceOf(ConnectionLostException.class)
                .hasMessageStartingWith("No address is known for " + name + ":9092. Check ");
    }

    @Test
    void shouldSayWhatLiesBelowWhenAClientCannotBeMade() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MessageQueues.open("kafka:orders?bootstrap=127.0.0.1:1"
                        + "&kafka.security.protocol=SASL_PLAINTEXT&kafka.sasl.mechanism=PLAIN"))
                .withMessageContaining("Could not find a 'KafkaClient' entry in the JAAS configuration");
    }

    @Test
    void shouldShowNoSecretOfAClientThatCannotBeMade() {
        String jaas = "org.none.Such%20required%20password=%22" + SECRET + "%22;";
        assertThatThrownBy(() -> MessageQueues.open("kafka:orders?bootstrap=127.0.0.1:1"
                        + "&kafka.security.protocol=SASL_PLAINTEXT&kafka.sasl.mechanism=PLAIN&kafka.sasl.jaas.config="
                        + jaas))
                .isInstanceOf(IllegalArgumentException.class)
                .satisfies(e -> {
                    for (Throwable t = e; t != null; t = t.getCause())
                        assertThat(t.toString()).doesNotContain(SECRET);
                });
    }

    /** The client cuts a line of JAAS at quotes and blanks, and shows a piece. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "sasl.jaas.config=PLAIN required username=\"u\" password=\"abc\"hunter2SECRET\";",
                "sasl.jaas.config=PLAIN required username=\"u\" password=\"hunter2SECRET\"",
                "sasl.jaas.config=PLAIN hunter2SECRET username=\"u\" password=\"x\";",
                "sasl.jaas.config=PLAIN required username=\"u\" hunter2SECRET;",
                "sasl.mechanism=OAUTHBEARER\n"
                        + "sasl.oauthbearer.token.endpoint.url=https://u:hunter2SECRET@127.0.0.1:1/t\n"
                        + "sasl.login.callback.handler.class="
                        + "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler\n"
                        + "sasl.jaas.config=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule"
                        + " required clientId=\"c\" clientSecret=\"hunter2SECRET\";",
                "request.timeout.ms=hunter2SECRET",
                "security.protocol=hunter2SECRET",
                "security.protocol=SSL\nssl.truststore.location=/nowhere/hunter2SECRET.p12",
                "client.rack=\\uhunter2SECRET"
            })
    void shouldShowNoPartOfAValue(String setting) throws IOException {
        Path file = Files.writeString(
                directory.resolve("client.properties"),
                "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\n"
                        + setting.replace("=PLAIN ", "=org.apache.kafka.common.security.plain.PlainLoginModule "));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MessageQueues.open("kafka:orders?bootstrap=127.0.0.1:1&properties=" + file))
                .satisfies(e -> {
                    StringWriter all = new StringWriter();
                    e.printStackTrace(new PrintWriter(all));
                    assertThat(all.toString()).doesNotContain(SECRET, "SECRET");
                });
    }

    /** Once: many queues are opened with one file. The rest of a line that was cut may be a secret. */
    @Test
    void shouldWarnOnceOfWhatIsNoSetting() throws IOException {
        Path file = Files.writeString(
                directory.resolve("client.properties"),
                "security.protcol=SASL_SSL\nhunter2SECRET\"; \nssl.key.password=x\n");
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        PrintStream errors = System.err;
        System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
        try {
            for (int i = 0; i < 2; i++)
                KafkaSettings.of(
                        "kafka:orders",
                        config().attribute("properties", file.toString()).build());
        } finally {
            System.setErr(errors);
        }
        assertThat(log.toString(StandardCharsets.UTF_8))
                .containsOnlyOnce("'security.protcol'")
                .containsOnlyOnce("a line that is no NAME=VALUE")
                .doesNotContain("SECRET", "ssl.key.password");
    }

    /** Without a descriptor, which could only name Kafka's jar by its file's name. */
    @Test
    void shouldBeRegisteredForTheClassPathAndAsAnAutomaticModule() throws URISyntaxException {
        Path classes = Path.of(KafkaProvider.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        List<String> registered = ServiceLoader.load(MessageQueueProvider.class).stream()
                .map(p -> p.type().getName())
                .toList();
        assertThat(registered).containsExactly(KafkaProvider.class.getName());
        assertThat(classes.resolve("module-info.class")).doesNotExist();
    }

    @Test
    void shouldIntroduceItself() {
        ProviderInfo info = MessageQueues.providers().get(0);
        assertThat(info.scheme()).isEqualTo("kafka");
        assertThat(info.name()).isEqualTo("belfry-kafka-transport");
        assertThat(info.version()).isNotEmpty();
        assertThat(info.unavailableReason()).isNull();
    }

    private static QueueConfig.Builder config() {
        return QueueConfig.builder().attribute("bootstrap", "host:9092");
    }
}
