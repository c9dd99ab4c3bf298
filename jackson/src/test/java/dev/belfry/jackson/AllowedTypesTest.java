package dev.belfry.jackson;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeId;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeName;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.belfry.api.Codec;
import dev.belfry.api.CodecException;
import dev.belfry.api.MessageProperties;
import dev.belfry.spi.HeapMessage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DefaultTyping;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.annotation.JsonDeserialize;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.introspect.Annotated;
import tools.jackson.databind.introspect.AnnotatedClass;
import tools.jackson.databind.introspect.NopAnnotationIntrospector;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.jsontype.BasicPolymorphicTypeValidator;
import tools.jackson.databind.jsontype.NamedType;
import tools.jackson.databind.jsontype.TypeDeserializer;
import tools.jackson.databind.module.SimpleModule;

/** Of oneOf only the map's types are read and written, at each depth, whatever leads to another one. */
class AllowedTypesTest {
    private static final List<Object> MADE = new ArrayList<>();

    @BeforeEach
    void forget() {
        MADE.clear();
    }

    /** What Jackson finds by itself, as the interface is sealed. */
    sealed interface Event extends Thing permits Placed, Both, Admin, Money, Other, Coded, Kind {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
    @JsonSubTypes({@JsonSubTypes.Type(value = Admin.class, name = "root"), @JsonSubTypes.Type(value = Placed.class)})
    interface Thing {}

    sealed interface Money extends Event permits Paid, Stolen {}

    record Placed(long order) implements Event {}

    record Paid(int cents) implements Money {}

    record Stolen(int cents) implements Money {
        Stolen {
            MADE.add(cents);
        }
    }

    record Admin(String command) implements Event {
        Admin {
            MADE.add(command);
        }
    }

    @JsonTypeName("named")
    record Other(String command) implements Event {
        Other {
            MADE.add(command);
        }
    }

    @JsonDeserialize(as = Below.class)
    static class Above {
        public int a;
    }

    static final class Below extends Above {
        Below() {
            MADE.add("below");
        }
    }

    enum Kind implements Event {
        GOOD
    }

    @JsonDeserialize(using = ByHand.class)
    record Coded(String command) implements Event {}

    static final class ByHand extends ValueDeserializer<Coded> {
        @Override
        public Coded deserialize(JsonParser p, DeserializationContext context) {
            MADE.add("by hand");
            p.skipChildren();
            return new Coded("by hand");
        }
    }

    record Both(
            Event first,
            List<Event> more,
            Map<String, Event> byName,
            Optional<Event> perhaps,
            Event[] array,
            List<List<Event>> deep,
            Money money,
            Admin admin,
            Map<Admin, Integer> keys,
            Thing thing,
            Object any,
            @JsonUnwrapped Other unwrapped,
            Coded coded,
            Kind kind,

            @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
            @JsonSubTypes(@JsonSubTypes.Type(value = Admin.class, name = "root"))
            Event another,

            @JsonTypeInfo(use = JsonTypeInfo.Id.CLASS) Event byClass,

            @JsonTypeInfo(use = JsonTypeInfo.Id.CLASS) List<Event> allByClass,

            @JsonTypeInfo(use = JsonTypeInfo.Id.DEDUCTION) Event guessed,

            @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind", defaultImpl = Admin.class)
            Event byDefault,

            @JsonDeserialize(as = Admin.class) Event as)
            implements Event {
        Both(Event first) {
            this(
                    first,
                    null,
                    null,
                    Optional.empty(),
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null);
        }
    }

    private static final Map<String, Class<? extends Event>> MAP =
            Map.of("placed", Placed.class, "both", Both.class, "paid", Paid.class);

    /** A mapper of a program that trusts itself: the limit holds with it, too. */
    private static final JsonMapper LAX = JsonMapper.builder()
            .polymorphicTypeValidator(BasicPolymorphicTypeValidator.builder()
                    .allowIfBaseType(Object.class)
                    .allowIfSubType(Object.class)
                    .build())
            .activateDefaultTyping(
                    BasicPolymorphicTypeValidator.builder()
                            .allowIfSubType(Object.class)
                            .build(),
                    DefaultTyping.NON_FINAL)
            .disable(MapperFeature.REQUIRE_TYPE_ID_FOR_SUBTYPES)
            .enable(MapperFeature.USE_BASE_TYPE_AS_DEFAULT_IMPL)
            .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_VALUES)
            .disable(DeserializationFeature.FAIL_ON_INVALID_SUBTYPE)
            .registerSubtypes(new NamedType(Admin.class, "admin"), new NamedType(Stolen.class, "stolen"))
            .addModule(new SimpleModule().addAbstractTypeMapping(Money.class, Stolen.class))
            .build();

