package dev.belfry.shm.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.InterruptedQueueException;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueAccessDeniedException;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberDisconnectedException;
import dev.belfry.api.SubscriberLoop;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.Subscribers;
import dev.belfry.shm.Disk;
import dev.belfry.shm.Inside;
import dev.belfry.shm.LivePart;
import dev.belfry.shm.layout.SlotState;
import dev.belfry.shm.segment.Machine;
import dev.belfry.testing.Call;
import dev.belfry.testing.Patience;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Readers below the ring, over a disk that gives no answer: each read of its files stands. */
@Timeout(60)
class ReadAsideTest {
    private static final QueueConfig SMALL = QueueConfig.builder()
            .capacity(4096)
            .maxCapacity(4096)
            .maxGateTime(Duration.ofHours(1))
            .build();
    private static final Duration SHORT = Duration.ofMillis(60);
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final int MESSAGES = 200; // in more windows than one
    private static int names;

    private final String name = "aside" + ProcessHandle.current().pid() + "x" + ++names;
    private final Disk disk = new Disk(true).withHistory();
    private MessageQueue queue;
    private Publisher publisher;
    private boolean hangs; // guarded by this
    private int standing; // guarded by this: of all that have stood

    @BeforeEach
    void publish() {
        queue = disk.open(Machine.real(), name, SMALL, this::step);
        publisher = queue.createPublisher();
        for (int i = 0; i < MESSAGES; i++) publisher.publish(new byte[1000]);
        disk.stepsAside = true;
    }

    @AfterEach
    void close() {
        hang(false);
        queue.close();
        LivePart.setAside(name);
    }

    /** Of the reads of others: what calls in the caller's own thread find is for other tests. */
    private synchronized void step(String call) {
        boolean isAside = Thread.currentThread().getName().equals("belfry-files-step");
        if (!call.equals("pread") || !isAside || !hangs) return;
        standing++;
        while (hangs)
            try {
                wait();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
    }

    private synchronized void hang(boolean now) {
        hangs = now;
        notifyAll();
    }

    private synchronized int standing() {
        return standing;
    }

    private Subscriber oldest() {
        return queue.createSubscriber(StartAt.OLDEST_RETAINED);
    }

    /** Of a disk that gives no answer: it has asked for the first. */
    private Subscriber waiting() {
        Subscriber subscriber = oldest();
        hang(true);
        assertThat(subscriber.receive(SHORT)).isNull();
        return subscriber;
    }

    private static void readAll(Subscriber subscriber) {
        for (long position = 1; position <= MESSAGES; position++)
            assertThat(subscriber.receive(LONG).position()).isEqualTo(position);
        assertThat(subscriber.receiveNoWait()).isNull();
    }

    @Test
    void shouldWaitNoLongerThanAskedWhenTheDiskGivesNoAnswer() {
        Subscriber subscriber = waiting();
        for (int i = 0; i < 3; i++) {
            assertThat(subscriber.receiveNoWait()).isNull();
            assertThat(subscriber.poll(message -> {}, 10, SHORT)).isZero();
        }
        assertThat(standing()).isEqualTo(1);
        Call<Message> first = new Call<>(subscriber::receive).start().untilItWaits();
        hang(false);
        assertThat(first.result().position()).isEqualTo(1);
        subscriber.seek(StartAt.OLDEST_RETAINED);
        readAll(subscriber);
    }

    @Test
    void shouldReadTheOthersOfASetWhenOneWaitsForItsDisk() {
        try (MessageQueue memory = MessageQueues.open("shm:" + name + "m");
                Subscriber healthy = memory.createSubscriber();
                Subscribers all = Subscribers.of(waiting(), healthy)) {
            Publisher other = memory.createPublisher();
            List<Subscriber> from = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                other.publish("x");
                all.poll((member, message) -> from.add(member), 1, LONG);
            }
            assertThat(from).hasSize(12).containsOnly(healthy);
            assertThat(all.poll((member, message) -> from.add(member), 1)).isZero();
            Call<Integer> next = new Call<>(() -> all.poll((member, message) -> from.add(member), 5, LONG)).start();
            next.untilItWaits();
            hang(false);
            assertThat(next.result()).isEqualTo(5);
        } finally {
            MessageQueues.delete("shm:" + name + "m");
        }
    }

