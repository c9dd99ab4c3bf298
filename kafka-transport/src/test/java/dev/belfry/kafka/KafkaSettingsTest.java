package dev.belfry.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.ConnectionLostException;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.ProviderInfo;
import dev.belfry.api.QueueConfig;
import dev.belfry.spi.MessageQueueProvider;
import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.net.URISyntaxException;
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

    @Test
    void shouldBeRegisteredAlikeForClassPathAndModulePath() throws URISyntaxException {
        Path classes = Path.of(KafkaProvider.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        List<String> registered = ServiceLoader.load(MessageQueueProvider.class).stream()
                .map(p -> p.type().getName())
                .toList();
        assertThat(registered).containsExactly(KafkaProvider.class.getName());
        assertThat(ModuleFinder.of(classes).find("dev.belfry.kafka").orElseThrow().descriptor().provides().stream()
                        .map(ModuleDescriptor.Provides::providers)
                        .flatMap(List::stream))
                .containsExactly(KafkaProvider.class.getName());
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
