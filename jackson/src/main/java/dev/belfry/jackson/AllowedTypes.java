package dev.belfry.jackson;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.io.Serial;
import java.lang.reflect.Modifier;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.AnnotationIntrospector;
import tools.jackson.databind.DatabindContext;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JacksonModule;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.KeyDeserializer;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.cfg.MapperBuilder;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.introspect.Annotated;
import tools.jackson.databind.introspect.AnnotatedClass;
import tools.jackson.databind.introspect.AnnotatedMember;
import tools.jackson.databind.introspect.AnnotatedMethod;
import tools.jackson.databind.introspect.AnnotationIntrospectorPair;
import tools.jackson.databind.introspect.NopAnnotationIntrospector;
import tools.jackson.databind.jsontype.NamedType;
import tools.jackson.databind.jsontype.PolymorphicTypeValidator;
import tools.jackson.databind.jsontype.TypeIdResolver;
import tools.jackson.databind.jsontype.TypeSerializer;
import tools.jackson.databind.jsontype.impl.StdTypeResolverBuilder;
import tools.jackson.databind.jsontype.impl.TypeIdResolverBase;
import tools.jackson.databind.module.SimpleModule;

/**
 * The types of {@link JsonCodec#oneOf}. It has two rules for {@code common} and all below it, at
 * each depth of a value. The name in the property decides on a type, whatever annotations say, and
 * it is one of the map. A type that is not in the map is neither read nor written, by whatever way
 * Jackson comes to it: a sealed interface, an annotation, a declared field, a key, a default of the
 * mapper. A module that reads or writes keys is asked before all annotations, and decides on them.
 */
@SuppressWarnings("serial") // nobody writes this to a stream
final class AllowedTypes extends AnnotationIntrospectorPair {
    private static final JsonTypeInfo.Value BY_NAME =
            JsonTypeInfo.Value.from(Named.class.getAnnotation(JsonTypeInfo.class));

    private final Class<?> common;
    private final Map<String, Class<?>> types;
    private final Map<Class<?>, String> names = new HashMap<>();

    /** {@code given}: what else the mapper reads of annotations. */
    AllowedTypes(Class<?> common, Map<String, Class<?>> types, AnnotationIntrospector given) {
        super(NopAnnotationIntrospector.instance, given);
        this.common = common;
        this.types = types;
        types.forEach((name, type) -> {
            if (names.put(type, name) != null)
                throw new IllegalArgumentException(
                        type.getName() + " has two names: '" + name + "' and another one. Give each type one name.");
        });
    }

    private boolean isOne(Class<?> type) {
        return common.isAssignableFrom(type);
    }

    /** The name decides on an abstract type. An enum is abstract if its constants have bodies. */
    private boolean isRefused(Annotated a) {
        Class<?> type = a.getRawType();
        return (type.isEnum() || !Modifier.isAbstract(type.getModifiers())) && isRefusedAsKey(a);
    }

    /** A key has no name that could decide. */
    private boolean isRefusedAsKey(Annotated a) {
        Class<?> type = a.getRawType();
        return a instanceof AnnotatedClass && isOne(type) && !names.containsKey(declared(type));
    }

    /** The enum, for a constant of it that has a class of its own. */
    private static Class<?> declared(Class<?> type) {
        Class<?> above = type.getSuperclass();
        return above != null && above.isEnum() ? above : type;
    }

    @Override
    public Object findDeserializer(MapperConfig<?> config, Annotated a) {
        return isRefused(a) ? new NoReading(a.getRawType()) : super.findDeserializer(config, a);
    }

    @Override
    public Object findSerializer(MapperConfig<?> config, Annotated a) {
        return isRefused(a) ? new NoWriting(a.getRawType()) : super.findSerializer(config, a);
    }

    @Override
    public Object findKeyDeserializer(MapperConfig<?> config, Annotated a) {
        return isRefusedAsKey(a) ? new NoKeys(a.getRawType()) : super.findKeyDeserializer(config, a);
    }

    @Override
    public Object findKeySerializer(MapperConfig<?> config, Annotated a) {
        return isRefusedAsKey(a) ? new NoWriting(a.getRawType()) : super.findKeySerializer(config, a);
    }

    /** Checks a class that is to be read as another one, as nobody asks again which reader that one has. */
    @Override
    public JavaType refineDeserializationType(MapperConfig<?> config, Annotated a, JavaType base) {
        JavaType refined = super.refineDeserializationType(config, a, base);
        Class<?> type = refined.getRawClass();
        if (a instanceof AnnotatedClass && type != a.getRawType() && isOne(type) && !names.containsKey(type))
            throw new Refused(type);
        return refined;
    }

