package dev.belfry.jakarta.fold;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/**
 * The module with a defect: snippets of its source are replaced, the classes compiled again, in
 * memory, and checks run against them. A snippet occurs exactly once, however it is wrapped into
 * lines: a defect that is not put in proves nothing.
 */
final class Twin extends ClassLoader {
    /** Searches a twin: null, or how it was caught. It has a constructor without parameters. */
    interface Search {
        String with(long seed);
    }

    private static final String OURS = "dev.belfry.jakarta.";
    private static final JavaCompiler COMPILER = ToolProvider.getSystemJavaCompiler();

    private final Map<String, byte[]> patched = new TreeMap<>();

    private Twin() {
        super("twin", Twin.class.getClassLoader());
    }

    /** Each defect is: class, snippet, replacement. */
    static Twin with(List<String[]> defects) {
        Map<String, String> sources = new TreeMap<>();
        for (String[] d : defects) {
            String source = sources.computeIfAbsent(d[0], Twin::source);
            String anyWrapping = Arrays.stream(d[1].strip().split("\\s+"))
                    .map(Pattern::quote)
                    .collect(Collectors.joining("\\s+"));
            Matcher found = Pattern.compile(anyWrapping).matcher(source);
            assertThat(found.results().count())
                    .as("occurrences of <%s> in %s", d[1], d[0])
                    .isOne();
            sources.put(d[0], found.reset().replaceFirst(Matcher.quoteReplacement(d[2])));
        }
        Twin twin = new Twin();
        twin.compile(sources);
        return twin;
    }

    private static String source(String type) {
        try {
            return Files.readString(Path.of("src/main/java", (OURS + type).replace('.', '/') + ".java"));
        } catch (IOException e) {
            throw new IllegalArgumentException(type, e);
        }
    }

    private void compile(Map<String, String> sources) {
        List<JavaFileObject> units = new ArrayList<>();
        sources.forEach((type, text) -> units.add(
                new SimpleJavaFileObject(
                        URI.create("string:///" + (OURS + type).replace('.', '/') + ".java"),
                        JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignore) {
                        return text;
                    }
                }));
        List<String> options = List.of("-proc:none", "-nowarn", "-cp", System.getProperty("java.class.path"));
        JavaFileManager files = new InMemory(COMPILER.getStandardFileManager(null, null, null));
        assertThat(COMPILER.getTask(null, files, null, options, null, units).call())
                .as("compiles")
                .isTrue();
    }

    /** A search of the project's tests, as it is with the defect put in. */
    Search search(Class<? extends Search> type) {
        try {
            var constructor = loadClass(type.getName()).getDeclaredConstructor();
            constructor.setAccessible(true);
            Object copy = constructor.newInstance();
            var with = copy.getClass().getMethod("with", long.class);
            with.setAccessible(true);
            return seed -> {
                try {
                    return (String) with.invoke(copy, seed);
                } catch (ReflectiveOperationException e) {
                    throw new IllegalStateException(e);
                }
            };
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(type.getName(), e);
        }
    }

    /** Our own classes again, so that they see the patched ones; all others are shared. */
    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!name.startsWith(OURS)) return super.loadClass(name, resolve);
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            if (loaded != null) return loaded;
            byte[] bytes = bytes(name);
            return defineClass(name, bytes, 0, bytes.length);
        }
    }

    private byte[] bytes(String name) throws ClassNotFoundException {
        byte[] bytes = patched.get(name);
        if (bytes != null) return bytes;
        try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (in == null) throw new ClassNotFoundException(name);
            return in.readAllBytes();
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
    }

    private final class InMemory extends ForwardingJavaFileManager<JavaFileManager> {
        InMemory(JavaFileManager files) {
            super(files);
        }

        @Override
        public JavaFileObject getJavaFileForOutput(
                Location location, String type, JavaFileObject.Kind kind, FileObject sibling) {
            return new SimpleJavaFileObject(URI.create("mem:///" + type), kind) {
                @Override
                public OutputStream openOutputStream() {
                    return new ByteArrayOutputStream() {
                        @Override
                        public void close() {
                            patched.put(type, toByteArray());
                        }
                    };
                }
            };
        }
    }
}
