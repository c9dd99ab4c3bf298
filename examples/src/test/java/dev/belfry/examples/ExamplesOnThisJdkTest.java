package dev.belfry.examples;

import static dev.belfry.examples.ExamplesTest.HEARD;
import static dev.belfry.examples.ExamplesTest.after;
import static dev.belfry.examples.ExamplesTest.first;
import static dev.belfry.examples.ExamplesTest.last;
import static dev.belfry.examples.ExamplesTest.number;
import static dev.belfry.examples.ExamplesTest.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Of the examples those in which JDKs differ: in what a JVM warns of, in kills, in what is allocated. */
@WaitsForOthers
@Slow
class ExamplesOnThisJdkTest {
    @Test
    void shouldLetThreeHearWhatOneSaysAsTheReadmeShows() throws Exception {
        List<String> lines = run(HelloQueue.class);
        assertThat(after("[A] Sent: ", lines)).containsExactly(HEARD);
        for (String b : List.of("B1", "B2", "B3"))
            assertThat(after("[" + b + "] Received: ", lines)).as(b).containsExactly(HEARD);
        assertThat(lines).as("only with --verbose").noneMatch(line -> line.contains(" DEBUG "));
        for (String size : List.of("8 KiB", "256 KiB"))
            assertThat(first("[A] INFO hello-\\d+: grew to " + size, lines)).isNotNull();
        List<String> summary = lines.subList(lines.indexOf("[A] Sent: Goodbye"), lines.size());
        assertThat(number("[A] .* messages to each of 3 in .* s: (N) a second", summary))
                .isPositive();
        assertThat(first("[A] System calls while sending: (N in N messages|not counted).*", summary))
                .isNotNull();
        assertThat(last(lines)).isEqualTo("[main] Left in /dev/shm: nothing");

        List<String> readme = Transcript.ofTheReadme();
        assertThat(Transcript.missing(readme, lines))
                .as("in the README, but not printed")
                .isEmpty();
        List<String> wrong = Stream.concat(readme.stream(), Stream.of("[B1] Received: Hello"))
                .toList();
        assertThat(Transcript.missing(wrong, lines)).as("of a line too many").containsExactly("[B1] Received: Hello");
    }

    @Test
    void shouldSurviveTheDeathOfAPublisherAndASubscriber() throws Exception {
        List<String> lines = run(CrashAndRecover.class);
        int kill = lines.indexOf("[main] Killed A1 and B1, with SIGKILL");
        int back = lines.indexOf("[main] A2 and B2 went on for another 50,000 messages; B1 comes back");
        assertThat(kill).isBetween(1, back);
        assertThat(number("[B2] (N) messages, no gap; last of each: .*", lines.subList(kill, back)))
                .isPositive();
        List<String> afterwards = lines.subList(back, lines.size());
        long begins = number("[B1] begins after position (N)", afterwards);
        assertThat(begins).isPositive();
        assertThat(number("[B1] (N) messages, no gap; last of each: .*", afterwards))
                .isGreaterThan(begins);
        assertThat(last(lines)).isEqualTo("[main] Left in /dev/shm: nothing");
    }

    @Test
    void shouldAllocateNextToNothing() throws Exception {
        List<String> lines = run(ZeroCopy.class);
        // An object a message would be 16 bytes at least. What is not compiled yet allocates: a reader's first 20,000
        // reads that end a batch 16 bytes each, and a sender too, for as long as the compiler gets no processor.
        for (String who : List.of("A", "B"))
            assertThat(number("[" + who + "] Allocated (N) bytes in 3,000,000 messages: .* each", lines))
                    .as(who)
                    .isLessThan(3_000_000);
        assertThat(lines).contains("[B] 4,000,000 quotes, worth 22,500,000.00");
    }
}
