package dev.belfry.structure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.Checkout;
import dev.belfry.testing.OneJdk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * No line of comment in the Java sources is longer than 120 columns. Files with longer lines are
 * listed, and the list may only shrink. A file goes by its name, so that a move to another
 * directory is no change.
 */
@OneJdk
class CommentColumnsTest {
    private static final int MOST_COLUMNS = 120;
    private static final Path ROOT = Checkout.root();

    /** A line of a block, or one with two slashes. After code, the slashes are outside of texts. */
    private static final Pattern COMMENT =
            Pattern.compile("\\s*(?:/?\\*|//).*|(?:[^\"]|\"(?:[^\"\\\\]|\\\\.)*\")*?\\s//.*");

    /** Today's files with longer lines, in order. */
    private static final List<String> STILL_OVER = List.of("PublishLock");

    @Test
    void shouldHaveNoLineOfCommentThatIsTooLongButInTheFilesListed() throws IOException {
        assertThat(filesOver())
                .as("files with a comment of more than %d columns; the list may only shrink", MOST_COLUMNS)
                .containsExactlyElementsOf(STILL_OVER);
    }

    @Test
    void shouldNoticeACommentOfEachKindAndNothingElse() {
        String words = "word ".repeat(24) + "end";
        assertThat(Stream.of(
                        "// " + words,
                        "    /** " + words,
                        "     * " + words,
                        "    int i = 1; // " + words,
                        "    say(\"http://here\"); // " + words))
                .allMatch(CommentColumnsTest::isOver);
        assertThat(Stream.of(
                        "    say(\"" + words + "\");",
                        "    say(\"// " + words + "\");",
                        "    say(\"\\\"// " + words + "\");",
                        "// " + "x".repeat(117)))
                .noneMatch(CommentColumnsTest::isOver);
    }

    private static Set<String> filesOver() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT)) {
            return files.filter(CommentColumnsTest::isSource)
                    .filter(file -> lines(file).anyMatch(CommentColumnsTest::isOver))
                    .map(file -> file.getFileName().toString().replace(".java", ""))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private static boolean isSource(Path file) {
        List<String> names =
                Stream.of(ROOT.relativize(file).toString().split("/")).toList();
        return file.toString().endsWith(".java") && names.contains("src") && !names.contains("target");
    }

    private static boolean isOver(String line) {
        return line.length() > MOST_COLUMNS && COMMENT.matcher(line).matches();
    }

    private static Stream<String> lines(Path file) {
        try {
            return Files.readAllLines(file).stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
