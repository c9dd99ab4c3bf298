package dev.belfry.kafka;

import java.util.Map;
import org.apache.kafka.clients.producer.Partitioner;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Uuid;

/**
 * Refuses a message whose topic is, as far as the client knows, not the one that it is meant for but another of that
 * name; tells {@link Deletions} what the client knows. All messages go to partition 0.
 */
public final class SameTopic implements Partitioner {
    /** For the engine. */
    public SameTopic() {}

    @Override
    public int partition(String topic, Object key, byte[] keyBytes, Object value, byte[] valueBytes, Cluster cluster) {
        Uuid id = cluster.topicId(topic);
        if (key instanceof Question question) {
            question.known = id;
            throw question;
        }
        if (!id.equals(Uuid.ZERO_UUID) && !id.equals(key)) throw new AnotherTopic();
        return 0;
    }

    @Override
    public void close() {}

    @Override
    public void configure(Map<String, ?> settings) {}

    /** Nothing was handed over. */
    static final class AnotherTopic extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /**
     * In place of a message's key: which topic of that name does the client know? Thrown when
     * answered, so that nothing is handed over.
     */
    static final class Question extends RuntimeException {
        private static final long serialVersionUID = 1;

        private transient Uuid known;

        Question() {
            super("answered", null, false, false);
        }

        Uuid known() {
            return known;
        }
    }
}
