package dev.belfry.jakarta;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.testing.Patched;
import dev.belfry.testing.Patience;
import java.lang.annotation.Annotation;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A mistake to be put into the product, and the test that notices it. */
record Twin(String what, String type, String snippet, String replacement, String test) {
    private static final String OURS = "dev.belfry.jakarta.";
    private static final String PATIENCE = "belfry.patience";

    @Override
    public String toString() {
        return what;
    }

    /** An exception of the test comes out. */
    void run(Path directory) throws Throwable {
        run(test, planted(directory));
    }

    /** A test that does not compile with it, or does not find it, has noticed nothing. */
    void mustBeNoticed(Path directory) {
        assertThatThrownBy(() -> run(directory)).as(what).hasMessageNotContainingAny("compiles:", "occurrences of");
    }

    /** {@code patience}: some mistakes make a test wait for what never comes. */
    void mustBeNoticed(Path directory, String patience) {
        String before = Patience.limit().toMillis() + "ms";
        System.setProperty(PATIENCE, patience);
        try {
            mustBeNoticed(directory);
        } finally {
            System.setProperty(PATIENCE, before);
        }
    }

    Patched planted(Path directory) {
        return new Patched(directory).and(type, snippet, replacement);
    }

    /**
     * {@code test} is Class#method: without a parameter, with a seed, or with the values of its
     * annotation, one after the other. Class#method#value is with this value alone.
     */
    static void run(String test, Patched product) throws Throwable {
        String[] names = test.split("#");
        String only = names.length > 2 ? names[2] : "";
        Class<?> type = product.load(OURS + names[0]);
        Method method = methods(type)
                .filter(m -> m.getName().equals(names[1]))
                .findFirst()
                .orElseThrow();
        ValueSource values = method.getAnnotation(ValueSource.class);
        MethodSource source = method.getAnnotation(MethodSource.class);
        if (values != null) {
            for (String value : values.strings()) call(type, method, value);
            for (boolean value : values.booleans()) call(type, method, value);
        } else if (source != null) {
            Method all = method.getDeclaringClass().getDeclaredMethod(source.value()[0]);
            all.setAccessible(true);
            List<?> chosen = ((Stream<?>) all.invoke(null))
                    .filter(one -> one.toString().startsWith(only))
                    .toList();
            if (chosen.isEmpty())
                throw new IllegalArgumentException("no occurrences of " + only + " in " + source.value()[0]);
            for (Object one : chosen) call(type, method, one);
        } else if (method.getParameterCount() == 0) call(type, method);
        else call(type, method, 5L);
    }

    private static void call(Class<?> type, Method method, Object... arguments) throws Throwable {
        var constructor = type.getDeclaredConstructor();
        constructor.setAccessible(true);
        Object test = constructor.newInstance();
        try {
            callAll(BeforeEach.class, test);
            call(method, test, arguments);
        } finally {
            callAll(AfterEach.class, test);
        }
    }

    private static void callAll(Class<? extends Annotation> kind, Object test) throws Throwable {
        for (Method one : methods(test.getClass()).toList()) if (one.isAnnotationPresent(kind)) call(one, test);
    }

    /** Its own ones first. */
    private static Stream<Method> methods(Class<?> type) {
        return Stream.<Class<?>>iterate(type, t -> t != Object.class, Class::getSuperclass)
                .flatMap(t -> Arrays.stream(t.getDeclaredMethods()));
    }

    private static void call(Method method, Object test, Object... arguments) throws Throwable {
        method.setAccessible(true);
        try {
            method.invoke(test, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
