package dev.belfry.jakarta.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.jakarta.text.Out;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.Slow;
import jakarta.jms.JMSException;
import jakarta.jms.MessageFormatException;
import java.io.InvalidClassException;
import java.io.NotSerializableException;
import java.io.Serializable;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which objects come out of an ObjectMessage. */
class TrustedClassesTest {
    /** Has it been read? */
    static boolean read;

    private record Own(String secret) implements Serializable {}

    private static final class Eager implements Serializable {
        private static final long serialVersionUID = 1;

        private void readObject(java.io.ObjectInputStream in) {
            read = true;
        }
    }

    private static Serializable through(Serializable object, String pattern) throws JMSException {
        BelfryObjectMessage message = new BelfryObjectMessage(TrustedClasses.of(pattern));
        message.setObject(object);
        return message.getObject();
    }

    @Test
    void shouldReadValuesOfTheJdkByDefault() throws JMSException {
        List<Serializable> values = List.of(
                1,
                "a",
                1.5,
                'c',
                true,
                new BigDecimal("1.10"),
                UUID.randomUUID(),
                new Date(1),
                Instant.EPOCH,
                Thread.State.NEW,
                new ArrayList<>(List.of(1, 2)),
                new HashMap<>(Map.of("a", 1)),
                new TreeMap<>(Map.of("a", 1)),
                (Serializable) List.of(1, 2, 3),
                (Serializable) Map.of("a", List.of("b")),
                new HashSet<>(List.of(1)));
        for (Serializable value : values)
            assertThat(through(value, TrustedClasses.JDK_VALUES)).isEqualTo(value);
        assertThat(through(new int[][] {{1}, {2}}, TrustedClasses.JDK_VALUES)).isEqualTo(new int[][] {{1}, {2}});
        assertThat(through(new String[] {"a"}, TrustedClasses.JDK_VALUES)).isEqualTo(new String[] {"a"});
    }

    @Test
    void shouldRefuseAllOthers() {
        for (Serializable other :
                new Serializable[] {new Own("secret"), new Own[0], new ArrayList<>(List.of(new Own("secret")))})
            assertThatThrownBy(() -> through(other, TrustedClasses.JDK_VALUES))
                    .isInstanceOf(MessageFormatException.class)
                    .hasCauseInstanceOf(InvalidClassException.class)
                    .hasMessageContaining("trustedClasses")
                    .hasMessageContaining(Own.class.getName())
                    .hasMessageNotContaining("secret");
    }

    /** Before any of its code runs. */
    @Test
    void shouldRefuseBeforeItReads() {
        read = false;
        assertThatThrownBy(() -> through(new Eager(), "com.example.*")).isInstanceOf(MessageFormatException.class);
        assertThat(read).isFalse();
    }

    @Test
    void shouldReadWhatIsNamed() throws JMSException {
        String own = Own.class.getName();
        assertThat(through(new Own("a"), own)).isEqualTo(new Own("a"));
        assertThat(through(new Own("a"), TrustedClasses.ALL)).isEqualTo(new Own("a"));
        assertThatThrownBy(() -> through(1, own)).isInstanceOf(MessageFormatException.class);
        assertThatThrownBy(() -> through(new Own("a"), "!" + own + ";*")).isInstanceOf(MessageFormatException.class);
    }

