package dev.belfry.shm.mistakes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.shm.crash.CrashPointTest;
import dev.belfry.shm.crash.Operation;
import dev.belfry.shm.crash.Participant;
import dev.belfry.shm.crash.ThrownErrorsTest;
import dev.belfry.shm.sim.Scenarios;
import dev.belfry.shm.sim.Sim;
import dev.belfry.testing.Patched;
import java.lang.annotation.Annotation;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * Checks that {@link Patched} can run against a product with a mistake in it; each stops at the
 * first thing noticed.
 */
final class Noticers {
    private static final int MOST_SCHEDULES = 12_000;

    private Noticers() {}

    /** Somebody dies before each step of this operation: as in {@link CrashPointTest}. */
    static final class Crash implements Consumer<String> {
        @Override
        public void accept(String operation) {
            CrashPointTest.expectingHang(
                    () -> CrashPointTest.diesAtEach(Operation.named(operation), Participant::new, Participant::new));
        }
    }

    /** An error is thrown in this operation: as in {@link ThrownErrorsTest}. */
    static final class Errors implements Consumer<String> {
        @Override
        public void accept(String operation) {
            CrashPointTest.expectingHang(() -> ThrownErrorsTest.strikesAtEach(Operation.named(operation)));
        }
    }

    /**
     * The schedules of this scenario, some random ones and then those with few pre-emptions: as in
     * {@code InterleavingTest}.
     */
    static final class Schedules implements Consumer<String> {
        @Override
        public void accept(String scenario) {
            try (Sim sim = new Sim(Scenarios.named(scenario), p -> new Sim.Process())) {
                sim.exploreRandomly(1, MOST_SCHEDULES / 4); // soonest, mostly
                for (int preemptions = 0; preemptions <= 3; preemptions++) sim.explore(preemptions, MOST_SCHEDULES);
            }
        }
    }

    /** A method of {@link Behaviours}. */
    static final class Behaviour implements Consumer<String> {
        @Override
        public void accept(String method) {
            call(Behaviours.of(method), method);
        }
    }

    /** A test, as {@code package.Class#method}. */
    static final class OneTest implements Consumer<String> {
        @Override
        public void accept(String test) {
            String[] parts = test.split("#");
            try {
                call(
                        Class.forName(
                                "dev.belfry.shm." + parts[0], true, getClass().getClassLoader()),
                        parts[1]);
            } catch (ClassNotFoundException e) {
                throw new IllegalArgumentException(test, e);
            }
        }
    }

    private static void call(Class<?> type, String name) {
        try {
            Constructor<?> constructor = type.getDeclaredConstructor();
            constructor.setAccessible(true);
            Object instance = constructor.newInstance();
            Method test = type.getDeclaredMethod(name);
            try {
                callAll(instance, BeforeEach.class);
                invoke(instance, test);
            } finally {
                callAll(instance, AfterEach.class);
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(type + "#" + name, e);
        }
    }

    private static void callAll(Object instance, Class<? extends Annotation> marker)
            throws ReflectiveOperationException {
        for (Class<?> type = instance.getClass(); type != Object.class; type = type.getSuperclass())
            for (Method method : type.getDeclaredMethods())
                if (method.isAnnotationPresent(marker)) invoke(instance, method);
    }

    private static void invoke(Object instance, Method method) throws ReflectiveOperationException {
        method.setAccessible(true);
        try {
            assertThat(method.invoke(instance)).isNull();
        } catch (InvocationTargetException e) {
            throw new AssertionError(method.getName() + ": " + e.getCause(), e.getCause());
        }
    }
}
