package dev.belfry.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;

/**
 * Belfry with a defect, for tests of Belfry's own tests: statements of its source are replaced and the
 * classes compiled again, to be used in this JVM by {@link #run} and {@link #load}, or in a child that has
 * {@link #classPath}.
 *
 * <pre>
 *   try (Patched twin = Patched.in("LogEnd", "header.countRelease(position);", "")) {
 *       assertThatThrownBy(() -&gt; twin.run(SomeCheck.class, "its argument"));
 *   }
 * </pre>
 *
 * A class is named by its simple name: the statement says which of two is meant. White space and line breaks
 * of the statement do not count. It must occur exactly once: a defect that is not put in proves nothing.
 */
public final class Patched implements AutoCloseable {
    /** The name of the class loader in which a patched product runs. */
    public static final String PATCHED = "patched";

    private static final String OURS = "dev.belfry.";
    private static final List<String> OPTIONS =
            List.of("-source", "17", "-target", "17", "-Xlint:-options", "-proc:none", "-nowarn");

    private static final Pattern TOKEN = Pattern.compile("[\\w$]+|\\S");

    /** One for all: what takes it longest is to open the JDK and the class path. */
    private static final JavaCompiler COMPILER = ToolProvider.getSystemJavaCompiler();

    private static final StandardJavaFileManager FILES = COMPILER.getStandardFileManager(null, null, null);

    private final Path directory;
    private final boolean ownDirectory;
    private final Map<String, String> sources = new LinkedHashMap<>();
    private BiFunction<URL, byte[], byte[]> steps = (file, compiled) -> compiled;
    private boolean isCompiled;
    private ClassLoader loader;

    private Patched(Path directory, boolean own) {
        this.directory = directory;
        this.ownDirectory = own;
    }

    /** No defect yet; what is compiled goes into this directory, which stays. */
    public Patched(Path directory) {
        this(directory, false);
    }

    /** No defect yet; the directory goes with {@link #close}. */
    public static Patched withoutDefect() {
        try {
            return new Patched(Files.createTempDirectory("belfry-patched"), true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** With this statement of the class's source replaced. */
    public static Patched in(String type, String statement, String replacement) {
        Place place = Place.of(type, statement, Map.of());
        return withoutDefect().put(place, replacement);
    }

    public static Patched in(Class<?> type, String statement, String replacement) {
        return in(type.getName(), statement, replacement);
    }

    public Patched and(Class<?> type, String statement, String replacement) {
        return and(type.getName(), statement, replacement);
    }

    /** And with another one, of the same class or another: before anything is compiled. */
    public Patched and(String type, String statement, String replacement) {
        return put(Place.of(type, statement, sources), replacement);
    }

    private Patched put(Place place, String replacement) {
        sources.put(place.className, place.with(replacement));
        return this;
    }

    /** Changes each of our classes as it is loaded here, by its place and its compiled bytes. */
    public Patched through(BiFunction<URL, byte[], byte[]> change) {
        steps = change;
        return this;
    }

    /** A statement in the source of a class. */
    private record Place(String className, String source, Pattern statement) {
        /** {@code type} is the end of the class's name, {@code changed} are sources that are no more as they were. */
        static Place of(String type, String statement, Map<String, String> changed) {
            Pattern pattern = pattern(statement);
            List<Place> places = new ArrayList<>();
            long times = 0;
            for (Map.Entry<String, Path> file : Sources.named(type).entrySet()) {
                Place place = new Place(file.getKey(), changed.get(file.getKey()), pattern);
                if (place.source == null) place = new Place(file.getKey(), Sources.read(file.getValue()), pattern);
                long here = pattern.matcher(place.source).results().count();
                if (here > 0) places.add(place);
                times += here;
            }
            assertThat(times).as("occurrences of <%s> in %s", statement, type).isOne();
            return places.get(0);
        }

        /** Tokens with any white space between them; between words there has to be some. */
        private static Pattern pattern(String statement) {
            StringBuilder pattern = new StringBuilder();
            boolean afterWord = false;
            for (Matcher m = TOKEN.matcher(statement); m.find(); ) {
                boolean word = Character.isJavaIdentifierPart(m.group().charAt(0));
                if (pattern.length() > 0) pattern.append(afterWord && word ? "\\s+" : "\\s*");
                pattern.append(Pattern.quote(m.group()));
                afterWord = word;
            }
            return Pattern.compile(pattern.toString());
        }

        String with(String replacement) {
            return statement.matcher(source).replaceFirst(Matcher.quoteReplacement(replacement));
        }
    }

    /** The sources of the project's main code. */
    private static final class Sources {
        private static final Path MAIN = Path.of("src/main/java");
        private static final Map<String, Path> ALL = all();

        private static Map<String, Path> all() {
            Path root = Checkout.root();
            Map<String, Path> all = new LinkedHashMap<>();
            try (Stream<Path> modules = Files.find(root, 2, (path, a) -> Files.isDirectory(path.resolve(MAIN)))) {
                for (Path main : modules.map(module -> module.resolve(MAIN)).toList()) add(main, all);
                return all;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static void add(Path main, Map<String, Path> all) throws IOException {
            try (Stream<Path> files = Files.walk(main)) {
                files.filter(file -> file.toString().endsWith(".java")).forEach(file -> {
                    String name = main.relativize(file).toString().replace(File.separatorChar, '.');
                    all.put(name.substring(0, name.length() - ".java".length()), file);
                });
            }
        }

        static Map<String, Path> named(String type) {
            return ALL.entrySet().stream()
                    .filter(one -> ("." + one.getKey()).endsWith("." + type))
                    .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        }

        static String read(Path file) {
            try {
                return Files.readString(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** The compiled classes: to be put before all others. */
    public Path directory() {
        if (!isCompiled) compile(sources, directory);
        isCompiled = true;
        return directory;
    }

    /** For a child JVM. */
    public String classPath() {
        return directory() + File.pathSeparator + System.getProperty("java.class.path");
    }

    /** Sources by the names of their classes, to this directory. */
    private static void compile(Map<String, String> sources, Path directory) {
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
        if (loader == null) loader = new ChildFirst(directory(), steps);
        return Class.forName(className, true, loader);
    }

    /**
     * Runs a check against it: {@code check} has a constructor without parameters. Its exceptions
     * come out.
     */
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
            var constructor = load(type.getName()).getDeclaredConstructor();
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
        if (!ownDirectory) return;
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path one : all.sorted(Comparator.reverseOrder()).toList()) Files.delete(one);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Belfry's classes loaded again, so that they see the patched ones and may use what is private to
     * their packages; all others are shared.
     */
    private static final class ChildFirst extends ClassLoader {
        private final Path first;
        private final BiFunction<URL, byte[], byte[]> steps;

        ChildFirst(Path first, BiFunction<URL, byte[], byte[]> steps) {
            super(PATCHED, Patched.class.getClassLoader());
            this.first = first;
            this.steps = steps;
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
            try {
                URL file = find(name.replace('.', '/') + ".class");
                byte[] bytes = steps.apply(file, read(file));
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }

        private URL find(String file) throws IOException {
            Path patched = first.resolve(file);
            if (Files.exists(patched)) return patched.toUri().toURL();
            URL original = getParent().getResource(file);
            if (original == null) throw new IOException("no " + file);
            return original;
        }

        private static byte[] read(URL file) throws IOException {
            try (InputStream in = file.openStream()) {
                return in.readAllBytes();
            }
        }
    }
}
