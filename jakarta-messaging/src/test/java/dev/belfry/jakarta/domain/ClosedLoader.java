package dev.belfry.jakarta.domain;

import dev.belfry.jakarta.BelfryConnectionFactory;
import dev.belfry.testing.Patience;
import jakarta.jms.JMSContext;
import jakarta.jms.Queue;
import java.io.File;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A child JVM whose application has a class loader, uses a domain, and closes the loader while its domain lingers.
 *
 * <p>Arguments: what the loader has, a URI.
 */
final class ClosedLoader {
    private ClosedLoader() {}

    enum Has {
        /** As in a container. JNA's native library keeps such a loader for ever. */
        WHOLE(false),
        /** As with DevTools: libraries are in a loader that stays. */
        ITS_OWN_CLASSES(true);

        final boolean isToGo;

        Has(boolean isToGo) {
            this.isToGo = isToGo;
        }
    }

    /** The application. */
    public static final class Application {
        private Application() {}

        public static void run(String uri) {
            try (JMSContext context = new BelfryConnectionFactory(uri).createContext()) {
                Queue queue = context.createQueue("orders");
                context.createProducer().send(queue, "x");
                context.createConsumer(queue).receive(5_000);
            }
        }
    }

    public static void main(String[] args) throws Exception {
        List<URL> own = new ArrayList<>();
        List<URL> libraries = new ArrayList<>();
        for (String each : System.getProperty("java.class.path").split(File.pathSeparator))
            (each.endsWith("test-classes") ? own : libraries)
                    .add(Path.of(each).toUri().toURL());
        ClassLoader platform = ClassLoader.getPlatformClassLoader();
        if (Has.valueOf(args[0]) == Has.WHOLE) {
            libraries.addAll(own);
            run(libraries, platform, args[1]);
            Patience.until("its threads have ended", () -> Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(thread -> thread.getName().startsWith("belfry-")));
            System.out.println("its threads have ended");
            return;
        }
        ClassLoader stays = new URLClassLoader(libraries.toArray(new URL[0]), platform);
        Thread.currentThread().setContextClassLoader(stays);
        try (URLClassLoader before = new URLClassLoader(own.toArray(new URL[0]), stays)) {
            application(
                    before, args[1].replace("500ms", "0s")); // threads of libraries that begin now have another loader
        }
        WeakReference<ClassLoader> closed = run(own, stays, args[1]);
        Patience.until("the loader has gone", () -> {
            System.gc();
            return closed.get() == null;
        });
        System.out.println("the loader has gone");
    }

    private static WeakReference<ClassLoader> run(List<URL> classes, ClassLoader parent, String uri) throws Exception {
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        try (URLClassLoader one = new URLClassLoader(classes.toArray(new URL[0]), parent)) {
            Thread.currentThread().setContextClassLoader(one);
            application(one, uri);
            return new WeakReference<>(one);
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }

    private static void application(ClassLoader loader, String uri) throws Exception {
        loader.loadClass(Application.class.getName())
                .getMethod("run", String.class)
                .invoke(null, uri);
    }
}
