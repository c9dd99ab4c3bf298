package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.belfry.api.MessageQueues;
import dev.belfry.jakarta.BelfryConnectionFactory;
import dev.belfry.testing.ByTurns;
import dev.belfry.testing.Patched;
import dev.belfry.testing.Slow;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A domain as 0.1.0 has left it, opened, read and written on by this build. A change that makes it differ breaks what
 * users have. It was written by {@link Maker}, and is never written again.
 */
@Timeout(60)
class GoldenDomainTest {
    private static final String NAME =
            "belfry-golden-domain-" + ProcessHandle.current().pid();
    private static final Path MEMORY = Path.of("/dev/shm/belfry." + NAME);
    private static final Path RESOURCES = Path.of("src/test/resources/golden");
    private static final String QUEUE = "orders";

    /** Writes it, and what is to be found in it. */
    static final class Maker {
        public static void main(String[] args) throws Exception {
            try (JMSContext context =
                    factory("?capacity=64k&maxCapacity=64k&linger=0s").createContext()) {
                context.setClientID("client");
                context.createDurableConsumer(context.createTopic("prices"), "audit")
                        .close();
                context.createSharedDurableConsumer(context.createTopic("prices"), "team", "price > 2")
                        .close();
                for (Message each : every(context))
                    context.createProducer()
                            .setPriority(7)
                            .setJMSCorrelationID("correlation")
                            .setJMSType("type")
                            .setJMSReplyTo(context.createTopic("answers"))
                            .setProperty("boolean", true)
                            .setProperty("byte", (byte) -1)
                            .setProperty("short", (short) -2)
                            .setProperty("int", -3)
                            .setProperty("long", 1L << 40)
                            .setProperty("float", 1.5f)
                            .setProperty("double", -0.1)
                            .setProperty("string", "\u00e4\u20ac")
                            .send(context.createQueue(QUEUE), each);
                for (int i = 1; i <= 4; i++)
                    context.createProducer().setProperty("price", i).send(context.createTopic("prices"), "p" + i);
            }
            try (JMSContext undone = factory("?linger=0s").createContext(JMSContext.SESSION_TRANSACTED);
                    JMSConsumer in = undone.createConsumer(undone.createQueue(QUEUE))) {
                in.receive();
                undone.rollback();
            }
            try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(RESOURCES.resolve("domain.gz")))) {
                Files.copy(MEMORY, out);
            }
            Files.writeString(RESOURCES.resolve("domain.txt"), facts());
        }
    }

    private static BelfryConnectionFactory factory(String parameters) throws JMSException {
        return new BelfryConnectionFactory("shm:" + NAME + parameters);
    }

    private static List<Message> every(JMSContext context) throws JMSException {
        BytesMessage bytes = context.createBytesMessage();
        bytes.writeBytes(new byte[] {1, 2, 3});
        MapMessage map = context.createMapMessage();
        map.setObject("long", 5L);
        map.setObject("bytes", new byte[] {4});
        StreamMessage stream = context.createStreamMessage();
        stream.writeObject("text");
        stream.writeObject(2.5);
        return List.of(
                context.createTextMessage("text"),
                bytes,
                map,
                stream,
                context.createObjectMessage("object"),
                context.createMessage());
    }

    private static String facts() throws JMSException {
        List<String> all = new ArrayList<>();
        try (JMSContext context = factory("?linger=0s").createContext()) {
            context.setClientID("client");
            Queue queue = context.createQueue(QUEUE);
            try (QueueBrowser browser = context.createBrowser(queue)) {
                for (Object each : Collections.list((Enumeration<?>) browser.getEnumeration()))
                    all.add(fact((Message) each));
            }
            try (JMSConsumer audit = context.createDurableConsumer(context.createTopic("prices"), "audit");
                    JMSConsumer team =
                            context.createSharedDurableConsumer(context.createTopic("prices"), "team", "price > 2")) {
                for (Message each; (each = audit.receiveNoWait()) != null; ) all.add("audit " + fact(each));
                for (Message each; (each = team.receiveNoWait()) != null; ) all.add("team " + fact(each));
            }
        }
        return String.join("\n", all) + "\n";
    }

    private static String fact(Message message) throws JMSException {
        Map<String, Object> properties = new TreeMap<>();
        for (Object name : Collections.list((Enumeration<?>) message.getPropertyNames())) {
            Object value = message.getObjectProperty((String) name);
            properties.put((String) name, value + " " + value.getClass().getSimpleName());
        }
        return message.getJMSDestination() + ", mode " + message.getJMSDeliveryMode() + ", priority "
                + message.getJMSPriority() + ", correlation " + message.getJMSCorrelationID() + ", type "
                + message.getJMSType() + ", reply to " + message.getJMSReplyTo() + ", redelivered "
                + message.getJMSRedelivered() + ", expires " + message.getJMSExpiration() + " " + properties + ": "
                + body(message);
    }

    private static String body(Message message) throws JMSException {
        if (message instanceof TextMessage text) return text.getText();
        if (message instanceof BytesMessage bytes) return Arrays.toString(bytes.getBody(byte[].class));
        if (message instanceof MapMessage map) return map.getLong("long") + Arrays.toString(map.getBytes("bytes"));
        if (message instanceof StreamMessage stream) return stream.readString() + stream.readDouble();
        if (message instanceof ObjectMessage object) return "object " + object.getObject();
        return "none";
    }

    private static void check() throws Exception {
        try (InputStream in = new GZIPInputStream(Files.newInputStream(RESOURCES.resolve("domain.gz")))) {
            Files.copy(in, MEMORY);
        }
        try {
            assertThat(facts()).isEqualTo(Files.readString(RESOURCES.resolve("domain.txt")));
            try (JMSContext context = factory("?linger=0s").createContext();
                    JMSConsumer in = context.createConsumer(context.createQueue(QUEUE))) {
                context.createProducer().send(context.createQueue(QUEUE), "new");
                for (int i = 0; i < 6; i++) assertThat(in.receiveNoWait()).isNotNull();
                assertThat(in.receiveNoWait().getBody(String.class)).isEqualTo("new");
                assertThat(in.receiveNoWait()).isNull();
            }
        } finally {
            MessageQueues.delete("shm:" + NAME);
        }
    }

    /** The same, where a planted change runs. */
    static final class Check implements Consumer<String> {
        @Override
        public void accept(String none) {
            try {
                check();
            } catch (Exception failed) {
                throw new AssertionError(failed);
            }
        }
    }

    @Test
    void shouldReadAndGoOnWithADomain() throws Exception {
        check();
    }

    @ByTurns
    @Slow
    @ParameterizedTest
    @CsvSource(
            delimiterString = "##",
            value = {
                "BodyType ## TEXT(1), BYTES(2), ## TEXT(2), BYTES(1),",
                "DestinationKind ## QUEUE(0), TOPIC(1), ## QUEUE(1), TOPIC(0),",
                "MessageLayout ## in.skipBlock(HEAD - Op.SECOND); ## in.skipBlock(HEAD - Op.SECOND - 4);",
            })
    void shouldNoticeAnotherOffsetOrCode(String type, String statement, String replacement) {
        try (Patched twin = Patched.in(type, statement, replacement)) {
            assertThat(catchThrowable(() -> twin.run(Check.class, ""))).isNotNull();
        }
    }

    @Slow
    @Test
    void shouldBeGreenThereWithoutADefect() {
        try (Patched product = Patched.withoutDefect()) {
            product.run(Check.class, "");
        }
    }
}
