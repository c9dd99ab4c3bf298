package dev.belfry.kafka;

import dev.belfry.api.QueueStats;
import dev.belfry.api.SubscriberStats;
import dev.belfry.spi.QueueReport;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.config.TopicConfig;

/** A topic as the brokers describe it, in their words: what an operator finds with their own tools. */
final class TopicReport {
    private TopicReport() {}

    static QueueReport of(Topic topic, QueueStats stats) {
        TopicDescription found = topic.description();
        TopicPartitionInfo partition = found.partitions().get(0);
        Node leader = partition.leader();
        Config config = Topic.config(topic.cluster, topic.uri);
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("topic", topic.name());
        all.put("cluster", topic.cluster.servers());
        all.put("partitions", (long) found.partitions().size());
        all.put(
                "leader",
                leader == null ? null : "broker " + leader.idString() + " at " + leader.host() + ":" + leader.port());
        all.put("replicas", (long) partition.replicas().size());
        all.put("replicasInSync", (long) partition.isr().size());
        all.put("minInsyncReplicas", number(config, TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG));
        all.put("retentionMillis", number(config, TopicConfig.RETENTION_MS_CONFIG));
        all.put("retentionBytes", number(config, TopicConfig.RETENTION_BYTES_CONFIG));
        all.put("maxMessageBytes", number(config, TopicConfig.MAX_MESSAGE_BYTES_CONFIG));
        all.put("beginOffset", topic.beforeOldest());
        all.put("endOffset", topic.newest());
        for (SubscriberStats each : stats.subscribers())
            if (each.name() != null)
                all.put(
                        "group " + topic.group(each.name()),
                        topic.holder(each.name()).map(Topic.Holder::text).orElse("no process attached"));
        return new QueueReport(topic.uri.toUri(), topic.uri.toString(), stats, all, List.of(), List.of());
    }

    /** Null: there is no limit. */
    private static Long number(Config config, String name) {
        long value = Long.parseLong(config.get(name).value());
        return value < 0 ? null : value;
    }
}
