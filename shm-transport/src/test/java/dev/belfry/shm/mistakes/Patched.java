package dev.belfry.shm.mistakes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.shm.crash.ErrorSteps;
import dev.belfry.shm.sim.FieldSteps;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The product with a defect: one snippet of a class's source is replaced by another, the class
 * compiled again, and tests run against it, in this JVM with {@link #run} or in a child's with
 * {@link #classPath}.
 *
 * <pre>
 *   try (Patched twin = Patched.in("dev.belfry.shm.ring.LogEnd", "header.countRelease(position);", "")) {
 *       assertThatThrownBy(() -&gt; twin.run(SomeCheck.class, "its argument"));
 *   }
 * </pre>
 *
 * A snippet must occur exactly once, however it is wrapped into lines: a defect that is not put in
 * proves nothing.
 */
public final class Patched implements AutoCloseable {
    /** The name of the class loader in which a patched product runs. */
    public static final String PATCHED = "patched";

    private static final String OURS = "dev.belfry.";

    private final Map<String, String> sources = new LinkedHashMap<>();
    private Path directory;
    private boolean withErrors;
    private ClassLoader loader;

    private Patched() {}

    /** The product without a defect, but with the steps of {@link FieldSteps}, which a run of any Patched has. */
    public static Patched withoutDefect() {
        return new Patched();
    }

    /** And with the steps of {@link ErrorSteps}, instead of those. */
    public Patched withErrors() {
        withErrors = true;
        return this;
    }

    /** The product with this snippet of the class's source replaced. */
    public static Patched in(String className, String snippet, String replacement) {
        return new Patched().and(className, snippet, replacement);
    }

    public static Patched in(Class<?> type, String snippet, String replacement) {
        return in(type.getName(), snippet, replacement);
    }

    public Patched and(Class<?> type, String snippet, String replacement) {
        return and(type.getName(), snippet, replacement);
    }

    /** And with another one, of the same class or another. */
    public Patched and(String className, String snippet, String replacement) {
        sources.put(
                className,
                replace(className, sources.getOrDefault(className, source(className)), snippet, replacement));
        return this;
    }

    private static String replace(String className, String source, String snippet, String replacement) {
        String anyWrapping =
                Arrays.stream(snippet.strip().split("\\s+")).map(Pattern::quote).collect(Collectors.joining("\\s+"));
        Matcher found = Pattern.compile(anyWrapping).matcher(source);
        long times = found.results().count();
        assertThat(times).as("occurrences of <%s> in %s", snippet, className).isOne();
        return found.reset().replaceFirst(Matcher.quoteReplacement(replacement));
    }

    /** Beside the module's classes. */
    private static String source(String className) {
        try {
            URI classes = Class.forName(className, false, Patched.class.getClassLoader())
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI();
            Path module = Path.of(classes).getParent().getParent(); // MODULE/target/classes or MODULE/target/NAME.jar
            return Files.readString(module.resolve("src/main/java/" + className.replace('.', '/') + ".java"));
        } catch (ReflectiveOperationException | URISyntaxException e) {
            throw new IllegalArgumentException(className, e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where the compiled classes are: to be put before all others. */
    public Path directory() {
        if (directory != null) return directory;
        try {
            directory = Files.createTempDirectory("belfry-patched");
            dev.belfry.testing.Patched.compile(sources, directory);
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** For a child JVM. */
    public String classPath() {
        return directory() + File.pathSeparator + System.getProperty("java.class.path");
    }

    /** This class of the project, tests and all, as it is with the defect put in. */
    Class<?> load(Class<?> type) throws ClassNotFoundException {
        if (loader == null) loader = new ChildFirst(directory(), withErrors);
        return Class.forName(type.getName(), true, loader);
    }

    /** Runs a check against it: {@code check} has a constructor without parameters. What it throws comes out. */
    public void run(Class<? extends Consumer<String>> check, String argument) {
        this.<Consumer<String>, Void>with(check, copy -> {
            copy.accept(argument);
            return null;
        });
    }

    /** The same with a result, of a class that is not ours: ours are others in there. */
    public <R> R call(Class<? extends Function<String, R>> work, String argument) {
        return this.<Function<String, R>, R>with(work, copy -> copy.apply(argument));
    }

    private <T, R> R with(Class<? extends T> type, Function<T, R> use) {
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        try {
            var constructor = load(type).getDeclaredConstructor();
            constructor.setAccessible(true);
            Thread.currentThread().setContextClassLoader(loader);
            @SuppressWarnings("unchecked")
            T copy = (T) constructor.newInstance();
            return use.apply(copy);
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(type.getName(), e);
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }

    @Override
    public void close() {
        if (directory == null) return;
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path one : all.sorted(Comparator.reverseOrder()).toList()) Files.delete(one);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Our own classes loaded again, so that they see the patched ones and may use what is private to their
     * packages; all others are shared.
     */
    private static final class ChildFirst extends ClassLoader {
        private static final String PRODUCT = OURS + "shm.";

        private final Path first;
        private final boolean withErrors;

        ChildFirst(Path first, boolean withErrors) {
            super(PATCHED, Patched.class.getClassLoader());
            this.first = first;
            this.withErrors = withErrors;
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith(OURS)) return super.loadClass(name, resolve);
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded != null ? loaded : define(name);
            }
        }

        private Class<?> define(String name) throws ClassNotFoundException {
            String file = name.replace('.', '/') + ".class";
            try {
                URL found = find(file);
                byte[] bytes = steps(name, found, read(found));
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }

        private byte[] steps(String name, URL found, byte[] compiled) {
            if (!withErrors) return FieldSteps.into(compiled);
            boolean isTest = found.getPath().contains("/test-classes/");
            return name.startsWith(PRODUCT)
                            && !name.startsWith(PRODUCT + "posix.")
                            && !name.startsWith(PRODUCT + "memory.")
                            && !isTest
                    ? ErrorSteps.into(compiled)
                    : compiled;
        }

        private URL find(String file) throws IOException {
            Path patched = first.resolve(file);
            if (Files.exists(patched)) return patched.toUri().toURL();
            URL original = getParent().getResource(file);
            if (original == null) throw new IOException("no " + file);
            return original;
        }

        private static byte[] read(URL found) throws IOException {
            try (InputStream in = found.openStream()) {
                return in.readAllBytes();
            }
        }
    }
}
