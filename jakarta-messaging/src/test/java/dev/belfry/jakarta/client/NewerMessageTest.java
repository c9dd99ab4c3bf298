package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.jakarta.domain.Domain;
import dev.belfry.jakarta.domain.Domains;
import dev.belfry.jakarta.domain.Held;
import dev.belfry.jakarta.domain.LocalConsumer;
import dev.belfry.jakarta.domain.Signal;
import dev.belfry.jakarta.domain.Taken;
import dev.belfry.jakarta.selector.Selector;
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
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    /** An old member asks for it once, and one that was upgraded has it at once. */
    @Test
    void shouldLeaveItToAnotherMemberAtOnce() throws JMSException {
        BelfryConnection old = connect();
        BelfryConnection upgraded = connect(new Domains());
        MessageConsumer consumer = auto(old).createConsumer(queue("q"));
        MessageConsumer neighbour = auto(old).createConsumer(queue("q"));
        LocalConsumer understands =
                upgraded.domain.consume(Domain.queueId("q"), "q", Selector.orNull(null), new Signal(), 1);
        Envelope body = to(DestinationId.QUEUE, "q");
        body.bodyType = UNKNOWN_BODY;
        append(body);
        long records = Held.records(old.domain);
        for (int i = 0; i < 3; i++) assertThat(consumer.receiveNoWait()).isNull();
        assertThat(Held.records(old.domain)).as("a TAKE and a RETURN").isEqualTo(records + 2);

        understands.hungry(true);
        upgraded.domain.turn();
        understands.hungry(false);
        Taken taken = understands.poll();
        assertThat(taken).as("what the other member gets").isNotNull();
        assertThat(taken.count()).as("deliveries before").isZero();
        upgraded.domain.giveBack(List.of(taken), 0, false);
        assertThat(consumer.receiveNoWait()).isNull();
        assertThat(neighbour.receiveNoWait()).isNull();
        assertThat(Held.records(old.domain)).as("and those of the other member").isEqualTo(records + 4);
    }

    /** What a selector asks for may stand after what is not known. */
    @ParameterizedTest
    @ValueSource(ints = {UNKNOWN_KIND, 200})
    void shouldLeaveWhatItDoesNotKnowInASubscription(int kind) throws JMSException {
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
        property.properties = properties(kind);
        append(unwanted, property, known);
        assertThat(consumer.receive(Patience.limit().toMillis())).isNotNull();
        assertThat(consumer.receiveNoWait()).isNull();
        Patience.until("the one that is not wanted is gone", () -> Held.size(connection.domain) == 1);
        session.close();
        assertThat(Held.size(connection.domain)).as("messages that stay").isOne();
    }
}
