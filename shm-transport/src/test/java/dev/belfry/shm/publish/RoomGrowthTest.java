package dev.belfry.shm.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.InsufficientResourcesException;
import dev.belfry.api.QueueFullException;
import dev.belfry.api.Subscriber;
import dev.belfry.shm.layout.RegionTable;
import dev.belfry.shm.posix.Errno;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a ring grows: for room. */
class RoomGrowthTest extends RoomFixture {
    private static final long LARGER_THAN_THE_RING = RING + 8;
    private static final long PLACE = 64 << 10;
    private static final long SPARE = 16 << 20;

    @TempDir
    Path root;

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

    private long capacity() {
        return handle.segment.table.capacity(handle.segment.header.current());
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
        open(growing());
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