    private static final JsonMapper WITHOUT_ANNOTATIONS =
            JsonMapper.builder().disable(MapperFeature.USE_ANNOTATIONS).build();

    private static Object decode(Codec<?> codec, String json) {
        return codec.decode(
                new HeapMessage(0, 0, json.getBytes(StandardCharsets.UTF_8), MessageProperties.empty(), false));
    }

    private static String encode(Codec<Event> codec, Event value) {
        return new String(codec.encode(value), StandardCharsets.UTF_8);
    }

    static Stream<String> attacks() {
        String admin = Admin.class.getName();
        String simple = admin.substring(admin.lastIndexOf('.') + 1);
        List<String> all = new ArrayList<>();
        // The names that Jackson gives to what it finds, and those of annotations.
        for (String name : List.of(simple, "Admin", admin, "named", "root", "admin", "Kind", "AllowedTypesTest$Kind"))
            all.add("{'@type':'" + name + "','command':'rm'}");
        all.add("{'@type':'AllowedTypesTest$Placed','order':1}"); // of an allowed type, and not its name
        all.add("{'@type':'AllowedTypesTest$Money','cents':1}");
        all.add("{'@type':null,'command':'rm'}");
        all.add("{'@type':['" + simple + "'],'command':'rm'}");
        all.add("['" + simple + "',{'command':'rm'}]");
        all.add("{'command':'rm'}");
        all.add("{'kind':'root','command':'rm'}");
        all.add("{'@class':'" + admin + "','command':'rm'}");
        String refused = "{'@type':'" + simple + "','command':'rm'}";
        for (String where : List.of(
                "'first':%s",
                "'more':[{'@type':'placed','order':1},%s]",
                "'byName':{'a':%s}",
                "'perhaps':%s",
                "'array':[%s]",
                "'deep':[[%s]]",
                "'admin':%s",
                "'another':%s",
                "'as':%s",
                "'first':{'@type':'both','first':{'@type':'both','more':[%s]}}"))
            all.add("{'@type':'both'," + where.formatted(refused) + "}");
        all.add("{'@type':'both','money':{'@type':'AllowedTypesTest$Stolen','cents':1}}");
        all.add("{'@type':'both','money':{'@type':'stolen','cents':1}}");
        all.add("{'@type':'both','money':{'@type':'placed','order':1}}"); // allowed, but no Money
        all.add("{'@type':'both','money':{'cents':1}}");
        all.add("{'@type':'both','admin':{'command':'rm'}}");
        all.add("{'@type':'both','admin':{'@type':'admin','command':'rm'}}");
        all.add("{'@type':'both','keys':{'rm':1}}");
        all.add("{'@type':'both','thing':{'kind':'root','command':'rm'}}");
        all.add("{'@type':'both','kind':'GOOD'}");
        all.add("{'@type':'both','coded':{}}");
        all.add("{'@type':'both','coded':{'@type':'AllowedTypesTest$Coded'}}");
        all.add("{'@type':'both','another':{'kind':'root','command':'rm'}}");
        for (String by : List.of("byClass':%s", "allByClass':[%s]"))
            all.add("{'@type':'both','" + by.formatted("{'@class':'" + admin + "','command':'rm'}") + "}");
        all.add("{'@type':'both','guessed':{'command':'rm'}}");
        all.add("{'@type':'both','byDefault':{'command':'rm'}}");
        all.add("{'@type':'both','as':{'command':'rm'}}");
        return all.stream().map(json -> json.replace('\'', '"'));
    }

    @ParameterizedTest
    @MethodSource("attacks")
    void shouldMakeNothingOfATypeThatIsNotInTheMap(String json) {
        for (Codec<Event> codec : List.of(
                JsonCodec.oneOf(Event.class, MAP),
                JsonCodec.oneOf(Event.class, MAP, JsonMapper.shared()),
                JsonCodec.oneOf(Event.class, MAP, WITHOUT_ANNOTATIONS)))
            assertThatThrownBy(() -> decode(codec, json)).isInstanceOf(CodecException.class);
        try {
            decode(JsonCodec.oneOf(Event.class, MAP, LAX), json); // that mapper may take null for what is missing
        } catch (CodecException refused) {
            // as the others
        }
        assertThat(MADE).isEmpty();
    }

    /** No object says where it begins, so nothing is there to refuse. */
    @Test
    void shouldNotUnwrapATypeThatIsNotInTheMap() {
        decode(JsonCodec.oneOf(Event.class, MAP), "{\"@type\":\"both\",\"unwrapped\":null,\"command\":\"rm\"}");
        assertThat(MADE).isEmpty();
    }

