package dev.belfry.shm.inspect;

import static dev.belfry.shm.Inside.newQueue;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.Claim;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.QueueStats;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
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
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A queue that changes before any one word that an observer reads of it, or any one call: it is
 * seen as it was before or as it is after, and nothing is wrong with it.
 */
@Timeout(600)
@Slow
class ChangingWhileReadTest {
    /** The gate makes each third step, on a second JDK each seventh. */
    private static final int STRIDE = Depth.pick(7, 3, 1);

    private final LibC real = RealLibC.load();
    private final String name = "changing-" + ProcessHandle.current().pid();
    private final ExecutorService another =
            Executors.newSingleThreadExecutor(); // a call's scratch memory is its thread's
    private Runnable change;
    private int stepsUntilItChanges;

    /** The queue that is read. Only the newest one uses the name. */
    private final class Scene {
        final MessageQueue queue = open();
        final Publisher publisher = queue.createPublisher();
        Subscriber subscriber;
        Claim claim;

        Scene() {
            publish(2);
        }

        Subscriber subscribe(String as, SlowSubscriber policy) {
            SubscriberOptions.Builder options = SubscriberOptions.builder().slowSubscriber(policy);
            if (as != null) options.name(as);
            return subscriber = queue.createSubscriber(options.build());
        }

        void publish(int count) {
            for (int i = 0; i < count; i++) publisher.publish(new byte[300]);
        }
    }

    @AfterEach
    void end() {
        another.shutdownNow();
    }

    // What an observer finds wrong

    @Test
    void shouldFindNothingWhenTheLastOneClosesIt() {
        assertThat(findings(s -> s.subscribe(null, SlowSubscriber.OVERRUN), s -> s.queue.close()))
                .isEmpty();
    }

    @Test
    void shouldFindNothingWhenASubscriberLeaves() {
        assertThat(findings(s -> s.subscribe(null, SlowSubscriber.OVERRUN), s -> s.subscriber.close()))
                .isEmpty();
    }

    @Test
    void shouldFindNothingWhenAClaimEndsAndItsOwnerCloses() {
        assertThat(findings(s -> s.claim = s.publisher.claim(100), s -> {
                    s.claim.commit();
                    s.queue.close();
                }))
                .isEmpty();
    }

    // What an observer reports

    @Test
    void shouldReportOneSubscriptionOrTheOtherWhenTheyUseOneSlot() {
        assertBeforeOrAfter(
                s -> {
                    s.subscribe("old", SlowSubscriber.GATE_PUBLISHER).close();
                    s.subscribe("other", SlowSubscriber.OVERRUN);
                },
                s -> {
                    s.queue.unsubscribe("old");
                    s.subscribe("new", SlowSubscriber.DISCONNECT);
                });
    }

    @Test
    void shouldReportNoSubscriptionThatHasNeitherNameNorProcess() {
        assertBeforeOrAfter(
                s -> {
                    s.subscribe("old", SlowSubscriber.GATE_PUBLISHER).close();
                    s.subscribe("other", SlowSubscriber.OVERRUN);
                },
                s -> {
                    s.queue.unsubscribe("old");
                    s.subscribe(null, SlowSubscriber.OVERRUN);
                });
    }

    @Test
    void shouldReportNoLessThanNothingInUseWhenTheGateMoves() {
        List<Long> inUse = new ArrayList<>();
        atEachStep(
                s -> {},
                s -> s.publish(100),
                inspector -> inUse.add(inspector.look(name).stats().counters().get("inUse")));
        assertThat(inUse).allMatch(bytes -> bytes >= 0);
    }

    // The steps

    private Set<String> findings(Consumer<Scene> before, Consumer<Scene> change) {
        Set<String> found = new HashSet<>();
        atEachStep(before, change, inspector -> {
            for (Finding f : inspector.diagnose(name, false)) {
                boolean ours = f.subject().equals("shm:" + name) || f.check().equals("orphan-semaphores");
                boolean gone = f.check().equals("exists"); // and so it has
                if (ours && !gone && (f.level().isProblem() || f.repairable())) found.add(f.what());
            }
        });
        return found;
    }

    private void assertBeforeOrAfter(Consumer<Scene> before, Consumer<Scene> change) {
        Set<String> right = new HashSet<>();
        Set<String> reported = new HashSet<>();
        Scene scene = new Scene();
        before.accept(scene);
        right.addAll(subscriptions(scene.queue.stats()));
        change.accept(scene);
        right.addAll(subscriptions(scene.queue.stats()));
        scene.queue.close();
        atEachStep(
                before,
                change,
                inspector -> reported.addAll(subscriptions(inspector.look(name).stats())));
        assertThat(reported).isEqualTo(right);
    }

    private static List<String> subscriptions(QueueStats stats) {
        return stats.subscribers().stream()
                .map(s -> s.toString().replaceAll("aloneSinceMillis=\\d+", "aloneSinceMillis"))
                .toList();
    }

    private void atEachStep(Consumer<Scene> before, Consumer<Scene> changes, Consumer<ShmInspector> read) {
        ShmInspector inspector = new ShmInspector(new Machine(counted(), new Counted()));
        int steps = 1 - STRIDE;
        do {
            Scene scene = new Scene();
            change = () -> changes.accept(scene);
            try {
                inAnother(() -> before.accept(scene));
                stepsUntilItChanges = steps += STRIDE;
                read.accept(inspector);
            } finally {
                scene.queue.close();
            }
        } while (stepsUntilItChanges <= 0);
        assertThat(steps).as("steps of one read").isGreaterThan(100);
    }

    private void step() {
        if (--stepsUntilItChanges == 0) inAnother(change);
    }

    private void inAnother(Runnable what) {
        try {
            another.submit(what).get();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private final class Counted extends Seam {
        @Override
        protected long load(Words words, long at, int size) {
            step();
            return super.load(words, at, size);
        }
    }

    private LibC counted() {
        return (LibC) Proxy.newProxyInstance(
                LibC.class.getClassLoader(), new Class<?>[] {LibC.class}, (proxy, method, arguments) -> {
                    if (!method.getName().equals("errno")) step();
                    return method.invoke(real, arguments);
                });
    }

    private MessageQueue open() {
        QueueConfig config = QueueConfig.builder()
                .deleteOnLastClose(true)
                .capacity(4096)
                .maxCapacity(4096)
                .build();
        return newQueue(
                URI.create("shm:" + name), Opening.open(Machine.real(), name, config, QueueSettings.of(config), 2));
    }
}
