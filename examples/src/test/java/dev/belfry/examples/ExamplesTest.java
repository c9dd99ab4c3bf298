package dev.belfry.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.Checkout;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The examples do what they say they do, say nothing else, and leave nothing behind. Those in which JDKs differ are in
 * {@link ExamplesOnThisJdkTest}.
 */
@WaitsForOthers
@Slow
@OneJdk
class ExamplesTest {
    private static final Duration MOST = Duration.ofSeconds(90);

    private static final String VERBOSE = "-Dexamples.verbose=true";

    private static final Pattern FLAG = Pattern.compile("(?<=    )-XX:\\S+|(?<= )--[a-z-]+=\\S+");

    static final String[] HEARD = {
        "Hello", "World", "Dynamic", "Memory", "Growth...... (6,000 bytes)", "Growth...... (200,000 bytes)", "Goodbye"
    };

    @Test
    void shouldBeNamedByTheScriptThatRunsThem() throws IOException {
        Path root = Checkout.root();
        List<String> named = Pattern.compile("(?m)^#   \\./hello ([A-Z]\\w+)")
                .matcher(Files.readString(root.resolve("hello")))
                .results()
                .map(m -> m.group(1))
                .toList();
        List<String> programs = Stream.of("examples", "examples/chronicle", "examples/jakarta", "examples/outgrow")
                .map(module -> root.resolve(module).resolve("src/main/java/dev/belfry/examples"))
                .flatMap(folder -> Stream.of(folder.toFile().listFiles()))
                .map(File::toPath)
                .filter(file -> contains(file, "\n    public static void main("))
                .filter(file -> contains(file, "\npublic final class "))
                .map(file -> file.getFileName().toString().replace(".java", ""))
                .filter(name -> !name.equals("HelloQueue"))
                .toList();
        assertThat(named).containsExactlyInAnyOrderElementsOf(programs);
    }

    @Test
    void shouldWorkByHandWhenThePublisherIsFirst() throws Exception {
        byHand("publisher", "subscriber", "[A] Sent: Hello");
    }

    @Test
    void shouldWorkByHandAndNarrateWhenTheSubscriberIsFirst() throws Exception {
        assertThat(byHand("subscriber", "publisher", "[late] DEBUG QUEUE: mapped region 0, 4 KiB twice, read-only"))
                .anyMatch(matches("[late] DEBUG by-hand-N: created, 148 KiB of header and 4 KiB of ring"));
    }

    private static List<String> byHand(String first, String second, String awaited) throws Exception {
        String name = "by-hand-" + ProcessHandle.current().pid();
        String uri = "shm:" + name + "?capacity=4k&maxCapacity=1m&deleteOnLastClose=true";
        List<String> lines;
        try (ChildJvm one = verbose(HelloQueue.class, arguments(first, uri))) {
            String line = "";
            while (!line.equals(awaited.replace("QUEUE", name))) line = one.line();
            try (ChildJvm other = verbose(HelloQueue.class, arguments(second, uri))) {
                lines = Stream.concat(end(other).stream(), end(one).stream()).toList();
            }
        }
        assertThat(after("[late] Received: ", lines)).containsExactly(HEARD);
        assertThat(after("[A] Sent: ", lines)).containsExactly(HEARD);
        assertThat(new File("/dev/shm/belfry." + name)).doesNotExist();
        return lines;
    }

    private static String[] arguments(String role, String uri) {
        return role.equals("publisher") ? new String[] {role, uri} : new String[] {role, "late", uri};
    }

    @Test
    void shouldShowHowFarEachIsBehind() throws Exception {
        List<String> lines = run(OneToMany.class, "2", "1");
        String live = "[A] (N) a second to each; behind: B1 N, B2 N";
        assertThat(lines).filteredOn(matches(live)).hasSize(2);
        assertThat(number(live, lines)).isPositive();
        long heard = number("[B1] Heard (N) messages", lines);
        assertThat(heard).isPositive().isEqualTo(number("[B2] Heard (N) messages", lines));
    }

    @Test
    void shouldReadWhatWasPublishedBefore() throws Exception {
        assertThat(run(LateJoiner.class)).isEqualTo(printed("LateJoiner"));
    }

    /** What it prints over any transport. */
    private static List<String> printed(String example) throws IOException {
        return Files.readAllLines(Path.of("src/test/resources", example + ".txt"));
    }

    @Test
    void shouldTreatASlowSubscriberAsItAskedFor() throws Exception {
        List<String> lines = run(SlowConsumer.class);
        String counts = " +the subscriber received (N), lost (N)";
        assertThat(number("[main] GATE_PUBLISHER" + counts, lines)).isEqualTo(1000);
        MatchResult overrun = match("[main] OVERRUN" + counts, lines);
        assertThat(toLong(overrun.group(1)) + toLong(overrun.group(2))).isEqualTo(1000);
        MatchResult ended = match("[main] DISCONNECT" + counts + "; then: .* was disconnected at .*", lines);
        assertThat(toLong(ended.group(1))).isLessThan(1000);
        assertThat(toLong(ended.group(1)) + toLong(ended.group(2))).isEqualTo(1000);
        for (String policy : List.of("GATE_PUBLISHER", "OVERRUN", "DISCONNECT"))
            assertThat(number("[main] " + policy + " +the publisher needed (N) ms", lines))
                    .isPositive();
    }

