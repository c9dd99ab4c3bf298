package dev.belfry.shm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.jna.Pointer;
import dev.belfry.api.AckMode;
import dev.belfry.api.InsufficientResourcesException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.conformance.Patience;
import dev.belfry.conformance.Waits;
import dev.belfry.shm.crash.Participant;
import dev.belfry.shm.crash.Refused;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.WaitWord;
import dev.belfry.shm.posix.Errno;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.shm.ring.LogEnd;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.sync.FutexLock;
import dev.belfry.shm.sync.Wait;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a publisher does about a full ring, a decision at a time. */
@Timeout(60)
@Waits
class RoomTest {
    private static final int RING = 4096;
    private static final long LARGER_THAN_THE_RING = RING + 8;
    private static final int BODY = 488; // eight records fill the ring, but for the eight bytes that stay free
    private static final long NEED = LogEnd.need(BODY, 0, false);
    private static final long MUCH = 16 << 20;
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final long HOUR = TimeUnit.HOURS.toNanos(1);
    private static final Duration MAX_GATE_TIME = Duration.ofSeconds(1);

    /** Counts how often it sleeps and wakes somebody. */
    private static final class Counting extends Refused {
        private static final int F_BSIZE = 8, F_BAVAIL = 32;

        // Without initializers: the first calls are made by the constructor of the superclass.
        private volatile int sleeps;
        private volatile int posts;
        private volatile Long freeBytes; // of the file system; null: as it is

        @Override
        protected Object call(String function, Method method, Object[] args) throws Throwable {
            String kind = kindOf(function, args);
            synchronized (this) {
                if (kind.equals("futex wait")) sleeps++;
                if (kind.equals("sem_post")) posts++;
            }
            Object result = super.call(function, method, args);
            if (kind.equals("fstatfs") && freeBytes != null) {
                Pointer statfs = new Pointer((long) args[1]);
                statfs.setLong(F_BAVAIL, freeBytes / statfs.getLong(F_BSIZE));
            }
            return result;
        }
    }

    @RegisterExtension
    private final CaughtLog log = new CaughtLog();

    private final String name = "room-" + ProcessHandle.current().pid();
    private final Counting process = new Counting();
    private final Participant others = new Participant();
    private final AtomicLong now = new AtomicLong();
    private QueueConfig config = growing().build();
    private ShmQueue queue;
    private Handle handle;
    private LogEnd writer;
    private Room room;
    private Duration spin;

    private static QueueConfig.Builder fixed() {
        return QueueConfig.builder().capacity(RING).maxCapacity(RING).deleteOnLastClose(true);
    }

    private static QueueConfig.Builder growing() {
        return fixed().maxCapacity(16 * RING);
    }

    private ShmQueue open(Participant participant) {
        return (ShmQueue) participant.open(name, config, 8);
    }

    /** A queue, and what a publisher of it has. */
    private void open(QueueConfig.Builder config) {
        this.config = config.build();
        queue = open(process);
        handle = queue.handle();
        writer = handle.end;
        room = new Room(handle, queue.subscriptions());
        spin = null;
        assertThat(handle.publishLock.tryAcquire()).isTrue();
        process.sleeps = 0;
    }

    private void await(Wait wait, boolean again) {
        room.await(NEED, wait, again, Room.spinNanos(spin));
    }

    private Subscriber reader(Participant of) {
        return open(of).createSubscriber(
                        SubscriberOptions.builder().ackMode(AckMode.CLIENT).build());
    }

    private void fill() {
        while (writer.append(ByteBuffer.allocate(BODY), 0, BODY, new byte[0], 0) != LogEnd.NO_ROOM)
            ;
    }

    private static void takeOne(Subscriber reader) {
        assertThat(reader.receiveNoWait()).isNotNull();
        reader.acknowledge();
    }

    private static Wait hurried() {
        return new Wait(0, () -> false);
    }

    private static Wait patient() {
        return new Wait(HOUR, () -> false);
    }

    private long counter(String which) {
        return queue.stats().counters().get(which);
    }

    private int word() {
        return handle.segment.header.bytes().getIntAcquire(SegmentHeader.ROOM);
    }

    /** As if somebody else waited for room. */
    private void somebodyWaits() {
        assertThat(handle.segment.header.bytes().compareAndSetInt(SegmentHeader.ROOM, word(), word() | 1))
                .isTrue();
    }

    @AfterEach
    void close() {
        if (handle != null && handle.publishLock.isHeldByThisHandle()) handle.publishLock.release();
        others.closeQueues();
        process.closeQueues();
        MessageQueues.delete("shm:" + name);
    }

