package dev.belfry.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.Subscriber;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.Jdks;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A program without flags that does nothing unusual hears nothing from us. */
@Timeout(120)
@WaitsForOthers
class QuietRunTest {
    @RegisterExtension
    final Stage stage = new Stage();

    static final class User implements Role {
        @Override
        public void play(Line line, String... args) throws Exception {
            try (MessageQueue queue = MessageQueues.open(args[0]);
                    Publisher publisher = queue.createPublisher();
                    Subscriber subscriber = queue.createSubscriber()) {
                publisher.publish("hello");
                line.say("received " + subscriber.receive().text());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 21, 25})
    void shouldPrintNothingOfItsOwn(int version) {
        Path java = Jdks.java(version);
        assumeTrue(java != null, "there is no JDK " + version + " here");
        ChildJvm user = stage.add(Role.command(User.class, stage.uri(""))
                .title("User on " + version)
                .java(java)
                .start());
        assertThat(user.expect("received")).isEqualTo("hello");
        user.awaitEnd();
        if (version < 24) assertThat(user.errors()).isEmpty();
        else
            assertThat(user.errors().lines())
                    .as("only the JDK's own")
                    .allMatch(line -> line.isEmpty() || line.startsWith("WARNING: "));
    }

    /** Each class that a start loads costs it time. Where Unsafe is denied none is of Chronicle or JNA. */
    @Slow
    @Test
    void shouldInitialiseOfChronicleOnlyWhatAccessesMemory(@TempDir Path directory) throws Exception {
        Path loaded = directory.resolve("loaded");
        ChildJvm user = stage.add(Role.command(User.class, stage.uri(""))
                .flags(List.of("-Xlog:class+load:file=" + loaded))
                .start());
        assertThat(user.expect("received")).isEqualTo("hello");
        user.awaitEnd();
        if (JavaCommand.QUIET.contains("--sun-misc-unsafe-memory-access=deny"))
            assertThat(Files.readString(loaded))
                    .contains("dev.belfry.shm.memory.ForeignMemory ")
                    .doesNotContain("net.openhft.", "com.sun.jna.");
        else
            assertThat(Files.readString(loaded))
                    .contains("net.openhft.chronicle.core.UnsafeMemory ")
                    .doesNotContain("net.openhft.chronicle.core.Jvm ", "net.openhft.chronicle.bytes.", "BodyStore");
    }

    /**
     * Those that are in no archive of the JDK. Ours are of this API, this transport, and what the JDK makes for them:
     * lambdas, and forms of method handles. The others are of the JDK, JNA, SLF4J and Chronicle. Each costs a start
     * some 50 µs. When it grows, look for lambdas, streams and regular expressions on a first message's way. The child
     * is of that JDK always; for classes that a later javac has compiled the verifier of 17 loads some more.
     */
    @OneJdk
    @Slow
    @ParameterizedTest
    @CsvSource({"17, 369, 850", "25, 371, 825"})
    void shouldLoadFewClassesForAFirstMessage(int version, int mostOfOurs, int most, @TempDir Path directory)
            throws Exception {
        Path java = Jdks.java(version);
        assumeTrue(java != null, "there is no JDK " + version + " here");
        Path loaded = directory.resolve("loaded");
        ChildJvm user = stage.add(Role.command(User.class, stage.uri(""))
                .java(java)
                .flags(List.of("-Xshare:auto", "-Xlog:class+load:file=" + loaded))
                .start());
        assertThat(user.expect("received")).isEqualTo("hello");
        user.awaitEnd();
        List<String> all = Files.readAllLines(loaded).stream()
                .filter(line -> !line.contains("shared objects file"))
                .toList();
        List<String> ours = all.stream()
                .filter(line ->
                        line.matches(".*\\] (dev\\.belfry\\.(api|spi|shm)\\..*|java\\.lang\\.invoke\\.LambdaForm.*)"))
                .toList();
        assertThat(ours).hasSizeLessThanOrEqualTo(mostOfOurs);
        assertThat(all).hasSizeLessThanOrEqualTo(most);
    }
}
