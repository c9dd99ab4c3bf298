package dev.belfry.shm.memory;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;

/**
 * {@code java.lang.foreign} by its names: this is compiled for 17, and 22 is the first JDK that has
 * it. Called so, a method takes microseconds. A method that is called often is bound once, into a
 * constant {@link MethodHandle}: the compiler sees through it.
 */
public final class Foreign {
    static final boolean IS_THERE = Runtime.version().feature() >= 22;

    private Foreign() {}

    public static Class<?> type(String name) {
        try {
            return Class.forName("java.lang.foreign." + name);
        } catch (ClassNotFoundException older) {
            throw new LinkageError("java.lang.foreign", older);
        }
    }

    public static Object constant(String type, String name) {
        try {
            return type(type).getField(name).get(null);
        } catch (ReflectiveOperationException other) {
            throw new LinkageError(type + "." + name, other);
        }
    }

    /** {@code self} is null for a static method. An exception of the method is thrown as it is. */
    public static Object call(Object self, Method method, Object... arguments) {
        try {
            return method.invoke(self, arguments);
        } catch (InvocationTargetException thrown) {
            throw unchecked(thrown.getCause());
        } catch (IllegalAccessException other) {
            throw new LinkageError(method.toString(), other);
        }
    }

    public static Method method(String type, String name, Class<?>... parameters) {
        return method(type(type), name, parameters);
    }

    /** Its type is one that 17 has, too. */
    static Method method(Class<?> type, String name, Class<?>... parameters) {
        try {
            return type.getMethod(name, parameters);
        } catch (NoSuchMethodException other) {
            throw new LinkageError(type.getName() + "." + name, other);
        }
    }

    public static MethodHandle handle(Method method) {
        try {
            return MethodHandles.publicLookup().unreflect(method);
        } catch (IllegalAccessException other) {
            throw new LinkageError(method.toString(), other);
        }
    }

    /** The exception of a handle, unchecked: the method that it is bound to declares none. */
    public static RuntimeException unchecked(Throwable thrown) {
        if (thrown instanceof RuntimeException exception) return exception;
        if (thrown instanceof Error error) throw error;
        return new IllegalStateException(thrown);
    }
}
