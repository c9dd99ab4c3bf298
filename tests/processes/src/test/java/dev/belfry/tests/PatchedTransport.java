package dev.belfry.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.ToolProvider;

/**
 * The transport with a defect: one of its sources is changed in one place and compiled, to come
 * before the right class on a child's class path.
 */
final class PatchedTransport {
    private static final Path SOURCES =
            Path.of("..", "..", "shm-transport", "src", "main", "java", "dev", "belfry", "shm");

    private PatchedTransport() {}

    /**
     * No defect: who publishes alone is favoured by the lock at once, again and again. In the hurry
     * of a soak that is rare.
     */
    static Path favouringSoon(Path into) throws IOException {
        compile(into, "sync/PublishLock.java", "if (patience < MOST_PATIENCE) patience <<= 2;", "");
        return compile(into, "segment/Machine.java", "Membarrier.real(), PublishLock.PATIENCE", "Membarrier.real(), 3");
    }

    /**
     * Compiles {@code source}, or what was made of it before, with the one occurrence of
     * {@code right} replaced; returns {@code into}.
     */
    static Path compile(Path into, String source, String right, String wrong) throws IOException {
        Path patched = Files.createDirectories(into.resolve("sources"))
                .resolve(Path.of(source).getFileName());
        String text = Files.readString(Files.exists(patched) ? patched : SOURCES.resolve(source));
        assertThat(text.split(java.util.regex.Pattern.quote(right), -1))
                .as("where the defect goes, in " + source)
                .hasSize(2);
        Files.writeString(patched, text.replace(right, wrong));
        int result = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        null,
                        List.of(
                                        "-nowarn",
                                        "-proc:none",
                                        "-d",
                                        into.toString(),
                                        "-cp",
                                        System.getProperty("java.class.path"),
                                        patched.toString())
                                .toArray(new String[0]));
        assertThat(result).isZero();
        return into;
    }
}
