package dev.belfry.jakarta.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.JMSException;
import jakarta.jms.MessageEOFException;
import jakarta.jms.MessageFormatException;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The bodies beyond conversions and states: reading in parts, ends, copies, getBody. */
class BodiesTest {
    private static BelfryStreamMessage stream(Object... items) throws JMSException {
        BelfryStreamMessage m = new BelfryStreamMessage();
        for (Object item : items) m.writeObject(item);
        m.reset();
        return m;
    }

    @Test
    void shouldReadAByteArrayInParts() throws JMSException {
        BelfryStreamMessage m = stream(new byte[] {1, 2, 3, 4, 5}, "next");
        byte[] part = new byte[2];
        assertThat(m.readBytes(part)).isEqualTo(2);
        assertThat(part).containsExactly(1, 2);
        assertUnfinished(m);
        assertThat(m.readBytes(part)).isEqualTo(2);
        assertUnfinished(m);
        assertThat(m.readBytes(part)).isOne();
        assertThat(part).containsExactly(5, 4);
        assertThat(m.readString()).isEqualTo("next");
    }

    private static void assertUnfinished(BelfryStreamMessage m) {
        assertThatThrownBy(m::readString)
                .isInstanceOf(MessageFormatException.class)
                .hasMessageContaining("read in part");
        assertThatThrownBy(m::readObject).isInstanceOf(MessageFormatException.class);
        assertThatThrownBy(m::readInt).isInstanceOf(MessageFormatException.class);
    }

    @Test
    void shouldEndAByteArrayThatFitsExactlyByMinusOne() throws JMSException {
        BelfryStreamMessage m = stream(new byte[] {1, 2}, "next");
        assertThat(m.readBytes(new byte[2])).isEqualTo(2);
        assertUnfinished(m);
        assertThat(m.readBytes(new byte[2])).isEqualTo(-1);
        assertThat(m.readString()).isEqualTo("next");
    }

    @Test
    void shouldTellAnEmptyByteArrayFromNull() throws JMSException {
        BelfryStreamMessage m = stream(new byte[0], null, "next");
        assertThat(m.readBytes(new byte[2])).isZero();
        assertThat(m.readBytes(new byte[2])).isEqualTo(-1);
        assertThat(m.readString()).isEqualTo("next");
        assertThatThrownBy(() -> m.readBytes(new byte[2])).isInstanceOf(MessageEOFException.class);
    }

    @Test
    void shouldForgetAPartWhenReset() throws JMSException {
        BelfryStreamMessage m = stream(new byte[] {1, 2, 3}, "next");
        m.readBytes(new byte[1]);
        m.reset();
        assertThat(m.readObject()).isEqualTo(new byte[] {1, 2, 3});
        assertThatThrownBy(() -> m.readBytes(new byte[1])).isInstanceOf(MessageFormatException.class);
        assertThat(m.readString()).isEqualTo("next");
        assertThatThrownBy(m::readString)
                .isInstanceOf(MessageEOFException.class)
                .hasMessageContaining("reset()");
    }

    @Test
    void shouldReadBytesAsTheyWereWritten() throws JMSException {
        BelfryBytesMessage m = new BelfryBytesMessage();
        m.writeObject(true);
        m.writeObject((byte) -1);
        m.writeObject((short) -2);
        m.writeObject('\u00e9');
        m.writeObject(4);
        m.writeObject(5L);
        m.writeObject(6.5f);
        m.writeObject(7.5);
        m.writeObject("\u00e9\ud83d\udd14");
        m.writeObject(new byte[] {8});
        m.writeBytes(new byte[] {8, 9, 10}, 1, 1);
        m.writeByte((byte) 200);
        m.writeShort((short) 60_000);
        m.reset();
        assertThat(m.getBodyLength()).isEqualTo(1 + 1 + 2 + 2 + 4 + 8 + 4 + 8 + 10 + 1 + 1 + 1 + 2);
        assertThat(m.readBoolean()).isTrue();
        assertThat(m.readByte()).isEqualTo((byte) -1);
        assertThat(m.readShort()).isEqualTo((short) -2);
        assertThat(m.readChar()).isEqualTo('\u00e9');
        assertThat(m.readInt()).isEqualTo(4);
        assertThat(m.readLong()).isEqualTo(5);
        assertThat(m.readFloat()).isEqualTo(6.5f);
        assertThat(m.readDouble()).isEqualTo(7.5);
        assertThat(m.readUTF()).isEqualTo("\u00e9\ud83d\udd14");
        assertThat(m.readByte()).isEqualTo((byte) 8);
        assertThat(m.readByte()).isEqualTo((byte) 9);
        assertThat(m.readUnsignedByte()).isEqualTo(200);
        assertThat(m.readUnsignedShort()).isEqualTo(60_000);
        assertThat(m.readBytes(new byte[1])).isEqualTo(-1);
        assertThat(m.readBytes(new byte[0])).isZero();
    }

