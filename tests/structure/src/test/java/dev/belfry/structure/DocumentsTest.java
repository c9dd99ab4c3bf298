package dev.belfry.structure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.spi.Units;
import dev.belfry.testing.Checkout;
import dev.belfry.testing.Slow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the documents point at is there: files, headings, and the classes of tests that are said to
 * back a promise; and their code compiles.
 */
class DocumentsTest {
    private static final Path ROOT = Checkout.root();
    private static final String NAMES = "docs/prometheus/names.md";
    private static final String MISTAKES = "shm-transport/src/test/java/dev/belfry/shm/mistakes/README.md";

    /** Of all pages. Beyond it, cut what no reader needs, or raise it with a reason. */
    private static final int MOST_WORDS = 60_200;

    private static final int MOST_WORDS_OF_DECISIONS = 7_500;
    private static final Pattern GENERATED =
            Pattern.compile("(?s)<!-- generated -->.*|\\| what \\| goal [^\n]*\n\\| ---.*?\n\n");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]*)(?:#([^)]*))?\\)");
    private static final Pattern CODE = Pattern.compile("(?s)```java\n(.*?)```");
    private static final String IMPORTS = """
            import dev.belfry.api.*; import dev.belfry.spi.*; import dev.belfry.bridge.*; import dev.belfry.conformance.*; import dev.belfry.testing.*; import dev.belfry.jackson.*;
            import java.nio.*; import java.nio.charset.*; import java.time.*; import java.util.*; import org.junit.jupiter.api.Nested; import org.junit.jupiter.api.Test;
            import dev.belfry.mem.junit.*; import org.junit.jupiter.api.extension.ExtendWith;
            import dev.belfry.opentelemetry.*; import io.opentelemetry.api.*; import io.opentelemetry.api.trace.Span;
            """;
    private static final Pattern LUCK = Pattern.compile("-Dbelfry\\.luck=(\\w+)");
    private static final Pattern TEST = Pattern.compile("`(\\w+(?:Test|Suite))`");

    @Test
    void shouldFindWhatTheyLinkTo() throws IOException {
        for (Path document : documents()) {
            for (Matcher m = LINK.matcher(text(document)); m.find(); ) {
                Path target = m.group(1).isEmpty()
                        ? document
                        : document.resolveSibling(m.group(1)).normalize();
                assertThat(target).as("link in " + document).exists();
                if (m.group(2) != null)
                    assertThat(headings(target)).as("link in " + document).contains(m.group(2));
            }
        }
    }

    @Test
    void shouldFindEachPageInTheIndex() throws IOException {
        String index = Files.readString(ROOT.resolve("docs/README.md"));
        String protocol = Files.readString(ROOT.resolve("docs/protocol.md")); // whose tables are a page
        for (Path document : documents())
            if (document.getParent().equals(ROOT.resolve("docs")) && !document.endsWith("README.md"))
                assertThat(index + protocol).contains("](" + document.getFileName() + ")");
    }

    @Test
    void shouldHaveNoMoreWordsThanAReaderTakes() throws IOException {
        Map<String, Integer> words = new TreeMap<>();
        for (Path document : documents())
            if (List.of(ROOT, ROOT.resolve("docs")).contains(document.getParent()))
                words.put(ROOT.relativize(document).toString(), words(document));
        assertThat(words.get("docs/decisions.md")).isLessThanOrEqualTo(MOST_WORDS_OF_DECISIONS);
        assertThat(words.values().stream().mapToInt(n -> n).sum())
                .as("%s", words)
                .isLessThanOrEqualTo(MOST_WORDS);
    }

    /** Without what is generated. */
    private static int words(Path document) throws IOException {
        return GENERATED
                .matcher(Files.readString(document))
                .replaceAll("")
                .strip()
                .split("\\s+")
                .length;
    }

    @Test
    void shouldFindTheTestsThatTheyName() throws IOException {
        Set<String> classes = javaClasses();
        for (Path document : documents())
            for (Matcher m = TEST.matcher(text(document)); m.find(); )
                assertThat(classes).as("named in " + document).contains(m.group(1));
    }

    @Test
    void shouldGiveLuckATimeThatItUnderstands() throws IOException {
        List<String> times = new ArrayList<>();
        for (Path document : documents())
            for (Matcher m = LUCK.matcher(text(document)); m.find(); ) times.add(m.group(1));
        assertThat(times).hasSizeGreaterThan(1).allSatisfy(Units::parseDuration);
    }

    @Slow
    @Test
    void shouldCompileTheirCode(@TempDir Path classes) throws IOException {
        Map<String, String> sources = new TreeMap<>();
        for (Path document : documents())
            for (Matcher m = CODE.matcher(Files.readString(document)); m.find(); ) {
                String name = "Snippet" + sources.size();
                sources.put(name, IMPORTS + inClass(name, m.group(1)));
            }
        assertThat(sources).hasSizeGreaterThan(10);
        ReadmeTest.compile(sources, classes);
    }

    private static String inClass(String name, String code) {
        if (code.startsWith("// ")) return "class " + name + " {}"; // a program: ReadmeTest runs it
        boolean isClass = code.startsWith("class ");
        return "class " + name + " { MessageQueue queue; Publisher out; Subscriber in;\n"
                + (isClass ? code : "void run() {\n" + code + "}") + "}";
    }

    private static List<Path> documents() throws IOException {
        try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
            return Stream.concat(
                            docs,
                            Stream.of("README.md", "examples/README.md", "tests/models/README.md", NAMES, MISTAKES)
                                    .map(ROOT::resolve))
                    .filter(file -> file.toString().endsWith(".md"))
                    .toList();
        }
    }

    private static String text(Path document) throws IOException {
        return Files.readString(document).replaceAll("(?s)```.*?```", "");
    }

    /** As the end of a link names them. */
    private static List<String> headings(Path document) throws IOException {
        return Files.readAllLines(document).stream()
                .filter(line -> line.startsWith("#"))
                .map(line -> line.replaceFirst("^#+ ", "").toLowerCase(Locale.ROOT))
                .map(heading -> heading.replaceAll("[^a-z0-9 _-]", "").replace(' ', '-'))
                .toList();
    }

    private static Set<String> javaClasses() throws IOException {
        try (Stream<Path> all = Files.walk(ROOT)) {
            return all.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".java"))
                    .map(name -> name.substring(0, name.length() - ".java".length()))
                    .collect(Collectors.toSet());
        }
    }
}