    @Test
    void shouldSayWhatIsWrongWithAPattern() {
        assertThatThrownBy(() -> TrustedClasses.of("maxdepth=often"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("trustedClasses is 'maxdepth=often'; it must be");
    }

    @Test
    void shouldBeSerialisedWhenItIsSet() {
        BelfryObjectMessage message = new BelfryObjectMessage(Messages.TRUSTED);
        assertThatThrownBy(() -> message.setObject(new ArrayList<>(List.of(new Object()))))
                .isInstanceOf(MessageFormatException.class)
                .hasCauseInstanceOf(NotSerializableException.class);
        assertThat(message.hasBody()).isFalse();
    }

    @Test
    void shouldNotBeAssignableIfItCannotBeRead() throws JMSException {
        BelfryObjectMessage message = new BelfryObjectMessage(Messages.TRUSTED);
        message.setObject(new Own("a"));
        assertThat(message.isBodyAssignableTo(Own.class)).isFalse();
        assertThatThrownBy(() -> message.getBody(Own.class)).isInstanceOf(MessageFormatException.class);
    }

    /**
     * An array that says it is larger than the message, and objects that are nested without end: by
     * the widest pattern, too.
     */
    @Test
    void shouldBoundWhatIsAllocatedAndHowDeep() throws Exception {
        BelfryObjectMessage message = new BelfryObjectMessage(TrustedClasses.of(TrustedClasses.ALL));
        message.setObject(new long[1]);
        Out out = new Out(256);
        message.writeBody(out);
        byte[] bytes = Arrays.copyOf(out.array(), out.length());
        bytes[bytes.length - 12] = 0x7F; // of the array's length, before its one element
        message.readBody(new Input().over(bytes, 0, bytes.length));
        assertThatThrownBy(message::getObject)
                .isInstanceOf(MessageFormatException.class)
                .hasCauseInstanceOf(InvalidClassException.class);

        HashSet<Object> laughs = new HashSet<>();
        for (int i = 0; i < 40; i++) {
            HashSet<Object> outer = new HashSet<>();
            outer.add(i);
            outer.add(laughs);
            laughs = outer;
        }
        HashSet<Object> nested = laughs;
        assertThatThrownBy(() -> through(nested, TrustedClasses.JDK_VALUES)).isInstanceOf(MessageFormatException.class);
    }

    /** Each level has {@code wide} sets, and each of these has all of the next level: filled after they are in it. */
    private static HashSet<Object> bomb(int wide, int levels) {
        HashSet<Object> root = new HashSet<>();
        List<HashSet<Object>> level = List.of(root);
        for (int i = 0; i < levels; i++) {
            List<HashSet<Object>> next = new ArrayList<>();
            for (int j = 0; j < wide; j++) next.add(new HashSet<>(List.of(100 * i + j)));
            for (HashSet<Object> one : level) one.addAll(next);
            level = next;
        }
        return root;
    }

    /** A few kilobytes, which take minutes to read: the hash of a set is that of all in it. */
    @Test
    @Timeout(60)
    void shouldRefuseWhatTakesForEverToRead() {
        for (int[] shape : new int[][] {{5, 12}, {9, 9}, {25, 6}})
            assertThatThrownBy(() -> through(bomb(shape[0], shape[1]), TrustedClasses.JDK_VALUES))
                    .as("%d wide, %d levels", shape[0], shape[1])
                    .isInstanceOf(MessageFormatException.class)
                    .hasCauseInstanceOf(InvalidClassException.class);
    }

    @Test
    void shouldReadMuchThatIsNestedALittle() throws JMSException {
        ArrayList<Object> flat = new ArrayList<>();
        ArrayList<Object> rows = new ArrayList<>();
        for (int i = 0; i < 50_000; i++) flat.add("" + i);
        for (int i = 0; i < 1_000; i++)
            rows.add(new HashMap<>(Map.of("id", i, "of", new ArrayList<>(List.of(i, "x")))));
        for (ArrayList<Object> one : List.of(flat, rows))
            assertThat(through(one, TrustedClasses.JDK_VALUES)).isEqualTo(one);
    }

    /** Two objects, of which the JVM's filter refuses one. */
    static final class Reads {
        public static void main(String[] arguments) throws JMSException {
            System.out.println("Date: " + through(new Date(1), TrustedClasses.ALL));
            try {
                System.out.println("UUID: " + through(UUID.randomUUID(), TrustedClasses.ALL));
            } catch (MessageFormatException e) {
                System.out.println("refused");
            }
        }
    }

    @Test
    @Slow
    void shouldRefuseWhatTheFilterOfTheJvmRefuses() {
        try (ChildJvm child = JavaCommand.of(Reads.class)
                .flags(List.of("-Djdk.serialFilter=!java.util.UUID"))
                .start()) {
            child.expect("Date:");
            child.expect("refused");
            child.awaitEnd();
        }
    }
}
