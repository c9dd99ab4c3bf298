package dev.belfry.bridge;

import dev.belfry.testing.Patched;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * The bridge with a mistake: a snippet of its source is replaced, the class compiled again, and all
 * of this package loaded again with it. A snippet occurs exactly once, however it is wrapped: a
 * mistake that is not put in proves nothing.
 */
final class Twin extends ClassLoader {
    private static final String OURS = "dev.belfry.bridge.";

    private final Path patched;

    private Twin(Path patched) {
        super("twin", Twin.class.getClassLoader());
        this.patched = patched;
    }

    /** Compiles it into the directory, which may also come first on the class path of a child. */
    static Twin in(Path directory, String type, String snippet, String replacement) {
        new Patched(directory).and(OURS + type, snippet, replacement).directory();
        return new Twin(directory);
    }

    /** What this search of the tests says of it. */
    @SuppressWarnings("unchecked")
    String search(Class<? extends Supplier<String>> search) throws ReflectiveOperationException {
        var constructor = loadClass(search.getName()).getDeclaredConstructor();
        constructor.setAccessible(true);
        return ((Supplier<String>) constructor.newInstance()).get();
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
        Path other = patched.resolve(file);
        if (Files.exists(other)) return Files.newInputStream(other);
        InputStream original = getParent().getResourceAsStream(file);
        if (original == null) throw new IOException("no " + file);
        return original;
    }
}
