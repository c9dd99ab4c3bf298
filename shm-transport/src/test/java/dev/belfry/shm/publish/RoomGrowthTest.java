package dev.belfry.shm.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.InsufficientResourcesException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueFullException;
import dev.belfry.api.Subscriber;
import dev.belfry.shm.Inside;
import dev.belfry.shm.journal.Disk;
import dev.belfry.shm.layout.RegionTable;
import dev.belfry.shm.posix.Errno;
import dev.belfry.shm.ring.LogEnd;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a ring grows: for room, and for the traffic that it has. */
class RoomGrowthTest extends RoomFixture {
    private static final long LARGER_THAN_THE_RING = RING + 8;
    private static final long MUCH = 16 << 20;
    private static final long PLACE = 64 << 10;
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private static final long SPARE = 16 << 20;

    private final AtomicLong now = new AtomicLong();

    @TempDir
    Path root;

    /** A ring that grows, and measures its traffic by {@code now}. */
    private void openByTheClock() {
        open(growing());
        room = new Room(handle, Inside.subscriptions(queue), new Traffic(now::get), Disk.NONE);
    }

    @Test
    void shouldGrowAtOnceForAMessageThatNoEmptyRingCouldTake() {
        open(growing());
        assertThat(room.makeAtOnce(LARGER_THAN_THE_RING)).isFalse();
        assertThat(room.make(LARGER_THAN_THE_RING, true, patient())).isEqualTo(Room.Made.ROOM);
        assertThat(writer.hasRoom(LARGER_THAN_THE_RING)).isTrue();
        assertThat(counter("grows")).isEqualTo(1);
        process.refuseEach("posix_fallocate", Errno.ENOSPC);
        assertThatThrownBy(() -> room.make(4 * LARGER_THAN_THE_RING, true, patient()))
                .isInstanceOf(InsufficientResourcesException.class);
        assertThat(counter("grows")).isEqualTo(1);
    }

    @Test
    void shouldRefuseAMessageForWhichNoRegionIsLeft() {
        open(growing());
        for (int region = 1; region < RegionTable.ENTRIES; region++) {
            long place = handle.segment.table.place(region - 1) + PLACE;
            handle.segment.allocate(place, RING);
            handle.segment.table.place(region, place, RING);
            handle.end.hop(region);
        }
        assertThatThrownBy(() -> room.make(LARGER_THAN_THE_RING, true, patient()))
                .isInstanceOf(QueueFullException.class)
                .hasMessageContaining("of 4,104 bytes")
                .hasMessageContaining("the last of 32");
        assertThat(handle.isPoisoned()).isFalse();
        assertThat(writer.hasRoom(NEED)).isTrue();
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
        assertThat(room.growForTraffic(NEED)).as("has room").isTrue();
    }

    private long capacity() {
        return handle.segment.table.capacity(handle.segment.header.current());
    }

