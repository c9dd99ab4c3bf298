package dev.belfry.kafka;

import dev.belfry.api.Capability;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.QueueInfo;
import dev.belfry.spi.MessageQueueProvider;
import dev.belfry.spi.ProviderVersion;
import dev.belfry.spi.QueueUri;
import java.util.List;
import java.util.Set;

/** {@code kafka:orders?bootstrap=host:9092}, found by ServiceLoader. */
public final class KafkaProvider implements MessageQueueProvider {
    static final String SCHEME = "kafka";

    /** For ServiceLoader. */
    public KafkaProvider() {}

    @Override
    public String scheme() {
        return SCHEME;
    }

    @Override
    public String name() {
        return "belfry-kafka-transport";
    }

    @Override
    public String version() {
        return ProviderVersion.of(KafkaProvider.class);
    }

    @Override
    public Set<Capability> capabilities() {
        return Topic.CAPABILITIES;
    }

    @Override
    public Set<String> parameters() {
        return KafkaSettings.parameters();
    }

    @Override
    public MessageQueue open(QueueUri uri, QueueConfig config) {
        KafkaSettings settings = KafkaSettings.of(uri.toString(), config);
        Cluster cluster = Cluster.join(settings.clients());
        try {
            return new KafkaQueue(Topic.open(cluster, uri, config, settings));
        } catch (Throwable e) {
            cluster.leave();
            throw e;
        }
    }

    @Override
    public boolean delete(QueueUri uri, QueueConfig config) {
        Cluster cluster = Cluster.join(KafkaSettings.of(uri.toString(), config).clients());
        try {
            return Topic.delete(cluster, uri);
        } finally {
            cluster.leave();
        }
    }

    @Override
    public List<QueueInfo> list(QueueConfig config) {
        Cluster cluster = Cluster.join(KafkaSettings.of("list", config).clients());
        try {
            return Topic.list(cluster);
        } finally {
            cluster.leave();
        }
    }
}
