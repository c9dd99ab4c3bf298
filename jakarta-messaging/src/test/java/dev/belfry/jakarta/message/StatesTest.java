package dev.belfry.jakarta.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.jakarta.StateTable;
import dev.belfry.testing.OneJdk;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageNotReadableException;
import jakarta.jms.MessageNotWriteableException;
import jakarta.jms.ObjectMessage;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.io.Serializable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every method of the five interfaces in every state: new, received, cleared, reset [3.5.3, 3.10,
 * 3.11.2].
 */
@OneJdk
class StatesTest {
    private static final StateTable TABLE = StateTable.read();
    private static final String NAME = "name";

    enum State {
        NEW,
        RECEIVED,
        CLEARED,
        RESET
    }

    record Call(Class<? extends Message> type, Method method, State state) {
        @Override
        public String toString() {
            return type.getSimpleName() + "." + method.getName() + " " + List.of(method.getParameterTypes()) + " "
                    + state;
        }
    }

    static Stream<Call> calls() {
        List<Call> calls = new ArrayList<>();
        for (Class<? extends Message> type : List.of(
                Message.class,
                TextMessage.class,
                BytesMessage.class,
                MapMessage.class,
                StreamMessage.class,
                ObjectMessage.class))
            for (Method method : type.getMethods())
                for (State state : State.values()) calls.add(new Call(type, method, state));
        return calls.stream();
    }

    /** A property and a part of the body, so that there is something to read: where it is cleared there is none. */
    @ParameterizedTest
    @MethodSource("calls")
    void shouldAllowOrRefuseByState(Call call) throws Exception {
        String expected =
                TABLE.expected(call.type, call.method, call.state.name().toLowerCase(Locale.ROOT));
        assertThat(outcome(call)).isEqualTo(expected);
    }

    static String outcome(Call call) throws Exception {
        BelfryMessage message = in(call.state, filled(call));
        Object[] arguments = Stream.of(call.method.getParameterTypes())
                .map(t -> argument(call, t))
                .toArray();
        try {
            call.method.invoke(message, arguments);
            return "ok";
        } catch (InvocationTargetException e) {
            Throwable thrown = e.getCause();
            boolean byState =
                    thrown instanceof MessageNotWriteableException || thrown instanceof MessageNotReadableException;
            if (byState) assertThat(thrown).hasMessageMatching("(?s).*\\. Call \\w+\\(\\) first\\.");
            return TABLE.word(thrown);
        }
    }

    @Test
    void shouldHaveALineForEachMethod() {
        for (Class<? extends Message> type : Messages.TYPES)
            assertThat(TABLE.differences(type)).as(type.getSimpleName()).isEmpty();
    }

    private static BelfryMessage in(State state, BelfryMessage message) throws JMSException {
        switch (state) {
            case NEW -> {}
            case RECEIVED -> message.received(1, Acknowledgement.IGNORED);
            case CLEARED -> {
                message.received(1, Acknowledgement.IGNORED);
                message.clearBody();
                message.clearProperties();
            }
            case RESET -> {
                if (message instanceof BytesMessage bytes) bytes.reset();
                if (message instanceof StreamMessage stream) stream.reset();
            }
        }
        return message;
    }

    private static BelfryMessage filled(Call call) throws ReflectiveOperationException, JMSException {
        BelfryMessage message = Messages.empty(call.type);
        message.setStringProperty(NAME, "1");
        if (message instanceof TextMessage m) m.setText("1");
        if (message instanceof ObjectMessage m) m.setObject("1");
        if (message instanceof MapMessage m) write(m, call.method, "get", "set");
        if (message instanceof StreamMessage m) write(m, call.method, "read", "write");
        if (message instanceof BytesMessage m && call.method.getName().equals("readUTF")) m.writeUTF("1234567");
        else if (message instanceof BytesMessage m) m.writeBytes(new byte[16]);
        return message;
    }

