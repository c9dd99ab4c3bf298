package dev.belfry.jackson;

import dev.belfry.api.Codec;
import dev.belfry.api.CodecException;
import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.ReadableBody;
import dev.belfry.api.TypedPublisher;
import dev.belfry.spi.Units;
import java.lang.reflect.Field;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.exc.InvalidDefinitionException;
import tools.jackson.databind.exc.InvalidTypeIdException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.jsontype.BasicPolymorphicTypeValidator;
import tools.jackson.databind.util.ByteBufferBackedInputStream;

/**
 * Values as JSON, by Jackson: records, and what else Jackson can write and read. It keeps no state, so one codec serves
 * any number of publishers and subscribers.
 *
 * <p>A message never chooses a class. It is read as the one type of {@link #of}, or as one of the types that {@link
 * #oneOf} allows, whose short name it has. Its text has no class names. The mapper of this class also refuses them
 * inside of a value. A mapper that is given is left as it is.
 *
 * <p>A field that older JSON lacks is null. If it is primitive, it is 0 or false, or refused, as the version of Jackson
 * has it.
 *
 * <p>A refusal to read says where and why, by fields and classes of this program, and shows nothing of the message.
 * @since 0.1
 */
public final class JsonCodec<T> implements Codec<T> {
    /** The property of a JSON object that has the name of its type, with {@link #oneOf}. */
    public static final String TYPE = "@type";

    private static final int LONGEST_PATH = 100;

    private final JavaType common;
    private final AllowedTypes allowed; // null: all are of the one type
    private final ObjectReader reader;
    private final ObjectWriter writer;
    private final String contentType;
    private final long certain; // a body of so many bytes is within each limit of Jackson's

    private JsonCodec(JavaType common, AllowedTypes allowed, JsonMapper mapper) {
        this(
                common,
                allowed,
                mapper.readerFor(common),
                mapper.writerFor(common),
                common.toCanonical().replaceAll("[\\w.$]*[.$]", ""));
    }

    private JsonCodec(
            JavaType common, AllowedTypes allowed, ObjectReader reader, ObjectWriter writer, String contentType) {
        this.common = common;
        this.allowed = allowed;
        this.reader = reader;
        this.writer = writer;
        this.contentType = contentType;
        certain = smallest(reader.parserFactory().streamReadConstraints());
    }

    private static long smallest(StreamReadConstraints limits) {
        int word = Math.min(limits.getMaxNameLength(), limits.getMaxStringLength());
        long depth = 2L * limits.getMaxNestingDepth(); // each has a begin and an end
        long tokens = limits.hasMaxTokenCount() ? limits.getMaxTokenCount() : Long.MAX_VALUE;
        return Math.min(Math.min(word, limits.getMaxNumberLength()), Math.min(depth, tokens));
    }

    /** All messages are of this type. An interface or abstract class that Jackson cannot make is refused. */
    public static <T> JsonCodec<T> of(Class<T> type) {
        return of(type, Own.MAPPER);
    }

    public static <T> JsonCodec<T> of(Class<T> type, JsonMapper mapper) {
        return of(Objects.requireNonNull(mapper, "mapper").constructType(Objects.requireNonNull(type, "type")), mapper);
    }

    /** A type with parameters: {@code JsonCodec.of(new TypeReference<List<Order>>() {})}. */
    public static <T> JsonCodec<T> of(TypeReference<T> type) {
        return of(type, Own.MAPPER);
    }

    public static <T> JsonCodec<T> of(TypeReference<T> type, JsonMapper mapper) {
        return of(Objects.requireNonNull(mapper, "mapper").constructType(Objects.requireNonNull(type, "type")), mapper);
    }

