package dev.belfry.jakarta;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.Message;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The product with a mistake: one snippet of a class's source is replaced, the class compiled
 * again, and a test run against it in a class loader of its own. A snippet must occur exactly once,
 * however it is wrapped: a mistake that is not put in proves nothing.
 */
record Twin(String what, String type, String snippet, String replacement, String test) {
    private static final String OURS = "dev.belfry.jakarta.";
    private static final ToolProvider COMPILER = ToolProvider.findFirst("javac").orElseThrow();

    @Override
    public String toString() {
        return what;
    }

    /** An exception of the test comes out. */
    void run(Path directory) throws Throwable {
        compile(directory);
        run(test, directory);
    }

    /**
     * {@code test} is Class#method: without a parameter, with a seed, or with the values of its
     * annotation, one after the other.
     */
    static void run(String test, Path directory) throws Throwable {
        ClassLoader loader = new ChildFirst(directory);
        String[] names = test.split("#");
        Class<?> type = Class.forName(OURS + names[0], true, loader);
        Method method = Arrays.stream(type.getDeclaredMethods())
                .filter(m -> m.getName().equals(names[1]))
                .findFirst()
                .orElseThrow();
        ValueSource values = method.getAnnotation(ValueSource.class);
        MethodSource source = method.getAnnotation(MethodSource.class);
        if (values != null) for (String value : values.strings()) call(type, method, value);
        else if (source != null) {
            Method all = type.getDeclaredMethod(source.value()[0]);
            all.setAccessible(true);
            for (Object one : ((java.util.stream.Stream<?>) all.invoke(null)).toList()) call(type, method, one);
        } else if (method.getParameterCount() == 0) call(type, method);
        else call(type, method, 5L);
    }

    private static void call(Class<?> type, Method method, Object... arguments) throws Throwable {
        var constructor = type.getDeclaredConstructor();
        constructor.setAccessible(true);
        method.setAccessible(true);
        try {
            method.invoke(constructor.newInstance(), arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private void compile(Path directory) throws Exception {
        Path classes = home(Class.forName(OURS + type, false, Twin.class.getClassLoader()));
        String path = (OURS + type).replace('.', '/') + ".java";
        Path source = classes.getParent().getParent().resolve("src/main/java").resolve(path);
        String anyWrapping =
                Arrays.stream(snippet.strip().split("\\s+")).map(Pattern::quote).collect(Collectors.joining("\\s+"));
        Matcher found = Pattern.compile(anyWrapping).matcher(Files.readString(source));
        assertThat(found.results().count())
                .as("occurrences of <%s> in %s", snippet, type)
                .isOne();
        Path file = directory.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, found.reset().replaceFirst(Matcher.quoteReplacement(replacement)));
        StringWriter said = new StringWriter();
        int failed = COMPILER.run(
                new PrintWriter(said),
                new PrintWriter(said),
                "-proc:none",
                "-nowarn",
                "-d",
                directory.toString(),
                "-cp",
                classes + File.pathSeparator + home(Message.class),
                file.toString());
        assertThat(failed).as("compiles: %s", said).isZero();
    }

    private static Path home(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    /**
     * Our classes loaded again, so that they see the patched one and may use what is private to
     * their packages; all others are shared.
     */
    private static final class ChildFirst extends ClassLoader {
        private final Path first;

        ChildFirst(Path first) {
            super("twin", Twin.class.getClassLoader());
            this.first = first;
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith(OURS)) return super.loadClass(name, resolve);
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                if (loaded != null) return loaded;
                try (InputStream in = open(name.replace('.', '/') + ".class")) {
                    byte[] bytes = in.readAllBytes();
                    return defineClass(name, bytes, 0, bytes.length);
                } catch (IOException e) {
                    throw new ClassNotFoundException(name, e);
                }
            }
        }

        private InputStream open(String file) throws IOException {
            Path patched = first.resolve(file);
            if (Files.exists(patched)) return Files.newInputStream(patched);
            URL original = getParent().getResource(file);
            if (original == null) throw new IOException("no " + file);
            return original.openStream();
        }
    }
}