    /** What the method reads: of its type. */
    private static void write(Message message, Method reading, String read, String write)
            throws ReflectiveOperationException {
        for (Method one : reading.getDeclaringClass().getMethods()) {
            Class<?>[] types = one.getParameterTypes();
            if (!one.getName().equals(reading.getName().replaceFirst("^" + read, write))
                    || !one.getName().startsWith(write)
                    || one.getName().contains("JMS")
                    || one.getName().contains("Property")
                    || types.length > (message instanceof MapMessage ? 2 : 1)) continue;
            one.invoke(message, Stream.of(types).map(StatesTest::some).toArray());
        }
    }

    private static Object argument(Call call, Class<?> type) {
        if (type != Class.class) return some(type);
        if (BytesMessage.class == call.type) return byte[].class;
        return MapMessage.class == call.type ? Map.class : String.class;
    }

    private static Object some(Class<?> type) {
        if (type == String.class) return NAME;
        if (type == boolean.class) return true;
        if (type == byte.class) return (byte) 1;
        if (type == short.class) return (short) 1;
        if (type == char.class) return '1';
        if (type == int.class) return 1;
        if (type == long.class) return 1L;
        if (type == float.class) return 1f;
        if (type == double.class) return 1d;
        if (type == byte[].class) return new byte[2];
        if (type == Object.class || type == Serializable.class) return "1";
        return null; // a destination
    }

    /** And back in the state of a new one. */
    @Test
    void shouldEmptyWhatIsCleared() throws JMSException {
        for (Class<? extends Message> type : Messages.TYPES) {
            BelfryMessage message = in(State.CLEARED, Messages.empty(type));
            assertThat(message.hasBody()).as(type.getSimpleName()).isFalse();
            assertThat(Collections.list(message.getPropertyNames())).isEmpty();
            if (!(message instanceof StreamMessage))
                assertThat((Object) message.getBody(Map.class)).isNull();
        }
        BelfryTextMessage text = new BelfryTextMessage();
        text.setText("a");
        text.setIntProperty("p", 1);
        text.received(1, Acknowledgement.IGNORED);
        text.clearBody();
        assertThat(text.getIntProperty("p")).isOne();
        text.setText("b");
        assertThatThrownBy(() -> text.setIntProperty("p", 2)).isInstanceOf(MessageNotWriteableException.class);
        text.clearProperties();
        assertThat(text.getText()).isEqualTo("b");
    }

    @Test
    void shouldAcknowledgeThroughItsSession() throws JMSException {
        List<String> acknowledged = new ArrayList<>();
        BelfryMessage message = new BelfryMessage();
        message.acknowledge();
        message.received(3, () -> acknowledged.add("it"));
        assertThat(message.getJMSRedelivered()).isTrue();
        assertThat(message.getIntProperty("JMSXDeliveryCount")).isEqualTo(3);
        assertThat(message.propertyExists("JMSXDeliveryCount")).isTrue();
        assertThat(Collections.list(message.getPropertyNames())).hasSize(1);
        message.acknowledge();
        assertThat(acknowledged).containsExactly("it");
    }

    @Test
    void shouldKeepHeaderFields() throws JMSException {
        BelfryMessage m = new BelfryMessage();
        assertThat(List.of(m.getJMSPriority(), m.getJMSDeliveryMode())).isEqualTo(List.of(4, 2));
        byte[] bytes = {1, (byte) 0xFF};
        m.setJMSCorrelationIDAsBytes(bytes);
        bytes[0] = 9;
        assertThat(m.getJMSCorrelationIDAsBytes()).isEqualTo(new byte[] {1, (byte) 0xFF});
        m.setJMSCorrelationID("\u00e9");
        assertThat(m.getJMSCorrelationIDAsBytes()).isEqualTo(new byte[] {(byte) 0xC3, (byte) 0xA9});
        m.setJMSCorrelationIDAsBytes(null);
        assertThat(m.getJMSCorrelationID()).isNull();
        assertThat(m.getJMSCorrelationIDAsBytes()).isNull();
        for (int priority : new int[] {-1, 10})
            assertThatThrownBy(() -> m.setJMSPriority(priority))
                    .isInstanceOf(JMSException.class)
                    .hasMessageContaining("0 to 9");
        for (int mode : new int[] {0, 3})
            assertThatThrownBy(() -> m.setJMSDeliveryMode(mode)).isInstanceOf(JMSException.class);
    }
}
