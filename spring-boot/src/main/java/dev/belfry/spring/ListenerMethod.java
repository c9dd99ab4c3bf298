package dev.belfry.spring;

import dev.belfry.api.AckMode;
import dev.belfry.api.Codec;
import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageView;
import dev.belfry.api.Subscriber;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import org.springframework.core.ResolvableType;
import org.springframework.util.ReflectionUtils;

/** A method with {@link BelfryListener}: what it is called with. */
final class ListenerMethod {
    private final Object bean;
    private final Method method;
    private final BelfryListener annotation;
    private final Argument[] arguments;
    private ResolvableType payload; // null: it takes no value

    /** The argument that a parameter gets. */
    private enum Argument {
        VALUE,
        MESSAGE,
        PROPERTIES,
        SUBSCRIBER
    }

    /** {@code type}: the bean's class without a proxy, for its type variables. */
    ListenerMethod(Object bean, Class<?> type, Method method, BelfryListener annotation) {
        this.bean = bean;
        this.method = method;
        this.annotation = annotation;
        Parameter[] parameters = method.getParameters();
        arguments = new Argument[parameters.length];
        for (int i = 0; i < parameters.length; i++) {
            arguments[i] = argument(parameters[i].getType());
            if (arguments[i] != Argument.VALUE) continue;
            if (payload != null) throw refused("takes two values");
            payload = ResolvableType.forMethodParameter(method, i, type);
        }
        if (arguments.length == 0) throw refused("takes nothing");
        if (method.getReturnType() != void.class) throw refused("returns a value, which nothing would get");
        if (annotation.ack().length > 1) throw refused("has two modes of acknowledgement");
        if (payload == null && annotation.codec() != Codec.class) throw refused("has a codec, but takes no value");
        ReflectionUtils.makeAccessible(method);
    }

    private static Argument argument(Class<?> type) {
        if (type == Message.class || type == MessageView.class) return Argument.MESSAGE;
        if (type == MessageProperties.class) return Argument.PROPERTIES;
        return type == Subscriber.class ? Argument.SUBSCRIBER : Argument.VALUE;
    }

    private BelfryConfigurationException refused(String why) {
        return new BelfryConfigurationException(
                "The listener " + this + " " + why + ".",
                "Let it be void, with one value, or a Message, and if it needs them MessageProperties and the Subscriber.");
    }

    BelfryListener annotation() {
        return annotation;
    }

    /** Null: none is given. */
    AckMode ack() {
        return annotation.ack().length == 0 ? null : annotation.ack()[0];
    }

    /** The type of the value that it takes, or null. */
    ResolvableType payload() {
        return payload;
    }

    void call(Object value, Message message, Subscriber subscriber) throws Exception {
        Object[] given = new Object[arguments.length];
        for (int i = 0; i < given.length; i++)
            given[i] = switch (arguments[i]) {
                case VALUE -> value;
                case MESSAGE -> message;
                case PROPERTIES -> message.properties();
                case SUBSCRIBER -> subscriber;
            };
        try {
            method.invoke(bean, given);
        } catch (InvocationTargetException thrown) {
            if (thrown.getCause() instanceof Error error) throw error;
            if (thrown.getCause() instanceof Exception exception) throw exception;
            throw thrown;
        }
    }

    String shortName() {
        return method.getDeclaringClass().getSimpleName() + "." + method.getName();
    }

    @Override
    public String toString() {
        return method.getDeclaringClass().getName() + "." + method.getName();
    }
}
