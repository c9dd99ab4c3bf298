package dev.belfry.jakarta;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaConstructorCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import dev.belfry.api.MessageQueues;
import dev.belfry.jakarta.client.BelfryConnection;
import dev.belfry.jakarta.client.Settings;
import dev.belfry.jakarta.domain.Domains;
import dev.belfry.jakarta.soak.MortalTransport;
import dev.belfry.jakarta.text.Codes;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import jakarta.jms.BytesMessage;
import jakarta.jms.CompletionListener;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.StreamMessage;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TextMessage;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.api.ThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each exception of Jakarta Messaging has a number, and says what, which limit, and what to do now. */
@Timeout(60)
@OneJdk
class ErrorCodesTest {
    private static final Pattern ROW =
            Pattern.compile("(?m)^\\| `(BELFRY-2[1-9]\\d)` \\| ([^|]*) \\| [^|]* \\| [^|]* \\|$");
    /** Subject and what is so; the limit; the next step. */
    private static final String PARTS = "(?s).+[;:(,].*\\. .+\\.";

    private static final String[] PACKAGES = {
        "dev.belfry.jakarta.client",
        "dev.belfry.jakarta.domain",
        "dev.belfry.jakarta.message",
        "dev.belfry.jakarta.selector"
    };

    private final String domain = "mem:ErrorCodes" + ProcessHandle.current().pid();
    private final List<BelfryConnection> connections = new ArrayList<>();
    private final BelfryConnection connection = connect("");
    private final Session session = connection.createSession();
    private final Queue queue = session.createQueue("q");

    ErrorCodesTest() throws JMSException {}

    private BelfryConnection connect(String settings) throws JMSException {
        BelfryConnection made = open(settings);
        made.start();
        return made;
    }

    private BelfryConnection open(String settings) throws JMSException {
        BelfryConnection made =
                new BelfryConnection(Settings.of(domain + "?linger=0s" + settings, Map.of()), new Domains());
        connections.add(made);
        return made;
    }

    @AfterEach
    void delete() throws JMSException {
        for (BelfryConnection one : connections) one.close();
        MessageQueues.delete(domain);
    }

    // ---- which there are

    private static Map<String, String> codes() throws IllegalAccessException {
        Map<String, String> codes = new TreeMap<>();
        for (Field field : Codes.class.getFields()) codes.put((String) field.get(null), field.getName());
        assertThat(codes).as("numbers, each once").hasSize(Codes.class.getFields().length);
        return codes;
    }

    @Test
    void shouldStandInThePage() throws Exception {
        Set<String> rows = new TreeSet<>();
        for (Matcher row = ROW.matcher(Files.readString(Path.of("../docs/jakarta-reference.md"))); row.find(); )
            rows.add(row.group(1));
        assertThat(rows).isEqualTo(codes().keySet());
    }

    private static boolean isWithoutNumber(JavaConstructorCall call) {
        boolean ours = call.getTargetOwner().isAssignableTo(JMSException.class)
                || call.getTargetOwner().isAssignableTo(JMSRuntimeException.class);
        return ours && call.getTarget().getRawParameterTypes().size() < 2;
    }

    @Slow
    @Test
    void shouldBeGivenToEachException() {
        JavaClasses product = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages(PACKAGES);
        ArchRule rule = ArchRuleDefinition.noClasses()
                .that()
                .haveSimpleNameNotEndingWith("Test")
                .should()
                .callConstructorWhere(DescribedPredicate.describe(
                        "is of an exception without a number", ErrorCodesTest::isWithoutNumber));
        rule.check(product);
    }

    // ---- each one once

    private static String codeOf(Throwable thrown) {
        if (thrown instanceof JMSException e) return e.getErrorCode();
        return thrown instanceof JMSRuntimeException e ? e.getErrorCode() : "none: " + thrown;
    }

    private static void assertCode(String code, ThrowingCallable call) {
        Throwable thrown = ThrowableAssert.catchThrowable(call);
        assertThat(codeOf(thrown)).as(String.valueOf(thrown)).isEqualTo(code);
        assertThat(thrown.getMessage()).matches(PARTS).doesNotContain("secret");
    }

    @Test
    void shouldNumberWhatASessionRefuses() throws JMSException {
        MessageProducer producer = session.createProducer(queue);
        TextMessage message = session.createTextMessage("secret");
        assertCode(Codes.DESTINATION, () -> session.createQueue(""));
        assertCode(Codes.DESTINATION, () -> session.createConsumer(null));
        assertCode(Codes.DESTINATION, () -> session.createProducer(null).send(null, message));
        assertCode(Codes.SELECTOR, () -> session.createConsumer(queue, "a = 'secret' or"));
        assertCode(Codes.SELECTOR, () -> session.createConsumer(queue, "a".repeat(1 << 17)));
        assertCode(Codes.OTHER_MODE, session::commit);
        assertCode(
                Codes.OTHER_MODE,
                () -> connection.createSession(Session.SESSION_TRANSACTED).recover());
        assertCode(Codes.NOT_YET, () -> session.setMessageListener(m -> {}));
        assertCode(Codes.SUBSCRIPTION, () -> session.unsubscribe("nobody's"));
        assertCode(Codes.ARGUMENT, () -> connection.createSession(17));
        assertCode(Codes.ARGUMENT, () -> new BelfryConnectionFactory(domain).createContext(17));
        assertCode(Codes.ARGUMENT, () -> producer.setPriority(10));
        assertCode(Codes.ARGUMENT, () -> producer.setDeliveryMode(3));
        assertCode(Codes.ARGUMENT, () -> producer.setTimeToLive(-1));
        assertCode(Codes.TYPE, () -> producer.send(null));
        producer.send(message);
        MessageConsumer consumer = session.createConsumer(queue);
        Message received = consumer.receive();
        assertCode(Codes.READ_ONLY, () -> ((TextMessage) received).setText("secret"));
        assertCode(Codes.READ_ONLY, () -> received.setIntProperty("i", 1));
        consumer.setMessageListener(m -> {});
        assertCode(Codes.LISTENS_OR_RECEIVES, consumer::receive);
        session.close();
        assertCode(Codes.CLOSED, session::createMessage);
        assertCode(Codes.CLOSED, () -> producer.send(message));
    }

