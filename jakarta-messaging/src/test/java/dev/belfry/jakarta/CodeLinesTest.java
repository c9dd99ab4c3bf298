package dev.belfry.jakarta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.conformance.OneJdk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The budget of each package in lines of code: without comments, blank lines, imports and the line of
 * the package. A change that needs more raises it, and says in its commit what the lines are for.
 */
@OneJdk
class CodeLinesTest {
    private static final Path SOURCES = Path.of("src/main/java/dev/belfry/jakarta");
    /** The two packages that programs see have one together. */
    private static final String ENTRANCE = "jakarta and jndi";

    private static final Map<String, Integer> MOST = Map.of(
            ENTRANCE,
            500,
            "client",
            2_850,
            "domain",
            2_000,
            "fold",
            1_420,
            "message",
            1_830,
            "selector",
            800,
            "text",
            100,
            "wire",
            1_100);

    /** A text or a character, which is kept, or a comment. */
    private static final Pattern TEXT_OR_COMMENT = Pattern.compile(
            "(\"\"\"(?:\\\\.|[^\\\\])*?\"\"\"|\"(?:\\\\.|[^\"\\\\])*+\"|'(?:\\\\.|[^'\\\\])*+')|//[^\n]*+|/\\*.*?\\*/",
            Pattern.DOTALL);

    @Test
    void shouldKeepEachPackageWithinItsBudget() throws IOException {
        Map<String, Integer> lines = new TreeMap<>();
        try (Stream<Path> files = Files.walk(SOURCES)) {
            files.filter(file -> file.toString().endsWith(".java"))
                    .forEach(file -> lines.merge(packageOf(file), codeLines(read(file)), Integer::sum));
        }
        assertThat(lines.keySet()).isEqualTo(new TreeMap<>(MOST).keySet());
        assertThat(lines)
                .allSatisfy((name, n) ->
                        assertThat(n).as("lines of code in %s", name).isLessThanOrEqualTo(MOST.get(name)));
    }

    @Test
    void shouldCountNothingButCode() {
        assertThat(codeLines("""
                package p;

                import a.B;
                /** Words
                 * and /* words. */
                class A { // words

                    // words
                    String a = "/*"; /* words */
                    char b = '"'; /* "
                    */
                    String c = "//\\"";
                }""")).isEqualTo(5);
    }

    private static String packageOf(Path file) {
        String name = SOURCES.relativize(file).getParent() == null
                ? "jndi"
                : SOURCES.relativize(file).getParent().toString();
        return name.equals("jndi") ? ENTRANCE : name;
    }

    private static int codeLines(String source) {
        String code = TEXT_OR_COMMENT.matcher(source).replaceAll("$1");
        return (int) code.lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("import ") && !line.startsWith("package "))
                .count();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
