package dev.belfry.spring.boot;

import dev.belfry.api.Codec;
import dev.belfry.api.Codecs;
import dev.belfry.jackson.JsonCodec;
import java.lang.reflect.Type;
import java.util.stream.Stream;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.core.ResolvableType;
import org.springframework.util.ClassUtils;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

final class CodecChoice {
    private static final boolean JSON =
            ClassUtils.isPresent("dev.belfry.jackson.JsonCodec", CodecChoice.class.getClassLoader());

    private CodecChoice() {}

    /** The bean that is a codec of this type; or text, bytes, JSON. {@code place}: for messages. */
    static Codec<?> of(ResolvableType type, BeanFactory beans, Object place) {
        Codec<?> bean = (Codec<?>) beans.getBeanProvider(ResolvableType.forClassWithGenerics(Codec.class, type))
                .getIfAvailable();
        if (bean != null) return bean;
        Class<?> plain = type.resolve(Object.class);
        if (plain == String.class) return Codecs.text();
        if (plain == byte[].class) return Codecs.bytes();
        if (JSON && isKnown(type)) return Json.of(type, beans, place);
        throw new BelfryConfigurationException(
                "There is no codec of " + type + " for " + place + ".",
                (JSON ? "Declare" : "Add dev.belfry:belfry-jackson to the class path, or declare")
                        + " a bean of the type Codec<" + type + ">.");
    }

    private static boolean isKnown(ResolvableType type) {
        return Stream.of(type.getGenerics()).allMatch(each -> each.resolve() != null && isKnown(each));
    }

    /** Without variables, which its class may have bound. */
    private static Type resolved(ResolvableType type) {
        if (!type.hasGenerics()) return type.resolve(Object.class);
        ResolvableType[] generics = Stream.of(type.getGenerics())
                .map(each -> ResolvableType.forType(resolved(each)))
                .toArray(ResolvableType[]::new);
        return ResolvableType.forClassWithGenerics(type.resolve(Object.class), generics)
                .getType();
    }

    /** Without it on the class path this class is never loaded: its methods would be verified with this one. */
    private static final class Json {
        private Json() {}

        static Codec<?> of(ResolvableType type, BeanFactory beans, Object place) {
            try {
                TypeReference<Object> reference = new TypeReference<>() {
                    @Override
                    public Type getType() {
                        return resolved(type);
                    }
                };
                if (beans.getBean(BelfryProperties.class).json().mapper() == BelfryProperties.Mapper.OWN)
                    return JsonCodec.of(reference);
                JsonMapper mapper = beans.getBeanProvider(JsonMapper.class).getIfUnique();
                if (mapper != null) return JsonCodec.of(reference, mapper);
            } catch (IllegalArgumentException e) {
                throw new BelfryConfigurationException(
                        "There is no codec of " + type + " for " + place + ": "
                                + BelfryConfigurationException.sentence(e),
                        "Declare a bean of the type Codec<" + type + ">.",
                        e);
            }
            throw new BelfryConfigurationException(
                    "'belfry.json.mapper' is 'boot', and there is no bean of the type " + JsonMapper.class.getName()
                            + ".",
                    "Add spring-boot-starter-jackson, or leave the property out.");
        }
    }
}
