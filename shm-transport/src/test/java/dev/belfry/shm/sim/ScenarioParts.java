package dev.belfry.shm.sim;

import static dev.belfry.shm.Inside.handle;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.shm.layout.RecordHeader;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/** What scenarios begin with, and what must hold after each of them. */
final class ScenarioParts {
    static final QueueConfig SMALL = config(4096, null);
    static final QueueConfig GROWING = config(16384, null);
    static final QueueConfig IMPATIENT = config(4096, Duration.ofNanos(1));

    /** Of this length 13 messages fill the ring of {@link #SMALL}. */
    static final int LONG = 304;

    /** Bytes that a message with a timestamp takes more. */
    static final int TIMESTAMP = RecordHeader.SYSTEM_BLOCK_SIZE;

    private ScenarioParts() {}

    private static QueueConfig config(long maxCapacity, Duration maxGateTime) {
        return QueueConfig.builder()
                .capacity(4096)
                .maxCapacity(maxCapacity)
                .maxGateTime(maxGateTime)
                .build();
    }

    static void empty(Sim sim) {
        sim.preparing();
    }

    static void some(Sim sim) {
        Publisher publisher = Sim.publisher(sim.preparing());
        publish(sim, publisher, 1, 3, 200);
    }

    /** A lap later: old words lie everywhere, nobody holds the gate, and the next message must move it. */
    static void lapped(Sim sim) {
        MessageQueue queue = sim.preparing();
        Publisher publisher = Sim.publisher(queue);
        for (int i = 1; i < 30 || Sim.fits(queue, LONG); i++) sim.publish(publisher, i, LONG);
    }

    /** The same, of messages with a timestamp. */
    static void datedLapped(Sim sim) {
        MessageQueue queue = sim.preparing();
        Publisher publisher = Sim.datedPublisher(queue);
        for (int i = 1; i < 30 || Sim.fits(queue, LONG); i++) sim.publish(publisher, i, LONG - TIMESTAMP);
    }

    static Publisher publisher(Sim sim, int process) {
        return Sim.publisher(sim.open(process));
    }

    static Subscriber subscriber(Sim sim, int process) {
        return sim.open(process).createSubscriber(Sim.options().build());
    }

    /** Messages of one length, numbered from {@code first} on. */
    static void publish(Sim sim, Publisher by, int first, int count, int length) {
        for (int i = 0; i < count; i++) sim.publish(by, first + i, length);
    }

    /** Messages 1 to 13: the next one needs the gate to move. */
    static void fill(Sim sim, Publisher by) {
        publish(sim, by, 1, 13, LONG);
    }

    static Sim.Scenario scenario(
            String name,
            QueueConfig config,
            int preemptions,
            Consumer<Sim> prepare,
            Function<Sim, List<Runnable>> actors,
            Consumer<Sim> check) {
        return new Sim.Scenario(name, config, preemptions, prepare, actors, check, -1, Scheduler.Slices.END);
    }

    /** Reads so many times; there may be no message. */
    static void look(Sim sim, Subscriber subscriber, int times) {
        for (int i = 0; i < times; i++) {
            Message m = subscriber.receive(Duration.ZERO);
            if (m != null) sim.check(m);
        }
    }

    /**
     * In any case a new process publishes, and reads all that is retained. A subscriber that was
     * there goes on.
     */
    static void goesOn(Sim sim) {
        MessageQueue queue = sim.open(5);
        Subscriber there = (Subscriber) sim.noted.get("subscriber");
        if (there != null) sim.readAll(there);
        sim.publishMore(queue, 900);
        Subscriber oldest = queue.createSubscriber(
                Sim.options().startAt(StartAt.OLDEST_RETAINED).build());
        long last = sim.readAll(oldest);
        assertThat(last).isEqualTo(handle(queue).segment.header.countAcquire());
        if (there != null)
            assertThat(sim.readAll(there))
                    .as("the subscriber that joined reads to the end")
                    .isEqualTo(last);
    }
}
