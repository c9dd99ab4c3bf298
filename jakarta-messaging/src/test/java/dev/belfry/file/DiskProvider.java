package dev.belfry.file;

import dev.belfry.api.Capability;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.QueueConfig;
import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.posix.RealLibC;
import dev.belfry.spi.MessageQueueProvider;
import dev.belfry.spi.QueueInspector;
import dev.belfry.spi.QueueUri;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.function.IntSupplier;
import java.util.function.ToIntFunction;

/**
 * {@code disk:NAME}: a {@code file:} queue of small segments, in this build. A test counts its
 * syncs, holds them up, and refuses them. Child processes find it, too.
 */
public final class DiskProvider implements MessageQueueProvider {
    /** Is asked before each sync of data: 0, or the errno with which it fails. */
    public static volatile IntSupplier beforeSync = () -> 0;
    /** Is asked before each call that returns a number, by its name: 0, or the errno with which it fails. */
    public static volatile ToIntFunction<String> before = call -> 0;

    private static final Path ROOT = Path.of("target", "domains").toAbsolutePath();
    private static final long SEGMENT = 1 << 20;
    private static final ThreadLocal<Integer> REFUSED = new ThreadLocal<>();

    private final FileProvider files = new FileProvider();

    /** For ServiceLoader. */
    public DiskProvider() {}

    @Override
    public String scheme() {
        return "disk";
    }

    @Override
    public String name() {
        return "small files of a test";
    }

    @Override
    public String version() {
        return files.version();
    }

    @Override
    public Set<Capability> capabilities() {
        return files.capabilities();
    }

    @Override
    public Set<String> parameters() {
        return files.parameters();
    }

    @Override
    public MessageQueue open(QueueUri uri, QueueConfig config) {
        ROOT.toFile().mkdirs();
        Settings asked = Settings.of(uri, config, SEGMENT);
        Settings anywhere = new Settings(
                asked.queue(),
                asked.domain(),
                asked.slots(),
                asked.sync(),
                asked.flushNanos(),
                true,
                SEGMENT,
                asked.maxSize(),
                asked.keep());
        return door(uri).open(config, anywhere);
    }

    @Override
    public boolean delete(QueueUri uri, QueueConfig config) {
        return door(uri).delete();
    }

    /** How many files the log of a domain of this provider has. */
    public static long segments(String domain) {
        String directory = domain.substring(domain.indexOf(':') + 1);
        return Arrays.stream(ROOT.resolve(directory).toFile().list())
                .filter(name -> name.startsWith(Segments.PREFIX))
                .count();
    }

    /** Of the directory of one domain, into that of another. */
    public static void backup(String domain, String copy) {
        new FileProvider().inspector().orElseThrow().backup(path(domain), path(copy), QueueInspector.Progress.NOBODY);
    }

    private static String path(String domain) {
        return ROOT.resolve(domain.substring(domain.indexOf(':') + 1)).toString();
    }

    private static Door door(QueueUri uri) {
        return new Door(
                around(RealLibC.load()), uri.toUri(), ROOT.resolve(uri.name()).toString());
    }

    private static LibC around(LibC real) {
        return (LibC) Proxy.newProxyInstance(
                LibC.class.getClassLoader(), new Class<?>[] {LibC.class}, (proxy, method, arguments) -> {
                    Integer refused = REFUSED.get();
                    if (refused != null && method.getName().equals("errno")) return refused;
                    int errno = method.getName().equals("fdatasync") ? beforeSync.getAsInt() : 0;
                    boolean isInt = method.getReturnType() == int.class;
                    if (errno == 0 && (isInt || method.getReturnType() == long.class))
                        errno = before.applyAsInt(method.getName());
                    REFUSED.set(errno == 0 ? null : errno);
                    if (errno != 0 && !isInt) return -1L;
                    if (errno != 0) return method.getName().equals("posix_fallocate") ? errno : -1;
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
