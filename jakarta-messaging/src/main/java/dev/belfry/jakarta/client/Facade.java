package dev.belfry.jakarta.client;

import jakarta.jms.JMSException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;

/**
 * An object of the simplified interface, seen from behind. Most methods of that one are also in the classic interface,
 * with the same name and parameters: these calls are passed on, and each exception is thrown as its unchecked twin.
 *
 * <p>It costs a call some 20 ns and boxes for its parameters, the first context of a process 22 ms, and a native image
 * a configuration that names the interfaces of the proxies.
 */
abstract class Facade implements InvocationHandler {
    private final Map<Method, Method> twins;

    Facade(Map<Method, Method> twins) {
        this.twins = twins;
    }

    /** For each method of {@code type} that of {@code behind} which has its calls: the first of several. */
    static Map<Method, Method> twins(Class<?> type, Class<?>... behind) {
        Map<Method, Method> twins = new HashMap<>();
        for (Method one : type.getMethods())
            for (Class<?> other : behind)
                for (Method twin : other.getMethods()) if (isTwin(one, twin)) twins.putIfAbsent(one, twin);
        return twins;
    }

    /** A parameter that is an Object takes all. */
    private static boolean isTwin(Method one, Method other) {
        if (!one.getName().equals(other.getName()) || one.getParameterCount() != other.getParameterCount())
            return false;
        Class<?>[] taken = other.getParameterTypes();
        for (int i = 0; i < taken.length; i++)
            if (taken[i] != Object.class && taken[i] != one.getParameterTypes()[i]) return false;
        return true;
    }

    final <T> T as(Class<T> type) {
        return type.cast(Proxy.newProxyInstance(Facade.class.getClassLoader(), new Class<?>[] {type}, this));
    }

    /** The object that has the methods of {@code type}, which is one of {@code behind}. */
    abstract Object behind(Class<?> type) throws JMSException;

    /** The answer to a call, of the type {@code wanted}; {@code result} is its twin's. */
    abstract Object returned(Class<?> wanted, Object result, Object proxy) throws JMSException;

    @Override
    public final Object invoke(Object proxy, Method called, Object[] args) throws Throwable {
        if (called.getDeclaringClass() == Object.class)
            return called.getName().equals("equals") ? proxy == args[0] : called.invoke(this, args);
        try {
            Method twin = twins.get(called);
            if (twin == null) return ofLaterVersion(proxy, called, args);
            Object result = twin.invoke(behind(twin.getDeclaringClass()), args);
            return returned(called.getReturnType(), result, proxy);
        } catch (InvocationTargetException e) {
            throw e.getCause() instanceof JMSException checked ? Jms.runtime(checked) : e.getCause();
        } catch (JMSException e) {
            throw Jms.runtime(e);
        }
    }

    /** A method that the interface had not when this was compiled. */
    private static Object ofLaterVersion(Object proxy, Method called, Object[] args) throws Throwable {
        if (called.isDefault()) return InvocationHandler.invokeDefault(proxy, called, args);
        throw new UnsupportedOperationException(called.getDeclaringClass().getSimpleName() + "." + called.getName()
                + " is of a version of Jakarta Messaging after 3.1, which this provider has."
                + " Use a version of belfry-jakarta-messaging that has it.");
    }
}
