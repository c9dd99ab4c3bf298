package dev.belfry.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.ToolProvider;

/** The transport with a defect: one of its sources is changed in one place and compiled, to come before the right class on a child's class path. */
final class PatchedTransport {
    private static final Path SOURCES = Path.of("..", "shm-transport", "src", "main", "java", "dev", "belfry", "shm");

    private PatchedTransport() {}

    /** Compiles {@code source} with the one occurrence of {@code right} replaced; returns {@code into}. */
    static Path compile(Path into, String source, String right, String wrong) throws IOException {
        String text = Files.readString(SOURCES.resolve(source));
        assertThat(text.split(java.util.regex.Pattern.quote(right), -1))
                .as("where the defect goes, in " + source)
                .hasSize(2);
        Path patched = Files.createDirectories(into.resolve("sources"))
                .resolve(Path.of(source).getFileName());
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