    @Test
    void shouldHearAllWhenTheDiskAnswersLate() {
        List<Long> heard = new CopyOnWriteArrayList<>();
        Subscriber looped = waiting();
        Subscriber listening = waiting();
        List<Long> listened = new CopyOnWriteArrayList<>();
        listening.setListener(message -> listened.add(message.position()));
        try (SubscriberLoop loop =
                SubscriberLoop.of((member, message) -> heard.add(message.position()), null, looped)) {
            assertThat(loop.members()).containsExactly(looped);
            hang(false);
            Patience.until("all are heard", () -> heard.size() == MESSAGES && listened.size() == MESSAGES);
            assertThat(heard).isSorted();
            assertThat(listened).isSorted();
        }
    }

    /** The read ends after all else: nothing of the queue is open by then. */
    @Test
    void shouldCloseWhenTheDiskGivesNoAnswer() {
        Subscriber subscriber = waiting();
        Call<Message> receiving = new Call<>(subscriber::receive).start().untilItWaits();
        subscriber.close();
        assertThat(receiving.result()).isNull();
        assertThat(oldest().receive(SHORT)).isNull();
        queue.close();
        assertThat(standing()).isEqualTo(2);
        hang(false);
        assertThatThrownBy(queue::stats).isInstanceOf(QueueClosedException.class);
        assertThat(disk.broken).isEmpty();
    }

    @Test
    void shouldGoOnWhereItWasMovedWhenItsReadEndsLate() {
        Subscriber subscriber = waiting();
        subscriber.seek(StartAt.NOW);
        publisher.publish("new");
        assertThat(subscriber.receive(SHORT).text()).isEqualTo("new");
        subscriber.seek(StartAt.at(100));
        assertThat(subscriber.receive(SHORT)).isNull();
        subscriber.seek(StartAt.at(1));
        assertThat(subscriber.receive(SHORT)).isNull();
        assertThat(standing()).as("one read at a time").isEqualTo(1);
        subscriber.seek(StartAt.at(50));
        hang(false);
        assertThat(subscriber.receive(LONG).position()).isEqualTo(50);
        subscriber.seek(StartAt.at(1));
        assertThat(subscriber.receive(LONG).position()).isEqualTo(1);
    }

    @Test
    void shouldFindWhatIsThereWhenItsThreadIsInterrupted() {
        Subscriber subscriber = oldest();
        Thread.currentThread().interrupt();
        assertThat(subscriber.receive(SHORT).position()).isEqualTo(1);
        assertThat(Thread.interrupted()).isTrue();
        subscriber.seek(StartAt.OLDEST_RETAINED);
        hang(true);
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> subscriber.receive(LONG)).isInstanceOf(InterruptedQueueException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    /** The floor does not pass it before the disk answers. */
    @Test
    void shouldTellOneThatWaitsForItsDiskThatItWasEnded() {
        Subscriber subscriber = waiting();
        Call<Message> receiving = new Call<>(subscriber::receive).start().untilItWaits();
        long state = Inside.handle(queue).segment.slots.stateAcquire(0);
        Inside.subscriptions(queue).end(0, SlotState.incarnation(state));
        assertThatThrownBy(receiving::result).hasRootCauseInstanceOf(SubscriberDisconnectedException.class);
    }

    /** It has not read all, so that is not its end. */
    @Test
    void shouldNotEndAReadOnlyQueueWhenTheDiskGivesNoAnswer() {
        ReadOnly end = new ReadOnly(
                () -> new QueueAccessDeniedException("nothing is published"),
                () -> new QueueClosedException("all is read"));
        try (MessageQueue files = disk.openReadOnly(name + "r", SMALL, this::step, end);
                Subscriber subscriber = files.createSubscriber(SubscriberOptions.observer(StartAt.OLDEST_RETAINED))) {
            hang(true);
            for (int i = 0; i < 200; i++) assertThat(subscriber.receiveNoWait()).isNull();
            assertThat(subscriber.poll(message -> {}, 1, SHORT)).isZero();
            Call<Message> first =
                    new Call<>(() -> subscriber.receive(LONG)).start().untilItWaits();
            hang(false);
            assertThat(first.result().position()).isEqualTo(1);
            for (long position = 2; position <= MESSAGES; position++)
                assertThat(subscriber.receive(LONG).position()).isEqualTo(position);
            assertThatThrownBy(() -> subscriber.receive(LONG)).hasMessage("all is read");
        }
    }
}