    // Growing

    @Test
    void shouldGrowAtOnceForAMessageThatNoEmptyRingCouldTake() {
        open(growing());
        assertThat(room.makeAtOnce(LARGER_THAN_THE_RING)).isFalse();
        assertThat(room.make(LARGER_THAN_THE_RING, patient())).isEqualTo(Room.Made.ROOM);
        assertThat(writer.hasRoom(LARGER_THAN_THE_RING)).isTrue();
        assertThat(counter("grows")).isEqualTo(1);
        process.refuseEach("posix_fallocate", Errno.ENOSPC);
        assertThatThrownBy(() -> room.make(4 * LARGER_THAN_THE_RING, patient()))
                .isInstanceOf(InsufficientResourcesException.class);
        assertThat(counter("grows")).isEqualTo(1);
    }

    /** As publishers do; nobody reads. */
    private void publish(long bytes) {
        for (long end = handle.segment.header.tailAcquire() + bytes; handle.segment.header.tailAcquire() < end; ) {
            if (writer.append(ByteBuffer.allocate(BODY), 0, BODY, new byte[0], 0) == LogEnd.NO_ROOM)
                assertThat(room.makeAtOnce(NEED)).isTrue();
        }
    }

    private void publish(long bytes, Duration within) {
        publish(bytes);
        now.addAndGet(within.toNanos());
        assertThat(writer.hasRoom(NEED) || room.makeAtOnce(NEED)).isTrue();
        assertThat(room.keepsUp(NEED)).as("has room").isTrue();
    }

    private long capacity() {
        return handle.segment.table.capacity(handle.segment.header.current());
    }

    @Test
    void shouldGrowWhileItHoldsLessThanTenMillisecondsOfWhatIsPublished() {
        open(growing());
        room = new Room(handle, queue.subscriptions(), new Traffic(now::get));
        assertThat(room.keepsUp(NEED)).as("has room").isTrue();
        publish(MUCH - NEED, Duration.ZERO);
        assertThat(capacity()).as("after a burst").isEqualTo(RING);
        publish(NEED, Duration.ofSeconds(42)); // 4096 laps of this ring
        assertThat(capacity()).as("after a lap of more than ten milliseconds").isEqualTo(RING);
        publish(MUCH, Duration.ofSeconds(40));
        assertThat(capacity()).as("after a lap of less").isEqualTo(2 * RING);
        publish(MUCH, Duration.ofSeconds(21));
        assertThat(capacity()).as("when the larger one suffices").isEqualTo(2 * RING);
    }

    @Test
    void shouldLetTrafficWaitForSpaceAndGrowAllTheSameWhenItMust() {
        open(growing());
        room = new Room(handle, queue.subscriptions(), new Traffic(now::get));
        assertThat(room.keepsUp(NEED)).isTrue();
        process.refuseEach("posix_fallocate", Errno.ENOSPC);
        publish(MUCH, Duration.ZERO);
        process.refuseEach("nothing", 0);
        publish(MUCH, MINUTE.minusNanos(1)); // so slowly that it does not ask
        publish(MUCH, Duration.ZERO);
        assertThat(capacity()).as("within a minute").isEqualTo(RING);
        process.refuseEach("fstatfs", Errno.ENOMEM);
        publish(MUCH, Duration.ofNanos(1));
        process.refuseEach("nothing", 0);
        process.freeBytes = 4L * RING - 4096;
        publish(MUCH, MINUTE);
        publish(MUCH, Duration.ZERO);
        assertThat(capacity()).as("without space").isEqualTo(RING);
        process.freeBytes = 4L * RING;
        publish(MUCH, MINUTE);
        publish(MUCH, Duration.ZERO);
        assertThat(capacity()).as("with space").isEqualTo(2 * RING);
        handle.tell();
        assertThat(log.text()).doesNotContain("cannot grow");

        process.freeBytes = 0L;
        publish(MUCH, Duration.ZERO);
        reader(others);
        for (int i = 0; i < 16 && capacity() == 2 * RING; i++) { // the gate moves up to the reader first
            fill();
            assertThat(room.make(NEED, hurried())).isEqualTo(Room.Made.ROOM);
        }
        assertThat(capacity()).as("it must").isEqualTo(4 * RING);
    }

    @Test
    void shouldGrowForTrafficAtMostToItsMaximum() {
        open(growing());
        room = new Room(handle, queue.subscriptions(), new Traffic(now::get));
        for (int i = 0; i < 6; i++) publish(MUCH, Duration.ZERO);
        assertThat(capacity()).isEqualTo(16 * RING);
        assertThat(counter("grows")).isEqualTo(4);
    }

