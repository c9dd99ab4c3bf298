package dev.belfry.shm.inspect;

import static dev.belfry.shm.Inside.newQueue;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.QueueStats;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.SubscriberStats;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.posix.RealLibC;
import dev.belfry.shm.segment.Machine;
import dev.belfry.shm.segment.Opening;
import dev.belfry.shm.sim.Seam;
import dev.belfry.shm.sim.Words;
import dev.belfry.spi.Finding;
import dev.belfry.spi.QueueSettings;
import dev.belfry.testing.Depth;
import dev.belfry.testing.Slow;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A queue that is closed, or a subscription that ends, at any moment of a read of all queues is no problem. */
@Timeout(120)
class ClosingWhileLookedAtTest {
    /** On a second JDK each seventh step. */
    private static final int STRIDE = Depth.pick(7, 1, 1);

    private final LibC real = RealLibC.load();
    private final String queue = "closing-" + ProcessHandle.current().pid();
    private MessageQueue open;
    private int callsUntilItCloses;

    @Test
    @Slow
    void shouldFindNoProblemWhicheverCallAQueueClosesBefore() {
        ShmInspector inspector = new ShmInspector(new Machine(closingIt(), SharedBytes.PLAIN));
        int before = 1;
        do {
            open = open(8);
            open.createSubscriber();
            open.createPublisher().publish("tick");
            callsUntilItCloses = before;
            // Not of all queues: another module's test may damage one of its own at this moment.
            assertThat(problems(inspector.diagnose(queue, false)))
                    .as("closed before call %d", before)
                    .filteredOn(f -> !f.check().equals("exists")) // it has gone
                    .isEmpty();
            open.close();
            before += STRIDE;
        } while (callsUntilItCloses <= 0);
    }

    @Slow
    @Test
    void shouldReportNothingOfASubscriptionThatEndedMeanwhile() {
        Ending ending = new Ending();
        ShmInspector inspector = new ShmInspector(new Machine(real, ending));
        int before = 1;
        open = open(1);
        do {
            open.createSubscriber(named("gone")).close();
            ending.loadsUntilItEnds = before;
            Set<String> found = new HashSet<>();
            for (Finding each : inspector.diagnose(queue, false))
                if (each.subject().equals("shm:" + queue)) found.add(each.what());
            for (SubscriberStats each : inspector.look(queue).stats().subscribers())
                found.add(String.valueOf(each.name()));
            assertThat(found).as("ended before load %d", before).isSubsetOf("nothing wrong", "gone", "null");
            before += STRIDE;
            if (ending.inItsPlace != null) ending.inItsPlace.close();
            ending.inItsPlace = null;
        } while (ending.loadsUntilItEnds <= 0);
        open.close();
        assertThat(before).isGreaterThan(100);
    }

    @Test
    void shouldSayThatThereIsNoneOfAName() {
        assertThat(problems(new ShmInspector(Machine.real()).diagnose(queue, false)))
                .extracting(Finding::check)
                .containsExactly("exists");
    }

    @Test
    void shouldTellFiguresThatWereOrRefuseWhicheverLoadTheQueueClosesBefore() {
        open = open(8);
        open.createPublisher().publish("tick");
        open.createSubscriber(StartAt.OLDEST_RETAINED);
        Closing closing = new Closing();
        int before = 1;
        do {
            closing.queue = open(8, new Machine(real, closing));
            Subscriber subscriber = closing.queue.createSubscriber(StartAt.OLDEST_RETAINED);
            closing.loadsUntilItCloses = before;
            try {
                QueueStats stats = closing.queue.stats();
                assertThat(List.of(stats.newestPosition(), (long)
                                stats.subscribers().size()))
                        .as("closed before load %d", before)
                        .isEqualTo(List.of(1L, 2L));
                assertThat(stats.counters().get("bytes"))
                        .as("closed before load %d", before)
                        .isPositive();
                assertThat(subscriber.lag()).as("closed before load %d", before).isOne();
            } catch (QueueClosedException closed) {
                // no figure
            }
            before += STRIDE;
            closing.queue.close();
        } while (closing.loadsUntilItCloses <= 0);
        open.close();
        assertThat(before).isGreaterThan(100);
    }

    /** Closes its queue before one of its loads. */
    private static final class Closing extends Seam {
        int loadsUntilItCloses;
        MessageQueue queue;

        @Override
        protected long load(Words words, long at, int size) {
            if (--loadsUntilItCloses == 0) queue.close();
            return super.load(words, at, size);
        }
    }

    private MessageQueue open(int slots) {
        return open(slots, Machine.real());
    }

    private MessageQueue open(int slots, Machine machine) {
        QueueConfig config = QueueConfig.builder().deleteOnLastClose(true).build();
        return newQueue(
                URI.create("shm:" + queue), Opening.open(machine, queue, config, QueueSettings.of(config), slots));
    }

    private List<Finding> problems(List<Finding> findings) {
        return findings.stream()
                .filter(f -> f.subject().equals("shm:" + queue) && f.level().isProblem())
                .toList();
    }

    private static SubscriberOptions named(String name) {
        return SubscriberOptions.builder().name(name).build();
    }

    /** Ends the subscription before one of its loads; another, without a name, takes its slot, the only one. */
    private final class Ending extends Seam {
        int loadsUntilItEnds;
        Subscriber inItsPlace;

        @Override
        protected long load(Words words, long at, int size) {
            if (--loadsUntilItEnds == 0) {
                open.unsubscribe("gone");
                inItsPlace = open.createSubscriber();
            }
            return super.load(words, at, size);
        }
    }

    private LibC closingIt() {
        return (LibC) Proxy.newProxyInstance(
                LibC.class.getClassLoader(), new Class<?>[] {LibC.class}, (proxy, method, arguments) -> {
                    if (!method.getName().equals("errno") && --callsUntilItCloses == 0) open.close();
                    return method.invoke(real, arguments);
                });
    }
}
