package dev.belfry.shm.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.testing.WaitsForOthers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;
import java.util.concurrent.CyclicBarrier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
@WaitsForOthers
class MappingTest {
    private static final int PAGE = 4096;

    @Test
    void shouldShowTheSameBytesTwiceInARow() {
        try (SharedMemory object = Kernel.unnamed(4 * PAGE)) {
            Mapping mapping = object.mapTwice(PAGE, 2 * PAGE, true);
            ByteBuffer bytes = mapping.buffer;
            assertThat(mapping.length).isEqualTo(4 * PAGE);
            assertThat(bytes.capacity()).isEqualTo(4 * PAGE);
            assertThat(bytes.order()).isEqualTo(ByteOrder.nativeOrder());

            bytes.putLong(8, 1);
            bytes.putLong(3 * PAGE + 8, 2);
            assertThat(bytes.getLong(2 * PAGE + 8)).isEqualTo(1);
            assertThat(bytes.getLong(PAGE + 8)).isEqualTo(2);
            mapping.coverWithZeroPages();
        }
    }

    @Test
    void shouldHoldARecordAcrossTheSeam() {
        try (SharedMemory object = Kernel.unnamed(PAGE)) {
            Mapping mapping = object.mapTwice(0, PAGE, true);
            byte[] record = "across the seam".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
            mapping.buffer.put(PAGE - 7, record);

            byte[] wrapped = new byte[record.length];
            mapping.buffer.get(PAGE - 7, wrapped, 0, 7);
            mapping.buffer.get(0, wrapped, 7, record.length - 7);
            assertThat(wrapped).isEqualTo(record);
            mapping.coverWithZeroPages();
        }
    }

    @Test
    void shouldReadZerosFromAKeptBufferAndDropLateWritesWhenCovered() {
        try (SharedMemory object = Kernel.unnamed(PAGE)) {
            Mapping kept = object.mapTwice(0, PAGE, true);
            Mapping other = object.map(0, PAGE, false);
            ByteBuffer slice = kept.buffer.slice(16, 64).order(ByteOrder.nativeOrder());
            slice.putInt(0, 42);

            kept.coverWithZeroPages();
            kept.coverWithZeroPages();

            assertThat(slice.getInt(0)).isZero();
            slice.putInt(0, 43);
            assertThat(other.buffer.getInt(16)).isEqualTo(42);
            assertThat(Kernel.maps(kept.address, kept.length)).allMatch(line -> !line.contains("/dev/shm"));
            other.coverWithZeroPages();
        }
    }

    @Test
    void shouldStayCoveredWhenWrittenToAndCoveredAgain() {
        try (SharedMemory object = Kernel.unnamed(PAGE)) {
            Mapping mapping = object.map(0, PAGE, true);
            mapping.coverWithZeroPages();
            mapping.buffer.putInt(0, 7);
            mapping.coverWithZeroPages();
            assertThat(mapping.buffer.getInt(0)).as("once, not again").isEqualTo(7);
        }
    }

    @Test
    void shouldBeCoveredForEachThreadWhenItsCallReturns() throws Exception {
        try (SharedMemory object = Kernel.unnamed(PAGE)) {
            for (int i = 0; i < 500; i++) {
                Mapping mapping = object.map(0, PAGE, true);
                Mapping witness = object.map(0, PAGE, false);
                mapping.buffer.putInt(0, 1);
                CyclicBarrier start = new CyclicBarrier(2);
                Thread[] threads = Stream.generate(() -> new Thread(() -> {
                            await(start);
                            mapping.coverWithZeroPages();
                            mapping.buffer.putInt(0, 2); // R9: must reach nobody
                        }))
                        .limit(2)
                        .toArray(Thread[]::new);
                for (Thread thread : threads) thread.start();
                for (Thread thread : threads) thread.join();
                assertThat(witness.buffer.getInt(0)).isEqualTo(1);
                witness.coverWithZeroPages();
            }
        }
    }

    @Test
    void shouldCoverAReadOnlyMappingSoThatItReadsZeros() {
        try (SharedMemory object = Kernel.unnamed(PAGE)) {
            Mapping writer = object.map(0, PAGE, true);
            Mapping reader = object.map(0, PAGE, false);
            writer.buffer.putInt(0, 42);
            assertThat(reader.buffer.getInt(0)).isEqualTo(42);
            assertThatThrownBy(() -> reader.buffer.putInt(0, 1)).isInstanceOf(ReadOnlyBufferException.class);
            reader.coverWithZeroPages();
            assertThat(reader.buffer.getInt(0)).isZero();
            writer.coverWithZeroPages();
        }
    }

