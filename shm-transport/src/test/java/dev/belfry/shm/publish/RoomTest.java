package dev.belfry.shm.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.AckMode;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.Inside;
import dev.belfry.shm.crash.Participant;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.WaitWord;
import dev.belfry.shm.posix.Errno;
import dev.belfry.shm.posix.PosixException;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.sync.FutexLock;
import dev.belfry.shm.sync.Wait;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a publisher does about a full ring that does not grow, a decision at a time. */
class RoomTest extends RoomFixture {
    private static final Duration MAX_GATE_TIME = Duration.ofSeconds(1);

    private Duration spin;

    private void await(Wait wait, boolean again) {
        room.await(NEED, wait, again, Room.spinNanos(spin));
    }

    private int word() {
        return handle.segment.header.bytes().getIntAcquire(SegmentHeader.ROOM);
    }

    /** As if somebody else waited for room. */
    private void somebodyWaits() {
        assertThat(handle.segment.header.bytes().compareAndSetInt(SegmentHeader.ROOM, word(), word() | 1))
                .isTrue();
    }

    // The gate

    @Test
    void shouldMoveTheGateOverWhatIsReadAndTellWhoWaits() {
        open(fixed());
        Subscriber reader = reader(others);
        fill();
        assertThat(room.makeAtOnce(NEED)).isFalse();
        assertThat(room.make(NEED, true, hurried())).isEqualTo(Room.Made.BLOCKED);
        assertThat(counter("gateMoves")).isZero();
        takeOne(reader);
        somebodyWaits();
        assertThat(room.makeAtOnce(NEED)).isTrue();
        assertThat(word() & 1).as("was told").isZero();
        assertThat(counter("gateMoves")).isEqualTo(1);
        fill();
        takeOne(reader);
        somebodyWaits();
        assertThat(room.make(NEED, true, hurried())).isEqualTo(Room.Made.ROOM);
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
        assertThat(room.make(4 * NEED, true, hurried())).isEqualTo(Room.Made.BLOCKED);
        assertThat(counter("gateMoves")).isEqualTo(2);
    }

    @Test
    void shouldLeaveTheGateToWhoHasItsLock() {
        open(fixed());
        fill();
        FutexLock theirs = Inside.handle(open(others)).gateLock;
        assertThat(theirs.tryAcquire()).isTrue();
        assertThat(room.makeAtOnce(NEED)).isFalse();
        assertThat(room.make(NEED, true, hurried())).isEqualTo(Room.Made.LOCKED_OUT);
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
        assertThat(room.make(NEED, true, hurried())).isEqualTo(Room.Made.ROOM);
        assertThat(counter("reclaimed")).isEqualTo(2);
        assertThat(counter("grows")).isZero();
    }

    @Test
    @Slow
    void shouldEndWhoHoldsAFullQueueTooLongAndNobodySooner() throws Exception {
        open(fixed().maxGateTime(MAX_GATE_TIME));
        Subscriber slow = reader(others);
        Subscriber ahead = reader(others);
        fill();
        takeOne(ahead);
        assertThat(room.make(NEED, true, patient())).isEqualTo(Room.Made.BLOCKED);
        Thread.sleep(MAX_GATE_TIME.toMillis() + 5);
        takeOne(slow);
        assertThat(room.make(NEED, true, hurried())).as("it went on").isEqualTo(Room.Made.ROOM);
        fill();
        assertThat(room.make(NEED, true, hurried()))
                .as("it has only now stopped")
                .isEqualTo(Room.Made.BLOCKED);
        assertThat(counter("ended")).isZero();
        Thread.sleep(MAX_GATE_TIME.toMillis() + 5);
        assertThat(room.make(NEED, true, hurried())).isEqualTo(Room.Made.ROOM);
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
            while (room.make(NEED, true, hurried()) == Room.Made.ROOM); // of what nobody needs: until it holds the gate
            while (asleep.receiveNoWait() != null)
                ;
            Thread.sleep(MAX_GATE_TIME.toMillis() + 5);
            FutureTask<Object> told = new FutureTask<>(() -> {
                assertThatThrownBy(() -> asleep.receive(Duration.ofSeconds(50))).hasMessageContaining("maxGateTime");
                return null;
            });
            new Thread(told, "asleep").start();
            while (handle.sleepers.handshake.lookFenced() == 0)
                assertThat(told.isDone()).isFalse();
            assertThat(room.make(NEED, true, hurried())).isEqualTo(Room.Made.ROOM);
            told.get(30, TimeUnit.SECONDS);
        }
    }

    // Waiting

    @Test
    void shouldCountAWaitOnceAndItsTime() {
        open(fixed());
        reader(others);
        fill();
        assertThat(room.make(NEED, true, patient())).isEqualTo(Room.Made.BLOCKED);
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
        assertThat(room.make(NEED, true, patient())).isEqualTo(Room.Made.BLOCKED);
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
        assertThat(room.make(NEED, true, patient())).isEqualTo(Room.Made.BLOCKED);
        Wait wait = patient();
        for (int slice = 0; slice < 3; slice++) await(wait, slice > 0);
        assertThat(wait.waitedNanos()).as("it looked all the time").isGreaterThan(2 * Room.SLICE_NANOS);
        assertThat(process.sleeps).isZero();
        takeOne(reader);
        await(wait, true);
        assertThat(room.make(NEED, true, wait)).isEqualTo(Room.Made.ROOM);

        fill();
        spin = Duration.ofNanos(1);
        assertThat(room.make(NEED, true, patient())).isEqualTo(Room.Made.BLOCKED);
        await(wait, false);
        assertThat(process.sleeps).as("this wait has lasted longer already").isPositive();

        process.sleeps = 0;
        spin = Duration.ZERO;
        assertThat(room.make(NEED, true, patient())).isEqualTo(Room.Made.BLOCKED);
        await(patient(), false);
        assertThat(process.sleeps).isPositive();
    }

    @Test
    void shouldSpinNoLongerThanItMayWait() {
        open(fixed());
        reader(others);
        fill();
        spin = ChronoUnit.FOREVER.getDuration();
        assertThat(room.make(NEED, true, patient())).isEqualTo(Room.Made.BLOCKED);
        Wait wait = new Wait(2_000_000, () -> false);
        await(wait, false);
        assertThat(wait.ended()).isEqualTo(Wait.Ended.TIMED_OUT);
        await(new Wait(HOUR, () -> true), false);
        assertThat(process.sleeps).isZero();
    }

    @Test
    void shouldSayWhoHoldsItUp() {
        open(fixed());
        assertThat(room.full(HOUR)).hasMessageStartingWith("'shm:" + name + "' is full (4 KiB). ");
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
        Handle other = Inside.handle(open(others));
        assertThat(other.gateLock.tryAcquire()).isTrue();
        var waiter = Inside.publishers(queue).waits.waiter(HOUR, () -> false);
        FutureTask<Room.Made> making = new FutureTask<>(() -> room.make(NEED, true, waiter));
        new Thread(making).start();
        Patience.until(
                "it is seen to wait", () -> handle.segment.handles.waitingAcquire(handle.index) != WaitWord.NONE);
        other.gateLock.release();
        assertThat(making.get()).isEqualTo(Room.Made.ROOM);
        assertThat(handle.segment.handles.waitingAcquire(handle.index)).isEqualTo(WaitWord.NONE);
        waiter.over();
    }
}
