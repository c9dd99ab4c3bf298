package dev.belfry.jakarta.message;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Messages of another provider: of ours, all but the interface is hidden. */
class ForeignTest {
    private static Message foreign(Class<? extends Message> type, Message message) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    try {
                        return method.invoke(message, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    @Test
    void shouldCopyEachKind() throws JMSException {
        for (Class<? extends Message> type : Messages.TYPES) {
            BelfryMessage original = Messages.empty(type);
            original.setObjectProperty("aLong", 5L);
            original.setStringProperty("JMS_other_key", "k");
            original.setObjectProperty("none", null);
            original.setJMSType("t");
            original.setJMSCorrelationID("c");
            original.setJMSReplyTo(new Messages.Named(DestinationKind.QUEUE, "q"));
            if (original instanceof BelfryTextMessage m) m.setText("text");
            if (original instanceof BelfryBytesMessage m) m.writeBytes(new byte[10_000]);
            if (original instanceof BelfryMapMessage m) m.setObject("a", 1);
            if (original instanceof BelfryStreamMessage m) for (Object item : List.of(1, "a", 2.5)) m.writeObject(item);
            if (original instanceof BelfryObjectMessage m) m.setObject(7);
            byte[] bytes = Messages.encoded(original);
            original.received(2, Acknowledgement.IGNORED);
            for (int i = 0; i < 2; i++) {
                BelfryMessage copy = Foreign.copy(foreign(type, original), Messages.TRUSTED);
                assertThat(copy.getClass()).isEqualTo(original.getClass());
                assertThat(Messages.encoded(copy)).as(type.getSimpleName()).isEqualTo(bytes);
            }
        }
    }

    @Test
    void shouldNotCopyOurOwn() throws JMSException {
        BelfryTextMessage ours = new BelfryTextMessage();
        assertThat(Foreign.copy(ours, Messages.TRUSTED)).isSameAs(ours);
    }

    /**
     * Of a message that was being written, too; then it is read-only, as after a send by its own
     * provider.
     */
    @Test
    void shouldCopyWhatIsBeingWritten() throws JMSException {
        BelfryBytesMessage original = new BelfryBytesMessage();
        original.writeInt(7);
        BelfryMessage copy = Foreign.copy(foreign(BytesMessage.class, original), Messages.TRUSTED);
        assertThat(copy.getBody(byte[].class)).containsExactly(0, 0, 0, 7);
        assertThat(original.readInt()).isEqualTo(7);
    }
}