    static Stream<Event> values() {
        Admin admin = new Admin("rm");
        return Stream.of(
                admin,
                Kind.GOOD,
                new Both(admin),
                new Both(new Both(new Both(admin))),
                new Both(Kind.GOOD),
                new Both(new Stolen(1)),
                in(List.of(new Placed(1), admin), null, null),
                in(null, Map.of("a", admin), null),
                in(null, null, admin),
                in(null, null, List.of(admin)),
                in(null, null, Map.of(admin, 1)),
                in(null, null, Map.of("a", new Object[] {admin})));
    }

    private static Both in(List<Event> more, Map<String, Event> byName, Object any) {
        return new Both(
                null,
                more,
                byName,
                Optional.empty(),
                null,
                null,
                null,
                null,
                null,
                null,
                any,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null);
    }

    @ParameterizedTest
    @MethodSource("values")
    void shouldWriteNothingOfATypeThatIsNotInTheMap(Event value) {
        for (JsonMapper mapper : List.of(JsonMapper.shared(), LAX, WITHOUT_ANNOTATIONS))
            assertThatThrownBy(() -> JsonCodec.oneOf(Event.class, MAP, mapper).encode(value))
                    .isInstanceOf(CodecException.class)
                    .hasMessageMatching(
                            "the type '" + AllowedTypesTest.class.getName()
                                    + "\\$(Admin|Kind|Stolen)' is not allowed( at [^;]+)?; allowed are \\[both, paid, placed]\\..*");
    }

    @Test
    void shouldReadAClassAsNoOtherOne() {
        assertThatThrownBy(() -> decode(
                        JsonCodec.oneOf(Above.class, Map.of("above", Above.class)), "{\"@type\":\"above\",\"a\":1}"))
                .hasMessageContaining("the type '" + Below.class.getName() + "' is not allowed; allowed are [above]");
        assertThat(MADE).isEmpty();
    }

