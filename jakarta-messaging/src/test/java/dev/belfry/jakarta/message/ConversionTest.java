package dev.belfry.jakarta.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.testing.OneJdk;
import jakarta.jms.JMSException;
import jakarta.jms.MessageFormatException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each cell of both tables [3.5.4, 3.11.3], by the methods of properties, maps and streams; the
 * tables stand here as they do there.
 */
@OneJdk
class ConversionTest {
    private static final String SECRET = "secret";

    /** Row: written as. Column: may be read as; c and a are not there for properties. */
    private static final Map<Object, String> TABLE = new LinkedHashMap<>();

    private static final String COLUMNS = "b8scilfdSa"; // boolean byte short char int long float double String byte[]

    static {
        TABLE.put(true, "b.......S.");
        TABLE.put((byte) 1, ".8s.il..S.");
        TABLE.put((short) 2, "..s.il..S.");
        TABLE.put('c', "...c....S.");
        TABLE.put(4, "....il..S.");
        TABLE.put(5L, ".....l..S.");
        TABLE.put(6.5f, "......fdS.");
        TABLE.put(7.5, ".......dS.");
        TABLE.put("8", "b8s.ilfdS.");
        TABLE.put(new byte[] {9}, ".........a");
    }

    private interface Read {
        Object read() throws JMSException;
    }

    /** {@code read}: again and again the same. */
    record Cell(String where, Object written, char column, Read read, boolean allowed) {
        @Override
        public String toString() {
            return where + ": a " + written.getClass().getSimpleName() + " as " + column;
        }
    }

    static Stream<Cell> cells() throws JMSException {
        List<Cell> cells = new ArrayList<>();
        for (Map.Entry<Object, String> row : TABLE.entrySet())
            for (int i = 0; i < COLUMNS.length(); i++) {
                char column = COLUMNS.charAt(i);
                boolean allowed = row.getValue().charAt(i) == column;
                Object value = row.getKey();
                cells.add(new Cell("map", value, column, map(value, column), allowed));
                cells.add(new Cell("stream", value, column, stream(value, column), allowed));
                boolean isProperty =
                        column != 'c' && column != 'a' && !(value instanceof Character) && !(value instanceof byte[]);
                if (isProperty) cells.add(new Cell("property", value, column, property(value, column), allowed));
            }
        return cells.stream();
    }

    @ParameterizedTest
    @MethodSource("cells")
    void shouldConvertAsTheTablesSay(Cell cell) throws JMSException {
        if (cell.allowed) assertThat(cell.read.read()).isEqualTo(expected(cell.written, cell.column));
        else
            assertThatThrownBy(cell.read::read)
                    .isInstanceOf(MessageFormatException.class)
                    .hasMessageContaining("which is no ")
                    .hasMessageContaining("table of conversions");
    }

    @Test
    void shouldHaveAllCells() throws JMSException {
        assertThat(cells().filter(Cell::allowed).count()).isEqualTo(2 * 32 + 29);
        assertThat(cells().count()).isEqualTo(2 * 100 + 8 * 8);
    }

    private static Object expected(Object value, char column) {
        String text = String.valueOf(value);
        return switch (column) {
            case 'b' -> Boolean.valueOf(text);
            case '8' -> Byte.valueOf(text);
            case 's' -> Short.valueOf(text);
            case 'c' -> value;
            case 'i' -> Integer.valueOf(text);
            case 'l' -> Long.valueOf(text);
            case 'f' -> Float.valueOf(text);
            case 'd' -> Double.valueOf(text);
            case 'S' -> text;
            default -> value;
        };
    }

    private static Read property(Object value, char column) throws JMSException {
        BelfryMessage m = new BelfryMessage();
        m.setObjectProperty("p", value);
        return property(m, "p", column);
    }

    private static Read property(BelfryMessage m, String name, char column) {
        return switch (column) {
            case 'b' -> () -> m.getBooleanProperty(name);
            case '8' -> () -> m.getByteProperty(name);
            case 's' -> () -> m.getShortProperty(name);
            case 'i' -> () -> m.getIntProperty(name);
            case 'l' -> () -> m.getLongProperty(name);
            case 'f' -> () -> m.getFloatProperty(name);
            case 'd' -> () -> m.getDoubleProperty(name);
            default -> () -> m.getStringProperty(name);
        };
    }

    private static Read map(Object value, char column) throws JMSException {
        BelfryMapMessage m = new BelfryMapMessage();
        m.setObject("p", value);
        return map(m, "p", column);
    }

    private static Read map(BelfryMapMessage m, String name, char column) {
        return switch (column) {
            case 'b' -> () -> m.getBoolean(name);
            case '8' -> () -> m.getByte(name);
            case 's' -> () -> m.getShort(name);
            case 'c' -> () -> m.getChar(name);
            case 'i' -> () -> m.getInt(name);
            case 'l' -> () -> m.getLong(name);
            case 'f' -> () -> m.getFloat(name);
            case 'd' -> () -> m.getDouble(name);
            case 'S' -> () -> m.getString(name);
            default -> () -> m.getBytes(name);
        };
    }

