package dev.belfry.shm.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.Subscriber;
import dev.belfry.testing.CaughtLog;
import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A program that forgets to close a queue holds up no other for ever. */
@Timeout(60)
@WaitsForOthers
class LeakedHandleTest {
    private static final String WARNING = "opened and never closed";

    @RegisterExtension
    private final CaughtLog log = new CaughtLog();

    private AutoCloseable held;

    private static void leak(String uri) {
        MessageQueue forgotten = MessageQueues.open(uri);
        forgotten.createSubscriber();
        forgotten.createPublisher();
    }

    @AfterEach
    void sayNoLonger() {
        System.clearProperty("belfry.leaks");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Tag("F59")
    void f59LeakedHandleIsClosedByTheCleanerAndSaidOnce(boolean saysWhere) throws Exception {
        String uri = "shm:leak-" + ProcessHandle.current().pid() + "?deleteOnLastClose=true";
        System.setProperty("belfry.leaks", String.valueOf(saysWhere));
        try (MessageQueue queue = MessageQueues.open(uri)) {
            leak(uri);
            assertThat(queue.stats().subscribers()).hasSize(1);
            Patience.until("the cleaner has closed it", () -> {
                System.gc();
                return queue.stats().subscribers().isEmpty();
            });
            queue.createPublisher().publish("nobody holds it up");
            assertThat(log.text().split(WARNING)).as("once").hasSize(2);
            assertThat(log.text().contains("belfry.leaks")).isEqualTo(!saysWhere);
            assertThat(log.text().contains("LeakedHandleTest.leak(")).isEqualTo(saysWhere);
        }
    }

    /** What nothing refers to was found after it: so it would have been found as well. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldStayOpenForAPublisherOrASubscriberAlone(boolean publishes) {
        String name = "held-" + ProcessHandle.current().pid() + publishes;
        String other = "shm:leak-" + ProcessHandle.current().pid() + "?deleteOnLastClose=true";
        held = held("shm:" + name + "?deleteOnLastClose=true", publishes);
        try (MessageQueue leaked = MessageQueues.open(other)) {
            leak(other);
            Patience.until("the cleaner has closed the other", () -> {
                System.gc();
                return leaked.stats().subscribers().isEmpty();
            });
            assertThat(log.text()).doesNotContain(name);
            useHeld();
        }
        held = null;
        Patience.until("it is closed, too", () -> {
            System.gc();
            return log.text().contains(name);
        });
    }

    /** In a frame of its own, which refers to it no longer than this. */
    private void useHeld() {
        if (held instanceof Publisher publisher) publisher.publish("still open");
        else assertThat(((Subscriber) held).receiveNoWait()).isNull();
    }

    private static AutoCloseable held(String uri, boolean publishes) {
        MessageQueue forgotten = MessageQueues.open(uri);
        return publishes ? forgotten.createPublisher() : forgotten.createSubscriber();
    }
}
