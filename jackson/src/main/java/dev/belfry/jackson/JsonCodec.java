package dev.belfry.jackson;

import dev.belfry.api.Codec;
import dev.belfry.api.CodecException;
import dev.belfry.api.Message;
import dev.belfry.api.ReadableBody;
import dev.belfry.spi.Units;
import java.util.Map;
import java.util.Objects;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.exc.InvalidTypeIdException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.jsontype.BasicPolymorphicTypeValidator;
import tools.jackson.databind.util.ByteBufferBackedInputStream;

/**
 * Values as JSON, by Jackson: records, and what else Jackson can write and read. It keeps no state,
 * so one codec serves any number of publishers and subscribers.
 *
 * <p>A message never chooses a class. It is read as the one type of {@link #of}, or as one of the
 * types that {@link #oneOf} allows, whose short name it has. Its text has no class names. The
 * mapper of this class also refuses them inside of a value. A mapper that is given is left as it is.
 */
public final class JsonCodec<T> implements Codec<T> {
    /** The property of a JSON object that has the name of its type, with {@link #oneOf}. */
    public static final String TYPE = "@type";

    private static final int LONGEST_NAME = 100;

    private final Class<T> common;
    private final AllowedTypes allowed; // null: all are of the one type
    private final ObjectReader reader;
    private final ObjectWriter writer;
    private final String contentType;

    private JsonCodec(Class<T> common, AllowedTypes allowed, ObjectReader reader, ObjectWriter writer, String type) {
        this.common = common;
        this.allowed = allowed;
        this.reader = reader;
        this.writer = writer;
        this.contentType = type;
    }

    /** All messages are of this type. */
    public static <T> JsonCodec<T> of(Class<T> type) {
        return of(type, Own.MAPPER);
    }

    public static <T> JsonCodec<T> of(Class<T> type, JsonMapper mapper) {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(mapper, "mapper");
        return new JsonCodec<>(type, null, mapper.readerFor(type), mapper.writerFor(type), null);
    }

    /**
     * Messages are of several types with something in common, and each carries the name of its own in
     * {@link #TYPE}. Of {@code common} and all below it only these types are written and read, at each
     * depth of a value, whatever a sealed interface or annotations permit. The text of a refusal shows
     * the name that came.
     */
    public static <T> JsonCodec<T> oneOf(Class<T> common, Map<String, Class<? extends T>> allowed) {
        return oneOf(common, allowed, Own.MAPPER);
    }

    public static <T> JsonCodec<T> oneOf(Class<T> common, Map<String, Class<? extends T>> allowed, JsonMapper mapper) {
        Objects.requireNonNull(common, "common");
        if (allowed.isEmpty()) throw new IllegalArgumentException("No type of " + common.getName() + " is allowed");
        AllowedTypes types = new AllowedTypes(
                common, Map.copyOf(allowed), mapper.serializationConfig().getAnnotationIntrospector());
        JsonMapper named = mapper.rebuild()
                .enable(MapperFeature.USE_ANNOTATIONS) // the given mapper's own are none if it reads none
                .annotationIntrospector(types)
                .build();
        return new JsonCodec<>(common, types, named.readerFor(common), named.writerFor(common), null);
    }

    /** The same codec, whose messages carry this content type: "application/json", say. */
    public JsonCodec<T> withContentType(String contentType) {
        return new JsonCodec<>(common, allowed, reader, writer, Objects.requireNonNull(contentType, "contentType"));
    }

    @Override
    public String contentType() {
        return contentType;
    }

    @Override
    public byte[] encode(T value) {
        try {
            return writer.writeValueAsBytes(value);
        } catch (AllowedTypes.Refused e) {
            throw notAllowed(e.type());
        } catch (JacksonException e) {
            throw new CodecException("it cannot be written as JSON" + at(e) + ": " + kind(e) + ".", e);
        }
    }

    @Override
    public T decode(ReadableBody body) {
        try {
            return body instanceof Message copy
                    ? reader.readValue(copy.bytes())
                    : reader.readValue(new ByteBufferBackedInputStream(body.buffer()));
        } catch (AllowedTypes.Refused e) {
            throw notAllowed(e.type());
        } catch (InvalidTypeIdException e) {
            if (allowed == null) throw misfit(e);
            throw e.getTypeId() == null
                    ? new CodecException("it has no \"" + TYPE + "\"" + these(), e)
                    : notAllowed(Units.printable(e.getTypeId(), LONGEST_NAME));
        } catch (StreamReadException e) {
            throw new CodecException(
                    "it is not JSON, at byte " + e.getLocation().getByteOffset() + ".", e);
        } catch (JacksonException e) {
            throw misfit(e);
        }
    }

    private CodecException misfit(JacksonException e) {
        return new CodecException("its JSON is no " + common.getName() + at(e) + ": " + kind(e) + ".", e);
    }

    private CodecException notAllowed(String type) {
        return new CodecException("the type '" + type + "' is not allowed" + these());
    }

    private String these() {
        return "; allowed are " + allowed + ". Add it to the codec's types.";
    }

    /** Where in the value; the text of the exception itself may have a part of it. */
    private static String at(JacksonException e) {
        String path = e instanceof DatabindException inside ? inside.getPathReference() : "";
        return path.isEmpty() ? "" : " at " + Units.printable(path, LONGEST_NAME);
    }

    private static String kind(JacksonException e) {
        return e.getClass().getSimpleName();
    }

    /** For logs and debuggers. */
    @Override
    public String toString() {
        return "JSON of " + common.getName() + (allowed == null ? "" : allowed);
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