    @Test
    void shouldCarryWhatIsInTheMapAtEachDepth() {
        for (JsonMapper mapper : List.of(JsonMapper.shared(), WITHOUT_ANNOTATIONS)) {
            Codec<Event> codec = JsonCodec.oneOf(Event.class, MAP, mapper);
            Event deep =
                    new Both(in(List.of(new Placed(1), new Both(new Paid(2))), Map.of("a", new Placed(3)), "text"));
            String json = encode(codec, deep);
            assertThat(json).contains("{\"@type\":\"paid\",\"cents\":2}", "{\"@type\":\"placed\",\"order\":3}");
            assertThat(decode(codec, json)).isEqualTo(deep);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {'@type':'AllowedTypesTest$Admin','command':'rm'}     | its "@type" is not allowed
            {'@type':'both','money':{'@type':'placed','order':1}} | its "@type" is not allowed at money
            {'@type':'both','deep':[[{'@type':'sub'}]]}           | its "@type" is not allowed at deep[0][0]
            {'@type':'both','first':{'command':'rm'}}             | it has no "@type" at first
            {'@type':'both','keys':{'rm':1}}                      | the type 'dev.belfry.jackson.AllowedTypesTest$Admin' is not allowed at keys
            """)
    void shouldSayWhereATypeIsRefused(String json, String text) {
        assertThatThrownBy(() -> decode(JsonCodec.oneOf(Event.class, MAP), json.replace('\'', '"')))
                .hasMessage(text + "; allowed are [both, paid, placed]. Add it to the codec's types.");
    }

    /** What needs a class with setters, a key, or a module. */
    interface Part {}

    record Fine(int a) implements Part {}

    record Hidden(int a) implements Part {
        Hidden {
            MADE.add(a);
        }
    }

    enum Sign implements Part {
        PLUS {
            @Override
            int of(int a) {
                return a;
            }
        };

        abstract int of(int a);
    }

    abstract static class Parsed implements Part {
        public static Parsed valueOf(String text) {
            MADE.add(text);
            return new Parsed() {};
        }
    }

    record Parts(Map<Sign, Integer> signs, EnumSet<Sign> set, Map<Parsed, Integer> parsed, Hidden hidden)
            implements Part {}

    static class Titled {
        @JsonTypeId
        public String title = "fine";
    }

    static final class Book extends Titled implements Part {}

    static final class Leaf implements Part {
        @JsonTypeId
        public String title = "fine";
    }

    static final class Bean implements Part {
        @JsonTypeInfo(use = JsonTypeInfo.Id.CLASS)
        private Part one;

        @JsonTypeInfo(use = JsonTypeInfo.Id.CLASS)
        private List<Part> more;

        public Part getOne() {
            return one;
        }

        public void setOne(Part one) {
            this.one = one;
        }

        public List<Part> getMore() {
            return more;
        }

        public void setMore(List<Part> more) {
            this.more = more;
        }
    }

    private static final Map<String, Class<? extends Part>> PARTS = Map.of(
            "fine", Fine.class, "parts", Parts.class, "bean", Bean.class, "leaf", Leaf.class, "book", Book.class);

    private static final JsonMapper WITH_A_MODULE = JsonMapper.builder()
            .polymorphicTypeValidator(BasicPolymorphicTypeValidator.builder()
                    .allowIfSubType(Object.class)
                    .build())
            .addModule(new SimpleModule("knows better") {
                @Override
                public void setupModule(SetupContext context) {
                    context.insertAnnotationIntrospector(new KnowsBetter());
                }
            })
            .build();

    @SuppressWarnings("serial") // nobody writes this to a stream
    private static final class KnowsBetter extends NopAnnotationIntrospector {
        @Override
        public Object findDeserializer(MapperConfig<?> config, Annotated a) {
            return a instanceof AnnotatedClass && a.getRawType() == Hidden.class ? new Finds() : null;
        }
    }

    private static final class Finds extends ValueDeserializer<Hidden> {
        @Override
        public Hidden deserialize(JsonParser p, DeserializationContext context) {
            p.skipChildren();
            return new Hidden(1);
        }

        @Override
        public Object deserializeWithType(JsonParser p, DeserializationContext context, TypeDeserializer names) {
            return deserialize(p, context);
        }
    }

    private static List<JsonCodec<Part>> ofParts() {
        return List.of(JsonCodec.oneOf(Part.class, PARTS), JsonCodec.oneOf(Part.class, PARTS, WITH_A_MODULE));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'@type':'bean','one':{'@class':'dev.belfry.jackson.AllowedTypesTest$Fine','a':1}}",
                "{'@type':'bean','one':{'@class':'dev.belfry.jackson.AllowedTypesTest$Hidden','a':1}}",
                "{'@type':'bean','more':[{'@class':'dev.belfry.jackson.AllowedTypesTest$Fine','a':1}]}",
                "{'@type':'parts','hidden':{'a':1}}",
                "{'@type':'parts','signs':{'PLUS':1}}",
                "{'@type':'parts','set':['PLUS']}",
                "{'@type':'parts','parsed':{'x':1}}",
            })
    void shouldMakeNothingForASetterAKeyOrAModule(String json) {
        for (Codec<Part> codec : ofParts())
            assertThatThrownBy(() -> decode(codec, json.replace('\'', '"'))).isInstanceOf(CodecException.class);
        assertThat(MADE).isEmpty();
    }

    static Stream<Part> parts() {
        return Stream.of(
                new Parts(Map.of(Sign.PLUS, 1), null, null, null),
                new Parts(null, EnumSet.of(Sign.PLUS), null, null),
                new Parts(null, null, Map.of(new Parsed() {}, 1), null));
    }

    @ParameterizedTest
    @MethodSource("parts")
    void shouldWriteNoKeyAndNoConstantOfATypeThatIsNotInTheMap(Part value) {
        for (Codec<Part> codec : ofParts())
            assertThatThrownBy(() -> codec.encode(value))
                    .isInstanceOf(CodecException.class)
                    .hasMessageContaining("is not allowed");
    }

    @Test
    void shouldCarryConstantsWithBodiesOfAnEnumThatIsInTheMap() {
        Codec<Part> codec = JsonCodec.oneOf(Part.class, Map.of("parts", Parts.class, "sign", Sign.class));
        for (Part value : List.of(Sign.PLUS, new Parts(Map.of(Sign.PLUS, 1), EnumSet.of(Sign.PLUS), null, null)))
            assertThat(decode(codec, new String(codec.encode(value), StandardCharsets.UTF_8)))
                    .isEqualTo(value);
    }

    @Test
    void shouldCarryABeanWhoseFieldsAreAnnotated() {
        for (Codec<Part> codec : ofParts()) {
            Bean bean = new Bean();
            bean.setOne(new Fine(1));
            bean.setMore(List.of(new Fine(2)));
            String json = new String(codec.encode(bean), StandardCharsets.UTF_8);
            assertThat(json).contains("{\"@type\":\"fine\",\"a\":1}").doesNotContain("@class");
            Bean read = (Bean) decode(codec, json);
            assertThat(read.getOne()).isEqualTo(new Fine(1));
            assertThat(read.getMore()).containsExactly(new Fine(2));
        }
    }

    /** Not even by that of a class above, which has nothing in common with the types. */
    @Test
    void shouldGiveNoTypeTheNameThatAFieldHas() {
        for (Codec<Part> codec : ofParts()) {
            assertThat(new String(codec.encode(new Leaf()), StandardCharsets.UTF_8))
                    .isEqualTo("{\"@type\":\"leaf\",\"title\":\"fine\"}");
            assertThat(new String(codec.encode(new Book()), StandardCharsets.UTF_8))
                    .isEqualTo("{\"@type\":\"book\",\"title\":\"fine\"}");
        }
    }
}
