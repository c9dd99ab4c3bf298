package dev.belfry.structure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueues;
import dev.belfry.testing.Checkout;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The two programs of prices on the page for applications run as they are there, and are as short as it says. */
@WaitsForOthers
class ApplicationPageTest {
    private static final Pattern PROGRAM = Pattern.compile("(?s)```java\n// (Feed|Board)\\.java\n(.*?)```");
    private static final Path PAGE = Checkout.root().resolve("docs/application.md");
    private static final int MOST_LINES = 12;
    private static final int MOST_LINES_OF_PAGE = 257;

    private final String queue = "shm:feed-" + ProcessHandle.current().pid();

    @TempDir
    Path classes;

    @AfterEach
    void removeQueue() {
        MessageQueues.delete(queue);
    }

    @Slow
    @Test
    void shouldShowEachPriceWhenTheProgramsOfThePageRun() throws IOException {
        Map<String, String> programs = programs();
        programs.replaceAll((name, text) -> text.replace("\"shm:feed\"", '"' + queue + '"'));
        programs.replaceAll((name, text) -> text.replace("ofSeconds(5)", "ofMillis(100)")); // all is there already
        assertThat(programs.values()).allSatisfy(text -> assertThat(text).contains(queue));
        ReadmeTest.compile(programs, classes);

        try (ChildJvm feed = JavaCommand.of("Feed").inFront(classes).start()) {
            feed.awaitEnd();
        }
        try (ChildJvm board = JavaCommand.of("Board").inFront(classes).start()) {
            board.awaitEnd();
            List<String> prices = IntStream.range(0, 1000)
                    .mapToObj(i -> (i + 1) + " Price[symbol=ACME, bid=" + (100.0 + i) + ", ask=" + (101.0 + i) + "]")
                    .toList();
            assertThat(board.output().lines()).containsExactlyElementsOf(prices);
        }
    }

    @Test
    void shouldBeShort() throws IOException {
        programs().forEach((name, text) -> assertThat(
                        text.lines().filter(line -> !line.isBlank() && !line.startsWith("import ")))
                .as(name)
                .hasSizeLessThanOrEqualTo(MOST_LINES));
        assertThat(Files.readAllLines(PAGE)).hasSizeLessThanOrEqualTo(MOST_LINES_OF_PAGE);
    }

    private static Map<String, String> programs() throws IOException {
        Map<String, String> programs = new TreeMap<>();
        for (Matcher m = PROGRAM.matcher(Files.readString(PAGE)); m.find(); ) programs.put(m.group(1), m.group(2));
        assertThat(programs).containsOnlyKeys("Board", "Feed");
        return programs;
    }
}
