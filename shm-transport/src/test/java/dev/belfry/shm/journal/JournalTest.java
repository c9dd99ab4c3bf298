package dev.belfry.shm.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.AckMode;
import dev.belfry.api.Batch;
import dev.belfry.api.IncompatibleQueueException;
import dev.belfry.api.JournalFailedException;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.QueueCorruptedException;
import dev.belfry.api.QueueFullException;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.Disk;
import dev.belfry.shm.Inside;
import dev.belfry.shm.LivePart;
import dev.belfry.shm.inspect.ShmInspector;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.layout.Slots;
import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.posix.RealLibC;
import dev.belfry.shm.segment.Leaving;
import dev.belfry.shm.segment.Machine;
import dev.belfry.testing.Patience;
import java.io.RandomAccessFile;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A queue whose log lies in files, over a disk of the test. */
@Timeout(120)
class JournalTest {
    private static final QueueConfig SMALL =
            QueueConfig.builder().capacity(4096).maxCapacity(4096).build();
    private static final QueueConfig GROWING =
            QueueConfig.builder().capacity(4096).maxCapacity(65536).build();
    private static final Consumer<String> NOTHING = step -> {};
    private static int names;

    private final String name = "journal" + ProcessHandle.current().pid() + "x" + ++names;
    private final List<MessageQueue> open = new CopyOnWriteArrayList<>();
    private final List<Stop> stops = new ArrayList<>();

    @AfterEach
    void close() {
        stops.forEach(Stop::goOn);
        open.forEach(MessageQueue::close);
        LivePart.setAside(name);
    }

    /** Of a product that is known to be broken: its close may wait for ever. */
    void abandon() {
        for (MessageQueue queue : open) Leaving.leave(Inside.handle(queue));
        LivePart.setAside(name);
    }

    private MessageQueue open(Disk disk, QueueConfig config, Consumer<String> step) {
        disk.isWatched = true;
        MessageQueue queue = disk.open(Machine.real(), name, config, step);
        open.add(queue);
        return queue;
    }

    private MessageQueue open(Disk disk, QueueConfig config) {
        return open(disk, config, NOTHING);
    }

    private static ByteBuffer body(long number, int length) {
        ByteBuffer body = ByteBuffer.allocate(length);
        for (int at = 0; at < length; at++) body.put(at, (byte) (number * 31 + at));
        return body.putLong(0, number);
    }

    private static void check(Message message, long number) {
        assertThat(message).as("message " + number).isNotNull();
        ByteBuffer body = ByteBuffer.wrap(message.bytes());
        assertThat(body.getLong(0)).isEqualTo(number);
        assertThat(message.bytes())
                .isEqualTo(body(number, message.bytes().length).array());
    }

    private static Subscriber oldest(MessageQueue queue) {
        return queue.createSubscriber(
                SubscriberOptions.builder().startAt(StartAt.OLDEST_RETAINED).build());
    }