    @Test
    void shouldGrowForTheTrafficOfAPublisher() {
        open(growing());
        handle.publishLock.release();
        Publisher publisher = queue.createPublisher();
        for (int i = 0; i < 3 * MUCH / BODY; i++) publisher.publish(new byte[BODY]);
        assertThat(counter("grows")).isPositive();
    }

    @Test
    void shouldGrowForAReaderThatStandsStillButNotForAHiccup() throws Exception {
        open(growing());
        Subscriber reader = reader(others);
        fill();
        assertThat(room.make(NEED, patient())).isEqualTo(Room.Made.BLOCKED);
        Thread.sleep(2);
        takeOne(reader);
        assertThat(room.make(NEED, patient())).as("it went on").isEqualTo(Room.Made.ROOM);
        fill();
        assertThat(room.make(NEED, patient())).as("it has only now stopped").isEqualTo(Room.Made.BLOCKED);
        assertThat(counter("grows")).isZero();
        Thread.sleep(2);
        assertThat(room.make(NEED, patient())).isEqualTo(Room.Made.ROOM);
        assertThat(counter("grows")).isEqualTo(1);
        assertThat(writer.hasRoom(NEED)).isTrue();
    }

    @Test
    void shouldGrowAtOnceForWhoHasNoTime() {
        open(growing());
        reader(others);
        fill();
        assertThat(room.make(NEED, hurried())).isEqualTo(Room.Made.ROOM);
        assertThat(counter("grows")).isEqualTo(1);
    }

    @Test
    void shouldWaitForReadersWhileThereIsNoStorageToGrow() {
        open(growing());
        reader(others);
        fill();
        process.refuseEach("posix_fallocate", Errno.ENOSPC);
        assertThat(room.make(NEED, hurried())).isEqualTo(Room.Made.BLOCKED);
        assertThat(counter("grows")).isZero();
    }

    // The gate

    @Test
    void shouldMoveTheGateOverWhatIsReadAndTellWhoWaits() {
        open(fixed());
        Subscriber reader = reader(others);
        fill();
        assertThat(room.makeAtOnce(NEED)).isFalse();
        assertThat(room.make(NEED, hurried())).isEqualTo(Room.Made.BLOCKED);
        assertThat(counter("gateMoves")).isZero();
        takeOne(reader);
        somebodyWaits();
        assertThat(room.makeAtOnce(NEED)).isTrue();
        assertThat(word() & 1).as("was told").isZero();
        assertThat(counter("gateMoves")).isEqualTo(1);
        fill();
        takeOne(reader);
        somebodyWaits();
        assertThat(room.make(NEED, hurried())).isEqualTo(Room.Made.ROOM);
        assertThat(word() & 1).as("was told").isZero();
        assertThat(counter("gateMoves")).isEqualTo(2);
    }

    @Test
    void shouldNotTakeAMovedGateForEnoughRoom() {
        open(fixed());
        Subscriber reader = reader(others);
        fill();
        takeOne(reader);
        assertThat(room.makeAtOnce(3 * NEED)).isFalse();
        assertThat(counter("gateMoves")).isEqualTo(1);
        takeOne(reader);
        assertThat(room.make(4 * NEED, hurried())).isEqualTo(Room.Made.BLOCKED);
        assertThat(counter("gateMoves")).isEqualTo(2);
    }

    @Test
    void shouldLeaveTheGateToWhoHasItsLock() {
        open(fixed());
        fill();
        FutexLock theirs = open(others).handle().gateLock;
        assertThat(theirs.tryAcquire()).isTrue();
        assertThat(room.makeAtOnce(NEED)).isFalse();
        assertThat(room.make(NEED, hurried())).isEqualTo(Room.Made.LOCKED_OUT);
        theirs.release();
        assertThat(room.makeAtOnce(NEED)).isTrue();
    }

