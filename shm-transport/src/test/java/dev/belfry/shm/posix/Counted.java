package dev.belfry.shm.posix;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The real C library, and how often each of its functions was called. */
public final class Counted {
    private final Map<String, Integer> calls = new ConcurrentHashMap<>();

    public LibC libC() {
        return (LibC)
                Proxy.newProxyInstance(LibC.class.getClassLoader(), new Class<?>[] {LibC.class}, (p, method, args) -> {
                    calls.merge(method.getName(), 1, Integer::sum);
                    try {
                        return method.invoke(Kernel.C, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    public int of(String function) {
        return calls.getOrDefault(function, 0);
    }
}