    private static <T> JsonCodec<T> of(JavaType type, JsonMapper mapper) {
        JsonCodec<T> codec = new JsonCodec<>(type, null, mapper);
        if (!type.isAbstract()) return codec;
        try {
            codec.reader.readValue("{}");
        } catch (InvalidDefinitionException e) {
            throw new IllegalArgumentException(
                    "Jackson cannot make a " + type.toCanonical()
                            + ", and would write only what it declares. Name the types of the messages: JsonCodec.oneOf.",
                    e);
        } catch (RuntimeException otherwise) {
            return codec; // it can be made of something else
        }
        return codec;
    }

    /**
     * Messages are of several types with something in common, and each carries the name of its own in {@link #TYPE}. No
     * other type below {@code common} is written or read, at each depth of a value, whatever a sealed interface or
     * annotations permit. Keys of maps are an exception if a module of the given mapper reads or writes them.
     */
    public static <T> JsonCodec<T> oneOf(Class<T> common, Map<String, Class<? extends T>> allowed) {
        return oneOf(common, allowed, Own.MAPPER);
    }

    public static <T> JsonCodec<T> oneOf(Class<T> common, Map<String, Class<? extends T>> allowed, JsonMapper mapper) {
        if (common.getName().startsWith("java."))
            throw new IllegalArgumentException("The values inside of a message may be a " + common.getName()
                    + ", too, and would each need a name. Give the types of the messages an interface of their own.");
        if (allowed.isEmpty()) throw new IllegalArgumentException("No type of " + common.getName() + " is allowed");
        AllowedTypes types = new AllowedTypes(
                common, Map.copyOf(allowed), mapper.serializationConfig().getAnnotationIntrospector());
        JsonMapper named = mapper.rebuild()
                .enable(MapperFeature.USE_ANNOTATIONS) // the given mapper's own are none if it reads none
                .addModule(types.last())
                .build();
        return new JsonCodec<>(named.constructType(common), types, named);
    }

    /**
     * The same codec with another content type, whose messages carry it in their properties. It reads a
     * message without one, and refuses one of another. Without this method it is the plain name of the
     * type. One with a slash, such as "application/json", is of no certain type, and is read. Null: it
     * writes none, for readers that know no properties, and reads all.
     */
    public JsonCodec<T> withContentType(@Nullable String contentType) {
        return new JsonCodec<>(common, allowed, reader, writer, contentType);
    }

    @Override
    public @Nullable String contentType() {
        return contentType;
    }

    @Override
    public byte[] encode(T value) {
        try {
            byte[] body = writer.writeValueAsBytes(value);
            if (body.length > certain) readThrough(body);
            return body;
        } catch (AllowedTypes.Refused e) {
            throw notAllowed(e.type, e);
        } catch (JacksonException e) {
            throw new CodecException("it cannot be written as JSON" + at(e) + ": " + kind(e) + ".", ofTheProgram(e));
        }
    }

    /** Refuses a message whose properties name another content type. */
    @Override
    public T decode(ReadableBody body, MessageProperties properties) {
        if (contentType != null) check(properties);
        return decode(body);
    }

    @Override
    public T decode(ReadableBody body) {
        try {
            return body instanceof Message copy
                    ? reader.readValue(copy.bytes())
                    : reader.readValue(new ByteBufferBackedInputStream(body.buffer()));
        } catch (AllowedTypes.Refused e) {
            throw notAllowed(e.type, e);
        } catch (InvalidTypeIdException e) {
            if (allowed == null) throw misfit(e);
            throw new CodecException(
                    (e.getTypeId() == null ? "it has no \"" + TYPE + "\"" : "its \"" + TYPE + "\" is not allowed")
                            + at(e)
                            + these());
        } catch (StreamConstraintsException e) {
            throw misfit(e);
        } catch (StreamReadException e) {
            throw new CodecException(
                    "it is not JSON, at byte " + e.getLocation().getByteOffset() + ".");
        } catch (JacksonException e) {
            throw misfit(e);
        }
    }