    @Test
    void shouldReadWhatItMissedInTheFilesAndBeLiveAgain() throws Exception {
        List<String> lines = run(History.class);
        long behind = number("[main] 'audit' comes back, (N) messages behind", lines);
        assertThat(behind).as("messages that the ring does not take").isGreaterThan(1_000);
        String live = "[main] it has read (N) messages, N a second, and is live again";
        assertThat(lines).filteredOn(matches(live)).hasSize(2);
        assertThat(number(live, lines)).isGreaterThanOrEqualTo(behind - 200);
        assertThat(number("[main] two seconds ago was message (N)", lines)).isGreaterThan(1);
        assertThat(lines)
                .filteredOn(matches("[A] published N messages in second N"))
                .hasSize(9);
    }

    @Test
    void shouldGrowUnderLoadAndSayHow() throws Exception {
        List<String> lines = run(Growth.class);
        for (String size : List.of("8 KiB", "64 KiB", "1 MiB", "16 MiB"))
            assertThat(first("[A] INFO growth-\\d+: grew to " + size, lines))
                    .as(size)
                    .isNotNull();
        assertThat(lines).contains("[B] Received all 30,000, in order, none lost");
        assertThat(last(lines)).isEqualTo("[A] Left in /dev/shm: nothing");
    }

    @Test
    void shouldGoOnWhereItStopped() throws Exception {
        assertThat(run(NamedSubscription.class)).isEqualTo(printed("NamedSubscription"));
    }

    @Test
    void shouldReadSbeInPlace() throws Exception {
        assertThat(run(SbeQuotes.class)).containsExactly("[B] 100,000 quotes, worth 562,500.00");
    }

    @Test
    void shouldMatchAnswersWithQuestions() throws Exception {
        List<String> lines = run(RequestReply.class);
        for (String who : List.of("Ann", "Bob"))
            assertThat(after("[" + who + "] asked for ", lines))
                    .containsExactly("2 squared: 4", "3 squared: 9", "4 squared: 16");
        assertThat(lines).contains("[main] The server died in the middle of a request; the next one begins");
        assertThat(last(lines)).isEqualTo("[main] 6 answers went to everybody");
    }

    @Test
    void shouldReadManyQueuesInOneThread() throws Exception {
        assertThat(run(Gateway.class))
                .containsExactly(
                        "[gateway] One thread reads 50 queues",
                        "[gateway] It has read 1,000 messages, 20 of each queue");
    }

    @Test
    void shouldFindTheTransportThatIsPluggedIn() throws Exception {
        assertThat(run(PlugInTransport.class))
                .contains(
                        "[main] Found fan: fan-transport",
                        "[main] B1 received: Hello over fan:",
                        "[main] B2 received: Hello over fan:");
    }

    /** An example, as ./hello starts it; what it prints on standard error is among its lines, and wrong there. */
    private static ChildJvm start(Class<?> example, String... arguments) throws IOException {
        return start(List.of(), example, arguments);
    }

    /** The same, as ./hello --verbose starts it. */
    private static ChildJvm verbose(Class<?> example, String... arguments) throws IOException {
        assertThat(script()).contains("verbose=" + VERBOSE + "\n");
        return start(List.of(VERBOSE), example, arguments);
    }

    private static ChildJvm start(List<String> more, Class<?> example, String... arguments) throws IOException {
        List<String> flags =
                FLAG.matcher(script()).results().map(MatchResult::group).toList();
        assertThat(flags).hasSize(3);
        return ChildJvm.startMerged(
                example.getSimpleName(),
                JavaCommand.of(example, arguments).flags(flags).flags(more).words());
    }

    private static String script() throws IOException {
        return Files.readString(Checkout.root().resolve("hello"));
    }

    /** All that it has printed, when it has ended well. */
    private static List<String> end(ChildJvm jvm) {
        jvm.awaitEnd(MOST);
        return jvm.output().lines().toList();
    }

    /** All that it and its children print; each example names its queues after its pid. */
    static List<String> run(Class<?> example, String... arguments) throws Exception {
        try (ChildJvm jvm = start(example, arguments)) {
            List<String> lines = end(jvm);
            String[] left =
                    new File("/dev/shm").list((directory, name) -> name.matches("belfry\\..*-" + jvm.pid() + "(-.*)?"));
            assertThat(left).as("left in /dev/shm").isEmpty();
            assertThat(lines)
                    .as("lines of a speaker, that a slow machine made a publisher wait, or that a kill hit a publish")
                    .allMatch(line -> example == LateJoiner.class
                            || line.startsWith("[")
                            || line.matches("WARN '[^']+' is full .*")
                            || example == CrashAndRecover.class
                                    && line.matches("WARN \\S+: took over from a publisher that died; recovered .*"));
            return lines;
        }
    }

    static List<String> after(String prefix, List<String> lines) {
        return lines.stream()
                .filter(line -> line.startsWith(prefix))
                .map(line -> line.substring(prefix.length()))
                .toList();
    }

    static String last(List<String> lines) {
        return lines.get(lines.size() - 1);
    }

    /** "[" stands for itself, N for a number. */
    private static Pattern pattern(String text) {
        return Pattern.compile(text.replaceFirst("^\\[(.*?)]", "\\\\[$1]").replaceAll("\\bN\\b", "[0-9,]+"));
    }

    private static Predicate<String> matches(String text) {
        return pattern(text).asMatchPredicate();
    }

    static String first(String text, List<String> lines) {
        return lines.stream().filter(matches(text)).findFirst().orElse(null);
    }

    private static MatchResult match(String text, List<String> lines) {
        Matcher matcher = pattern(text).matcher(String.valueOf(first(text, lines)));
        assertThat(matcher.matches()).as("'%s' in %s", text, lines).isTrue();
        return matcher;
    }

    static long number(String text, List<String> lines) {
        return toLong(match(text, lines).group(1));
    }

    private static long toLong(String number) {
        return Long.parseLong(number.replace(",", ""));
    }

    private static boolean contains(Path file, String text) {
        try {
            return Files.readString(file).contains(text);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
