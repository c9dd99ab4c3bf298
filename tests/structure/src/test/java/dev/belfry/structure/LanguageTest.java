package dev.belfry.structure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.Checkout;
import dev.belfry.testing.OneJdk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

/**
 * The README, the pages and the comments of the product name a process, a thread or a person by its
 * noun: no sentence begins with "Who" or "Whoever", unless it is a question; a heading or a cell of a
 * table, which has no full stop, may. In comments none begins with "What", "Of" or "Odd", either. Their
 * sentences are short, and have none of the words that we gave up.
 */
@OneJdk
class LanguageTest {
    private static final Path ROOT = Checkout.root();
    private static final Pattern BEGINS_WITH_WHO = beginsWith("Who(?:ever)?");
    private static final Pattern BEGINS_WITHOUT_A_NOUN = beginsWith("What|Of|Odd");

    /** Comments of one line, and those behind code, but not in a text. */
    private static final Pattern LINES = Pattern.compile("(?m)^(?:[^\"\\n]*\\s)?//(.*(?:\\n *//.*)*)$");

    private static final Pattern JAVADOC = Pattern.compile("(?s)/\\*\\*(.*?)\\*/");

    /** The pages that are not in docs. */
    private static final List<String> OUTSIDE = List.of("README.md", "examples/README.md");

    /** The rule is 25; no sentence needs more than this. */
    private static final int MOST_WORDS = 40;

    /** Pages for those who change Belfry, which keep the rule. */
    private static final Set<String> OF_MAKERS = Set.of(
            "benchmarks.md",
            "CONTRIBUTING.md",
            "decisions.md",
            "experiments.md",
            "protocol.md",
            "writing-a-transport.md");

    private static final int MOST_WORDS_OF_MAKERS = 25;

    /** A word, and what to write instead. */
    private static final Map<String, String> GIVEN_UP = Map.of(
            "anew", "again",
            "whoever", "the noun: a process, a user",
            "look|looks|looked|looking", "read or check",
            "said", "logged or reported",
            "somebody|anybody", "a process, a thread, a user",
            "in vain", "without success",
            "dear|dearer", "expensive",
            "buries|buried", "ends, ended");

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
                | b | Who waits, wakes. |
                | c | Who waits? |

                ```
                Who waits wakes.
                ```
                """;
        assertThat(sentencesWithWho(page))
                .containsExactly(
                        "Who waits, wakes.",
                        "Who waits wakes.",
                        "Whoever waits wakes: so it is.",
                        "Who waits wakes (twice).",
                        "Who waits, wakes.");
    }

    @Test
    void shouldBePlain() throws IOException {
        SoftAssertions all = new SoftAssertions();
        for (Path page : pages()) {
            String text = Files.readString(page);
            boolean ofMakers = OF_MAKERS.contains(page.getFileName().toString());
            all.assertThat(complaints(text, ofMakers ? MOST_WORDS_OF_MAKERS : MOST_WORDS))
                    .as(ROOT.relativize(page).toString())
                    .isEmpty();
        }
        all.assertAll();
    }

    @Test
    void shouldBePlainInTheCommentsOfTheProduct() throws IOException {
        SoftAssertions all = new SoftAssertions();
        for (Path source : sourcesOfTheProduct()) {
            String text = Files.readString(source);
            String comments = javadoc(text) + "\n\n" + lines(text);
            all.assertThat(complaints(comments, MOST_WORDS))
                    .as("comments of %s", ROOT.relativize(source))
                    .isEmpty();
            all.assertThat(sentencesThat(BEGINS_WITHOUT_A_NOUN, comments))
                    .as("comments of %s: begin with the noun, such as \"The fields of\"", ROOT.relativize(source))
                    .isEmpty();
        }
        all.assertAll();
    }

    @Test
    void shouldNoticeACommentThatBeginsWithoutANoun() {
        String source = """
                /** What a record has. What is it? */
                class Planted {
                    /**
                     * A length. Of a record, in bytes: Of all.
                     *
                     * <p>Odd, but so it is. {@code Of} course. Offset. Whatever it is.
                     *
                     * @param unit Of length
                     */
                    int length; // Of a record
                    String text = "a text. What it is."; // and not "What it is"
                }
                """;
        assertThat(sentencesThat(BEGINS_WITHOUT_A_NOUN, javadoc(source)))
                .containsExactly(
                        "What a record has.", "Of a record, in bytes: Of all.", "Odd, but so it is.", "Of length");
        assertThat(sentencesThat(BEGINS_WITHOUT_A_NOUN, lines(source))).containsExactly("Of a record");
    }

    @Test
    void shouldNoticeWhatAJavadocSays() {
        String source = """
                package odd;

