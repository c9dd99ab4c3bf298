package dev.belfry.conformance;

import java.lang.reflect.Method;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGenerator;

/** {@code b16PublishWaits} is shown as "16 publish waits". */
public final class BehaviourNames extends DisplayNameGenerator.Standard {
    /** For JUnit. */
    public BehaviourNames() {}

    @Override
    public String generateDisplayNameForMethod(List<Class<?>> enclosing, Class<?> testClass, Method method) {
        String words = method.getName()
                .replaceAll("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ")
                .toLowerCase(java.util.Locale.ROOT);
        return words.replaceFirst("^[bl](?=[0-9])", "");
    }
}