    @Test
    void shouldShowPagesBeyondTheEndAsSoonAsTheObjectGrows() {
        try (SharedMemory object = Kernel.unnamed(PAGE)) {
            long free = FileSystem.of(object).freeBytes();
            Mapping mapping = object.map(0, 1 << 30, true);
            assertThat(FileSystem.of(object).freeBytes())
                    .as("a map takes no memory")
                    .isGreaterThan(free - (512 << 20));
            assertThat(object.status().size()).as("nor does it grow the object").isEqualTo(PAGE);

            object.allocate(PAGE, PAGE);
            mapping.buffer.putLong(PAGE, 42);
            assertThat(mapping.buffer.getLong(PAGE)).isEqualTo(42);
            mapping.coverWithZeroPages();
        }
    }

    @Test
    void shouldBeBiggerThanItsBufferWhenItMust() {
        try (SharedMemory object = Kernel.unnamed(PAGE)) {
            Mapping mapping = object.mapTwice(0, 1L << 30, true);
            assertThat(mapping.length).isEqualTo(1L << 31);
            int most = mapping.buffer.capacity();
            assertThat(most).as("so far the last record reaches").isGreaterThanOrEqualTo(Integer.MAX_VALUE - 15);
            mapping.coverWithZeroPages();
            assertThat(mapping.buffer.get(most - 1)).isZero();
        }
    }

    @Test
    void shouldRefuseWhatTheKernelRefusesAndLeaveNoMap() {
        try (SharedMemory object = Kernel.unnamed(PAGE)) {
            long maps = Kernel.sharedMaps();
            assertThatThrownBy(() -> object.map(1, PAGE, true)).hasMessageContaining("EINVAL (22)");
            assertThatThrownBy(() -> object.map(0, 0, true)).hasMessageContaining("EINVAL (22)");
            assertThatThrownBy(() -> object.mapTwice(0, 100, true)).hasMessageContaining("EINVAL (22)");
            assertThatThrownBy(() -> object.map(0, -1, true)).hasMessageContaining("ENOMEM (12)");
            assertThatThrownBy(() -> object.mapTwice(0, Long.MAX_VALUE, true)).isInstanceOf(ArithmeticException.class);
            assertThat(Kernel.sharedMaps()).isEqualTo(maps);
        }
    }

    @Test
    void shouldStayMappedWhileASliceOfAViewIsReachableAndGoAfterwards() throws Exception {
        try (SharedMemory object = Kernel.unnamed(PAGE)) {
            for (boolean writable : new boolean[] {true, false}) {
                Mapping mapping = object.mapTwice(0, PAGE, writable);
                long address = mapping.address;
                ByteBuffer slice = mapping.buffer
                        .asReadOnlyBuffer()
                        .slice(8, 100)
                        .duplicate()
                        .slice(0, 8);
                mapping = null;

                for (int i = 0; i < 5; i++) collect();
                assertThat(sharedAt(address)).as("reachable through the slice").isTrue();
                assertThat(slice.getLong(0)).isZero();

                slice = null;
                while (sharedAt(address)) collect();
            }
        }
    }

    /** Not covered in this test: zero pages would merge with what lies beside them. */
    private static boolean sharedAt(long address) {
        return Kernel.maps(address, 1).stream().anyMatch(line -> line.contains("/dev/shm"));
    }

    private static void collect() throws InterruptedException {
        System.gc();
        Thread.sleep(20);
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void shouldStillReadZerosWhenWritablePagesAreRefused() {
        FaultyLibC faults = new FaultyLibC();
        LibC c = faults.failing((function, k) -> function.equals("mmap")
                        && faults.calls.stream().filter("mmap"::equals).count() == 1
                ? Errno.ENOMEM
                : 0);
        try (SharedMemory object = SharedMemory.createUnnamed(c, 0600, -1)) {
            object.allocate(0, PAGE);
            Mapping mapping = object.map(0, PAGE, true);
            mapping.buffer.putInt(0, 42);
            mapping.coverWithZeroPages();
            assertThat(mapping.buffer.getInt(0)).isZero();
        }
    }
}
