package dev.belfry.jackson;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.belfry.api.Codec;
import dev.belfry.api.CodecException;
import dev.belfry.api.Codecs;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.OnFailure;
import dev.belfry.api.Publisher;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.TypedPublisher;
import dev.belfry.api.TypedSubscriber;
import dev.belfry.conformance.Patience;
import dev.belfry.conformance.Waits;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Records travel as JSON; a message chooses no class; what does not fit says why, and shows no body. */
@Timeout(60)
@Waits
class JsonCodecTest {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private MessageQueue queue;

    private void open(String scheme) {
        queue = MessageQueues.open(scheme + ":json-" + ProcessHandle.current().pid() + "-" + NUMBER.incrementAndGet()
                + "?deleteOnLastClose=true");
    }

    @AfterEach
    void close() {
        if (queue != null) queue.close();
    }

    interface Event {}

    record Line(String article, int count) {}

    record Placed(long order, Instant at, List<Line> lines, String note) implements Event {}

    record Cancelled(long order) implements Event {}

    record Unknown(long order) implements Event {}

    private static final Placed ORDER =
            new Placed(17, Instant.parse("2026-11-20T10:15:30.123Z"), List.of(new Line("Äpfel", 3)), null);

    private static final Map<String, Class<? extends Event>> EVENTS =
            Map.of("placed", Placed.class, "cancelled", Cancelled.class);

    @ParameterizedTest
    @ValueSource(strings = {"shm", "mem"})
    void shouldCarryRecords(String scheme) {
        open(scheme);
        Codec<Placed> codec = JsonCodec.of(Placed.class);
        List<Placed> heard = new CopyOnWriteArrayList<>();
        try (TypedPublisher<Placed> out = queue.createPublisher(codec);
                TypedSubscriber<Placed> in = queue.createSubscriber(codec);
                TypedSubscriber<String> text = queue.createSubscriber(Codecs.text());
                TypedSubscriber<Placed> listening = queue.createSubscriber(codec)) {
            listening.setListener((order, message) -> heard.add(order));
            out.publish(ORDER);
            out.publish(ORDER);
            assertThat(in.receive()).isEqualTo(ORDER);
            List<Placed> polled = new ArrayList<>();
            in.poll((order, view) -> polled.add(order), 10); // in place
            assertThat(polled).containsExactly(ORDER);
            assertThat(text.receive())
                    .isEqualTo("{\"order\":17,\"at\":\"2026-11-20T10:15:30.123Z\","
                            + "\"lines\":[{\"article\":\"Äpfel\",\"count\":3}],\"note\":null}");
            Patience.until("both are heard", () -> heard.size() == 2);
            assertThat(heard).containsExactly(ORDER, ORDER);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"shm", "mem"})
    void shouldCarrySeveralTypesByTheirNames(String scheme) {
        open(scheme);
        Codec<Event> codec = JsonCodec.oneOf(Event.class, EVENTS);
        try (TypedPublisher<Event> out = queue.createPublisher(codec);
                TypedSubscriber<Event> in = queue.createSubscriber(codec);
                TypedSubscriber<String> text = queue.createSubscriber(Codecs.text())) {
            out.publish(new Cancelled(1));
            out.publish(ORDER);
            assertThat(List.of(in.receive(), in.receive())).containsExactly(new Cancelled(1), ORDER);
            assertThat(text.receive()).isEqualTo("{\"@type\":\"cancelled\",\"order\":1}");
            assertThatThrownBy(() -> out.publish(new Unknown(1)))
                    .isInstanceOf(CodecException.class)
                    .hasMessageStartingWith("Nothing was published to '" + queue.uri() + "'")
                    .hasMessageContaining("the type '" + Unknown.class.getName()
                            + "' is not allowed; allowed are [cancelled, placed]. Add it to the codec's types.");
            assertThat(in.receiveNoWait()).isNull();
        }
    }

    /** Its initializer says so when it was loaded by a name in a message. */
    static final class Gadget implements Event {
        static {
            System.setProperty("belfry.gadget", "loaded");
        }
    }

    record Holder(@JsonTypeInfo(use = JsonTypeInfo.Id.CLASS) Event event) {}

