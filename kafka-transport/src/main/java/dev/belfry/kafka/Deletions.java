package dev.belfry.kafka;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.ClusterResource;
import org.apache.kafka.common.ClusterResourceListener;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Keeps a message for a deleted queue away from the next one of its name. A client keeps what it could not deliver, and
 * once it has learned of the new topic it would send it there. So each time that it has learned something, and before
 * it sends anything more, it is asked what it knows. If a topic was exchanged, the client is closed: the calls that
 * wait for an answer end with ConnectionLostException. One for each client; it knows the topics of what is on its way.
 */
final class Deletions extends ByteArraySerializer implements ClusterResourceListener {
    private static final byte[] NOTHING = {};

    private record Sent(Uuid id, int messages) {}

    private final Map<String, Sent> onTheirWay = new ConcurrentHashMap<>();
    private volatile Producer<Object, byte[]> client;
    private volatile boolean closed;

    void watch(Producer<Object, byte[]> made) {
        client = made;
    }

    /** The client was closed here. */
    boolean hasClosed() {
        return closed;
    }

    /**
     * One more message. False: some are on their way to another topic of that name, so that this
     * client must not send it.
     */
    boolean begins(String topic, Uuid id) {
        Sent now = onTheirWay.compute(topic, (name, there) -> {
            if (there == null) return new Sent(id, 1);
            return there.id.equals(id) ? new Sent(there.id, there.messages + 1) : there;
        });
        return now.id.equals(id);
    }

    void ends(String topic) {
        onTheirWay.computeIfPresent(
                topic, (name, there) -> there.messages == 1 ? null : new Sent(there.id, there.messages - 1));
    }

    /** In the client's own thread, which alone sends. */
    @Override
    public void onUpdate(ClusterResource cluster) {
        Producer<Object, byte[]> asked = client;
        if (asked == null || closed) return;
        onTheirWay.forEach((topic, sent) -> {
            Uuid now = ask(asked, topic);
            if (now.equals(Uuid.ZERO_UUID) || now.equals(sent.id)) return;
            closed = true;
            asked.close(Duration.ZERO);
        });
    }

    /** Zero if it does not know any. */
    private static Uuid ask(Producer<Object, byte[]> client, String topic) {
        SameTopic.Question question = new SameTopic.Question();
        try {
            client.send(new ProducerRecord<>(topic, null, question, NOTHING));
        } catch (SameTopic.Question answered) {
            return answered.known();
        } catch (KafkaException | IllegalStateException closedMeanwhile) {
            return Uuid.ZERO_UUID;
        }
        return Uuid.ZERO_UUID; // it does not know where that is
    }
}
