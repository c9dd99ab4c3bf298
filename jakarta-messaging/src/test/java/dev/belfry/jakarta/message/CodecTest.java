package dev.belfry.jakarta.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.belfry.jakarta.text.Out;
import dev.belfry.jakarta.text.Text;
import dev.belfry.jakarta.wire.MessageLayout;
import dev.belfry.testing.Seeded;
import jakarta.jms.Destination;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.Queue;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Messages to bytes and back, and what damaged bytes become. */
class CodecTest {
    /** Some that have no UTF-8, or look as if something had been replaced. */
    private static final String[] TEXTS = {
        "",
        "a",
        "?",
        "\u00e9",
        "\ud83d\udd14",
        "\ud83d",
        "\udd14",
        "a\udd14\ud83d?",
        "\uFFFD",
        "\ud83d\uFFFD",
        "\u0000",
        "x".repeat(300)
    };

    @Test
    void shouldKeepEachString() {
        for (String one : TEXTS)
            for (String other : TEXTS) {
                String text = one + other;
                byte[] bytes = Text.bytes(text);
                assertThat(Text.string(bytes, 0, bytes.length)).isEqualTo(text);
                assertThat(Arrays.equals(Text.bytes(one), Text.bytes(other))).isEqualTo(one.equals(other));
            }
        assertThat(Text.bytes("\ud83d")).containsExactly(0xED, 0xA0, 0xBD);
        assertThat(Text.bytes("\ud83d\udd14")).hasSize(4);
    }

    /** Literally, so that no field moves by accident: other processes and the fold read it, too. */
    @Test
    void shouldLieAsItsTableSays() throws JMSException {
        BelfryTextMessage m = new BelfryTextMessage();
        m.setText("h\u00e9llo");
        m.setIntProperty("p", 7);
        m.setJMSMessageID("there is one");
        m.setJMSPriority(6);
        m.setJMSTimestamp(50);
        m.setJMSExpiration(99);
        m.setJMSDeliveryTime(60);
        m.setJMSCorrelationID("corr");
        m.setJMSType("t");
        m.setJMSReplyTo(new Messages.Named(DestinationKind.QUEUE, "reply"));
        Out out = new Out(256);
        Messages.CODEC.encode(m, new Sending(0x0102030405060708L, 5, 50, 11, 12), out);
        assertThat(HexFormat.of().formatHex(Arrays.copyOf(out.array(), out.length())))
                .isEqualTo("70000000" + "01" + "16" + "7f00" // length 112, MESSAGE, Text and priority 6, flags
                        + "0807060504030201" + "0500000000000000" + "3200000000000000" // destination, serial, sent
                        + "6300000000000000" + "3c00000000000000" // expiration, delivery time
                        + "0b00000000000000" + "0c00000000000000" // client, connection
                        + "04000000" + "636f7272" + "01000000" + "74" // correlation id, type
                        + "00" + "05000000" + "7265706c79" // reply-to
                        + "0a000000" + "04" + "01000000" + "70" + "07000000" // properties: INT p
                        + "06000000" + "68c3a96c6c6f" + "00"); // body, zeros
    }

    @Test
    void shouldKeepTheTimesIfTheTimestampIsDisabled() throws JMSException {
        BelfryMessage m = new BelfryMessage();
        m.setJMSDeliveryTime(Messages.SENT_AT);
        FlatMessage flat = Messages.flat(Messages.encoded(m));
        assertThat(flat.timestamp()).isZero();
        assertThat(flat.deliveryTime()).isEqualTo(Messages.SENT_AT);
        assertThat(flat.has(MessageLayout.DELIVERY_TIME)).isFalse();
    }

    @Seeded({1, 2, 3})
    void shouldBringBackWhatWasWritten(long seed) throws JMSException {
        Random random = new Random(seed);
        for (int i = 0; i < 1_000; i++) {
            BelfryMessage message = some(random);
            byte[] bytes = Messages.encoded(message);
            BelfryMessage back = Messages.CODEC.decode(Messages.flat(bytes), 1, Acknowledgement.IGNORED);
            assertThat(told(back)).isEqualTo(told(message));
            assertThat(Messages.encoded(back)).as("again").isEqualTo(bytes);
        }
    }

    /** One field of a message after the other, as a selector reads them. */
    @Seeded({4})
    void shouldReadPropertiesAsTheyLie(long seed) throws JMSException {
        Random random = new Random(seed);
        for (int i = 0; i < 300; i++) {
            BelfryMessage message = some(random);
            FlatMessage flat = Messages.flat(Messages.encoded(message));
            assertThat(flat.property(MessageFields.bytes("absent"))).isEqualTo(MessageFields.NULL);
            for (Map.Entry<String, Object> one : message.properties().entrySet())
                assertThat(read(flat, flat.property(MessageFields.bytes(one.getKey()))))
                        .isEqualTo(one.getValue());
            assertThat(read(flat, flat.header(MessageFields.Header.JMSType))).isEqualTo(message.getJMSType());
            assertThat(read(flat, flat.header(MessageFields.Header.JMSTimestamp)))
                    .isEqualTo(message.getJMSTimestamp());
            assertThat(flat.expiration()).isEqualTo(message.getJMSExpiration());
            assertThat(flat.deliveryTime()).isEqualTo(message.getJMSDeliveryTime());
            assertThat(flat.priority()).isEqualTo(message.getJMSPriority());
        }
    }