    /** Jackson writes what is too long or too deep for it to read. */
    private void readThrough(byte[] body) {
        try (JsonParser parser = reader.createParser(body)) {
            for (JsonToken token; (token = parser.nextToken()) != null; ) {
                parser.finishToken();
                if (token == JsonToken.VALUE_STRING) // it checks the length of long texts alone
                parser.streamReadConstraints().validateStringLength(parser.getStringLength());
            }
        }
    }

    private void check(MessageProperties properties) {
        Object other = properties.names().isEmpty() ? null : properties.get(TypedPublisher.CONTENT_TYPE);
        if (other == null || other.equals(contentType)) return;
        if (contentType.contains("/") || other.toString().contains("/")) return;
        throw new CodecException("it reads the " + TypedPublisher.CONTENT_TYPE + " '" + contentType
                + "'. If the message is one, give both codecs the same by withContentType.");
    }

    private CodecException misfit(JacksonException e) {
        if (e instanceof InvalidDefinitionException unmade && unmade.getType() != null && e.getCause() == null)
            return new CodecException(
                    "Jackson cannot make a " + unmade.getType().toCanonical() + at(e)
                            + (unmade.getType().isAbstract()
                                    ? ". Name the types that it may be: JsonCodec.oneOf."
                                    : ". Make it a record, give it a constructor without parameters or a @JsonCreator, or give"
                                            + " the codec a mapper that can: for a class of Kotlin one with"
                                            + " jackson-module-kotlin."));
        return new CodecException("its JSON does not fit " + common.toCanonical() + at(e) + ": " + kind(e) + ".");
    }

    private CodecException notAllowed(String type, JacksonException e) {
        return new CodecException("the type '" + type + "' is not allowed" + at(e) + these());
    }

    private String these() {
        return "; allowed are " + allowed + ". Add it to the codec's types.";
    }

    /** Where in the value: by fields of its classes. A name that is none, as a map's key, is a part of the body. */
    private static String at(JacksonException e) {
        StringBuilder path = new StringBuilder();
        for (JacksonException.Reference one : e.getPath()) {
            if (one.getPropertyName() == null)
                path.append('[').append(one.getIndex()).append(']');
            else path.append(path.isEmpty() ? "" : ".").append(isField(one) ? one.getPropertyName() : "?");
        }
        return path.isEmpty() ? "" : " at " + Units.printable(path.toString(), LONGEST_PATH);
    }

    private static boolean isField(JacksonException.Reference one) {
        Class<?> type =
                one.from() instanceof Class<?> known ? known : one.from().getClass();
        for (; type != null; type = type.getSuperclass())
            for (Field field : type.getDeclaredFields()) if (field.getName().equals(one.getPropertyName())) return true;
        return false;
    }

    /** Jackson's text has a part of the body, and that of a constructor may have one: so it has neither's. */
    private static String kind(JacksonException e) {
        if (e instanceof StreamConstraintsException) return e.getOriginalMessage();
        Throwable cause = ofTheProgram(e);
        String kind = e.getClass().getSimpleName();
        if (cause == null) return kind;
        StackTraceElement[] trace = cause.getStackTrace();
        return kind + ", as it threw a " + cause.getClass().getName() + (trace.length == 0 ? "" : " at " + trace[0]);
    }

    /** Answers null if no exception of the program is among the causes. */
    private static Throwable ofTheProgram(JacksonException e) {
        Throwable cause = e.getCause();
        while (cause instanceof JacksonException) cause = cause.getCause();
        return cause;
    }

    @Override
    public String toString() {
        return "JSON of " + common.toCanonical() + (allowed == null ? "" : allowed);
    }

    /** Made when it is first needed. Its validator allows no class by its name, wherever one is annotated so. */
    private static final class Own {
        static final JsonMapper MAPPER = JsonMapper.builder()
                .polymorphicTypeValidator(
                        BasicPolymorphicTypeValidator.builder().build())
                .build();

        private Own() {}
    }
}