    @Test
    void shouldNumberWhatAMessageRefuses() throws JMSException {
        StreamMessage stream = session.createStreamMessage();
        stream.writeString("secret");
        assertCode(Codes.WRITE_ONLY, stream::readString);
        assertCode(Codes.TYPE, () -> stream.writeObject(new Object()));
        stream.reset();
        assertCode(Codes.READ_ONLY, () -> stream.writeInt(1));
        assertCode(Codes.TYPE, stream::readChar);
        stream.readString();
        assertCode(Codes.END_OF_BODY, stream::readString);
        BytesMessage bytes = session.createBytesMessage();
        bytes.reset();
        assertCode(Codes.END_OF_BODY, bytes::readInt);
        MapMessage map = session.createMapMessage();
        map.setString("x", "secret");
        assertCode(Codes.TYPE, () -> map.getBytes("x"));
        assertCode(Codes.TYPE, () -> map.getBody(String.class));
        assertCode(Codes.TYPE, () -> session.createObjectMessage(new ArrayList<>(List.of(new Object()))));
        assertCode(Codes.ARGUMENT, () -> map.setIntProperty("not", 1));
        assertCode(Codes.ARGUMENT, () -> map.setJMSPriority(11));
    }

    @Test
    void shouldNumberWhatAConnectionRefuses() throws JMSException {
        assertCode(Codes.CLIENT_ID, () -> connection.setClientID("late"));
        BelfryConnection other = open("");
        assertCode(Codes.CLIENT_ID, () -> other.setClientID(""));
        other.setClientID("a");
        assertCode(Codes.CLIENT_ID, () -> other.setClientID("b"));
        assertCode(Codes.CLIENT_ID, () -> open("").setClientID("a"));
        TemporaryQueue temporary = session.createTemporaryQueue();
        session.createConsumer(temporary);
        assertCode(Codes.TEMPORARY, temporary::delete);
        assertCode(Codes.TEMPORARY, () -> other.createSession().createConsumer(temporary));
        BelfryConnectionFactory factory = new BelfryConnectionFactory(domain + "?linger=0s&user=a&password=secret");
        assertCode(Codes.CREDENTIALS, () -> factory.createConnection("a", "secret2"));
        assertCode(Codes.CREDENTIALS, () -> factory.createContext("a", null));
        BelfryConnectionFactory wrong = new BelfryConnectionFactory("shm:x?group=no-such-group");
        assertThat(codeOf(ThrowableAssert.catchThrowable(wrong::createConnection)))
                .isEqualTo(Codes.SETTING); // the text is the transport's
    }

    @Test
    void shouldNotTakeADefectForAWrongSetting() throws JMSException {
        BelfryConnection other =
                new BelfryConnection(Settings.of("mortal:mem." + domain.substring(4), Map.of()), new Domains());
        connections.add(other);
        Session transacted = other.createSession(Session.SESSION_TRANSACTED);
        transacted.createProducer(queue).send(transacted.createMessage());
        MortalTransport.beforeAppend = () -> {
            throw new IllegalArgumentException("a defect");
        };
        try {
            Throwable thrown = ThrowableAssert.catchThrowable(transacted::commit);
            assertThat(thrown).hasRootCauseInstanceOf(IllegalArgumentException.class);
            assertThat(codeOf(thrown)).isNull();
        } finally {
            MortalTransport.beforeAppend = () -> {};
        }
    }

    @WaitsForOthers
    @Test
    void shouldNumberWhatACallbackMayNot() throws Exception {
        CompletableFuture<Throwable> inCallback = new CompletableFuture<>();
        session.createProducer(queue).send(session.createMessage(), new CompletionListener() {
            @Override
            public void onCompletion(Message message) {
                inCallback.complete(ThrowableAssert.catchThrowable(session::close));
            }

            @Override
            public void onException(Message message, Exception exception) {
                inCallback.complete(exception);
            }
        });
        assertWaitsForItself(inCallback);
        CompletableFuture<Throwable> inListener = new CompletableFuture<>();
        session.createConsumer(queue)
                .setMessageListener(m -> inListener.complete(ThrowableAssert.catchThrowable(connection::stop)));
        assertWaitsForItself(inListener);
    }

    private static void assertWaitsForItself(CompletableFuture<Throwable> thrown) throws Exception {
        Throwable refused = thrown.get(Patience.limit().toMillis(), TimeUnit.MILLISECONDS);
        assertCode(Codes.WAITS_FOR_ITSELF, () -> {
            throw refused;
        });
    }
}