    private static Object read(FlatMessage flat, byte kind) {
        return switch (kind) {
            case MessageFields.NULL -> null;
            case MessageFields.BOOLEAN -> flat.bits() == 1;
            case MessageFields.BYTE -> (byte) flat.bits();
            case MessageFields.SHORT -> (short) flat.bits();
            case MessageFields.INT -> (int) flat.bits();
            case MessageFields.LONG -> flat.bits();
            case MessageFields.FLOAT -> Float.intBitsToFloat((int) flat.bits());
            case MessageFields.DOUBLE -> Double.longBitsToDouble(flat.bits());
            default -> Text.string(flat.array(), flat.offset(), flat.length());
        };
    }

    /**
     * A bit turned, a byte replaced, cut off, or noise: it is called damaged, or is some message;
     * and no array is larger than it could be.
     */
    @Seeded({5, 6})
    void shouldSurviveDamage(long seed) throws JMSException {
        Random random = new Random(seed);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int damaged = 0;
        int read = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = damaged(Messages.encoded(some(random)), random);
            long before = threads.getCurrentThreadAllocatedBytes();
            try {
                FlatMessage flat = Messages.flat(bytes);
                if (flat == null) damaged++;
                else {
                    for (String name : List.of("a", "absent")) read(flat, flat.property(MessageFields.bytes(name)));
                    for (MessageFields.Header header : MessageFields.Header.values()) read(flat, flat.header(header));
                    BelfryMessage message = Messages.CODEC.decode(flat, 1, Acknowledgement.IGNORED);
                    if (message instanceof BelfryObjectMessage object) object.getObject();
                    read++;
                }
            } catch (MessageFormatException e) {
                damaged++;
            }
            assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(2_000_000);
        }
        assertThat(damaged).isGreaterThan(3_000);
        assertThat(read).isGreaterThan(3_000);
    }

    private static byte[] damaged(byte[] bytes, Random random) {
        switch (random.nextInt(5)) {
            case 0 -> bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            case 1 -> bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            case 2 -> Arrays.fill(bytes, random.nextInt(bytes.length), bytes.length, (byte) -1);
            case 3 -> bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
            default -> random.nextBytes(bytes);
        }
        return bytes;
    }

    @Test
    void shouldSayThatItIsDamaged() throws JMSException {
        BelfryMessage m = new BelfryMessage();
        m.setStringProperty("p", "secret");
        byte[] bytes = Messages.encoded(m);
        int kind = MessageLayout.HEAD + 12; // after a delivery time and the properties' length: that of p
        bytes[kind + 1] = 99; // the length of its name
        assertThatThrownBy(() -> Messages.CODEC.decode(Messages.flat(bytes), 1, Acknowledgement.IGNORED))
                .isInstanceOf(MessageFormatException.class)
                .isNotInstanceOf(NewerMessageException.class)
                .hasMessageContaining("Message is damaged")
                .hasMessageNotContaining("secret");
        bytes[kind + 1] = 1;
        bytes[kind] = 9;
        assertThatThrownBy(() -> Messages.CODEC.decode(Messages.flat(bytes), 1, Acknowledgement.IGNORED))
                .isInstanceOf(NewerMessageException.class)
                .hasMessageContaining("a property is of the kind 9")
                .hasMessageNotContaining("secret");
    }

    /** A message in a log says these. */
    @Test
    void shouldKeepTheNumbersOfKinds() {
        assertThat(BodyType.values())
                .extracting(one -> one + " " + one.number)
                .containsExactly("NONE 0", "TEXT 1", "BYTES 2", "MAP 3", "STREAM 4", "OBJECT 5");
        assertThat(DestinationKind.values())
                .extracting(one -> one + " " + one.number)
                .containsExactly("QUEUE 0", "TOPIC 1", "TEMPORARY_QUEUE 2", "TEMPORARY_TOPIC 3");
    }

    @Test
    void shouldRefuseAReplyToThatIsNoQueueAndNoTopic() {
        BelfryMessage m = new BelfryMessage();
        m.setJMSReplyTo(new Destination() {});
        assertThatThrownBy(() -> Messages.encoded(m)).isInstanceOf(InvalidDestinationException.class);
    }

    /** Its parts. */
    private static Map<String, Object> told(BelfryMessage m) throws JMSException {
        Map<String, Object> told = new TreeMap<>();
        told.put("class", m.getClass());
        told.put("id", m.getJMSMessageID() != null);
        told.put("mode", m.getJMSDeliveryMode());
        told.put("priority", m.getJMSPriority());
        told.put("times", List.of(m.getJMSTimestamp(), m.getJMSExpiration(), m.getJMSDeliveryTime()));
        told.put("type", String.valueOf(m.getJMSType()));
        told.put(
                "correlation",
                String.valueOf(m.getJMSCorrelationID()) + Arrays.toString(m.getJMSCorrelationIDAsBytes()));
        told.put("replyTo", m.getJMSReplyTo() == null ? "none" : ((Queue) m.getJMSReplyTo()).getQueueName());
        told.put(
                "properties",
                new ArrayList<>(m.properties().entrySet()).toString()
                        + classes(m.properties().values()));
        told.put("hasBody", m.hasBody());
        if (m instanceof BelfryStreamMessage stream) {
            stream.reset();
            List<Object> items = new ArrayList<>();
            while (true)
                try {
                    items.add(stream.readObject());
                } catch (jakarta.jms.MessageEOFException end) {
                    break;
                }
            told.put("body", items.stream().map(CodecTest::told).toList());
        } else if (m instanceof BelfryMapMessage map) {
            List<Object> entries = new ArrayList<>();
            for (Object name : Collections.list(map.getMapNames()))
                entries.add(name + "=" + told(map.getObject((String) name)));
            told.put("body", entries);
        } else told.put("body", told(m.getBody(Object.class)));
        return told;
    }

    private static String told(Object value) {
        if (value instanceof byte[] bytes) return Arrays.toString(bytes);
        return value + (value == null ? "" : value.getClass().getSimpleName());
    }

    private static List<String> classes(Iterable<Object> values) {
        List<String> classes = new ArrayList<>();
        for (Object value : values) classes.add(told(value));
        return classes;
    }

    private static BelfryMessage some(Random random) throws JMSException {
        BelfryMessage m = Messages.empty(Messages.TYPES.get(random.nextInt(Messages.TYPES.size())));
        if (random.nextBoolean()) m.setJMSMessageID("there is one");
        m.setJMSDeliveryMode(1 + random.nextInt(2));
        m.setJMSPriority(random.nextInt(10));
        m.setJMSTimestamp(random.nextInt(2) * Messages.SENT_AT);
        m.setJMSDeliveryTime(random.nextBoolean() ? Messages.SENT_AT : random.nextLong());
        m.setJMSExpiration(random.nextInt(2) * random.nextLong());
        if (random.nextBoolean()) m.setJMSCorrelationID(text(random));
        if (random.nextInt(4) == 0)
            m.setJMSCorrelationIDAsBytes(text(random).getBytes(java.nio.charset.StandardCharsets.UTF_16));
        if (random.nextBoolean()) m.setJMSType(text(random));
        if (random.nextBoolean()) m.setJMSReplyTo(new Messages.Named(DestinationKind.QUEUE, text(random)));
        for (int i = random.nextInt(5); i > 0; i--)
            m.setObjectProperty("abcdefgh".substring(0, 1 + random.nextInt(8)), value(random, 9));
        boolean body = random.nextInt(5) > 0;
        if (body && m instanceof BelfryTextMessage text) text.setText(text(random));
        if (body && m instanceof BelfryBytesMessage bytes) bytes.writeBytes(new byte[random.nextInt(50)]);
        if (body && m instanceof BelfryObjectMessage object)
            object.setObject(new ArrayList<>(Arrays.asList(value(random, 9), value(random, 9))));
        if (body && m instanceof BelfryMapMessage map) {
            map.readBody(new Input().over(new byte[0], 0, 0)); // an empty map is a body, too
            for (int i = random.nextInt(5); i > 0; i--) map.setObject(text(random) + "x", value(random, 11));
        }
        if (body && m instanceof BelfryStreamMessage stream)
            for (int i = random.nextInt(5); i > 0; i--) stream.writeObject(value(random, 11));
        return m;
    }

    /** Of the first so many kinds. */
    private static Object value(Random random, int kinds) {
        return switch (random.nextInt(kinds)) {
            case 0 -> null;
            case 1 -> random.nextBoolean();
            case 2 -> (byte) random.nextInt();
            case 3 -> (short) random.nextInt();
            case 4 -> random.nextInt();
            case 5 -> random.nextLong();
            case 6 -> random.nextFloat();
            case 7 -> random.nextDouble();
            case 8 -> text(random);
            case 9 -> new byte[random.nextInt(20)];
            default -> (char) random.nextInt();
        };
    }

    private static String text(Random random) {
        return TEXTS[random.nextInt(TEXTS.length)];
    }
}
