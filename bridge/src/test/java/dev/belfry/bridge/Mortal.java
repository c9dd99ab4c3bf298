package dev.belfry.bridge;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.Subscriber;
import dev.belfry.spi.PipelinedPublisher;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * A process that dies at its k-th step: a step is the moment before or after a call on one of its
 * queues, publishers and subscribers. Dead, it does nothing any more, but for what the end of a
 * process does too: what it had open is closed.
 */
final class Mortal {
    /** It is dead. */
    static final class Death extends Error {
        private static final long serialVersionUID = 1;

        Death() {
            super("dead", null, false, false);
        }
    }

    private static final Set<Class<?>> OURS = Set.of(
            MessageQueue.class,
            Publisher.class,
            Subscriber.class,
            PipelinedPublisher.class,
            PipelinedPublisher.Factory.class);
    private static final Set<String> NO_STEPS = Set.of(
            "close", "uri", "capabilities", "position", "lag", "toString", "maxMessageLength", "unwrap", "hashCode");

    private final BooleanSupplier idle;
    private final int atMost;
    private int steps;
    private boolean isDead;

    /** {@code idle}: called where it finds no message; if false it is at the end, and dies there. */
    Mortal(int steps, BooleanSupplier idle) {
        atMost = steps;
        this.idle = idle;
    }

    /** That it has made. */
    int steps() {
        return steps;
    }

    /** Its handle. */
    MessageQueue handle(MessageQueue queue) {
        return wrapped(MessageQueue.class, queue);
    }

    private <T> T wrapped(Class<T> type, Object object) {
        return type.cast(Proxy.newProxyInstance(
                Mortal.class.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, args) -> call(object, method, args)));
    }

    private Object call(Object object, Method method, Object[] args) throws Throwable {
        boolean counts = !NO_STEPS.contains(method.getName());
        if (counts) step();
        boolean polls = method.getName().equals("poll") && args.length == 3;
        if (polls) args[2] = Duration.ZERO; // nobody else will publish meanwhile
        Object result;
        try {
            result = method.invoke(object, args);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
        if (counts) step();
        if (polls && result.equals(0) && isListening(object) && !idle.getAsBoolean()) throw new Death();
        Class<?> type = method.getName().equals("unwrap") ? (Class<?>) args[0] : method.getReturnType();
        return OURS.contains(type) ? wrapped(type, result) : result;
    }

    private static boolean isListening(Object subscriber) {
        return ((Subscriber) subscriber).name() != null;
    }

    private void step() {
        isDead |= steps == atMost;
        if (isDead) throw new Death();
        steps++;
    }
}
