package dev.belfry.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.spi.QueueInspector;
import dev.belfry.testing.CaughtLog;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of a directory are cut, or removed, while its queue is open: users catch MessageQueueException. */
@Timeout(120)
@ParameterizedClass
@ValueSource(strings = {"&sync=always", "&sync=os"})
class DamageStaysInsideTest {
    @RegisterExtension
    final CaughtLog log = new CaughtLog();

    private final Small small;
    private final QueueInspector inspector = new FileProvider().inspector().orElseThrow();

    DamageStaysInsideTest(String sync) {
        small = new Small("&capacity=64k&maxCapacity=64k&maxSize=4m&keep=1d" + sync);
    }

    private Map<String, ThrowingCallable> calls(MessageQueue queue) {
        String path = small.directory.toString();
        Map<String, ThrowingCallable> calls = new LinkedHashMap<>();
        calls.put("a named subscription", () -> queue.createSubscriber(Small.READER)
                .close());
        calls.put("unsubscribe", () -> queue.unsubscribe("reader"));
        calls.put("publish", () -> {
            try (Publisher publisher = queue.createPublisher()) {
                for (int i = 0; i < 60; i++) publisher.publish(new byte[15_000]);
            }
        });
        calls.put("stats", queue::stats);
        calls.put("open again", () -> small.open().close());
        calls.put("look", () -> inspector.look(path));
        calls.put("diagnose", () -> inspector.diagnose(path, true));
        calls.put("measure", () -> inspector.measure(List.of(path)));
        calls.put("keep", () -> inspector.keep(path, "2d"));
        calls.put("close", queue::close);
        calls.put("open", () -> small.open().close());
        calls.put("look at a closed one", () -> inspector.look(path));
        calls.put("diagnose a closed one", () -> inspector.diagnose(path, true));
        calls.put("delete", () -> MessageQueues.delete(small.uri()));
        return calls;
    }

    @ParameterizedTest
    @ValueSource(strings = {"places", "life", "history", "log.0000000000000000"})
    void shouldThrowNothingThatIsNoExceptionForUsers(String name) throws Exception {
        for (boolean isRemoved : new boolean[] {true, false}) {
            try (small;
                    MessageQueue queue = small.open()) {
                queue.createPublisher().publish("a message");
                Path file = small.directory.resolve(name);
                if (isRemoved) Files.delete(file);
                else
                    try (RandomAccessFile cut = new RandomAccessFile(file.toFile(), "rw")) {
                        cut.setLength(0);
                    }
                calls(queue).forEach((what, call) -> {
                    Throwable thrown = Assertions.catchThrowable(call);
                    if (thrown != null) assertThat(thrown).as(what).isInstanceOf(MessageQueueException.class);
                });
            }
        }
        assertThat(log.text()).doesNotContain("while closing: " + DamagedFileException.class.getName());
    }
}
