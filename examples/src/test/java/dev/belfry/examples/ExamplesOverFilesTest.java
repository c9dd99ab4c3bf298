package dev.belfry.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Over {@code file:} the examples show the same messages, and those are there afterwards. */
@WaitsForOthers
@Slow
@OneJdk
class ExamplesOverFilesTest {
    private static final String ANY = "?anyFileSystem=true";

    @TempDir
    Path directory;

    private final List<String> used = new ArrayList<>();

    @AfterEach
    void delete() {
        used.forEach(MessageQueues::delete);
    }

    private String uri(String name) {
        used.add("file:" + directory + "/" + name + ANY);
        return used.get(used.size() - 1);
    }

    private static List<String> run(Class<?> example, String... arguments) {
        try (ChildJvm jvm = JavaCommand.of(example, arguments).start()) {
            assertThat(jvm.awaitExit()).as(jvm.report()).isZero();
            return jvm.rest();
        }
    }

    @Test
    void shouldSayHelloWorldDynamicMemory() {
        String uri = uri("hello");
        List<String> said = run(HelloQueue.class, uri);
        for (String name : List.of("B1", "B2", "B3"))
            for (String word : List.of("Hello", "World", "Dynamic", "Memory", "Goodbye"))
                assertThat(said).anyMatch(line -> line.contains(name) && line.contains(word));
        try (MessageQueue queue = MessageQueues.open(uri);
                Subscriber in = queue.createSubscriber(SubscriberOptions.observer(StartAt.OLDEST_RETAINED))) {
            List<String> kept = new ArrayList<>();
            for (Message m; (m = in.receive(Duration.ZERO)) != null; ) kept.add(m.text());
            assertThat(kept).contains("Hello", "World", "Dynamic", "Memory");
        }
    }

    @Test
    void shouldGoOnWhereASubscriptionStopped() {
        List<String> said = run(NamedSubscription.class, uri("named"));
        assertThat(said)
                .anyMatch(line -> line.contains("second run") && line.contains("stands at position 4"))
                .anyMatch(line -> line.contains("third run") && line.contains("entry 7 (again)"))
                .anyMatch(line -> line.contains("Unsubscribed: true"));
    }

    @Test
    void shouldReadWhatWasThereAndServeMany() {
        assertThat(run(LateJoiner.class, uri("late"))).isNotEmpty();
        assertThat(run(OneToMany.class, uri("many"), "2", "1")).isNotEmpty();
    }
}
