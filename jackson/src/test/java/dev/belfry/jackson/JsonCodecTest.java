package dev.belfry.jackson;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.belfry.api.Codec;
import dev.belfry.api.CodecException;
import dev.belfry.api.Codecs;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.OnFailure;
import dev.belfry.api.Publisher;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.TypedPublisher;
import dev.belfry.api.TypedSubscriber;
import dev.belfry.spi.HeapMessage;
import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Records travel as JSON; a message chooses no class; what does not fit says why, and shows no body. */
@Timeout(60)
@WaitsForOthers
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
                    .hasMessageContaining("its \"@type\" is not allowed; allowed are [cancelled, placed]");
            out.publish("{\"event\":{\"@class\":\"" + gadget + "\"}}");
            holders.subscriber().receive();
            assertThatThrownBy(holders::receive).isInstanceOf(CodecException.class);
            assertThat(System.getProperty("belfry.gadget")).isNull();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"order":1}                           | it has no "@type"; allowed are [cancelled, placed].
            {"@type":"bomb","order":1}            | its "@type" is not allowed; allowed are [cancelled, placed].
            {"@type":"cancelled","order":"4711x"} | its JSON does not fit dev.belfry.jackson.JsonCodecTest$Event at order: InvalidFormatException.
            {"@type":"cancelled","order":4711     | it is not JSON, at byte 33.
            {"@type":"cancelled"} 4711            | its JSON does not fit dev.belfry.jackson.JsonCodecTest$Event
            [5]                                   | its "@type" is not allowed; allowed are [cancelled, placed].
            ``                                    | its JSON does not fit dev.belfry.jackson.JsonCodecTest$Event
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

    record Account(Map<String, Line> byIban, Line line) {}

    record Strict(String name) {
        Strict {
            throw new IllegalArgumentException(name + " is no name");
        }
    }

    /** A stranger wrote it: it is to write no line of a log, and the log is to keep no secret of another. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"line":{"article":"a","count":"4711\\n11:30 INFO approved\\u001b[2J"}} | Account at line.count: InvalidFormatException.
            {"byIban":{"DE4711":{"article":"a","count":"x"}}}                       | Account at byIban.?.count: InvalidFormatException.
            {"byIban":{"DE4711":"x"}}                                               | Account at byIban.?: MismatchedInputException.
            {"line":4711                                                            | Account at line: MismatchedInputException.
            {"line":'4711'}                                                         | it is not JSON, at byte
            """)
    void shouldShowNothingOfAMessageInAnyTextOrCause(String body, String text) {
        assertThatThrownBy(() -> decode(JsonCodec.of(Account.class), body)).satisfies(e -> showsNothing(e, text));
    }

    @Test
    void shouldShowWhereAConstructorThrewAndNotItsText() {
        assertThatThrownBy(() -> decode(JsonCodec.of(Strict.class), "{\"name\":\"4711\"}"))
                .satisfies(e -> showsNothing(
                        e,
                        "ValueInstantiationException, as it threw a java.lang.IllegalArgumentException at "
                                + Strict.class.getName() + ".<init>(JsonCodecTest.java:"));
    }

    private static void decode(Codec<?> codec, String body) {
        try (MessageQueue own =
                        MessageQueues.open("mem:json-own-" + NUMBER.incrementAndGet() + "?deleteOnLastClose=true");
                TypedSubscriber<?> in = own.createSubscriber(codec);
                Publisher out = own.createPublisher()) {
            out.publish(body);
            in.receive();
        }
    }

    private static void showsNothing(Throwable failure, String text) {
        assertThat(failure).isInstanceOf(CodecException.class).hasMessageContaining(text);
        StringWriter trace = new StringWriter();
        failure.printStackTrace(new PrintWriter(trace));
        assertThat(trace.toString()).doesNotContain("4711", "approved");
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

    record Parcel(String sender) {}

    record Letter(String writer) {}

    /** Each of its fields would be null. */
    @Test
    void shouldRefuseAMessageOfAnotherTypeByItsContentType() {
        open("mem");
        Letter empty = new Letter(null);
        JsonCodec<Letter> letters = JsonCodec.of(Letter.class);
        try (TypedPublisher<Parcel> parcels = queue.createPublisher(JsonCodec.of(Parcel.class));
                Publisher plain = queue.createPublisher();
                TypedSubscriber<Letter> in = queue.createSubscriber(letters);
                TypedSubscriber<Letter> any = queue.createSubscriber(letters.withContentType(null));
                TypedSubscriber<Letter> renamed = queue.createSubscriber(letters.withContentType("Parcel"))) {
            parcels.publish(new Parcel("Ada"));
            for (int i = 0; i < 2; i++) // a copy, and in place
            assertThatThrownBy(i == 0 ? in::receive : () -> in.poll((letter, message) -> {}, 1))
                        .isInstanceOf(CodecException.class)
                        .hasMessageContaining("contentType Parcel) does not decode: JsonCodec: it reads the contentType"
                                + " 'Letter'. If the message is one, give both codecs the same by withContentType.");
            in.subscriber().receive();
            assertThat(any.receive()).isEqualTo(empty);
            assertThat(renamed.receive()).isEqualTo(empty);
            plain.publish("{}"); // a program that knows no properties
            plain.publish(
                    "{}",
                    MessageProperties.builder()
                            .put("contentType", "application/json")
                            .build());
            for (int i = 0; i < 2; i++) assertThat(in.receive()).isEqualTo(empty);
        }
    }

    /** Whether a primitive one is 0 or refused depends on the version of Jackson. */
    @Test
    void shouldReadAnOldMessageThatLacksAField() {
        record Old(String article) {}
        record New(String article, Integer count) {}
        byte[] old = JsonCodec.of(Old.class).encode(new Old("pears"));
        assertThat(decoded(JsonCodec.of(New.class), old)).isEqualTo(new New("pears", null));
    }

    /** As a data class of Kotlin is to a mapper without its module. */
    static final class Unmade {
        private final String name;

        private Unmade(String name) {
            this.name = name;
        }

        public String getName() {
            return name;
        }
    }

    interface Figure {}

    record Square(int side) implements Figure {}

    record Drawing(Figure figure) {}

    @Test
    void shouldSayHowAClassBecomesReadableThatJacksonCanOnlyWrite() {
        JsonCodec<Unmade> codec = JsonCodec.of(Unmade.class);
        byte[] body = codec.encode(new Unmade("4711"));
        assertThatThrownBy(() -> decoded(codec, body))
                .isInstanceOf(CodecException.class)
                .hasMessageStartingWith("Jackson cannot make a " + Unmade.class.getName() + ". Make it a record, ")
                .hasMessageContaining("@JsonCreator")
                .hasMessageContaining("jackson-module-kotlin")
                .hasMessageNotContaining("4711");
        JsonCodec<Drawing> drawings = JsonCodec.of(Drawing.class);
        byte[] drawing = drawings.encode(new Drawing(new Square(4711)));
        assertThatThrownBy(() -> decoded(drawings, drawing))
                .isInstanceOf(CodecException.class)
                .hasMessage("Jackson cannot make a " + Figure.class.getName()
                        + " at figure. Name the types that it may be: JsonCodec.oneOf.");
    }

    private static <T> T decoded(Codec<T> codec, byte[] body) {
        return codec.decode(new HeapMessage(0, 0, body, MessageProperties.empty(), false));
    }

    @Test
    void shouldWriteNoPropertyWhenItIsSwitchedOff() {
        open("mem");
        try (TypedPublisher<Line> out =
                        queue.createPublisher(JsonCodec.of(Line.class).withContentType(null));
                Subscriber in = queue.createSubscriber()) {
            out.publish(new Line("pears", 2));
            assertThat(in.receive().properties().names()).isEmpty();
        }
    }

    @Test
    void shouldCarryATypeWithParameters() {
        open("mem");
        Codec<List<Line>> codec = JsonCodec.of(new TypeReference<List<Line>>() {});
        assertThat(codec.contentType()).isEqualTo("List<Line>");
        try (TypedPublisher<List<Line>> out = queue.createPublisher(codec);
                TypedSubscriber<List<Line>> in = queue.createSubscriber(codec)) {
            out.publish(List.of(new Line("pears", 2)));
            assertThat(in.receive()).containsExactly(new Line("pears", 2));
        }
    }

    record Wide(Object value) {}

    static Stream<Object> tooLong() {
        return Stream.of(
                BigInteger.TEN.pow(1000), // 1,001 digits
                new BigDecimal("1." + "5".repeat(1000)),
                Map.of("k".repeat(50_001), 1),
                List.of(Map.of("a", BigInteger.TEN.pow(1000))));
    }

    @ParameterizedTest
    @MethodSource("tooLong")
    void shouldPublishNothingThatItCannotRead(Object value) {
        Codec<Wide> codec = JsonCodec.of(Wide.class);
        assertThatThrownBy(() -> codec.encode(new Wide(value)))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("it cannot be written as JSON")
                .hasMessageContaining("exceeds the maximum");
    }

    static Stream<StreamReadConstraints> limits() {
        return Stream.of(
                StreamReadConstraints.builder().maxNameLength(10).build(),
                StreamReadConstraints.builder().maxStringLength(10).build(),
                StreamReadConstraints.builder().maxNumberLength(10).build(),
                StreamReadConstraints.builder().maxNestingDepth(3).build(),
                StreamReadConstraints.builder().maxTokenCount(10).build());
    }

    @ParameterizedTest
    @MethodSource("limits")
    void shouldKeepEachLimitOfAMapperThatIsGiven(StreamReadConstraints limit) {
        Codec<Wide> codec = JsonCodec.of(
                Wide.class,
                JsonMapper.builder(JsonFactory.builder()
                                .streamReadConstraints(limit)
                                .build())
                        .build());
        Wide beyond = new Wide(Map.of("elevenchars", List.of("elevenchars", List.of(12345678901L, 1, 2, 3))));
        assertThatThrownBy(() -> codec.encode(beyond))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("exceeds the maximum");
    }

    @Test
    void shouldPublishWhatIsAsLongAsItCanRead() {
        open("mem");
        Codec<Wide> codec = JsonCodec.of(Wide.class);
        try (TypedPublisher<Wide> out = queue.createPublisher(codec);
                TypedSubscriber<Wide> in = queue.createSubscriber(codec)) {
            Wide wide = new Wide(Map.of("k".repeat(50_000), BigInteger.TEN.pow(999)));
            out.publish(wide);
            assertThat(in.receive()).isEqualTo(wide);
        }
    }

    abstract static class Shape {}

    sealed interface Closed permits One {}

    record One(int a) implements Closed {}

    @ParameterizedTest
    @ValueSource(classes = {Event.class, Shape.class, Closed.class})
    void shouldRefuseATypeThatJacksonCannotMake(Class<?> type) {
        assertThatThrownBy(() -> JsonCodec.of(type))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Jackson cannot make a " + type.getName() + ", and would write only what it declares."
                        + " Name the types of the messages: JsonCodec.oneOf.");
    }

    @ParameterizedTest
    @ValueSource(classes = {Map.class, List.class, Number.class, JsonNode.class, Object.class, int.class, Line[].class})
    void shouldTakeATypeThatJacksonMakesInItsOwnWay(Class<?> type) {
        assertThat(JsonCodec.of(type).contentType()).matches("\\S+");
    }

    @ParameterizedTest
    @ValueSource(classes = {Object.class, Record.class, Comparable.class})
    void shouldRefuseACommonTypeThatValuesInsideOfAMessageHaveToo(Class<Object> common) {
        assertThatThrownBy(() -> JsonCodec.oneOf(common, Map.of("a", Line.class)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("Give the types of the messages an interface of their own.");
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
