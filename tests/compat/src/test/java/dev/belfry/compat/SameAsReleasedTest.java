package dev.belfry.compat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.belfry.api.MessageQueues;
import dev.belfry.spi.MessageQueueProvider;
import dev.belfry.testing.ByTurns;
import dev.belfry.testing.Patched;
import dev.belfry.testing.Slow;
import java.nio.BufferUnderflowException;
import java.nio.file.Path;
import java.util.ServiceLoader;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.opentest4j.AssertionFailedError;

/** What 0.1.0 does where nothing is set, and what it has left in a directory. Planted changes of both are noticed. */
@Timeout(120)
class SameAsReleasedTest {
    @TempDir
    Path directory;

    @Test
    void shouldHaveTheDefaultsThatWerePublished() {
        new Defaults().accept(directory.toString());
    }

    @Test
    void shouldReadWhatWasLeftAndGrowIt() {
        new GoldenDirectory().accept(directory.toString());
    }

    @Test
    void shouldHaveTheCodesOfRecordsThatWerePublished() {
        new Codes().accept("");
    }

    /** Else {@code -Dbelfry.seed=} of a test would set it in each queue that the test opens. */
    @ParameterizedTest
    @ValueSource(strings = {"depth", "half", "input", "luck", "otherJava", "patience", "seed", "turn", "twin"})
    void shouldHaveNoParameterOfTheNameOfAPropertyOfTheTests(String name) {
        for (MessageQueueProvider provider : ServiceLoader.load(MessageQueueProvider.class))
            assertThatThrownBy(() -> MessageQueues.open(uri(provider) + "?" + name + "=1"))
                    .hasMessageContaining("Unknown parameter '" + name + "'");
    }

    private static String uri(MessageQueueProvider provider) {
        return provider.scheme() + (provider.scheme().equals("file") ? ":/none" : ":none");
    }

    @ByTurns
    @Slow
    @ParameterizedTest
    @CsvSource(
            delimiterString = "##",
            value = {
                "SubscriberOptions ## AckMode ackMode = AckMode.AUTO; ## AckMode ackMode = AckMode.CLIENT;",
                "SubscriberOptions ## SlowSubscriber.GATE_PUBLISHER; ## SlowSubscriber.OVERRUN;",
                "SubscriberOptions ## startAt = StartAt.NOW; ## startAt = StartAt.OLDEST_RETAINED;",
                "SubscriberOptions ## maxRedeliveries = 3; ## maxRedeliveries = 5;",
                "PublisherOptions ## ChronoUnit.FOREVER.getDuration(); ## Duration.ofMinutes(1);",
                "QueueSettings ## DEFAULT_CAPACITY = 1L << 20; ## DEFAULT_CAPACITY = 2L << 20;",
                "QueueSettings ## DEFAULT_MODE = 0600; ## DEFAULT_MODE = 0660;",
                "file.Settings ## sync == null || sync ## sync != null && sync",
                "file.Settings ## CACHE = 16L << 20; ## CACHE = 8L << 20;",
                "file.Settings ## DEFAULT_SLOTS = 128; ## DEFAULT_SLOTS = 64;",
                "client.Settings ## put(\"maxDeliveries\", \"10\"); ## put(\"maxDeliveries\", \"6\");",
            })
    void shouldNoticeAnotherDefault(String type, String snippet, String replacement) {
        requireRed(Defaults.class, type, snippet, replacement);
    }

    @ByTurns
    @Slow
    @ParameterizedTest
    @CsvSource(
            delimiterString = "##",
            value = {
                "AckCode ## AUTO = 0; ## AUTO = 3;",
                "Policy ## code == OVERRUN.code ? OVERRUN : GATE; ## code == 3 ? OVERRUN : GATE;",
                "Origin ## long capacity = block.getLong(); long maxCapacity = block.getLong(); ## long maxCapacity = block.getLong(); long capacity = block.getLong();",
                "PlacesForm ## named.add(new Named( ## block.get(); named.add(new Named(",
                "PropertiesCodec ## STRING = 8; ## STRING = 9;",
            })
    void shouldNoticeAnotherCodeOrPlaceInAFile(String type, String snippet, String replacement) {
        requireRed(GoldenDirectory.class, type, snippet, replacement);
    }

    @ByTurns
    @Slow
    @ParameterizedTest
    @CsvSource(
            delimiterString = "##",
            value = {
                "Op ## int STAGE = 15; ## int STAGE = 20;",
                "Op ## int NO_LOCAL = 4; ## int NO_LOCAL = 8;",
            })
    void shouldNoticeAnotherCodeOfARecord(String type, String snippet, String replacement) {
        try (Patched twin = Patched.in(type, snippet, replacement)) {
            assertThat(catchThrowable(() -> twin.run(Codes.class, "")))
                    .hasMessageContaining(snippet.replaceAll("int (\\w+) = (\\d+);", "$1 $2"));
        }
    }

    /** Where the planted ones run: there they are red for their defects alone. */
    @Slow
    @ParameterizedTest
    @ValueSource(classes = {Codes.class, Defaults.class, GoldenDirectory.class})
    void shouldBeGreenThereWithoutADefect(Class<? extends Consumer<String>> check) {
        try (Patched twin = Patched.withoutDefect()) {
            twin.run(check, directory.toString());
        }
    }

    private void requireRed(Class<? extends Consumer<String>> check, String type, String snippet, String replacement) {
        try (Patched twin = Patched.in(type, snippet, replacement)) {
            twin.directory();
            Throwable caught = catchThrowable(() -> twin.run(check, directory.toString()));
            assertThat(caught)
                    .as("what it compares, and not what another test has left")
                    .isNotNull()
                    .extracting(Object::getClass)
                    .isIn(AssertionFailedError.class, BufferUnderflowException.class);
        }
    }
}
