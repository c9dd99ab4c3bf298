package dev.belfry.shm.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.WaitsForOthers;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import jdk.jfr.Event;
import jdk.jfr.Recording;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** No event costs what it tells of. */
@Timeout(60)
class EventsTest {
    private static Error thrown;

    private static final class Failing extends Events {
        @Override
        Object begin(Kind kind) {
            throw thrown;
        }

        @Override
        void end(Object span, String queue, long number, String text) {
            throw thrown;
        }

        @Override
        void tell(Kind kind, String queue, long number, long second, String text) {
            throw thrown;
        }
    }

    static Stream<Error> errors() {
        return Stream.of(
                new OutOfMemoryError(), new StackOverflowError(), new NoClassDefFoundError(), new InternalError());
    }

    @ParameterizedTest
    @MethodSource("errors")
    void shouldThrowNothing(Error error) throws Exception {
        thrown = error;
        Events events = new Failing();
        int methods = 0;
        for (Method method : Events.class.getDeclaredMethods()) {
            if (!Modifier.isPublic(method.getModifiers())) continue;
            Object result = method.invoke(
                    events,
                    Arrays.stream(method.getParameterTypes())
                            .map(type -> type == long.class ? (Object) 1L : type == int.class ? (Object) 1 : "x")
                            .toArray());
            assertThat(result).as(method.getName()).isNull();
            methods++;
        }
        assertThat(methods).isEqualTo(10);
    }

    @Test
    void shouldThrowAFaultOfMemoryThatCameLate() {
        thrown = new InternalError("a fault occurred in a recent unsafe memory access operation in compiled Java code");
        Events events = new Failing();
        assertThatThrownBy(events::parking).isSameAs(thrown);
        assertThatThrownBy(() -> events.parked("x", "x", 1)).isSameAs(thrown);
        assertThatThrownBy(() -> events.grew("x", 1)).isSameAs(thrown);
    }

    /** A class whose initializer meets the end of the memory is unusable for as long as the JVM lives. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @WaitsForOthers
    void shouldHaveItsClassesWhenAQueueIsOpenIfTheyAreRecorded(boolean recorded, @TempDir Path directory)
            throws Exception {
        Path log = directory.resolve("log");
        try (ChildJvm child = JavaCommand.of(
                        Opens.class, "events-" + ProcessHandle.current().pid(), "" + recorded)
                .flags(JavaCommand.QUICK)
                .flags(List.of("-Xlog:class+init=info:file=" + log))
                .start()) {
            assertThat(child.line()).isEqualTo("opened");
            String initialized = Files.readString(log).replace('/', '.');
            for (Class<?> event : Events.class.getDeclaredClasses())
                if (Event.class.isAssignableFrom(event))
                    assertThat(initialized.contains("Initializing '" + event.getName() + "'"))
                            .as(event.getName())
                            .isEqualTo(recorded);
            child.tell("end");
            child.awaitEnd();
        }
    }

    /** Opens a queue of this name, and is told when to end. */
    static final class Opens {
        public static void main(String[] args) throws IOException {
            if (args[1].equals("true")) new Recording().start();
            try (MessageQueue queue = MessageQueues.open("shm:" + args[0] + "?deleteOnLastClose=true")) {
                System.out.println("opened");
                System.in.read();
                assertThat(queue.uri()).isNotNull();
            }
        }
    }
}
