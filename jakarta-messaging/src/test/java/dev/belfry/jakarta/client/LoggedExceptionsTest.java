package dev.belfry.jakarta.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.CaughtLog;
import dev.belfry.testing.Patience;
import jakarta.jms.CompletionListener;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import jakarta.jms.TextMessage;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** No text of an exception of the program is logged: it may quote a body or a property. Its class and its place are. */
class LoggedExceptionsTest extends DomainTest {
    private static final String BODY = "body 4711";
    private static final String PROPERTY = "property 4712";

    @RegisterExtension
    final CaughtLog log = new CaughtLog();

    private final List<Message> heard = new CopyOnWriteArrayList<>();

    private interface Listener {
        void hear(TextMessage message) throws Exception;
    }

    record Failure(Class<? extends Throwable> type, Listener listener) {
        @Override
        public String toString() {
            return type.getSimpleName();
        }
    }

    static Stream<Failure> failures() {
        return Stream.of(
                new Failure(NumberFormatException.class, m -> Integer.parseInt(m.getText())),
                new Failure(NumberFormatException.class, m -> m.getIntProperty("p")),
                new Failure(MessageFormatException.class, m -> m.getBody(Integer.class)),
                new Failure(InvalidSelectorException.class, LoggedExceptionsTest::select),
                new Failure(AssertionError.class, m -> {
                    throw new AssertionError(m.getText());
                }),
                new Failure(IOException.class, m -> {
                    throw new IllegalArgumentException(m.getText(), new IOException(m.getStringProperty("p")));
                }),
                new Failure(InterruptedException.class, m -> {
                    Exception e = new IllegalArgumentException(m.getText());
                    e.addSuppressed(new InterruptedException(m.getStringProperty("p")));
                    throw e;
                }),
                new Failure(IllegalStateException.class, m -> {
                    Exception e = new IllegalStateException(m.getText());
                    e.initCause(new IllegalStateException(m.getStringProperty("p"), e));
                    throw e;
                }));
    }

    private static void select(TextMessage m) throws JMSException {
        dev.belfry.jakarta.selector.Selector.of("p = '" + m.getStringProperty("p") + "' or '" + m.getText());
    }

    /** As a listener in another language may. */
    @SuppressWarnings("unchecked")
    private static <E extends Throwable> void throwAny(Throwable any) throws E {
        throw (E) any;
    }

    private void hear(Failure failure, Message message) {
        heard.add(message);
        if (heard.size() > 1) return;
        try {
            failure.listener.hear((TextMessage) message);
        } catch (Exception e) {
            LoggedExceptionsTest.<RuntimeException>throwAny(e);
        }
    }

    private static TextMessage message(BelfrySession session) throws JMSException {
        TextMessage message = session.createTextMessage(BODY);
        message.setStringProperty("p", PROPERTY);
        return message;
    }

    private void assertLogged(Class<? extends Throwable> type) {
        Patience.until("the second one was heard", () -> heard.size() > 1);
        assertThat(log.text())
                .contains("has thrown", type.getName(), "LoggedExceptionsTest.java")
                .doesNotContain(BODY)
                .doesNotContain(PROPERTY);
    }

    @ParameterizedTest
    @MethodSource("failures")
    void shouldNotQuoteWhatAListenerHasGot(Failure failure) throws JMSException {
        BelfrySession session = auto(connect());
        session.createConsumer(queue("q")).setMessageListener(m -> hear(failure, m));
        session.createProducer(queue("q")).send(message(session));
        assertLogged(failure.type);
    }

    @ParameterizedTest
    @MethodSource("failures")
    void shouldNotQuoteWhatACompletionListenerHasGot(Failure failure) throws JMSException {
        BelfrySession session = auto(connect());
        CompletionListener listener = new CompletionListener() {
            @Override
            public void onCompletion(Message message) {
                hear(failure, message);
            }

            @Override
            public void onException(Message message, Exception exception) {
                throw new AssertionError(exception);
            }
        };
        for (int i = 0; i < 2; i++) session.createProducer(queue("q")).send(message(session), listener);
        assertLogged(failure.type);
    }

    /** Its methods are the program's own. */
    static final class OddException extends RuntimeException {
        private static final long serialVersionUID = 1;

        @Override
        public synchronized Throwable getCause() {
            throw new UnsupportedOperationException(BODY);
        }
    }

    @Test
    void shouldDeliverAgainWhatAListenerWithAnOddExceptionGot() throws JMSException {
        BelfrySession session = auto(connect());
        session.createConsumer(queue("q")).setMessageListener(m -> {
            heard.add(m);
            if (heard.size() == 1) throw new OddException();
        });
        session.createProducer(queue("q")).send(message(session));
        Patience.until("it came again", () -> heard.size() == 2);
        assertThat(heard.get(1).getJMSRedelivered()).isTrue();
        assertThat(log.text()).contains(OddException.class.getName()).doesNotContain(BODY);
    }

    @Test
    void shouldNotQuoteWhatAnExceptionListenerSays() throws JMSException {
        BelfryConnection connection = connect();
        BelfrySession session = auto(connection);
        connection.setExceptionListener(e -> {
            throw new IllegalArgumentException(BODY, e);
        });
        session.createConsumer(queue("q")).setMessageListener(m -> {});
        Newer.append(domain); // which ends the session's thread
        Patience.until("the listener's exception was logged", () -> log.text().contains("IllegalArgumentException"));
        assertThat(log.text())
                .contains("An ExceptionListener", "LoggedExceptionsTest.java")
                .doesNotContain(BODY);
    }
}