    /** Null for a field of such a type: the type itself has it, or the type that the field contains. */
    @Override
    public JsonTypeInfo.Value findPolymorphicTypeInfo(MapperConfig<?> config, Annotated a) {
        if (a instanceof AnnotatedClass && isOne(a.getRawType())) return BY_NAME;
        return isOfThese(a) ? null : super.findPolymorphicTypeInfo(config, a);
    }

    @Override
    public Object findTypeResolverBuilder(MapperConfig<?> config, Annotated a) {
        if (a instanceof AnnotatedClass && isOne(a.getRawType())) return new ByName();
        return isOfThese(a) ? null : super.findTypeResolverBuilder(config, a);
    }

    private boolean isOfThese(Annotated a) {
        if (a instanceof AnnotatedClass) return isOne(a.getRawType());
        int given = a instanceof AnnotatedMethod method ? method.getParameterCount() : 0; // a getter has none
        JavaType type = given == 0 ? a.getType() : ((AnnotatedMethod) a).getParameterType(given - 1);
        JavaType inside = type.getContentType();
        return isOne(type.getRawClass()) || inside != null && isOne(inside.getRawClass());
    }

    /** No field is the name, nor one of a class above. */
    @Override
    public Boolean isTypeId(MapperConfig<?> config, AnnotatedMember member) {
        Class<?> declaring = member.getDeclaringClass();
        return names.keySet().stream().anyMatch(declaring::isAssignableFrom) ? null : super.isTypeId(config, member);
    }

    /** As the last module of a mapper: each puts what it knows of annotations before what is there. */
    JacksonModule last() {
        return new SimpleModule(AllowedTypes.class.getName()) {
            @Override
            public void setupModule(SetupContext context) {
                ((MapperBuilder<?, ?>) context.getOwner()).annotationIntrospector(AllowedTypes.this);
            }
        };
    }

    /** Names the types in texts of errors. */
    @Override
    public String toString() {
        return new TreeSet<>(types.keySet()).toString();
    }

    /** A type that is not in the map. */
    static final class Refused extends DatabindException {
        @Serial
        private static final long serialVersionUID = 1;

        final String type;

        Refused(Class<?> type) {
            super(type.getName());
            this.type = type.getName();
        }
    }

    private static final class NoReading extends ValueDeserializer<Object> {
        private final Class<?> type;

        NoReading(Class<?> type) {
            this.type = type;
        }

        @Override
        public Object deserialize(JsonParser p, DeserializationContext context) {
            throw new Refused(type);
        }
    }

    private static final class NoKeys extends KeyDeserializer {
        private final Class<?> type;

        NoKeys(Class<?> type) {
            this.type = type;
        }

        @Override
        public Object deserializeKey(String key, DeserializationContext context) {
            throw new Refused(type);
        }
    }

    private static final class NoWriting extends ValueSerializer<Object> {
        private final Class<?> type;

        NoWriting(Class<?> type) {
            this.type = type;
        }

        @Override
        public void serialize(Object value, JsonGenerator out, SerializationContext context) {
            throw new Refused(type);
        }

        @Override
        public void serializeWithType(
                Object value, JsonGenerator out, SerializationContext context, TypeSerializer names) {
            throw new Refused(type);
        }
    }

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = JsonCodec.TYPE)
    private interface Named {}

    private final class ByName extends StdTypeResolverBuilder {
        @Override
        protected TypeIdResolver idResolver(
                DatabindContext context,
                JavaType base,
                PolymorphicTypeValidator validator,
                Collection<NamedType> found,
                boolean writes,
                boolean reads) {
            return new Names(base);
        }

        /** None: what has no name is refused. */
        @Override
        public StdTypeResolverBuilder withDefaultImpl(Class<?> type) {
            return this;
        }
    }

    private final class Names extends TypeIdResolverBase {
        Names(JavaType base) {
            super(base);
        }

        @Override
        public String idFromValue(DatabindContext context, Object value) {
            return idFromValueAndType(context, value, value.getClass());
        }

        @Override
        public String idFromValueAndType(DatabindContext context, Object value, Class<?> type) {
            String name = names.get(declared(type));
            if (name == null) throw new Refused(type);
            return name;
        }

        @Override
        public JavaType typeFromId(DatabindContext context, String name) {
            Class<?> type = types.get(name);
            if (type == null || !_baseType.isTypeOrSuperTypeOf(type))
                throw ((DeserializationContext) context).invalidTypeIdException(_baseType, name, "not in the map");
            return context.constructSpecializedType(_baseType, type);
        }

        @Override
        public JsonTypeInfo.Id getMechanism() {
            return JsonTypeInfo.Id.NAME;
        }
    }
}