    @Test
    void shouldTakeAnOldRegionThatCannotBeMappedForAReaderWhoHoldsTheGate() {
        queue = open(others);
        Subscriber reader = queue.createSubscriber(
                SubscriberOptions.builder().ackMode(AckMode.CLIENT).build());
        try (Publisher publisher = queue.createPublisher()) {
            while (queue.stats().counters().get("grows") == 0)
                publisher.offer(ByteBuffer.allocate(BODY), Duration.ZERO);
        }
        open(growing());
        fill();
        takeOne(reader);
        for (int scarce : new int[] {Errno.ENOMEM, Errno.EMFILE}) {
            process.refuseEach("mmap", scarce);
            assertThat(room.makeAtOnce(NEED)).isFalse();
            handle.tell();
            assertThat(log.text()).contains(name + ": cannot map an old region: ", Errno.name(scarce));
        }
        process.refuseEach("mmap", Errno.EPERM);
        assertThatThrownBy(() -> room.makeAtOnce(NEED)).isInstanceOf(PosixException.class);
        process.refuseNothing();
        assertThat(counter("gateMoves")).isZero();
        room.makeAtOnce(NEED);
        assertThat(counter("gateMoves")).isEqualTo(1);
    }

    // Readers that are gone, or as good as gone

    @Test
    void shouldTakeTheRoomOfTheDeadRatherThanGrowOrWait() {
        open(growing());
        Participant dead = new Participant();
        reader(dead);
        Participant deadToo = new Participant();
        reader(deadToo);
        fill();
        dead.kill();
        deadToo.kill();
        assertThat(room.make(NEED, hurried())).isEqualTo(Room.Made.ROOM);
        assertThat(counter("reclaimed")).isEqualTo(2);
        assertThat(counter("grows")).isZero();
    }

    @Test
    void shouldEndWhoHoldsAFullQueueTooLongAndNobodySooner() throws Exception {
        open(fixed().maxGateTime(MAX_GATE_TIME));
        Subscriber slow = reader(others);
        Subscriber ahead = reader(others);
        fill();
        takeOne(ahead);
        assertThat(room.make(NEED, patient())).isEqualTo(Room.Made.BLOCKED);
        Thread.sleep(MAX_GATE_TIME.toMillis() + 5);
        takeOne(slow);
        assertThat(room.make(NEED, hurried())).as("it went on").isEqualTo(Room.Made.ROOM);
        fill();
        assertThat(room.make(NEED, hurried())).as("it has only now stopped").isEqualTo(Room.Made.BLOCKED);
        assertThat(counter("ended")).isZero();
        Thread.sleep(MAX_GATE_TIME.toMillis() + 5);
        assertThat(room.make(NEED, hurried())).isEqualTo(Room.Made.ROOM);
        assertThat(counter("ended")).as("both stood at the gate").isEqualTo(2);
        assertThatThrownBy(slow::receiveNoWait).hasMessageContaining("maxGateTime");
        handle.tell();
        assertThat(log.text())
                .contains("disconnected the subscriber in slot 0", "disconnected the subscriber in slot 1");
    }

    @Test
    void shouldWakeWhomItEnds() throws Exception {
        open(fixed().maxGateTime(MAX_GATE_TIME));
        try (Subscriber first = reader(others)) {
            assertThat(first.receive(Duration.ofMillis(100))).isNull(); // the first slices of a JVM take no time
        }
        int ended = 0;
        do { // between two slices nobody is asleep
            handle.wakeSleepersIfAny(); // earlier sleepers are not meant
            process.posts = 0;
            endsOneAsleep();
            assertThat(counter("ended")).isEqualTo(++ended);
        } while (process.posts == 0 && ended < 20);
        assertThat(process.posts).isPositive();
    }

    private void endsOneAsleep() throws Exception {
        try (MessageQueue elsewhere = MessageQueues.open("shm:" + name);
                Subscriber asleep = elsewhere.createSubscriber(SubscriberOptions.builder()
                        .ackMode(AckMode.CLIENT)
                        .spin(Duration.ZERO)
                        .build())) {
            do fill();
            while (room.make(NEED, hurried()) == Room.Made.ROOM); // of what nobody needs: until it holds the gate
            while (asleep.receiveNoWait() != null)
                ;
            Thread.sleep(MAX_GATE_TIME.toMillis() + 5);
            FutureTask<Object> told = new FutureTask<>(() -> {
                assertThatThrownBy(() -> asleep.receive(Duration.ofSeconds(50))).hasMessageContaining("maxGateTime");
                return null;
            });
            new Thread(told, "asleep").start();
            while (handle.sleepers.handshake().lookFenced() == 0)
                assertThat(told.isDone()).isFalse();
            assertThat(room.make(NEED, hurried())).isEqualTo(Room.Made.ROOM);
            told.get(30, TimeUnit.SECONDS);
        }
    }

    // Waiting

