package dev.belfry.spring.boot;

import dev.belfry.api.AckMode;
import dev.belfry.api.Codec;
import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageView;
import dev.belfry.api.Subscriber;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.List;
import java.util.Set;
import org.springframework.core.ResolvableType;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/** A method with {@link BelfryListener}: what it is called with. */
final class ListenerMethod {
    private static final Set<Class<?>> PROPERTY_TYPES =
            Set.of(String.class, Boolean.class, Integer.class, Long.class, Double.class);

    private final Object bean;
    private final Method method;
    final BelfryListener annotation;
    private final Argument[] arguments;
    private final Parameter[] parameters;
    final ResolvableType answer; // null: it returns none
    private ResolvableType payload; // null: it takes no value

    /** The argument that a parameter gets. */
    private enum Argument {
        VALUE,
        MESSAGE,
        PROPERTIES,
        PROPERTY,
        SUBSCRIBER
    }

    /** {@code type}: the bean's class without a proxy, for its type variables. */
    ListenerMethod(Object bean, Class<?> type, Method method, BelfryListener annotation) {
        this.bean = bean;
        this.method = method;
        this.annotation = annotation;
        parameters = method.getParameters();
        arguments = new Argument[parameters.length];
        for (int i = 0; i < parameters.length; i++) {
            arguments[i] = argument(parameters[i]);
            if (arguments[i] != Argument.VALUE) continue;
            if (payload != null) throw refused("takes two values");
            payload = ResolvableType.forMethodParameter(method, i, type);
        }
        if (arguments.length == 0) throw refused("takes nothing");
        boolean returns = method.getReturnType() != void.class;
        boolean answers = !annotation.answers().isEmpty();
        if (returns && !answers) throw refused("returns a value, which nothing would get: it has no answers");
        if (answers && !returns) throw refused("has answers, but returns nothing");
        if (answers && payload == null) throw refused("has answers, but takes no value");
        if (answers && List.of(arguments).contains(Argument.SUBSCRIBER))
            throw refused("has answers, and takes the Subscriber: a request is acknowledged once it is answered");
        answer = answers ? ResolvableType.forMethodReturnType(method, type) : null;
        if (annotation.ack().length > 1) throw refused("has two modes of acknowledgement");
        if (payload == null && annotation.codec() != Codec.class) throw refused("has a codec, but takes no value");
        ReflectionUtils.makeAccessible(method);
    }

    private Argument argument(Parameter parameter) {
        Class<?> type = parameter.getType();
        BelfryProperty property = parameter.getAnnotation(BelfryProperty.class);
        if (property != null) {
            boolean position = property.value().equals(BelfryProperty.POSITION);
            Class<?> boxed = ClassUtils.resolvePrimitiveIfNecessary(type);
            if (position ? boxed != Long.class : !PROPERTY_TYPES.contains(boxed))
                throw refused("takes '" + property.value() + "' as a " + type.getSimpleName() + ", which is "
                        + (position ? "a long" : "a String, boolean, int, long or double"));
            return Argument.PROPERTY;
        }
        if (type == Message.class || type == MessageView.class) return Argument.MESSAGE;
        if (type == MessageProperties.class) return Argument.PROPERTIES;
        return type == Subscriber.class ? Argument.SUBSCRIBER : Argument.VALUE;
    }

    private BelfryConfigurationException refused(String why) {
        return new BelfryConfigurationException(
                "The listener " + this + " " + why + ".",
                "Let it be void, or have answers, with one value, or a Message, and if it needs them"
                        + " MessageProperties, a @BelfryProperty and the Subscriber.");
    }

    /** Answers null if the annotation gives none. */
    AckMode ack() {
        return annotation.ack().length == 0 ? null : annotation.ack()[0];
    }

    /** The type of the value that it takes, or null. */
    ResolvableType payload() {
        return payload;
    }

    Object call(Object value, Message message, Subscriber subscriber) throws Exception {
        Object[] given = new Object[arguments.length];
        for (int i = 0; i < given.length; i++)
            given[i] = switch (arguments[i]) {
                case VALUE -> value;
                case MESSAGE -> message;
                case PROPERTIES -> message.properties();
                case PROPERTY -> property(parameters[i], message);
                case SUBSCRIBER -> subscriber;
            };
        try {
            return method.invoke(bean, given);
        } catch (InvocationTargetException thrown) {
            if (thrown.getCause() instanceof Error error) throw error;
            if (thrown.getCause() instanceof Exception exception) throw exception;
            throw thrown;
        }
    }

    private static Object property(Parameter parameter, Message message) {
        String name = parameter.getAnnotation(BelfryProperty.class).value();
        if (name.equals(BelfryProperty.POSITION)) return message.position();
        MessageProperties all = message.properties();
        if (all.get(name) == null) {
            if (!parameter.getType().isPrimitive()) return null;
            throw new IllegalArgumentException("Message " + message.position() + " has no property '" + name
                    + "', which the listener takes as a " + parameter.getType()
                    + ". Take an object, which may be null.");
        }
        Class<?> type = ClassUtils.resolvePrimitiveIfNecessary(parameter.getType());
        if (type == String.class) return all.getString(name, null);
        if (type == Boolean.class) return all.getBoolean(name, false);
        if (type == Integer.class) return all.getInt(name, 0);
        if (type == Long.class) return all.getLong(name, 0);
        return all.getDouble(name, 0);
    }

    String shortName() {
        return method.getDeclaringClass().getSimpleName() + "." + method.getName();
    }

    @Override
    public String toString() {
        return method.getDeclaringClass().getName() + "." + method.getName();
    }
}
