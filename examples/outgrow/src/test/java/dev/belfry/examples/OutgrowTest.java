package dev.belfry.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.testing.ByTurns;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patched;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The example loses nothing, prints what its javadoc shows, and leaves nothing; with a mistake in it, it does not. */
@WaitsForOthers
@Slow
@OneJdk
@ByTurns
class OutgrowTest {
    @Test
    void shouldLoseNothingOnItsWayToTheBroker() throws IOException {
        assertThat(run(null)).isEqualTo(javadoc());
    }

    /** Each is easily made in such a route. */
    enum Mistake {
        NOT_TRANSACTED("Outgrow", "component.setTransacted(true);", "", "Parcels: [1, 2, 3, 4, 6,"),
        REDELIVERED_IS_NOT_CARRIED(
                "Outgrow",
                ".setHeader(REDELIVERED, header(\"JMSRedelivered\"))",
                "",
                "Parcels: [1, 2, 3, 4, 5, 6, 7, 7, 8, 9]");

        private final String type;
        private final String statement;
        private final String replacement;
        private final String shown;

        Mistake(String type, String statement, String replacement, String shown) {
            this.type = type;
            this.statement = statement;
            this.replacement = replacement;
            this.shown = shown;
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldShowAMistakeInTheRoute(Mistake mistake) throws IOException {
        try (Patched twin = Patched.in(mistake.type, mistake.statement, mistake.replacement)) {
            List<String> lines = run(twin.classPath());
            assertThat(lines).as("%s", mistake).isNotEqualTo(javadoc());
            assertThat(lines.get(lines.size() - 1)).contains(mistake.shown);
        }
    }

    /**
     * All that it and its JVMs print, but that the mark of a message that was on its way to the mover when that died is
     * left out. {@code classPath}: null is this JVM's.
     */
    private static List<String> run(String classPath) {
        JavaCommand command =
                JavaCommand.of(Outgrow.class).flags(JavaCommand.QUICK).flags(JavaCommand.QUIET);
        if (classPath != null) command.classPath(classPath);
        try (ChildJvm jvm = ChildJvm.startMerged("Outgrow", command.words())) {
            jvm.awaitEnd(Duration.ofMinutes(4)); // six JVMs one after the other, of which three start Camel
            String[] left = new File("/dev/shm").list((directory, name) -> name.endsWith("-" + jvm.pid()));
            assertThat(left).as("left in /dev/shm").isEmpty();
            return jvm.output()
                    .replaceAll("(order [689]), which may be there already", "$1")
                    .replaceFirst("(?s)(order 7), which may be there already(.*order 7,)", "$1$2")
                    .lines()
                    .filter(line -> !line.contains("] WARN ")) // of what a death left, if it came at such a moment
                    .toList();
        }
    }

    private static List<String> javadoc() throws IOException {
        String source = Files.readString(Path.of("src/main/java/dev/belfry/examples/Outgrow.java"));
        Matcher shown = Pattern.compile("(?s)<pre>\n(.*?) \\* </pre>").matcher(source);
        assertThat(shown.find()).isTrue();
        return shown.group(1)
                .lines()
                .map(line -> line.replaceFirst(" \\*   ", ""))
                .toList();
    }
}