    @Test
    void shouldGrowWhileItHoldsLessThanTenMillisecondsOfWhatIsPublished() {
        openByTheClock();
        assertThat(room.growForTraffic(NEED)).as("has room").isTrue();
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
        openByTheClock();
        assertThat(room.growForTraffic(NEED)).isTrue();
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
            assertThat(room.make(NEED, true, hurried())).isEqualTo(Room.Made.ROOM);
        }
        assertThat(capacity()).as("it must").isEqualTo(4 * RING);
    }

    /** A memory cgroup that leaves so much. */
    private void left(long bytes) {
        try {
            Path group = Files.createDirectories(root.resolve("sys/fs/cgroup"));
            Files.writeString(Files.createDirectories(root.resolve("proc/self")).resolve("cgroup"), "0::/\n");
            Files.writeString(group.resolve("memory.max"), "268435456");
            Files.writeString(group.resolve("memory.current"), "" + (268435456 - bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void openInAMemoryGroup() {
        process.limitMemory(root);
        left(SPARE + 2 * RING - 1);
        openByTheClock();
    }

    @Test
    void shouldNotGrowForTrafficIntoTheLimitOfItsMemoryGroup() {
        openInAMemoryGroup();
        assertThat(room.growForTraffic(NEED)).isTrue();
        publish(MUCH, Duration.ZERO);
        publish(MUCH, MINUTE);
        publish(MUCH, Duration.ZERO);
        assertThat(capacity()).as("without memory").isEqualTo(RING);
        handle.tell();
        assertThat(log.text().split("cannot grow", -1)).as("said once").hasSize(2);
        left(SPARE + 2 * RING);
        publish(MUCH, MINUTE);
        publish(MUCH, Duration.ZERO);
        assertThat(capacity()).as("with memory").isEqualTo(2 * RING);
    }

    @Test
    void shouldRefuseAMessageThatWouldGrowItIntoTheLimitOfItsMemoryGroup() {
        openInAMemoryGroup();
        assertThatThrownBy(() -> room.make(LARGER_THAN_THE_RING, true, patient()))
                .isInstanceOf(InsufficientResourcesException.class)
                .hasMessage("'" + name + "' cannot get a ring of 8 KiB: the memory cgroup " + root
                        + "/sys/fs/cgroup leaves 16,391 KiB of its 256 MiB, and 16 MiB must remain beside the ring, or the"
                        + " kernel kills a process. Raise the container's memory limit: a queue may take twice its"
                        + " maxCapacity.");
        assertThat(capacity()).isEqualTo(RING);
        reader(others);
        fill();
        assertThat(room.make(NEED, true, hurried())).as("for room").isEqualTo(Room.Made.BLOCKED);
        assertThat(capacity()).isEqualTo(RING);
    }

    @Test
    void shouldGrowForTrafficAtMostToItsMaximum() {
        openByTheClock();
        for (int i = 0; i < 6; i++) publish(MUCH, Duration.ZERO);
        assertThat(capacity()).isEqualTo(16 * RING);
        assertThat(counter("grows")).isEqualTo(4);
    }

    @Test
    void shouldGrowForTheTrafficOfAPublisherIfItIsAskedTo() {
        String uri = "shm:" + name + "?capacity=4k&maxCapacity=64k&deleteOnLastClose=true";
        for (String growth : new String[] {"", "&growth=need", "&growth=traffic"})
            try (MessageQueue queue = MessageQueues.open(uri + growth);
                    Publisher publisher = queue.createPublisher()) {
                for (int i = 0; i < 3 * MUCH / BODY; i++) publisher.publish(new byte[BODY]);
                assertThat(queue.stats().counters().get("grows") > 0).as(growth).isEqualTo(growth.endsWith("traffic"));
            }
    }

    @Test
    void shouldGrowForAReaderThatStandsStillButNotForAHiccup() throws Exception {
        open(growing());
        Subscriber reader = reader(others);
        fill();
        assertThat(room.make(NEED, true, patient())).isEqualTo(Room.Made.BLOCKED);
        Thread.sleep(6);
        takeOne(reader);
        assertThat(room.make(NEED, true, patient())).as("it went on").isEqualTo(Room.Made.ROOM);
        fill();
        assertThat(room.make(NEED, true, patient()))
                .as("it has only now stopped")
                .isEqualTo(Room.Made.BLOCKED);
        assertThat(counter("grows")).isZero();
        Thread.sleep(6);
        assertThat(room.make(NEED, true, patient())).isEqualTo(Room.Made.ROOM);
        assertThat(counter("grows")).isEqualTo(1);
        assertThat(writer.hasRoom(NEED)).isTrue();
    }

    @Test
    void shouldGrowAtOnceForWhoHasNoTime() {
        open(growing());
        reader(others);
        fill();
        assertThat(room.make(NEED, true, hurried())).isEqualTo(Room.Made.ROOM);
        assertThat(counter("grows")).isEqualTo(1);
    }

    @Test
    void shouldWaitForReadersWhileThereIsNoStorageToGrow() {
        open(growing());
        reader(others);
        fill();
        process.refuseEach("posix_fallocate", Errno.ENOSPC);
        assertThat(room.make(NEED, true, hurried())).isEqualTo(Room.Made.BLOCKED);
        assertThat(counter("grows")).isZero();
    }
}
