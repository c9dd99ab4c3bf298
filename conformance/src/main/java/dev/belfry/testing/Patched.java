package dev.belfry.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;

/**
 * Belfry with a defect, for tests of Belfry's own tests: snippets of its source are replaced and the
 * classes compiled again, to be used in this JVM by {@link #load}, or in a child that has
 * {@link #directory} before its class path. A snippet must occur exactly once, however it is wrapped
 * into lines: a defect that is not put in proves nothing.
 */
public final class Patched {
    private static final String OURS = "dev.belfry.";
    private static final List<String> OPTIONS =
            List.of("-source", "17", "-target", "17", "-Xlint:-options", "-proc:none", "-nowarn");

    /** One for all: what takes it longest is to open the JDK and the class path. */
    private static final JavaCompiler COMPILER = ToolProvider.getSystemJavaCompiler();

    private static final StandardJavaFileManager FILES = COMPILER.getStandardFileManager(null, null, null);

    private final Path directory;
    private final Map<String, String> sources = new LinkedHashMap<>();
    private boolean isCompiled;
    private ClassLoader loader;

    /** No defect yet; what is compiled goes into this directory. */
    public Patched(Path directory) {
        this.directory = directory;
    }

    /** With this snippet of the class's source replaced, too: before anything is compiled. */
    public Patched and(String className, String snippet, String replacement) {
        String anyWrapping =
                Arrays.stream(snippet.strip().split("\\s+")).map(Pattern::quote).collect(Collectors.joining("\\s+"));
        Matcher found = Pattern.compile(anyWrapping).matcher(sources.computeIfAbsent(className, Patched::source));
        assertThat(found.results().count())
                .as("occurrences of <%s> in %s", snippet, className)
                .isOne();
        sources.put(className, found.reset().replaceFirst(Matcher.quoteReplacement(replacement)));
        return this;
    }

    /** Beside the module's classes. */
    private static String source(String className) {
        try {
            Class<?> type = Class.forName(className, false, Patched.class.getClassLoader());
            // In the module's target: a jar, or a folder.
            Path module = Path.of(
                    type.getProtectionDomain().getCodeSource().getLocation().toURI());
            while (!module.endsWith("target")) module = module.getParent();
            return Files.readString(
                    module.resolveSibling("src/main/java").resolve(className.replace('.', '/') + ".java"));
        } catch (ReflectiveOperationException | URISyntaxException e) {
            throw new IllegalArgumentException(className, e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The compiled classes. */
    public Path directory() {
        if (!isCompiled) compile(sources, directory);
        isCompiled = true;
        return directory;
    }

    /** Sources by the names of their classes, to this directory. */
    public static void compile(Map<String, String> sources, Path directory) {
        if (sources.isEmpty()) return;
        StringWriter output = new StringWriter();
        synchronized (FILES) {
            try {
                List<Path> files = new ArrayList<>();
                for (Map.Entry<String, String> one : sources.entrySet()) {
                    Path file = directory.resolve(one.getKey().replace('.', '/') + ".java");
                    Files.createDirectories(file.getParent());
                    files.add(Files.writeString(file, one.getValue()));
                }
                FILES.setLocationFromPaths(StandardLocation.CLASS_OUTPUT, List.of(directory));
                boolean compiles = COMPILER.getTask(
                                output, FILES, null, OPTIONS, null, FILES.getJavaFileObjectsFromPaths(files))
                        .call();
                assertThat(compiles).as("compiles: %s", output).isTrue();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** This class of the project, tests and all, as it is with the defect put in. */
    public Class<?> load(String className) throws ClassNotFoundException {
        if (loader == null) loader = new ChildFirst(directory());
        return Class.forName(className, true, loader);
    }

    /**
     * Belfry's classes loaded again, so that they see the patched ones and may use what is private to
     * their packages; all others are shared.
     */
    private static final class ChildFirst extends ClassLoader {
        private final Path first;

        ChildFirst(Path first) {
            super("patched", Patched.class.getClassLoader());
            this.first = first;
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
            try (InputStream in = open(name.replace('.', '/') + ".class")) {
                byte[] bytes = in.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
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
