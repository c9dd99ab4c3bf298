package dev.belfry.shm.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueConfig;
import dev.belfry.shm.Disk;
import dev.belfry.shm.Inside;
import dev.belfry.shm.LivePart;
import dev.belfry.shm.layout.RecordHeader;
import dev.belfry.shm.ring.FloorOnDisk;
import dev.belfry.shm.ring.LogPlace;
import dev.belfry.shm.segment.Machine;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ReadBelowTest {
    /** Of a file of 64 KiB no sector is tried alone: only a disk that refuses one has others that it gives. */
    @Test
    void shouldPassAMissingFileByOneRead() {
        String name = "below" + ProcessHandle.current().pid();
        QueueConfig small =
                QueueConfig.builder().capacity(4096).maxCapacity(4096).build();
        AtomicInteger reads = new AtomicInteger();
        Disk disk = new Disk(true).withHistory();
        try (MessageQueue queue = disk.open(Machine.real(), name, small, step -> {
                    if (step.equals("pread")) reads.incrementAndGet();
                });
                Publisher publisher = queue.createPublisher()) {
            while (Inside.handle(queue).segment.header.tailAcquire() < 2 * Disk.FILE) publisher.publish(new byte[1000]);
            disk.removedBelow = Disk.FILE;
            reads.set(0);
            LogPlace first = ((FloorOnDisk) Inside.handle(queue).segment.floor).firstFrom(0);
            assertThat(first.offset()).isBetween((long) Disk.FILE, Disk.FILE + 1024L);
            assertThat(reads).hasValueLessThan(8);
        } finally {
            LivePart.setAside(name);
        }
    }

    /** Each second word of a body could be the header of a record that lies in the ring, and is too long for one. */
    @Test
    void shouldReadNoEndOfARecordThatIsLongerThanAMessageMayBe() {
        String name = "longer" + ProcessHandle.current().pid();
        QueueConfig large =
                QueueConfig.builder().capacity(1 << 18).maxCapacity(1 << 18).build();
        ByteBuffer body = ByteBuffer.allocate(60_000).order(ByteOrder.LITTLE_ENDIAN);
        while (body.hasRemaining())
            body.putLong(RecordHeader.data(100_000, 0, 3)).putLong(-1);
        AtomicInteger reads = new AtomicInteger();
        Disk disk = new Disk(true).withHistory();
        try (MessageQueue queue = disk.open(Machine.real(), name, large, step -> {
                    if (step.equals("pread")) reads.incrementAndGet();
                });
                Publisher publisher = queue.createPublisher()) {
            for (int i = 0; i < 8; i++) publisher.publish(body.array());
            reads.set(0);
            LogPlace first = ((FloorOnDisk) Inside.handle(queue).segment.floor).firstFrom(Disk.FILE);
            assertThat(first.position()).isEqualTo(3);
            assertThat(reads).hasValueLessThan(8);
        } finally {
            LivePart.setAside(name);
        }
    }
}