    /** Of its part in memory that nobody has open: its directory is on a disk that hangs. */
    @Test
    void shouldTellWhatIsLeftOverWithoutWaitingForItsDisk(@TempDir Path temporary) {
        Disk disk = new Disk(true);
        disk.directory = temporary.toString();
        open(disk, SMALL).close();
        CountDownLatch goesOn = new CountDownLatch(1);
        AtomicInteger inside = new AtomicInteger();
        LibC real = RealLibC.load();
        LibC hung = (LibC) Proxy.newProxyInstance(
                LibC.class.getClassLoader(), new Class<?>[] {LibC.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("statx") && arguments[1].equals(temporary + "/queue")) {
                        inside.incrementAndGet();
                        goesOn.await();
                    }
                    return method.invoke(real, arguments);
                });
        ShmInspector inspector = new ShmInspector(new Machine(hung, SharedBytes.PLAIN));
        for (int i = 0; i < 3; i++)
            assertThat(inspector.leftOvers()).noneMatch(one -> one.subject().contains(name));
        goesOn.countDown();
        assertThat(inside).as("threads in the disk").hasValue(1);
    }

    @Test
    void shouldReturnWhenTheDiskHasIt() {
        Disk disk = new Disk(true);
        Publisher publisher = open(disk, SMALL).createPublisher();
        Subscriber subscriber = open(disk, SMALL).createSubscriber();
        for (int i = 1; i <= 200; i++) {
            long position = publisher.publish(body(i, 8 + i * 7 % 900));
            assertThat(disk.survives()).isEqualTo(position);
            check(subscriber.receive(Patience.limit()), i);
        }
        assertThat(disk.broken).isEmpty();
    }

    @Test
    void shouldShowNothingBeforeTheDiskHasIt() throws InterruptedException {
        Disk disk = new Disk(true);
        CountDownLatch atTheSync = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        MessageQueue publishing = open(disk, SMALL, step -> {
            if (!step.equals("sync")) return;
            atTheSync.countDown();
            await(goOn);
        });
        MessageQueue reading = open(disk, SMALL);
        Subscriber inPlace = reading.createSubscriber();
        Subscriber observer = reading.createSubscriber(SubscriberOptions.builder()
                .slowSubscriber(dev.belfry.api.SlowSubscriber.OVERRUN)
                .build());
        Publisher publisher = publishing.createPublisher();
        Thread thread = new Thread(() -> publisher.publish(body(1, 100)));
        thread.start();
        atTheSync.await();
        assertThat(inPlace.receive(Duration.ofMillis(50))).isNull();
        assertThat(observer.receive(Duration.ofMillis(50))).isNull();
        for (int i = 0; i < 200; i++)
            assertThat(inPlace.receive(Duration.ZERO)).isNull(); // looks at the tail now and then
        goOn.countDown();
        check(inPlace.receive(Patience.limit()), 1);
        check(observer.receive(Patience.limit()), 1);
        thread.join();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void shouldSyncOnceForAllThatWait() throws InterruptedException {
        Disk disk = new Disk(true);
        Stop syncing = new Stop("sync");
        MessageQueue queue = unwatched(disk, syncing);
        int before = disk.syncs;
        List<Thread> threads = new ArrayList<>();
        threads.add(publishes(queue, body(1, 64)));
        syncing.await();
        for (int i = 2; i <= 8; i++) threads.add(publishes(queue, body(i, 64)));
        Patience.until("all are published", () -> queue.stats().newestPosition() == 8);
        syncing.goOn();
        for (Thread thread : threads) thread.join();
        assertThat(disk.survives()).isEqualTo(8);
        assertThat(disk.syncs - before).isEqualTo(2);
        assertThat(disk.broken).isEmpty();
    }

    @Test
    void shouldSyncOnceForMany() throws InterruptedException {
        Disk disk = new Disk(true);
        MessageQueue queue = open(disk, GROWING, step -> {
            if (step.equals("sync")) LockSupport.parkNanos(300_000);
        });
        List<Thread> threads = new ArrayList<>();
        int each = 100;
        for (int t = 0; t < 8; t++) {
            Publisher publisher = queue.createPublisher();
            Thread thread = new Thread(() -> {
                for (int i = 1; i <= each; i++) publisher.publish(body(i, 64));
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) thread.join();
        assertThat(disk.survives()).isEqualTo(8 * each);
        assertThat(disk.syncs).isLessThanOrEqualTo(8 * each / 2);
        assertThat(disk.broken).isEmpty();
    }

    /** A ring that is full of what publishers left that died before their sync: who finds no room leads. */
    @Test
    void shouldLeadWhereThereIsNoRoom() {
        Disk disk = new Disk(true); // and no keeper, which would lead instead
        MessageQueue dead = unwatched(disk, step -> {
            if (step.equals("open")) throw new AssertionError("ends here");
        });
        Publisher dying = dead.createPublisher();
        int left = 0;
        for (int i = 1; i <= 9; i++) {
            int number = i;
            assertThatThrownBy(() -> dying.publish(body(number, 400))).hasMessage("ends here");
            left++;
        }
        assertThat(disk.survives()).isZero();
        Publisher publisher = unwatched(disk, NOTHING).createPublisher();
        assertThat(publisher.offer(body(10, 400), Duration.ZERO)).isEqualTo(left + 1);
        assertThat(disk.survives()).isEqualTo(left + 1);
    }

    @Test
    void shouldLeadBesideALeaderThatIsHeldUp() throws InterruptedException {
        Disk disk = new Disk(true);
        CountDownLatch stopped = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        MessageQueue first = open(disk, SMALL, step -> {
            if (!step.equals("write")) return;
            stopped.countDown();
            await(goOn);
        });
        MessageQueue second = open(disk, SMALL);
        Publisher held = first.createPublisher();
        Thread thread = new Thread(() -> held.publish(body(1, 100)));
        thread.start();
        stopped.await();
        Publisher publisher = second.createPublisher();
        Subscriber reader = oldest(second);
        for (int i = 2; i <= 60; i++) { // some laps
            publisher.publish(body(i, 300));
            check(reader.receive(Patience.limit()), i - 1);
        }
        goOn.countDown();
        thread.join();
        assertThat(disk.survives()).isEqualTo(60);
        assertThat(publisher.publish(body(61, 300))).isEqualTo(61);
        assertThat(disk.survives()).isEqualTo(61);
        assertThat(disk.broken).isEmpty();
    }

    @Test
    void shouldWriteNothingOfAQueueThatWasClosedMeanwhile() throws InterruptedException {
        Disk disk = new Disk(true);
        CountDownLatch stopped = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicInteger opened = new AtomicInteger();
        MessageQueue first = open(disk, SMALL, step -> {
            if (!step.equals("open") || opened.incrementAndGet() != 1) return;
            stopped.countDown();
            await(goOn);
        });
        MessageQueue second = open(disk, SMALL);
        Publisher held = first.createPublisher();
        List<Throwable> thrown = new ArrayList<>();
        Thread thread = new Thread(() -> {
            try {
                held.publish(body(1, 100));
            } catch (Throwable failure) {
                thrown.add(failure);
            }
        });
        thread.start();
        stopped.await();
        Leaving.leave(Inside.handle(first)); // as its close, which would wait for the disk
        Publisher publisher = second.createPublisher();
        for (int i = 2; i <= 20; i++) publisher.publish(body(i, 300));
        goOn.countDown();
        thread.join();
        assertThat(thrown).singleElement().asString().contains("not known to be durable");
        assertThat(disk.survives()).isEqualTo(20);
        assertThat(disk.broken).isEmpty();
    }

    @Test
    void shouldWriteWhatItHasCopiedThoughTheQueueIsClosedMeanwhile() throws InterruptedException {
        Disk disk = new Disk(true);
        Stop writing = new Stop("write");
        MessageQueue closing = unwatched(disk, writing);
        Publisher publisher = unwatched(disk, NOTHING).createPublisher();
        Thread held = publishes(closing, body(1, 100));
        writing.await();
        Leaving.leave(Inside.handle(closing)); // as its close, which would wait for the disk
        for (int i = 2; i <= 20; i++) publisher.publish(body(i, 300));
        writing.goOn(held);
        assertThat(disk.survives()).isEqualTo(20);
        assertThat(disk.broken).isEmpty();
    }

    /** It has died between what it raised and the wake-ups: the bit stands for a subscriber that sleeps. */
    @Test
    void shouldWakeThoseThatADeadLeaderHasNotWoken() throws InterruptedException {
        Disk disk = new Disk(true);
        Stop syncing = new Stop("sync");
        MessageQueue dying = unwatched(disk, syncing);
        MessageQueue other = unwatched(disk, NOTHING);
        Subscriber sleeps = other.createSubscriber();
        Thread leads = publishes(dying, body(1, 100));
        syncing.await();
        SegmentHeader header = Inside.handle(other).segment.header;
        Inside.handle(other).segment.journal.raiseCopied(header.tailAcquire());
        header.bytes().putLong(SegmentHeader.SLEEPERS, 1);
        header.bytes().putInt(SegmentHeader.ASLEEP, 1);
        Leaving.leave(Inside.handle(dying));
        assertThat(other.createPublisher().awaitDurable(1, Patience.limit())).isTrue();
        assertThat(other.stats().counters().get("wakeUps")).isEqualTo(1);
        check(sleeps.receive(Duration.ZERO), 1);
        syncing.goOn(leads);
    }

    private static Thread publishes(MessageQueue queue, ByteBuffer body) {
        Publisher publisher = queue.createPublisher();
        Thread thread = new Thread(() -> {
            try {
                publisher.publish(body);
            } catch (QueueClosedException meanwhile) {
                // as it is meant to
            }
        });
        thread.start();
        return thread;
    }

    @Test
    void shouldEndForAllWhenASyncFails() {
        Disk disk = new Disk(true);
        MessageQueue first = open(disk, SMALL);
        MessageQueue second = open(disk, SMALL);
        Publisher publisher = first.createPublisher();
        Publisher other = second.createPublisher();
        Subscriber subscriber = second.createSubscriber();
        publisher.publish(body(1, 100));
        check(subscriber.receive(Patience.limit()), 1);
        disk.errno = Disk.eio();
        assertThatThrownBy(() -> publisher.publish(body(2, 100)))
                .isInstanceOf(JournalFailedException.class)
                .hasMessageContaining("EIO")
                .hasMessageContaining("/disk");
        disk.errno = 0;
        assertThatThrownBy(() -> other.publish(body(3, 100))).isInstanceOf(JournalFailedException.class);
        assertThatThrownBy(() -> publisher.publish(body(4, 100))).isInstanceOf(JournalFailedException.class);
        assertThatThrownBy(() -> subscriber.receive(Duration.ZERO)).isInstanceOf(JournalFailedException.class);
        first.close();
        second.close();
        LivePart.setAside(name);
        Publisher again = open(disk, SMALL).createPublisher();
        again.publish(body(5, 100));
    }

    /** It happens while a long message is copied, in most rounds. */
    @Test
    void shouldSayThatItsDiskFailedWhereThatIsInTheMiddleOfAPublish() throws InterruptedException {
        QueueConfig wide =
                QueueConfig.builder().capacity(32 << 20).maxCapacity(32 << 20).build();
        ByteBuffer longBody = ByteBuffer.allocate(7 << 20);
        for (int round = 0; round < 10; round++) {
            Disk disk = new Disk(true);
            Stop syncing = new Stop("sync");
            MessageQueue queue = unwatched(disk, wide, syncing);
            Publisher first = queue.createPublisher();
            Publisher second = queue.createPublisher();
            disk.errno = Disk.eio();
            Thread leading = new Thread(() ->
                    assertThatThrownBy(() -> first.publish(body(1, 64))).isInstanceOf(JournalFailedException.class));
            leading.start();
            syncing.await();
            syncing.goOn();
            assertThatThrownBy(() -> second.publish(longBody.duplicate())).isInstanceOf(JournalFailedException.class);
            leading.join();
            queue.close();
            LivePart.setAside(name);
        }
    }

    @Test
    void shouldBeginAgainWithWhatTheDiskHas() {
        Disk disk = new Disk(true);
        MessageQueue queue = open(disk, GROWING);
        Publisher publisher = queue.createPublisher();
        Subscriber named = queue.createSubscriber(SubscriberOptions.builder()
                .name("audit")
                .startAt(StartAt.OLDEST_RETAINED)
                .build());
        for (int i = 1; i <= 100; i++) publisher.publish(body(i, 300)); // it grows
        for (int i = 1; i <= 30; i++) check(named.receive(Patience.limit()), i);
        queue.close();
        assertThat(disk.places().named()).hasSize(1);
        assertThat(disk.places().named().get(0).acknowledged().position()).isBetween(30L, 31L);
        for (int life = 0; life < 3; life++) {
            disk.losePower(Machine.real(), name);
            MessageQueue again = open(disk, GROWING);
            Publisher next = again.createPublisher();
            assertThat(next.publish(body(101 + life, 300))).isEqualTo(101 + life);
            Subscriber audit = again.createSubscriber(
                    SubscriberOptions.builder().name("audit").build());
            long from = disk.places().named().get(0).acknowledged().position();
            for (long i = from; i <= 101 + life; i++) {
                long number = i;
                boolean given = i <= 100 + life;
                int got = audit.poll(
                        view -> {
                            assertThat(view.position()).isEqualTo(number);
                            assertThat(view.redelivered())
                                    .as("message " + number)
                                    .isEqualTo(given);
                            check(view.copy(), number);
                        },
                        1,
                        Patience.limit());
                assertThat(got).isEqualTo(1);
                if (i == from + 5) break;
            }
            audit.close();
            again.close();
        }
        assertThat(disk.broken).isEmpty();
    }

    /** What is published is not published again: no refusal but the end of the queue comes out of the wait. */
    @Test
    void shouldWaitWhereTheFilesCannotBeOpened() {
        Disk disk = new Disk(true);
        AtomicInteger refusals = new AtomicInteger();
        Publisher publisher = open(disk, SMALL, step -> {
                    if (step.equals("open") && refusals.incrementAndGet() <= 3)
                        throw new IllegalStateException("no descriptor left");
                })
                .createPublisher();
        assertThat(publisher.publish(body(1, 100))).isEqualTo(1);
        assertThat(disk.survives()).isEqualTo(1);
    }

    /** An interrupt, which does not end the wait, makes no thread ask again and again without a rest. */
    @Test
    void shouldRestBetweenItsTriesThoughItIsInterrupted() throws InterruptedException {
        Disk disk = new Disk(true);
        AtomicInteger refusals = new AtomicInteger();
        CountDownLatch mayOpen = new CountDownLatch(1);
        Publisher publisher = unwatched(disk, step -> {
                    if (!step.equals("open") || mayOpen.getCount() == 0) return;
                    refusals.incrementAndGet();
                    throw new IllegalStateException("no descriptor left");
                })
                .createPublisher();
        Thread thread = new Thread(() -> {
            Thread.currentThread().interrupt();
            publisher.publish(body(1, 100));
        });
        thread.start();
        Patience.until("it has tried", () -> refusals.get() > 1);
        long before = System.nanoTime();
        int first = refusals.get();
        Thread.sleep(200); // ten slices, or more on a busy machine
        int tries = refusals.get() - first;
        long slices = (System.nanoTime() - before) / 20_000_000;
        mayOpen.countDown();
        assertThat((long) tries).isLessThan(6 * slices);
        thread.join();
        assertThat(disk.survives()).isEqualTo(1);
    }

    @Test
    void shouldNotCallPublishedWhatIsNot() {
        Disk disk = new Disk(true);
        QueueConfig large =
                QueueConfig.builder().capacity(131072).maxCapacity(131072).build();
        List<MessageQueue> leaving = new ArrayList<>();
        MessageQueue queue = disk.open(Machine.real(), name, large, step -> {
            if (step.equals("make")) leaving.forEach(each -> Leaving.leave(Inside.handle(each)));
        });
        open.add(queue);
        Publisher publisher = queue.createPublisher();
        for (int i = 1; i <= 3; i++) publisher.publish(body(i, 16_000));
        leaving.add(queue);
        assertThatThrownBy(() -> publisher.publish(body(4, 18_000)))
                .isInstanceOf(QueueClosedException.class)
                .hasMessage("Queue 'file:/" + name + "' is closed. Open or create it again.");
    }

    @Test
    void shouldStartAtAMessageAfterOneThatTheDiskHasNotYet() throws InterruptedException {
        Disk disk = new Disk(true);
        Stop syncing = new Stop("sync");
        Publisher publisher = unwatched(disk, syncing).createPublisher();
        MessageQueue queue = unwatched(disk, NOTHING);
        Thread thread = new Thread(() -> publisher.publish(body(1, 100)));
        thread.start();
        syncing.await();
        Subscriber subscriber = queue.createSubscriber(
                SubscriberOptions.builder().startAt(StartAt.at(2)).build());
        assertThat(disk.survives()).isEqualTo(1);
        syncing.goOn(thread);
        publisher.publish(body(2, 100));
        check(subscriber.receive(Patience.limit()), 2);
    }

    @Test
    void shouldNameTheQueueWhoseLogDoesNotFitIntoItsRing() {
        Disk disk = new Disk(true);
        MessageQueue queue = open(disk, GROWING);
        queue.createSubscriber(SubscriberOptions.builder()
                .name("lags")
                .startAt(StartAt.OLDEST_RETAINED)
                .build());
        Publisher publisher = queue.createPublisher();
        for (int i = 1; i <= 100; i++) publisher.publish(body(i, 300));
        queue.close();
        disk.losePower(Machine.real(), name);
        assertThatThrownBy(() -> open(disk, SMALL))
                .isInstanceOf(QueueCorruptedException.class)
                .hasMessageContaining("'file:/" + name + "' is damaged: its log from ")
                .hasMessageContaining("is longer than a ring of 4096");
    }

    @Test
    void shouldNotMissAFileThatIsGoneBecauseOthersLed() throws InterruptedException {
        Disk disk = new Disk(true);
        CountDownLatch stopped = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicInteger opened = new AtomicInteger();
        MessageQueue first = open(disk, SMALL, step -> {
            if (!step.equals("open") || opened.incrementAndGet() != 1) return;
            stopped.countDown();
            await(goOn);
        });
        Publisher held = first.createPublisher();
        List<Throwable> thrown = new ArrayList<>();
        Thread thread = new Thread(() -> {
            try {
                held.publish(body(1, 100));
            } catch (Throwable failure) {
                thrown.add(failure);
            }
        });
        thread.start();
        stopped.await();
        Publisher publisher = open(disk, SMALL).createPublisher();
        for (int i = 2; i <= 40; i++) publisher.publish(body(i, 300));
        disk.removedBelow = 4096;
        goOn.countDown();
        thread.join();
        assertThat(thrown).isEmpty();
        assertThat(disk.survives()).isEqualTo(40);
    }

    @Test
    void shouldKeepANamedSubscriptionAtOnce() {
        Disk disk = new Disk(true);
        MessageQueue queue = disk.open(Machine.real(), name, SMALL, NOTHING); // is not watched
        open.add(queue);
        Publisher publisher = queue.createPublisher();
        publisher.publish(body(1, 100));
        queue.createSubscriber(SubscriberOptions.builder().name("audit").build());
        assertThat(disk.places().named()).singleElement().satisfies(named -> {
            assertThat(named.name()).isEqualTo("audit");
            assertThat(named.acknowledged().position()).isEqualTo(2);
        });
        queue.createSubscriber(SubscriberOptions.builder().name("other").build())
                .close();
        assertThat(disk.places().named()).hasSize(2);
        assertThat(queue.unsubscribe("other")).isTrue();
        assertThat(disk.places().named()).hasSize(1);
    }

    /** Some messages end in the next window, and some are longer than one. */
    @Test
    void shouldReadMoreThanAWindowHas() {
        Disk disk = new Disk(false);
        disk.slots = 6;
        MessageQueue queue = open(
                disk,
                QueueConfig.builder().capacity(1 << 19).maxCapacity(1 << 19).build());
        Publisher publisher = queue.createPublisher();
        List<Subscriber> subscribers = new ArrayList<>();
        for (SlowSubscriber slow : SlowSubscriber.values())
            for (int twice = 0; twice < 2; twice++)
                subscribers.add(queue.createSubscriber(
                        SubscriberOptions.builder().slowSubscriber(slow).build()));
        int last = 300;
        for (int i = 1; i <= last; i++) publisher.publish(body(i, i % 100 == 50 ? 70_000 : 8 + i * 37 % 1800));
        for (int reads = 0; reads < subscribers.size(); reads++) {
            Subscriber subscriber = subscribers.get(reads);
            long[] next = {1};
            if (reads % 2 == 0) while (next[0] <= last) check(subscriber.receive(Patience.limit()), next[0]++);
            else while (next[0] <= last) subscriber.poll(view -> check(view.copy(), next[0]++), 70, Patience.limit());
            assertThat(subscriber.receive(Duration.ZERO)).isNull();
            assertThat(subscriber.lostCount()).isZero();
        }
        assertThat(disk.broken).isEmpty();
    }

    /** A seek, and an acknowledgement, whose process was killed between the two stores of its place. */
    @Test
    void shouldTakeThePositionOfAPlaceFromItsRecord() {
        Disk disk = new Disk(true);
        long before = 5L << 24;
        disk.beginsAt(before + 1);
        MessageQueue queue = open(disk, SMALL);
        Publisher publisher = queue.createPublisher();
        SubscriberOptions audit = SubscriberOptions.builder()
                .name("audit")
                .startAt(StartAt.OLDEST_RETAINED)
                .build();
        for (int i = 1; i <= 20; i++) publisher.publish(body(i, 100));
        Slots slots = Inside.handle(queue).segment.slots;
        int next = 1;
        for (long off : new long[] {0, 1, 1L << 24, 3L << 24}) {
            Subscriber named = queue.createSubscriber(audit);
            for (int end = next + 3; next < end; next++) {
                Message got = named.receive(Patience.limit());
                check(got, next);
                assertThat(got.position()).isEqualTo(before + next);
            }
            named.close();
            int slot = 0;
            while (!"audit".equals(slots.name(slot))) slot++;
            slots.ackPosRelease(slot, slots.ackPosAcquire(slot) - off);
            queue.createSubscriber(SubscriberOptions.builder().name("other").build())
                    .close(); // places are kept
            assertThat(disk.places().named())
                    .filteredOn(place -> place.name().equals("audit"))
                    .singleElement()
                    .extracting(place -> place.acknowledged().position())
                    .isEqualTo(before + next);
        }
    }

    /** A subscription that lags keeps the HOPs of all lives: there must not be one for each size in each life. */
    @Test
    void shouldNotGrowThroughAllSizesInEachLife() {
        Disk disk = new Disk(true);
        int published = 0;
        for (int life = 0; life < 12; life++) {
            MessageQueue queue = open(disk, GROWING);
            Subscriber lags = queue.createSubscriber(SubscriberOptions.builder()
                    .name("lags")
                    .startAt(StartAt.OLDEST_RETAINED)
                    .build());
            Publisher publisher = queue.createPublisher();
            for (int i = 0; i < 14; i++) publisher.publish(body(++published, 300));
            assertThat(Inside.handle(queue).segment.header.current()).isLessThan(8);
            if (life == 11) for (int i = 1; i <= published; i++) check(lags.receive(Patience.limit()), i);
            queue.close();
            disk.losePower(Machine.real(), name);
        }
        assertThat(disk.broken).isEmpty();
    }

    @Test
    void shouldRefuseOrPassOnAMessageForWhichTheDiskHasNoRoom() {
        Disk disk = new Disk(true);
        disk.isFullWith(Disk.FILE);
        QueueConfig large =
                QueueConfig.builder().capacity(32768).maxCapacity(32768).build();
        MessageQueue queue = open(disk, large);
        Publisher publisher = queue.createPublisher();
        long published = 0;
        while (publisher.offer(body(published + 1, 500), Duration.ZERO) != Publisher.REJECTED) published++;
        assertThat(published).isBetween(Disk.FILE / 520 - 5L, Disk.FILE / 500L);
        Publisher inTime = queue.createPublisher(dev.belfry.api.PublisherOptions.builder()
                .timeout(Duration.ofMillis(10))
                .build());
        assertThatThrownBy(() -> inTime.publish(body(9, 500)))
                .isInstanceOf(QueueFullException.class)
                .hasMessageContaining("no room in the directory");
        disk.isFullWith(2 * Disk.FILE);
        assertThat(publisher.publish(body(published + 1, 500))).isEqualTo(published + 1);
        assertThat(disk.broken).isEmpty();
    }

    /** Its disk may hang. The refusal names the subscription that holds the oldest place, as not all is kept. */
    @Test
    void shouldAskWhatIsKeptInNoThreadOfACallerWithALimit() {
        Disk disk = new Disk(true).withHistory();
        disk.stepsAside = true;
        disk.isFullWith(2 * Disk.FILE);
        MessageQueue queue = unwatched(disk, NOTHING);
        queue.createSubscriber(SubscriberOptions.builder().name("audit").build());
        Publisher publisher = queue.createPublisher();
        long published = 0;
        while (publisher.offer(body(published + 1, 500), Duration.ZERO) != Publisher.REJECTED) published++;
        assertThat(published).isPositive();
        Publisher inTime = queue.createPublisher(dev.belfry.api.PublisherOptions.builder()
                .timeout(Duration.ofMillis(10))
                .build());
        assertThatThrownBy(() -> inTime.publish(body(9, 500)))
                .isInstanceOf(QueueFullException.class)
                .hasMessageContaining("audit");
        assertThat(disk.askedWhatItKeeps).isNotEmpty().doesNotContain(Thread.currentThread());
    }

    /** Each call gives up a part of what nobody needs, until a file can go. */
    @Test
    void shouldMakeRoomOnAFullDiskForCallsThatDoNotWait() {
        Disk disk = new Disk(true);
        disk.isFullWith(2 * Disk.FILE);
        QueueConfig large =
                QueueConfig.builder().capacity(131072).maxCapacity(131072).build();
        Publisher publisher = unwatched(disk, large, NOTHING).createPublisher();
        int rejected = 0;
        for (long published = 0; published < 600 && rejected < 100; ) {
            if (publisher.offer(body(published + 1, 500), Duration.ZERO) == Publisher.REJECTED) rejected++;
            else published++;
        }
        assertThat(rejected).isBetween(1, 50);
        assertThat(disk.survives()).isEqualTo(600);
        assertThat(disk.broken).isEmpty();
    }

    @Test
    void shouldGiveUpNothingForWhichTheDiskGetsNoRoom() {
        Disk disk = new Disk(true);
        disk.isFullWith(Disk.FILE);
        QueueConfig large =
                QueueConfig.builder().capacity(32768).maxCapacity(32768).build();
        MessageQueue queue = open(disk, large);
        Publisher publisher = queue.createPublisher();
        long published = 0;
        while (publisher.offer(body(published + 1, 500), Duration.ZERO) != Publisher.REJECTED) published++;
        long gate = Inside.handle(queue).segment.header.gateAcquire();
        assertThat(publisher.offer(body(9, 500), Duration.ofMillis(150))).isEqualTo(Publisher.REJECTED);
        assertThat(Inside.handle(queue).segment.header.gateAcquire()).isEqualTo(gate);
    }

    @Test
    void shouldReturnAtOnceWhereItIsSyncedNowAndThen() {
        Disk disk = new Disk(false);
        MessageQueue queue = unwatched(disk, NOTHING);
        Publisher publisher = queue.createPublisher();
        Subscriber subscriber = unwatched(disk, NOTHING).createSubscriber();
        for (int i = 1; i <= 100; i++) {
            publisher.publish(body(i, 300));
            check(subscriber.receive(Duration.ZERO), i);
        }
        assertThat(disk.lies()).isBetween(80L, 99L); // the ring has room for the rest
        assertThat(publisher.awaitDurable(100, Patience.limit())).isTrue();
        assertThat(disk.survives()).isEqualTo(100);
        publisher.publish(body(101, 300));
        open.forEach(MessageQueue::close);
        assertThat(disk.survives()).isEqualTo(101);
        assertThat(disk.broken).isEmpty();
    }

    /** One that is slow in a sync holds up no other for longer than that one likes; what has begun serves the next. */
    @Test
    void shouldWaitForASyncNoLongerThanItsTime() throws InterruptedException {
        Disk disk = new Disk(false);
        Stop syncing = new Stop("sync");
        MessageQueue queue = unwatched(disk, syncing);
        Publisher publisher = queue.createPublisher();
        publisher.publish(body(1, 100));
        Thread slow = awaitsDurable(queue, 1);
        syncing.await();
        assertThat(publisher.awaitDurable(1, Duration.ofMillis(5))).isFalse();
        syncing.goOn(slow);
        assertThat(publisher.awaitDurable(1, Duration.ofMillis(5))).isTrue();

        disk.stepsAside = true;
        Stop writing = new Stop("write");
        Publisher late = unwatched(disk, writing).createPublisher();
        late.publish(body(2, 100));
        assertThat(late.awaitDurable(2, Duration.ofMillis(5))).isFalse();
        writing.await();
        assertThat(disk.syncs).isEqualTo(1);
        writing.goOn();
        assertThat(late.awaitDurable(2, Patience.limit())).isTrue();
        assertThat(disk.syncs).isEqualTo(2);
    }

    /** Else nothing is synced any more, and no place is kept, as long as that lasts. */
    @Test
    void shouldSyncThoughNoFileCanBeMade() {
        Disk disk = new Disk(false);
        Publisher publisher = open(disk, SMALL, step -> {
                    if (step.equals("make")) throw new IllegalStateException("no file");
                })
                .createPublisher();
        for (int i = 1; i <= 170; i++) publisher.publish(body(i, 300)); // it comes near the end of the first file
        Patience.until("the watch syncs", () -> disk.survives() == 170);
    }

    @Test
    void shouldRefuseNothingForWhichThereIsRoomOnceItIsCopied() {
        Disk disk = new Disk(false);
        MessageQueue queue = open(disk, SMALL);
        Publisher publisher = queue.createPublisher();
        Subscriber subscriber = queue.createSubscriber(
                SubscriberOptions.builder().ackMode(AckMode.CLIENT).build());
        int fit = 0;
        while (publisher.offer(body(fit + 1, 100), Duration.ZERO) != Publisher.REJECTED) fit++;
        for (int i = 1; i <= fit; i++) check(subscriber.receive(Patience.limit()), i);
        assertThat(publisher.offer(body(fit + 1, 100), Duration.ofMillis(20))).isEqualTo(Publisher.REJECTED);
        subscriber.acknowledge(fit);
        assertThat(publisher.offer(body(fit + 1, 100), Duration.ZERO)).isEqualTo(fit + 1);
        assertThat(disk.broken).isEmpty();
    }

    @Test
    void shouldSyncByItselfNowAndThen() {
        Disk disk = new Disk(false);
        Publisher publisher = open(disk, SMALL).createPublisher();
        publisher.publish(body(1, 100));
        Patience.until("the watch syncs", () -> disk.survives() == 1);
    }

    /** What a killed publisher has left a process syncs that only reads. */
    @Test
    void shouldSyncInAProcessThatOnlyReads() {
        Disk disk = new Disk(false);
        MessageQueue publishing = disk.open(Machine.real(), name, SMALL, NOTHING);
        MessageQueue reading = open(disk, SMALL);
        publishing.createPublisher().publish(body(1, 100));
        Leaving.leave(Inside.handle(publishing)); // without its close
        Patience.until("the reader's watch syncs", Duration.ofSeconds(20), () -> disk.survives() == 1);
        reading.close();
    }

    /** A sync of this queue does not return: what is lost in memory is still given up. */
    @Test
    void shouldGiveUpALostClaimOfAnotherQueueWhileTheDiskHangs() throws InterruptedException {
        Disk disk = new Disk(false);
        CountDownLatch atTheSync = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        MessageQueue hanging = open(disk, SMALL, step -> {
            if (!step.equals("sync")) return;
            atTheSync.countDown();
            await(goOn);
        });
        try (MessageQueue beside = MessageQueues.open("shm:" + name + "-beside?deleteOnLastClose=true")) {
            hanging.createPublisher().publish(body(1, 100));
            atTheSync.await();
            Thread ends = new Thread(() -> beside.createPublisher().claim(10));
            ends.start();
            ends.join();
            PublisherOptions patient =
                    PublisherOptions.builder().timeout(Duration.ofSeconds(20)).build();
            assertThat(beside.createPublisher(patient).publish(body(2, 10))).isEqualTo(1);
        } finally {
            goOn.countDown();
        }
    }

    /** In two processes, which nothing but the test syncs. */
    private MessageQueue unwatched(Disk disk, Consumer<String> step) {
        return unwatched(disk, SMALL, step);
    }

    private MessageQueue unwatched(Disk disk, QueueConfig config, Consumer<String> step) {
        MessageQueue queue = disk.open(Machine.real(), name, config, step);
        open.add(queue);
        return queue;
    }

    private static void dies(String step) {
        if (step.equals("told")) throw new AssertionError("killed");
    }

    /** One process has written it all, and was killed when it was told. Most of it is not in the ring any more. */
    private Publisher afterALostSync(Disk disk) {
        MessageQueue killed = unwatched(disk, JournalTest::dies);
        MessageQueue other = unwatched(disk, NOTHING);
        Publisher publisher = killed.createPublisher();
        for (int i = 1; i <= 30; i++) publisher.publish(body(i, 300));
        disk.errno = Disk.eio();
        assertThatThrownBy(() -> publisher.awaitDurable(30, Patience.limit())).hasMessage("killed");
        disk.errno = 0;
        Leaving.leave(Inside.handle(killed));
        assertThat(disk.survives()).isZero();
        return other.createPublisher();
    }

    @Test
    void shouldWriteAgainWhatASyncHasLostOfWhichOnlyADeadProcessWasTold() {
        Disk disk = new Disk(false);
        Publisher publisher = afterALostSync(disk);
        assertThat(publisher.awaitDurable(30, Patience.limit())).isTrue();
        assertThat(disk.survives()).isEqualTo(30);
        assertThat(disk.broken).isEmpty();
    }

    @Test
    void shouldWriteAgainWhatASyncHasLostWhoseThreadMetAnError() {
        Disk disk = new Disk(false);
        Publisher publisher = unwatched(disk, JournalTest::dies).createPublisher();
        publisher.publish(body(1, 300));
        assertThat(publisher.awaitDurable(1, Patience.limit())).isTrue();
        for (int i = 2; i <= 30; i++) publisher.publish(body(i, 300));
        disk.errno = Disk.eio();
        assertThatThrownBy(() -> publisher.awaitDurable(30, Patience.limit())).hasMessage("killed");
        disk.errno = 0;
        assertThat(publisher.awaitDurable(30, Patience.limit())).isTrue();
        assertThat(disk.survives()).isEqualTo(30);
        publisher.publish(body(31, 300));
        assertThat(publisher.awaitDurable(31, Patience.limit())).isTrue();
        assertThat(disk.broken).isEmpty();
    }

    @Test
    void shouldEndWhereWhatASyncHasLostIsGone() {
        Disk disk = new Disk(false);
        Publisher publisher = afterALostSync(disk);
        disk.dropPageCache();
        assertThatThrownBy(() -> publisher.awaitDurable(30, Patience.limit()))
                .isInstanceOf(JournalFailedException.class)
                .hasMessageContaining("was written at 0 and not synced is gone");
        assertThat(Inside.handle(open.get(1)).segment.journal.durablePosition()).isZero();
    }

    /** One that has written and does not say so yet: what is lost of that counts as written only later. */
    @Test
    void shouldWriteAgainWhatALeaderHadWrittenThatIsHeldUp() throws InterruptedException {
        Disk disk = new Disk(false);
        Stop syncing = new Stop("sync");
        Stop opening = new Stop("open");
        Stop written = new Stop("written");
        Stop leaderSyncs = new Stop("sync");
        MessageQueue killed = unwatched(disk, syncing.then(JournalTest::dies));
        MessageQueue late = unwatched(disk, written.then(leaderSyncs));
        MessageQueue next = unwatched(disk, opening);
        Publisher publisher = unwatched(disk, NOTHING).createPublisher();
        for (int i = 1; i <= 5; i++) publisher.publish(body(i, 300));
        Thread dying = awaitsDurable(killed, 5);
        syncing.await();
        Thread syncs = awaitsDurable(next, 5);
        opening.await();
        for (int i = 6; i <= 8; i++) publisher.publish(body(i, 300));
        Thread leads = awaitsDurable(late, 8);
        written.await();
        disk.errno = Disk.eio();
        syncing.goOn(dying);
        Leaving.leave(Inside.handle(killed));
        disk.errno = 0;
        opening.goOn(syncs);
        assertThat(disk.survives()).isEqualTo(5);
        written.goOn();
        leaderSyncs.await();
        assertThat(next.createPublisher().awaitDurable(8, Patience.limit())).isTrue();
        assertThat(disk.survives()).isEqualTo(8);
        leaderSyncs.goOn(leads);
        assertThat(disk.broken).isEmpty();
    }

    private static Thread awaitsDurable(MessageQueue queue, long position) {
        Publisher publisher = queue.createPublisher();
        Thread thread = new Thread(() -> {
            try {
                publisher.awaitDurable(position, Patience.limit());
            } catch (AssertionError | JournalFailedException ends) {
                // as it is meant to
            }
        });
        thread.start();
        return thread;
    }

    /** Where a thread stops the first time. */
    private final class Stop implements Consumer<String> {
        private final String step;
        private final CountDownLatch reached = new CountDownLatch(1);
        private final CountDownLatch goOn = new CountDownLatch(1);

        Stop(String step) {
            this.step = step;
            stops.add(this);
        }

        Consumer<String> then(Consumer<String> next) {
            return all -> {
                accept(all);
                next.accept(all);
            };
        }

        @Override
        public void accept(String now) {
            if (!now.equals(step)) return;
            reached.countDown();
            JournalTest.await(goOn);
        }

        void await() {
            JournalTest.await(reached);
        }

        void goOn() {
            goOn.countDown();
        }

        void goOn(Thread thread) throws InterruptedException {
            goOn();
            thread.join();
        }
    }

    @Test
    void shouldWakeASleeperWhenTheDiskHasIt() throws InterruptedException {
        Disk disk = new Disk(true);
        Publisher publisher = open(disk, SMALL).createPublisher();
        MessageQueue reading = open(disk, SMALL);
        Subscriber subscriber = reading.createSubscriber(
                SubscriberOptions.builder().spin(Duration.ZERO).build());
        for (int i = 1; i <= 20; i++) {
            int number = i;
            Thread thread = new Thread(() -> check(subscriber.receive(Patience.limit()), number));
            thread.start();
            Patience.until(
                    "it sleeps",
                    () -> Inside.handle(reading).segment.header.bytes().getIntAcquire(640) != 0);
            publisher.publish(body(i, 100));
            thread.join();
        }
        assertThat(reading.stats().counters().get("wakeUps")).isGreaterThanOrEqualTo(20);
    }

    @Test
    void shouldKeepBatchesWhole() {
        Disk disk = new Disk(true);
        Publisher publisher = open(disk, SMALL).createPublisher();
        try (Batch batch = publisher.batch(600)) {
            for (int i = 1; i <= 4; i++) batch.add(body(i, 50 + i));
            assertThat(batch.commit()).isEqualTo(4);
        }
        assertThat(disk.survives()).isEqualTo(4);
    }

    /** As the JVM throws it late, in whatever reads next. */
    @Test
    void shouldTellThatItsMemoryWasCutIfTheKeeperMeetsIt() throws java.io.IOException {
        InternalError fault = new InternalError("a fault occurred in a recent unsafe memory access operation");
        Disk disk = new Disk(true).withHistory();
        MessageQueue queue = open(disk, SMALL);
        queue.createPublisher().publish("a message");
        try (RandomAccessFile part = new RandomAccessFile("/dev/shm/belfry..file." + name, "rw")) {
            part.setLength(part.length() - 4096);
        }
        Leader leader = Inside.leader(queue);
        assertThatThrownBy(() -> leader.requireFiles(new LastWord(
                        disk.files(step -> {
                            throw fault;
                        }),
                        () -> 0)))
                .isInstanceOf(QueueCorruptedException.class)
                .hasMessageContaining("cut short");
    }

    @Test
    void shouldNotOpenItsPartInMemoryAsAQueue() throws java.io.IOException {
        Disk disk = new Disk(true);
        open(disk, SMALL);
        Path part = Path.of("/dev/shm/belfry..file." + name);
        Path copy = Path.of("/dev/shm/belfry." + name);
        assertThat(MessageQueues.list("shm").toString()).doesNotContain(name);
        Files.copy(part, copy);
        try {
            assertThatThrownBy(() -> MessageQueues.open("shm:" + name))
                    .isInstanceOf(IncompatibleQueueException.class)
                    .hasMessageContaining("lies in files");
        } finally {
            Files.delete(copy);
        }
    }
}
