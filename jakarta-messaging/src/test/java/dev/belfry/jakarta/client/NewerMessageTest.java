package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.jakarta.domain.Held;
import dev.belfry.jakarta.text.Out;
import dev.belfry.jakarta.wire.DestinationId;
import dev.belfry.jakarta.wire.Envelope;
import dev.belfry.jakarta.wire.RecordWriter;
import dev.belfry.spi.Log;
import dev.belfry.spi.Reserve;
import dev.belfry.testing.CaughtLog;
import dev.belfry.testing.Patience;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Messages of a newer version, in a rolling upgrade: this version leaves them to consumers of that one. */
class NewerMessageTest extends DomainTest {
    private static final int UNKNOWN_BODY = 6;
    private static final int UNKNOWN_KIND = 9;

    @RegisterExtension
    final CaughtLog log = new CaughtLog();

    private static Envelope to(int kind, String name) {
        Envelope message = new Envelope();
        message.destination = DestinationId.of(kind, name);
        message.body = new byte[] {1};
        return message;
    }

    /** A property of this kind, and one after it. */
    private static byte[] properties(int kind) {
        Out out = new Out(64);
        out.int8(kind).text("later").int32(5);
        out.int8(8).text("colour").text("red");
        byte[] bytes = new byte[out.length()];
        out.written().get(bytes);
        return bytes;
    }

    private void append(Envelope... messages) {
        RecordWriter record = new RecordWriter().begin(1);
        for (Envelope one : messages) record.message(one.bytes());
        try (MessageQueue newer = MessageQueues.open(domain + "?" + Log.KIND + "=" + Log.DOMAIN)) {
            newer.unwrap(Log.class).append(record.end(), Reserve.NORMAL, -1, Patience.limit());
        }
    }

    @Test
    void shouldLeaveWhatItDoesNotKnowInTheQueue() throws JMSException {
        BelfryConnection connection = connect();
        BelfrySession session = auto(connection);
        MessageConsumer consumer = session.createConsumer(queue("q"));
        Envelope body = to(DestinationId.QUEUE, "q");
        body.bodyType = UNKNOWN_BODY;
        Envelope property = to(DestinationId.QUEUE, "q");
        property.bodyType = 2;
        property.properties = properties(UNKNOWN_KIND);
        append(body, property);
        send(session, "q", "known");
        assertThat(texts(consumer, 1)).containsExactly("known");
        assertThat(consumer.receiveNoWait()).isNull();
        assertThat(browse(session.createBrowser(queue("DLQ")))).isEmpty();
        assertThat(Held.size(connection.domain)).as("messages that stay").isEqualTo(2);
        assertThat(log.text()).containsOnlyOnce("is of a newer version");
    }

    /** What a selector asks for may stand after what is not known. */
    @Test
    void shouldLeaveWhatItDoesNotKnowInASubscription() throws JMSException {
        BelfryConnection connection = connect("clientID=c");
        BelfrySession session = auto(connection);
        var topic = session.createTopic("news");
        MessageConsumer consumer = session.createSharedDurableConsumer(topic, "reds", "colour = 'red'");
        Envelope known = to(DestinationId.TOPIC, "news");
        known.bodyType = 2;
        known.properties = properties(4);
        Envelope unwanted = to(DestinationId.TOPIC, "news");
        Envelope property = to(DestinationId.TOPIC, "news");
        property.bodyType = 2;
        property.properties = properties(UNKNOWN_KIND);
        append(unwanted, property, known);
        assertThat(consumer.receive(Patience.limit().toMillis())).isNotNull();
        assertThat(consumer.receiveNoWait()).isNull();
        Patience.until("the one that is not wanted is gone", () -> Held.size(connection.domain) == 1);
        session.close();
        assertThat(Held.size(connection.domain)).as("messages that stay").isOne();
    }
}
