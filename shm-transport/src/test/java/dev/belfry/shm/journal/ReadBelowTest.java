package dev.belfry.shm.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueConfig;
import dev.belfry.shm.Disk;
import dev.belfry.shm.Inside;
import dev.belfry.shm.LivePart;
import dev.belfry.shm.ring.FloorOnDisk;
import dev.belfry.shm.ring.LogPlace;
import dev.belfry.shm.segment.Machine;
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
}