    @Test
    void shouldLetNoMessageChooseAClass() {
        open("mem");
        String gadget = JsonCodecTest.class.getName() + "$Gadget";
        try (Publisher out = queue.createPublisher();
                TypedSubscriber<Event> in = queue.createSubscriber(JsonCodec.oneOf(Event.class, EVENTS));
                TypedSubscriber<Holder> holders = queue.createSubscriber(JsonCodec.of(Holder.class))) {
            out.publish("{\"@type\":\"" + gadget + "\"}");
            assertThatThrownBy(in::receive)
                    .isInstanceOf(CodecException.class)
                    .hasMessageContaining("the type '" + gadget + "' is not allowed; allowed are [cancelled, placed]");
            out.publish("{\"event\":{\"@class\":\"" + gadget + "\"}}");
            holders.subscriber().receive();
            assertThatThrownBy(holders::receive).isInstanceOf(CodecException.class);
            assertThat(System.getProperty("belfry.gadget")).isNull();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"order":1}                           | it has no "@type"; allowed are [cancelled, placed].
            {"@type":"bomb","order":1}            | the type 'bomb' is not allowed; allowed are [cancelled, placed].
            {"@type":"cancelled","order":"4711x"} | its JSON is no dev.belfry.jackson.JsonCodecTest$Event at
            {"@type":"cancelled","order":4711     | it is not JSON, at byte 33.
            {"@type":"cancelled"} 4711            | its JSON is no dev.belfry.jackson.JsonCodecTest$Event
            [5]                                   | the type '5' is not allowed; allowed are [cancelled, placed].
            ``                                    | its JSON is no dev.belfry.jackson.JsonCodecTest$Event
            null                                  | returned null
            """)
    void shouldSayWhatDoesNotFitAndShowNoBody(String body, String text) {
        open("mem");
        try (Publisher out = queue.createPublisher();
                TypedSubscriber<Event> in = queue.createSubscriber(JsonCodec.oneOf(Event.class, EVENTS))) {
            out.publish(body);
            for (int i = 0; i < 2; i++)
                assertThatThrownBy(in::receive)
                        .isInstanceOf(CodecException.class)
                        .hasMessageStartingWith(
                                "Message 1 of '" + queue.uri() + "' (" + body.length() + " bytes) does not")
                        .hasMessageContaining(text)
                        .hasMessageNotContaining("4711");
        }
    }

    @Test
    void shouldSayWhatCannotBeWritten() {
        open("mem");
        record Bean(Object self) {}
        Object[] circle = new Object[1];
        circle[0] = circle;
        try (TypedPublisher<Bean> out = queue.createPublisher(JsonCodec.of(Bean.class));
                TypedSubscriber<byte[]> in = queue.createSubscriber(Codecs.bytes())) {
            assertThatThrownBy(() -> out.publish(new Bean(circle)))
                    .isInstanceOf(CodecException.class)
                    .hasMessageContaining("it cannot be written as JSON");
            assertThat(in.receiveNoWait()).isNull();
        }
    }

    @Test
    void shouldMoveWhatDoesNotDecode() {
        open("mem");
        try (MessageQueue dead = MessageQueues.open("mem:dead-json?deleteOnLastClose=true");
                TypedSubscriber<String> moved = dead.createSubscriber(Codecs.text());
                Publisher out = queue.createPublisher();
                TypedSubscriber<Placed> in = queue.createSubscriber(
                        JsonCodec.of(Placed.class),
                        SubscriberOptions.builder()
                                .maxRedeliveries(0)
                                .onFailure(OnFailure.moveTo("mem:dead-json"))
                                .build())) {
            in.setListener((order, message) -> {});
            out.publish("no JSON");
            assertThat(moved.receive(Patience.limit())).isEqualTo("no JSON");
        }
    }

    @Test
    void shouldUseTheMapperAndTheContentTypeThatAreGiven() {
        open("mem");
        JsonMapper pretty =
                JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
        Codec<Line> codec = JsonCodec.of(Line.class, pretty).withContentType("application/json");
        try (TypedPublisher<Line> out = queue.createPublisher(codec);
                TypedSubscriber<Line> in = queue.createSubscriber(codec)) {
            out.publish(new Line("pears", 2));
            in.poll(
                    (line, message) -> {
                        assertThat(message.text()).contains("\n");
                        assertThat(message.properties().get("contentType")).isEqualTo("application/json");
                    },
                    1);
            assertThat(in.position()).isEqualTo(1);
        }
    }

    @Test
    void shouldRefuseTwoNamesAndNoName() {
        assertThatThrownBy(() -> JsonCodec.oneOf(Event.class, Map.of("a", Placed.class, "b", Placed.class)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has two names");
        assertThatThrownBy(() -> JsonCodec.oneOf(Event.class, Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is allowed");
        assertThat(JsonCodec.oneOf(Event.class, EVENTS))
                .hasToString("JSON of " + Event.class.getName() + "[cancelled, placed]");
    }
}
