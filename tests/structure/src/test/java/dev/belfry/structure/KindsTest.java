package dev.belfry.structure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.Checkout;
import dev.belfry.testing.OneJdk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A POM that says that its module has no test of a kind, for which no JVM is started then, is right. */
@OneJdk
class KindsTest {
    private static final Path ROOT = Checkout.root();
    private static final Pattern TESTED = Pattern.compile("<tested>.*/\\.\\./\\.\\./(.*)</tested>");

    @Test
    void shouldHaveNoTestOfAKindThatIsNotRun() {
        assertThat(modules().flatMap(KindsTest::hidden)).isEmpty();
    }

    @Test
    void shouldKnowTheModules() {
        assertThat(modules().filter(pom -> !sources(pom).isEmpty())).hasSizeGreaterThan(20);
    }

    /** The gate runs a slow class on one of two JDKs, by turns, and what is OneJdk on the first alone. */
    @Test
    void shouldHaveNoTestThatNeitherJdkRuns() {
        assertThat(modules().flatMap(pom -> sources(pom).stream()).filter(source -> runsNowhere(read(source))))
                .isEmpty();
    }

    private static boolean runsNowhere(String text) {
        return isWhole(text, "Slow") && !isWhole(text, "OneJdk") && has(text, "OneJdk");
    }

    @Test
    void shouldTellWhatNeitherJdkRuns() {
        String slow = "\n@Slow\nclass A {\n    @OneJdk\n";
        assertThat(runsNowhere(slow)).isTrue();
        assertThat(runsNowhere("\n@OneJdk" + slow)).isFalse();
        assertThat(runsNowhere(slow.replace("\n@Slow", ""))).isFalse();
    }

    /** Classes that have, or may have, a test which the POM denies. */
    private static Stream<String> hidden(Path pom) {
        return sources(pom).stream().flatMap(source -> {
            String text = read(source);
            boolean later = isWhole(text, "Slow") || isWhole(text, "Luck");
            boolean plain = !isWhole(text, "Waits") && !isWhole(text, "Alone");
            // The kit's suites have tests that wait.
            boolean waits = (has(text, "Waits") || text.contains("Conformance")) && !isWhole(text, "Alone");
            return Stream.of(
                            denied(pom, "nonePlain", "false", plain, later),
                            denied(pom, "noneWaits", "false", waits, later),
                            denied(pom, "noneAlone", "true", has(text, "Alone"), later))
                    .filter(property -> !property.isEmpty())
                    .map(property ->
                            source.getFileName() + " has tests that belfry." + property + " of " + pom + " denies");
        });
    }

    private static String denied(Path pom, String property, String otherwise, boolean has, boolean later) {
        Matcher said = Pattern.compile("<belfry." + property + ">(.*)</").matcher(read(pom));
        boolean denied =
                switch (said.find() ? said.group(1) : otherwise) {
                    case "true" -> has;
                    case "false" -> false;
                    case "${belfry.quick}" -> has && !later;
                    default -> throw new AssertionError(pom + " has another " + property);
                };
        return denied ? property : "";
    }

    private static boolean has(String text, String tag) {
        return text.contains("@" + annotation(tag)) || text.contains("@Tag(\"" + tag + "\")");
    }

    private static boolean isWhole(String text, String tag) {
        return text.contains("\n@" + annotation(tag) + "\n") || text.contains("\n@Tag(\"" + tag + "\")\n");
    }

    private static String annotation(String tag) {
        return tag.equals("Waits") ? "WaitsForOthers" : tag;
    }

    /** Those that run tests: where others run them, a property of the module itself changes nothing. */
    private static Stream<Path> modules() {
        return Pattern.compile("<module>(.*)</module>")
                .matcher(read(ROOT.resolve("pom.xml")))
                .results()
                .map(module -> ROOT.resolve(module.group(1)).resolve("pom.xml"))
                .filter(pom -> !read(pom).contains("<skipTests>true</skipTests>"));
    }

    private static List<Path> sources(Path pom) {
        Matcher tested = TESTED.matcher(read(pom));
        Path tests = (tested.find() ? ROOT.resolve(tested.group(1)) : pom.getParent()).resolve("src/test/java");
        if (!Files.exists(tests)) return List.of();
        try (Stream<Path> files = Files.walk(tests)) {
            return files.filter(file -> file.toString().endsWith("Test.java")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
