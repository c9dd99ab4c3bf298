package dev.belfry.kafka;

import dev.belfry.api.QueueConfig;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Units;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The settings in the URI and the configuration. Values of {@code kafka.*} and of the file may be
 * secrets: they are in no text.
 *
 * @param clients for the engine's clients, by their own names
 * @param replication of a new queue; -1 = the broker's default
 * @param minInsyncReplicas of a new queue; 0 = the broker's default
 * @param retentionMillis of a new queue; -1 = for ever
 * @param retentionBytes of a new queue; -1 = without limit
 */
record KafkaSettings(
        Map<String, String> clients,
        short replication,
        int minInsyncReplicas,
        long retentionMillis,
        long retentionBytes) {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaSettings.class);

    private static final String BOOTSTRAP = "bootstrap";
    private static final String FILE = "properties";
    private static final String REPLICATION = "replication";
    private static final String MIN_INSYNC = "minInsyncReplicas";
    private static final String RETENTION = "retention";
    private static final String RETENTION_BYTES = "retentionBytes";
    private static final String PREFIX = "kafka.";

    /** The settings that the promises of a queue need. */
    private static final Set<String> OURS = Set.of(
            ProducerConfig.ACKS_CONFIG,
            ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
            ProducerConfig.TRANSACTIONAL_ID_CONFIG,
            ProducerConfig.PARTITIONER_CLASS_CONFIG,
            ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG,
            ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG,
            ProducerConfig.MAX_BLOCK_MS_CONFIG,
            ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
            ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG,
            ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG,
            ConsumerConfig.GROUP_ID_CONFIG,
            ConsumerConfig.GROUP_INSTANCE_ID_CONFIG,
            ConsumerConfig.GROUP_PROTOCOL_CONFIG,
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
            ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG,
            ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG,
            CommonClientConfigs.CLIENT_ID_CONFIG,
            CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG);

    private static final Set<String> KNOWN = known();
    private static final Pattern SETTING = Pattern.compile("[a-z][a-z0-9]*([._-][a-z0-9]+)+");
    private static final Set<String> WARNED = ConcurrentHashMap.newKeySet(); // files and names

    private static Set<String> known() {
        Set<String> names = ofClients();
        names.addAll(OURS); // refused
        return Set.copyOf(names);
    }

    static Set<String> parameters() {
        Set<String> names = new TreeSet<>(Set.of(BOOTSTRAP, FILE, REPLICATION, MIN_INSYNC, RETENTION, RETENTION_BYTES));
        for (String name : ofClients()) names.add(PREFIX + name);
        return names;
    }

    private static Set<String> ofClients() {
        Set<String> names = new HashSet<>(ProducerConfig.configNames());
        names.addAll(ConsumerConfig.configNames());
        names.addAll(AdminClientConfig.configNames());
        names.removeAll(OURS);
        return names;
    }

    /** {@code subject}: for what is refused. */
    static KafkaSettings of(String subject, QueueConfig config) {
        Map<String, Object> given = config.attributes();
        Map<String, String> clients = new HashMap<>();
        if (given.get(FILE) instanceof String file) read(file, clients);
        given.forEach((name, value) -> {
            if (name.startsWith(PREFIX)) clients.put(name.substring(PREFIX.length()), String.valueOf(value));
        });
        Object bootstrap = given.get(BOOTSTRAP);
        if (bootstrap != null) clients.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrap.toString());
        if (!clients.containsKey(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG))
            throw new IllegalArgumentException(
                    "'" + subject
                            + "' names no broker. Write kafka:NAME?bootstrap=HOST:PORT, or set the system property belfry.bootstrap");
        return new KafkaSettings(
                Map.copyOf(clients),
                (short) count(given, REPLICATION, Short.MAX_VALUE, -1),
                count(given, MIN_INSYNC, Short.MAX_VALUE, 0),
                given.get(RETENTION) instanceof String age
                        ? Math.max(1, Deadlines.nanos(Units.parseDuration(age)) / 1_000_000)
                        : -1,
                given.get(RETENTION_BYTES) instanceof String size ? Units.parseSize(size) : -1);
    }

    private static int count(Map<String, Object> given, String name, int most, int otherwise) {
        Object value = given.get(name);
        if (value == null) return otherwise;
        try {
            int count = Integer.parseInt(value.toString());
            if (count >= 1 && count <= most) return count;
        } catch (NumberFormatException notANumber) {
            throw new IllegalArgumentException(name + " must be a number from 1, was '" + value + "'", notANumber);
        }
        throw new IllegalArgumentException(name + " must be a number from 1, was '" + value + "'");
    }

    private static void read(String file, Map<String, String> clients) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(Path.of(file))) {
            properties.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    FILE + ": cannot read '" + file + "': " + e.getClass().getSimpleName(),
                    e instanceof IOException ? e : null); // the other one's text shows what it could not parse
        }
        for (String name : properties.stringPropertyNames()) {
            if (OURS.contains(name) && !name.equals(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG))
                throw new IllegalArgumentException(FILE + ": '" + name + "' in '" + file
                        + "' is for Belfry to set, as a queue's promises rest on it. Leave it out");
            if (!KNOWN.contains(name)) warnOnce(file, name, properties.getProperty(name));
            clients.put(name, properties.getProperty(name));
        }
    }

    /** A line that is no setting may be the rest of a secret: then not even its name is shown. */
    private static void warnOnce(String file, String name, String value) {
        if (!WARNED.add(file + ' ' + name)) return;
        boolean isSetting = !value.isEmpty() && SETTING.matcher(name).matches();
        LOG.warn(
                "{}: {} in '{}' is no setting of Kafka's clients, and does nothing. Check how it is spelled.",
                FILE,
                isSetting ? "'" + name + "'" : "a line that is no NAME=VALUE",
                file);
    }

    /** Names only: no values. */
    @Override
    public String toString() {
        return "KafkaSettings" + new TreeSet<>(clients.keySet());
    }
}
