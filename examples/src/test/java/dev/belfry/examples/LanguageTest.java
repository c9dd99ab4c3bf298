package dev.belfry.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The README and the pages name a process, a thread or a person by its noun: no sentence begins with "Who" or "Whoever",
 * unless it is a question.
 */
class LanguageTest {
    private static final Path ROOT = ReadmeTest.root();
    private static final Pattern BEGINS_WITH_WHO = Pattern.compile("(?:^|(?<=[.!?:;]) )(Who(?:ever)? [^.!?]*[.!?]?)");

    @Test
    void shouldNameTheNounWhenASentenceBegins() throws IOException {
        for (Path page : pages())
            assertThat(sentencesWithoutANoun(Files.readString(page)))
                    .as("sentences of %s that begin with \"Who\" and are no questions", ROOT.relativize(page))
                    .isEmpty();
    }

    @Test
    void shouldNoticeASentenceWhereverItStands() {
        String page = """
                ## Who fences

                Who waits: the one or the other? Who
                waits, wakes. The one: who waits. **Who waits** wakes.

                - It ends. Whoever waits
                  wakes: so it is.
                1. Who waits wakes (twice).

                | a | Who waits wakes |
                |---|---|
                | b | Who waits? |

                ```
                Who waits wakes.
                ```
                """;
        assertThat(sentencesWithoutANoun(page))
                .containsExactly(
                        "Who fences",
                        "Who waits, wakes.",
                        "Who waits wakes.",
                        "Whoever waits wakes: so it is.",
                        "Who waits wakes (twice).",
                        "Who waits wakes");
    }

    private static List<Path> pages() throws IOException {
        try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
            return Stream.concat(Stream.of(ROOT.resolve("README.md")), docs)
                    .filter(file -> file.toString().endsWith(".md"))
                    .toList();
        }
    }

    private static List<String> sentencesWithoutANoun(String page) {
        return blocks(page)
                .flatMap(block -> BEGINS_WITH_WHO.matcher(block).results())
                .map(sentence -> sentence.group(1))
                .filter(sentence -> !sentence.endsWith("?"))
                .toList();
    }

    /** Paragraphs, headings, items of lists and cells of tables, a line each; no code. */
    private static Stream<String> blocks(String page) {
        String prose = page.replaceAll("(?s)```.*?```", "\n").replaceAll("[*_\"]", "");
        String apart = prose.replaceAll("(?m)^#+ (.*)$", "\n$1\n").replaceAll("(?m)^ *(?:-|\\d+\\.) ", "\n");
        return Stream.of(apart.split("\n\\s*\n|\\|"))
                .map(block -> block.replaceAll("\\s+", " ").strip());
    }
}
