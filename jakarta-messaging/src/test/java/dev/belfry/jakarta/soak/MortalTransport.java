package dev.belfry.jakarta.soak;

import dev.belfry.api.Capability;
import dev.belfry.api.Claim;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.QueueConfig;
import dev.belfry.spi.Log;
import dev.belfry.spi.MessageQueueProvider;
import dev.belfry.spi.QueueUri;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.util.Set;

/**
 * {@code mortal:X} is {@code shm:X}, and {@code mortal:mem.X} is {@code mem:X}, for a process that
 * dies before one of its appends.
 */
public final class MortalTransport implements MessageQueueProvider {
    /** Is told before each append, and may end the process. */
    public static volatile Runnable beforeAppend = () -> {};

    /** Is told in each claim, before it is committed. */
    public static volatile Runnable beforeCommit = () -> {};

    /** Is told before each look for a mark, the first one of which is the first step of a new member. */
    static volatile Runnable beforeMark = () -> {};

    /** The last one, as it really is: a death in this JVM closes it. */
    static volatile MessageQueue opened;

    private static final String MEM = "mem.";

    /** For ServiceLoader. */
    public MortalTransport() {}

    @Override
    public String scheme() {
        return "mortal";
    }

    @Override
    public String name() {
        return "mortal-transport";
    }

    @Override
    public String version() {
        return "1";
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(Capability.values());
    }

    @Override
    public Set<String> parameters() {
        return Set.of(Log.KIND);
    }

    @Override
    public MessageQueue open(QueueUri uri, QueueConfig config) {
        String name = uri.name();
        String real = name.startsWith(MEM) ? "mem:" + name.substring(MEM.length()) : "shm:" + name;
        opened = MessageQueues.open(URI.create(real), config);
        return around(MessageQueue.class, opened);
    }

    private static <T> T around(Class<T> type, Object real) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    boolean appends = method.getName().equals("append")
                            || method.getName().equals("commit");
                    if (appends) beforeAppend.run();
                    if (type == Claim.class && appends) beforeCommit.run();
                    if (method.getName().equals("mark")) beforeMark.run();
                    Object answer = call(real, method, arguments);
                    if (answer instanceof Log) return around(Log.class, answer);
                    return answer instanceof Claim ? around(Claim.class, answer) : answer;
                }));
    }

    private static Object call(Object real, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(real, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
