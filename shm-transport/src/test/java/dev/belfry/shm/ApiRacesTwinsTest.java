package dev.belfry.shm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.QueueInfo;
import dev.belfry.api.Subscriber;
import dev.belfry.conformance.ApiStatesSuite;
import dev.belfry.conformance.TransportFixture;
import dev.belfry.shm.posix.Isolated;
import dev.belfry.testing.ByTurns;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patched;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Planted;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/** The table of methods and states, against products that have one defect each: its tests have to report it. */
@Tag("T11")
@WaitsForOthers
@Timeout(120)
@ExtendWith(Quiet.Always.class)
@Slow
@OneJdk
@ByTurns
class ApiRacesTwinsTest {
    private static final String QUEUE = "b46EveryMethodOfAQueue";
    private static final String SUBSCRIBER = "b46EveryMethodOfASubscriber";

    /** A queue's close, its first step and its last. */
    private static final String DRAIN = "closeQuietly(() -> SubscriberSupport.closeAll(subscribers));";

    private static final String GIVE_BACK_FIRST = "Leaving.leave(handle); " + DRAIN;
    private static final String COVER = "long mapped = c.mmap(address, length, PROT_READ | PROT_WRITE, flags, -1, 0);";
    private static final String UNMAP = "long mapped = c.munmap(address, length);";

    enum Defect {
        CLOSE_GIVES_THE_MEMORY_BACK_BEFORE_IT_DRAINS(
                QUEUE, "Expected a result, but it threw dev.belfry.api.QueueClosedException"),
        A_SUBSCRIBER_IN_USE_SAYS_SOMETHING_ELSE(SUBSCRIBER, "Subscriber.receive() when BUSY: expected busy, but it"),
        CLOSED_GOES_UNNOTICED(QUEUE, "MessageQueue.stats() when CLOSING: expected closed, but it returned"),
        A_METHOD_WITHOUT_A_ROW(SUBSCRIBER, "methods without a row [state()]");

        final String check;
        final String said;

        Defect(String check, String said) {
            this.check = check;
            this.said = said;
        }

        Patched patched() {
            return switch (this) {
                case CLOSE_GIVES_THE_MEMORY_BACK_BEFORE_IT_DRAINS -> Patched.in(ShmQueue.class, DRAIN, GIVE_BACK_FIRST);
                case A_SUBSCRIBER_IN_USE_SAYS_SOMETHING_ELSE ->
                    Patched.in("Use", "throw new ConcurrentModificationException(", "throw new IllegalStateException(");
                case CLOSED_GOES_UNNOTICED ->
                    Patched.in("Attached", "if (closed) throw Errors.closed(\"Queue '\" + uri + \"'\");", "");
                case A_METHOD_WITHOUT_A_ROW ->
                    Patched.in("ApiStates", "state() ok ok ok ok ok ok ok close()", "close()");
            };
        }
    }

    /** What the kit's suite runs against. */
    @Planted
    static final class States extends ApiStatesSuite implements TransportFixture {
        @Override
        public String scheme() {
            return "shm";
        }
    }

    /** One test of theirs; throws the first thing that it has found. */
    static final class Check implements Consumer<String> {
        @Override
        public void accept(String test) {
            SummaryGeneratingListener listener = new SummaryGeneratingListener();
            LauncherFactory.create()
                    .execute(
                            LauncherDiscoveryRequestBuilder.request()
                                    .selectors(selectMethod(States.class, test))
                                    .configurationParameter(Planted.TWIN, "true")
                                    .build(),
                            listener);
            listener.getSummary().getFailures().forEach(f -> {
                throw new AssertionError(test + ": " + f.getException().getMessage(), f.getException());
            });
            assertThat(listener.getSummary().getTestsSucceededCount()).as(test).isOne();
        }

        public static void main(String[] args) {
            new Check().accept(args[0]);
        }
    }

    /** Keeps what a view has shown, over the close of its queue: a late read finds zeros. */
    static final class Keeps {
        public static void main(String[] args) {
            String uri = "shm:kit-" + ProcessHandle.current().pid() + "-kept?deleteOnLastClose=true";
            List<ByteBuffer> kept = new ArrayList<>();
            try (MessageQueue queue = MessageQueues.open(uri);
                    Subscriber subscriber = queue.createSubscriber()) {
                queue.createPublisher().publish("a message");
                subscriber.poll(view -> kept.add(view.buffer()), 1, Patience.limit());
                assertThat(kept.get(0).get(0)).isEqualTo((byte) 'a');
            }
            assertThat(kept.get(0).get(0)).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldFindTheDefect(Defect defect) {
        try (Patched twin = defect.patched()) {
            twin.directory();
            assertThatThrownBy(() -> twin.run(Check.class, defect.check)).hasMessageContaining(defect.said);
        } finally {
            removeWhatIsLeftOf(ProcessHandle.current().pid());
        }
    }

    /** Without a defect they find nothing, run in the same way. */
    @Test
    void shouldFindNothingInTheProduct() {
        assertThatCode(() -> new Check().accept(QUEUE)).doesNotThrowAnyException();
        Keeps.main(new String[0]);
    }

    /** Memory that is really gone ends the JVM where somebody is still inside: in a child. */
    @Test
    void shouldFindThatCloseUnmapsBeforeItDrains() throws Exception {
        try (Patched twin = Patched.in(ShmQueue.class, DRAIN, GIVE_BACK_FIRST).and("Mapping", COVER, UNMAP)) {
            assertThat(lastWordsOf(twin, Isolated.command(Check.class, QUEUE)))
                    .anyMatch(line -> line.contains("SIGSEGV"));
        }
    }

    /** Or where a buffer was kept: a view has ended with its handler. */
    @Test
    void shouldFindThatCloseUnmapsWhatSomebodyKept() throws Exception {
        try (Patched twin = Patched.in("Mapping", COVER, UNMAP)) {
            assertThat(lastWordsOf(twin, Isolated.command(Keeps.class))).anyMatch(line -> line.contains("SIGSEGV"));
        }
    }

    private static List<String> lastWordsOf(Patched twin, JavaCommand command) throws Exception {
        try (ChildJvm child = command.classPath(twin.classPath()).start()) {
            List<String> lines = child.rest();
            removeWhatIsLeftOf(child.pid());
            return lines;
        }
    }

    /** Queues of the kit's, which are named after their process. */
    private static void removeWhatIsLeftOf(long pid) {
        for (QueueInfo queue : MessageQueues.list("shm"))
            if (queue.uri().getSchemeSpecificPart().startsWith("kit-" + pid + "-")) MessageQueues.delete(queue.uri());
    }
}