    @Test
    void shouldCountAWaitOnceAndItsTime() {
        open(fixed());
        reader(others);
        fill();
        assertThat(room.make(NEED, patient())).isEqualTo(Room.Made.BLOCKED);
        await(hurried(), false);
        assertThat(counter("fullWaits")).as("who has no time does not wait").isZero();
        assertThat(process.sleeps).isZero();
        long before = counter("fullWaitNanos");
        long began = System.nanoTime();
        spin = Duration.ZERO; // or its yields may take the whole slice, where processors are busy
        Wait wait = new Wait(TimeUnit.MILLISECONDS.toNanos(200), () -> false);
        await(wait, false);
        assertThat(counter("fullWaits")).isEqualTo(1);
        assertThat(process.sleeps).isPositive();
        await(wait, true);
        assertThat(counter("fullWaits")).as("the same wait").isEqualTo(1);
        assertThat(counter("fullWaitNanos") - before).isBetween(1L, System.nanoTime() - began);
    }

    @Test
    void shouldNotSleepWhereThereMayBeRoom() {
        open(fixed());
        Subscriber reader = reader(others);
        fill();
        assertThat(room.make(NEED, patient())).isEqualTo(Room.Made.BLOCKED);
        takeOne(reader);
        await(patient(), false);
        assertThat(process.sleeps).isZero();
    }

    @Test
    void shouldSleepAtOnceOrNeverIfToldSo() {
        open(fixed());
        Subscriber reader = reader(others);
        fill();
        spin = ChronoUnit.FOREVER.getDuration();
        assertThat(room.make(NEED, patient())).isEqualTo(Room.Made.BLOCKED);
        Wait wait = patient();
        for (int slice = 0; slice < 3; slice++) await(wait, slice > 0);
        assertThat(wait.waitedNanos()).as("it looked all the time").isGreaterThan(2 * Room.SLICE_NANOS);
        assertThat(process.sleeps).isZero();
        takeOne(reader);
        await(wait, true);
        assertThat(room.make(NEED, wait)).isEqualTo(Room.Made.ROOM);

        fill();
        spin = Duration.ofNanos(1);
        assertThat(room.make(NEED, patient())).isEqualTo(Room.Made.BLOCKED);
        await(wait, false);
        assertThat(process.sleeps).as("this wait has lasted longer already").isPositive();

        process.sleeps = 0;
        spin = Duration.ZERO;
        assertThat(room.make(NEED, patient())).isEqualTo(Room.Made.BLOCKED);
        await(patient(), false);
        assertThat(process.sleeps).isPositive();
    }

    @Test
    void shouldSpinNoLongerThanItMayWait() {
        open(fixed());
        reader(others);
        fill();
        spin = ChronoUnit.FOREVER.getDuration();
        assertThat(room.make(NEED, patient())).isEqualTo(Room.Made.BLOCKED);
        Wait wait = new Wait(2_000_000, () -> false);
        await(wait, false);
        assertThat(wait.ended()).isEqualTo(Wait.Ended.TIMED_OUT);
        await(new Wait(HOUR, () -> true), false);
        assertThat(process.sleeps).isZero();
    }

    @Test
    void shouldSayWhoHoldsItUp() {
        open(fixed());
        assertThat(room.full(HOUR)).hasMessage("'shm:" + name + "' is full (4 KiB).");
        Subscriber ahead = reader(others);
        Subscriber behind = reader(others);
        fill();
        for (int i = 0; i < 3; i++) takeOne(ahead);
        takeOne(behind);
        room.makeAtOnce(NEED);
        assertThat(room.full(TimeUnit.SECONDS.toNanos(2)).getMessage())
                .startsWith("'shm:" + name + "' is full (4 KiB): waiting for ")
                .contains("(pid " + ProcessHandle.current().pid() + ", lag 7, parked 2 s)");
    }

    @Test
    void shouldShowNoWaitForTheGateLockOnceItHasIt() throws Exception {
        open(fixed());
        fill();
        Handle other = open(others).handle();
        assertThat(other.gateLock.tryAcquire()).isTrue();
        var waiter = queue.waits().waiter(HOUR, () -> false);
        FutureTask<Room.Made> making = new FutureTask<>(() -> room.make(NEED, waiter));
        new Thread(making).start();
        Patience.until(
                "it is seen to wait", () -> handle.segment.handles.waitingAcquire(handle.index) != WaitWord.NONE);
        other.gateLock.release();
        assertThat(making.get()).isEqualTo(Room.Made.ROOM);
        assertThat(handle.segment.handles.waitingAcquire(handle.index)).isEqualTo(WaitWord.NONE);
        waiter.over();
    }
}