    /** A conversion that fails does not move on: the item is still there for what it is. */
    private static Read stream(Object value, char column) throws JMSException {
        BelfryStreamMessage m = new BelfryStreamMessage();
        m.writeObject(value);
        m.writeString("next");
        m.reset();
        return () -> {
            try {
                Object read = stream(m, column);
                assertThat(m.readString()).isEqualTo("next");
                return read;
            } catch (MessageFormatException | NumberFormatException e) {
                assertThat(m.readObject()).isEqualTo(value);
                throw e;
            }
        };
    }

    private static Object stream(BelfryStreamMessage m, char column) throws JMSException {
        return switch (column) {
            case 'b' -> m.readBoolean();
            case '8' -> m.readByte();
            case 's' -> m.readShort();
            case 'c' -> m.readChar();
            case 'i' -> m.readInt();
            case 'l' -> m.readLong();
            case 'f' -> m.readFloat();
            case 'd' -> m.readDouble();
            case 'S' -> m.readString();
            default -> {
                byte[] part = new byte[1];
                assertThat(m.readBytes(part)).isOne();
                assertThat(m.readBytes(new byte[1])).isEqualTo(-1);
                yield part;
            }
        };
    }

    /** As valueOf(null) [3.5.7, 3.11.3]: of Float and Double that is a NullPointerException. */
    @Test
    void shouldReadNullAsValueOfNull() throws JMSException {
        BelfryMessage m = new BelfryMessage();
        m.setObjectProperty("none", null);
        BelfryMapMessage map = new BelfryMapMessage();
        map.setObject("none", null);
        for (String name : new String[] {"none", "absent"})
            for (char column : COLUMNS.toCharArray()) {
                if (column != 'c' && column != 'a') assertNull(property(m, name, column), column);
                assertNull(map(map, name, column), column);
            }
        assertThat(m.getObjectProperty("none")).isNull();
        assertThat(m.propertyExists("none")).isTrue();
        assertThat(m.propertyExists("absent")).isFalse();
        assertThat(map.itemExists("none")).isTrue();
        assertThat(map.itemExists("absent")).isFalse();
        for (char column : "b8scilfdS".toCharArray()) {
            BelfryStreamMessage stream = new BelfryStreamMessage();
            stream.writeObject(null);
            stream.reset();
            assertNull(() -> stream(stream, column), column);
        }
    }

    private static void assertNull(Read read, char column) throws JMSException {
        switch (column) {
            case 'b' -> assertThat(read.read()).isEqualTo(false);
            case 'S', 'a' -> assertThat(read.read()).isNull();
            case 'c', 'f', 'd' -> assertThatThrownBy(read::read).isInstanceOf(NullPointerException.class);
            default -> assertThatThrownBy(read::read).isInstanceOf(NumberFormatException.class);
        }
    }

    /** The JDK's own exception quotes the string. */
    @Test
    void shouldNotSayTheValue() throws JMSException {
        for (char column : "8silfdca".toCharArray()) {
            if (column != 'c' && column != 'a')
                assertThatThrownBy(property(SECRET, column)::read)
                        .isInstanceOf(NumberFormatException.class)
                        .hasMessageContaining("Property 'p'")
                        .hasMessageNotContaining(SECRET)
                        .hasNoCause();
            assertThatThrownBy(map(SECRET, column)::read)
                    .hasMessageContaining("'p'")
                    .hasMessageNotContaining(SECRET);
            assertThatThrownBy(stream(SECRET, column)::read)
                    .isInstanceOfAny(NumberFormatException.class, MessageFormatException.class)
                    .hasMessageContaining("Item 1")
                    .hasMessageNotContaining(SECRET);
        }
        BelfryTextMessage text = new BelfryTextMessage();
        text.setText(SECRET);
        text.setStringProperty("p", SECRET);
        assertThat(text.toString()).doesNotContain(SECRET);
        assertThatThrownBy(() -> text.getBody(Integer.class)).hasMessageNotContaining(SECRET);
    }

    @Test
    void shouldTakeTheSpecifiedClassesOnly() {
        BelfryMessage m = new BelfryMessage();
        for (Object value : new Object[] {'c', new byte[1], new Object(), List.of(), new java.math.BigDecimal(1)})
            assertThatThrownBy(() -> m.setObjectProperty("p", value)).isInstanceOf(MessageFormatException.class);
        for (Object value : new Object[] {new Object(), List.of(), new int[1]}) {
            assertThatThrownBy(() -> new BelfryMapMessage().setObject("p", value))
                    .isInstanceOf(MessageFormatException.class);
            assertThatThrownBy(() -> new BelfryStreamMessage().writeObject(value))
                    .isInstanceOf(MessageFormatException.class);
            assertThatThrownBy(() -> new BelfryBytesMessage().writeObject(value))
                    .isInstanceOf(MessageFormatException.class);
        }
        assertThatThrownBy(() -> new BelfryBytesMessage().writeObject(null)).isInstanceOf(NullPointerException.class);
    }
}
