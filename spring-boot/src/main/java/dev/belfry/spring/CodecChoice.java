package dev.belfry.spring;

import dev.belfry.api.Codec;
import dev.belfry.api.Codecs;
import dev.belfry.jackson.JsonCodec;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.core.ResolvableType;
import org.springframework.util.ClassUtils;

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
        if (JSON && !type.hasGenerics()) return json(plain);
        throw new BelfryConfigurationException(
                "There is no codec of " + type + " for " + place + ".",
                (JSON ? "Declare" : "Add dev.belfry:belfry-jackson to the class path, or declare")
                        + " a bean of the type Codec<" + type + ">.");
    }

    /** Without it on the class path this is never called, nor its class loaded. */
    private static Codec<?> json(Class<?> type) {
        return JsonCodec.of(type);
    }
}