    @Test
    void shouldNotMoveOnWhenBytesEndOrAreNoText() throws JMSException {
        BelfryBytesMessage m = new BelfryBytesMessage();
        m.writeBytes(new byte[] {0, 1, (byte) 0xFF});
        m.reset();
        assertThatThrownBy(m::readUTF).isInstanceOf(MessageFormatException.class);
        assertThatThrownBy(m::readInt).isInstanceOf(MessageEOFException.class);
        assertThatThrownBy(m::readDouble).isInstanceOf(MessageEOFException.class);
        assertThat(m.readByte()).isZero();
        assertThatThrownBy(m::readUTF).isInstanceOf(MessageEOFException.class);
        byte[] rest = new byte[4];
        assertThatThrownBy(() -> m.readBytes(rest, 5)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> m.readBytes(rest, -1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThat(m.readBytes(rest, 1)).isOne();
        assertThat(m.readBytes(rest)).isOne();
        assertThat(rest).containsExactly(-1, 0, 0, 0);
        assertThatThrownBy(() -> new BelfryBytesMessage().writeUTF("a".repeat(70_000)))
                .isInstanceOf(MessageFormatException.class)
                .hasMessageContaining("65,535");
    }

    @Test
    void shouldGoOnWritingAfterItWasEncoded() throws JMSException {
        BelfryBytesMessage m = new BelfryBytesMessage();
        m.writeInt(1);
        assertThat(Messages.received(m, BelfryBytesMessage.class).getBodyLength())
                .isEqualTo(4);
        m.writeInt(2);
        assertThat(Messages.received(m, BelfryBytesMessage.class).getBodyLength())
                .isEqualTo(8);
    }

    @Test
    void shouldCopyInAndOut() throws JMSException {
        byte[] mine = {1};
        BelfryMapMessage map = new BelfryMapMessage();
        map.setBytes("a", mine);
        map.setObject("b", mine);
        map.setBytes("c", new byte[] {0, 1, 2}, 1, 1);
        BelfryStreamMessage stream = new BelfryStreamMessage();
        stream.writeBytes(mine);
        stream.writeBytes(new byte[] {0, 1, 2}, 1, 1);
        mine[0] = 2;
        for (int i = 0; i < 2; i++) {
            stream.reset();
            for (byte[] read : List.of(
                    map.getBytes("a"),
                    (byte[]) map.getObject("b"),
                    map.getBytes("c"),
                    (byte[]) map.getBody(Map.class).get("a"),
                    (byte[]) stream.readObject(),
                    (byte[]) stream.readObject())) {
                assertThat(read).containsExactly(1);
                read[0] = 3;
            }
        }
        java.util.ArrayList<String> list = new java.util.ArrayList<>(List.of("a"));
        BelfryObjectMessage object = new BelfryObjectMessage(Messages.TRUSTED);
        object.setObject(list);
        list.add("b");
        assertThat(object.getObject()).isEqualTo(List.of("a")).isNotSameAs(object.getObject());
    }

    @Test
    void shouldNameItsEntries() throws JMSException {
        BelfryMapMessage map = new BelfryMapMessage();
        for (String name : new String[] {null, ""})
            assertThatThrownBy(() -> map.setInt(name, 1)).isInstanceOf(IllegalArgumentException.class);
        map.setInt("not an identifier", 1);
        assertThat(Collections.list(map.getMapNames())).asString().isEqualTo("[not an identifier]");
        assertThat(map.getString(null)).isNull();
    }

    /** Each body as each class: the classes that it is. */
    @Test
    void shouldGiveItsBodyAsTheClassesThatItIs() throws JMSException {
        BelfryTextMessage text = new BelfryTextMessage();
        text.setText("a");
        assertBody(text, "a", String.class, Object.class, CharSequence.class, Serializable.class);
        BelfryBytesMessage bytes = new BelfryBytesMessage();
        bytes.writeByte((byte) 1);
        assertBody(bytes, new byte[] {1}, byte[].class, Object.class);
        BelfryMapMessage map = new BelfryMapMessage();
        map.setInt("a", 1);
        assertBody(map, Map.of("a", 1), Map.class, Object.class);
        BelfryObjectMessage object = new BelfryObjectMessage(Messages.TRUSTED);
        object.setObject(1);
        assertBody(object, 1, Integer.class, Number.class, Object.class, Serializable.class);
        assertBody(stream(1), null);
    }

    private static void assertBody(BelfryMessage message, Object body, Class<?>... classes) throws JMSException {
        for (Class<?> type : List.of(
                String.class,
                CharSequence.class,
                byte[].class,
                Map.class,
                java.util.HashMap.class,
                java.util.LinkedHashMap.class,
                Integer.class,
                Number.class,
                Object.class,
                Serializable.class)) {
            boolean is = Arrays.asList(classes).contains(type);
            assertThat(message.isBodyAssignableTo(type))
                    .as("%s as %s", message, type)
                    .isEqualTo(is);
            if (is) assertThat((Object) message.getBody(type)).isEqualTo(body);
            else
                assertThatThrownBy(() -> message.getBody(type))
                        .as("%s as %s", message, type)
                        .isInstanceOf(MessageFormatException.class);
        }
    }

    @Test
    void shouldGiveNullOfAnyClassIfThereIsNoBody() throws JMSException {
        for (BelfryMessage m : List.of(
                new BelfryMessage(),
                new BelfryTextMessage(),
                new BelfryBytesMessage(),
                new BelfryMapMessage(),
                new BelfryObjectMessage(Messages.TRUSTED))) {
            assertThat(m.isBodyAssignableTo(Integer.class)).isTrue();
            assertThat(m.getBody(Integer.class)).isNull();
            BelfryMessage there = Messages.received(m, BelfryMessage.class);
            assertThat(there.hasBody()).isFalse();
            assertThat(there.getBody(Integer.class)).isNull();
        }
    }

    @Test
    void shouldTellAnEmptyBodyFromNone() throws JMSException {
        BelfryBytesMessage bytes = new BelfryBytesMessage();
        bytes.writeBytes(new byte[0]);
        assertThat(Messages.received(bytes, BelfryBytesMessage.class).getBody(byte[].class))
                .isEmpty();
        BelfryTextMessage text = new BelfryTextMessage();
        text.setText("");
        assertThat(Messages.received(text, BelfryTextMessage.class).getText()).isEmpty();
        BelfryMapMessage map = new BelfryMapMessage();
        map.readBody(new Input().over(new byte[0], 0, 0)); // an empty map is a body, too
        assertThat((Object) Messages.received(map, BelfryMapMessage.class).getBody(Map.class))
                .isEqualTo(Map.of());
    }

    /** isBodyAssignableTo asks only; getBody of bytes resets. */
    @Test
    void shouldResetBytesByGetBody() throws JMSException {
        BelfryBytesMessage m = new BelfryBytesMessage();
        m.writeInt(1);
        assertThat(m.isBodyAssignableTo(byte[].class)).isTrue();
        m.writeInt(2);
        assertThat(m.getBody(byte[].class)).hasSize(8);
        assertThat(m.readInt()).isOne();
        assertThat(m.getBody(byte[].class)).hasSize(8);
        assertThat(m.readInt()).isOne();
    }
}
