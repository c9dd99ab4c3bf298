package dev.belfry.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.OneJdk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The page about reliability names, for each fault, the tests that carry its number as a tag: all
 * of them, and no others.
 */
@OneJdk
class CatalogueTest {
    private static final int FAULTS = 85;
    private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();
    private static final Pattern ROW = Pattern.compile("(?m)^\\| (F\\d+) \\| [^|]* \\| ([^|]*) \\|$");
    private static final Pattern CLASS = Pattern.compile("`(\\w+)`");
    private static final Pattern TAG = Pattern.compile("@Tag\\(\"(F\\d+)\"\\)");

    @Test
    void shouldNameTheTestsOfEachFault() throws IOException {
        String page = Files.readString(ROOT.resolve("docs/reliability.md"));
        Map<String, Set<String>> named = new TreeMap<>();
        for (Matcher row = ROW.matcher(page); row.find(); ) {
            Set<String> classes = named.computeIfAbsent(row.group(1), f -> new TreeSet<>());
            for (Matcher name = CLASS.matcher(row.group(2)); name.find(); ) classes.add(name.group(1));
            assertThat(row.group(2)).as(row.group(1)).containsAnyOf("`", "not provoked: ");
        }
        assertThat(named).hasSize(FAULTS);
        named.values().removeIf(Set::isEmpty);
        assertThat(tagged()).isEqualTo(named);
    }

    private static Map<String, Set<String>> tagged() throws IOException {
        Map<String, Set<String>> tagged = new TreeMap<>();
        try (Stream<Path> files = Files.walk(ROOT)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList())
                for (Matcher tag = TAG.matcher(read(file)); tag.find(); )
                    tagged.computeIfAbsent(tag.group(1), f -> new TreeSet<>())
                            .add(file.getFileName().toString().replace(".java", ""));
        }
        return tagged;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