                /**
                 * Who waits
                 * wakes. As {@link Odd#look}, with {@code somebody}.
                 *
                 * @param page is
                 *     said
                 */
                interface Odd {
                    /** In
                     * vain. */
                    void look(String page); // anew
                    // It is dear
                    String URL = "http://somebody"; // and long
                }
                """;
        assertThat(complaints(javadoc(source), MOST_WORDS))
                .containsExactlyInAnyOrder("Who waits wakes.", "said: logged or reported", "In vain: without success");
        assertThat(complaints(lines(source), MOST_WORDS)).containsExactlyInAnyOrder("anew: again", "dear: expensive");
    }

    @Test
    void shouldNoticeAWordThatWeGaveUpAndASentenceThatIsTooLong() {
        String most = "word ".repeat(MOST_WORDS - 1) + "end.";
        String page = """
                ## A look

                It begins anew. This is "anew", `somebody` and [overlooked](anew.md).
                It is
                said in
                vain, dear Renewal.

                | a | Anybody |
                |---|---|

                %s %s (Short.) [One](link to it). Short. - %s

                - One %s
                1. %s

                ```
                anew %s
                ```
                """.formatted(most, most, most, most, most, most);
        assertThat(givenUp(page))
                .containsExactlyInAnyOrder(
                        "look: read or check",
                        "anew: again",
                        "said: logged or reported",
                        "in vain: without success",
                        "dear: expensive",
                        "Anybody: a process, a thread, a user");
        assertThat(tooLong(page, MOST_WORDS)).containsExactly("- " + most, "One " + most);
        assertThat(tooLong(page, MOST_WORDS - 1)).hasSizeGreaterThan(2);
    }

    private static List<Path> pages() throws IOException {
        try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
            return Stream.concat(OUTSIDE.stream().map(ROOT::resolve), docs)
                    .filter(file -> file.toString().endsWith(".md"))
                    .toList();
        }
    }

    private static List<Path> sourcesOfTheProduct() throws IOException {
        List<Path> sources = new ArrayList<>();
        try (Stream<Path> modules = Files.list(ROOT)) {
            for (Path main : modules.map(module -> module.resolve("src/main/java"))
                    .filter(Files::isDirectory)
                    .toList()) {
                try (Stream<Path> files = Files.walk(main)) {
                    files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
                }
            }
        }
        assertThat(sources).hasSizeGreaterThan(400);
        return sources;
    }

    /** As a page, too. */
    private static String lines(String source) {
        return LINES.matcher(source)
                .results()
                .map(comment -> comment.group(1).replaceAll("\n *//", ""))
                .collect(Collectors.joining("\n\n"));
    }

    /** As a page: each comment, and each tag of one, is a paragraph. */
    private static String javadoc(String source) {
        return JAVADOC.matcher(source)
                .results()
                .map(comment -> comment.group(1).replaceAll("(?m)^ *\\* ?", ""))
                .map(comment -> comment.replaceAll("(?s)<pre>.*?</pre>", "\n\n"))
                .map(comment -> comment.replaceAll("(?s)\\{@\\w+ [^{}]*}", "`code`"))
                .map(comment -> comment.replaceAll("(?m)^@", "\n@").replaceAll("<[^<>]*>", "\n\n"))
                .collect(Collectors.joining("\n\n"));
    }

    private static List<String> complaints(String page, int mostWords) {
        return Stream.of(sentencesWithWho(page), givenUp(page), tooLong(page, mostWords))
                .flatMap(List::stream)
                .toList();
    }

    private static List<String> givenUp(String page) {
        String withoutQuotes = plain(page).replaceAll("\"[^\"\n]{1,20}\"", "");
        List<String> prose = blocks(withoutQuotes).toList();
        return GIVEN_UP.entrySet().stream()
                .flatMap(word -> Pattern.compile("(?i)\\b(?:" + word.getKey() + ")\\b")
                        .matcher(String.join("\n", prose))
                        .results()
                        .map(found -> found.group() + ": " + word.getValue()))
                .toList();
    }

    private static List<String> tooLong(String page, int mostWords) {
        return blocks(plain(page))
                .flatMap(block -> Stream.of(block.split("(?<=[.!?]\\)?) ")))
                .filter(sentence -> sentence.split(" ").length > mostWords)
                .toList();
    }

    /** Without the targets of links; a piece of code is a word. */
    private static String plain(String page) {
        String prose = page.replaceAll("(?s)```.*?```", "\n");
        return prose.replaceAll("`[^`]*`", "code").replaceAll("\\]\\([^)]*\\)", "]");
    }

    private static Pattern beginsWith(String words) {
        return Pattern.compile("(?:^|^@param \\S+ |(?<=[.!?:;]) )((?:" + words + ")[ ,][^.!?]*[.!?]?)");
    }

    private static List<String> sentencesWithWho(String page) {
        return sentencesThat(BEGINS_WITH_WHO, page).stream()
                .filter(sentence -> sentence.endsWith("."))
                .toList();
    }

    /** But for questions. */
    private static List<String> sentencesThat(Pattern beginning, String page) {
        return blocks(page)
                .flatMap(block -> beginning.matcher(block).results())
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
