package dev.belfry.benchmarks;

import java.io.File;
import java.util.ArrayList;
import java.util.List;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.RollCycle;
import net.openhft.chronicle.queue.impl.StoreFileListener;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.queue.rollcycles.LargeRollCycles;
import net.openhft.chronicle.queue.rollcycles.TestRollCycles;
import net.openhft.chronicle.threads.Pauser;
import net.openhft.chronicle.wire.DocumentContext;
import org.agrona.IoUtil;

/** Chronicle Queue in /dev/shm, its best case. It waits with its own pausers. */
final class ChronicleProduct implements Product {
    private static final int BATCH = 1024;
    private static final int BLOCK = 64 << 20;

    static {
        System.setProperty("chronicle.announcer.disable", "true"); // our output is read by a program
        System.setProperty("chronicle.analytics.disable", "true");
    }

    private final boolean spins;
    private final boolean rolls;
    private final List<ChronicleQueue> queues = new ArrayList<>();
    private final List<File> directories = new ArrayList<>();

    /**
     * It keeps all that was ever sent. If it rolls, each second, what has been read goes: at full
     * speed the memory would not last.
     */
    ChronicleProduct(boolean spins, boolean rolls) {
        this.spins = spins;
        this.rolls = rolls;
    }

    private ChronicleQueue queue(String channel, boolean reads) {
        File directory = new File("/dev/shm/chronicle-" + channel);
        RollCycle cycle = rolls ? TestRollCycles.TEST_SECONDLY : LargeRollCycles.LARGE_DAILY;
        SingleChronicleQueueBuilder builder =
                SingleChronicleQueueBuilder.binary(directory).rollCycle(cycle).blockSize(BLOCK);
        if (rolls && reads) builder.storeFileListener(new LastButOneGoes());
        ChronicleQueue queue = builder.build();
        queues.add(queue);
        directories.add(directory);
        return queue;
    }

    /** Not the last: another reader may be behind. */
    private static final class LastButOneGoes implements StoreFileListener {
        private File last;

        @Override
        public synchronized void onReleased(int cycle, File file) {
            if (last != null && !last.equals(file)) IoUtil.deleteIfExists(last);
            last = file;
        }
    }

    @Override
    public Sender sender(String channel, int length) {
        ExcerptAppender appender = queue(channel, false).createAppender();
        byte[] filling = Message.filling(length);
        return (sequence, due, now) -> {
            try (DocumentContext document = appender.writingDocument()) {
                Bytes<?> bytes = document.wire().bytes();
                bytes.writeLong(sequence).writeLong(due).writeLong(now);
                if (length > Message.SHORTEST) bytes.write(filling, Message.FILLING, length - 32);
                bytes.writeLong(sequence);
            }
        };
    }

    @Override
    public Receiver receiver(String channel) {
        ExcerptTailer tailer = queue(channel, true).createTailer();
        Pauser pauser = spins ? Pauser.busy() : Pauser.balanced();
        return inbox -> {
            int count = 0;
            while (count < BATCH && read(tailer, inbox)) count++;
            if (count > 0) pauser.reset();
            else pauser.pause();
        };
    }

    private static boolean read(ExcerptTailer tailer, Inbox inbox) {
        try (DocumentContext document = tailer.readingDocument()) {
            if (!document.isPresent()) return false;
            Bytes<?> bytes = document.wire().bytes();
            long at = bytes.readPosition();
            int length = (int) bytes.readRemaining();
            if (inbox.accept(
                    bytes.readLong(at),
                    bytes.readLong(at + Message.DUE),
                    bytes.readLong(at + Message.SENT),
                    bytes.readLong(at + length - 8),
                    length))
                for (int i = Message.FILLING; i < length - 8; i++) inbox.acceptByte(i, bytes.readByte(at + i));
            return true;
        }
    }

    @Override
    public void close() {
        queues.forEach(ChronicleQueue::close);
        directories.forEach(d -> IoUtil.delete(d, true));
    }
}
