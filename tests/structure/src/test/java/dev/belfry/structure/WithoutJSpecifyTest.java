package dev.belfry.structure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueues;
import dev.belfry.testing.Slow;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A program is compiled with the api alone on its class path, and without a warning. The annotations that say where
 * null may be are in its class files, and the artifact that has them is optional.
 */
@Slow
class WithoutJSpecifyTest {
    private static final String PROGRAM = """
            import dev.belfry.api.*;
            import dev.belfry.spi.*;
            import java.time.Duration;

            class Program {
                record Text(String of) {}

                static class Texts implements Codec<Text> {
                    @Override public byte[] encode(Text value) { return value.of().getBytes(); }
                    @Override public Text decode(ReadableBody body) { return new Text(""); }
                    @Override public String contentType() { return null; }
                }

                static abstract class Own extends SubscriberSupport {
                    Own(SubscriberOptions options) { super("own", "own:own", options); }
                    @Override protected MessageView next(long deadlineNanos) { return failedInBatch; }
                }

                static String run(MessageQueue queue) {
                    QueueConfig config = QueueConfig.builder().mode(null).maxGateTime(null).build();
                    ReplyHandler<Text, Text> reply = (question, message) -> null;
                    try (Subscriber subscriber = queue.createSubscriber();
                            LatestValues<String, Text> latest = LatestValues.of(queue, new Texts(), text -> null)) {
                        Message message = subscriber.receive(Duration.ZERO);
                        if (message == null) throw new QueueClosedException(subscriber.name(), null);
                        LatestValues.Value<Text> value = latest.get("key");
                        for (Waiting each : queue.stats().waiting()) System.out.println(each.process() + each.cause());
                        return message.properties().get("name") + config.group() + reply + value
                                + new QueueInfo(queue.uri(), null, null).problem();
                    }
                }
            }
            """;

    @Test
    void shouldBeCompiledWithoutAWarning(@TempDir Path classes) throws Exception {
        Path api = Path.of(MessageQueues.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        JavaFileObject program =
                new SimpleJavaFileObject(URI.create("string:///Program.java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreErrors) {
                        return PROGRAM;
                    }
                };
        StringWriter said = new StringWriter();
        boolean compiled = ToolProvider.getSystemJavaCompiler()
                .getTask(
                        said,
                        null,
                        null,
                        List.of("-Xlint:all", "-Werror", "-proc:none", "-d", classes + "", "-classpath", api + ""),
                        null,
                        List.of(program))
                .call();
        assertThat(said.toString()).isEmpty();
        assertThat(compiled).isTrue();
    }
}
