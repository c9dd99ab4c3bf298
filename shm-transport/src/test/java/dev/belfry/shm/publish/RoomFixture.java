package dev.belfry.shm.publish;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Pointer;
import dev.belfry.api.AckMode;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.Inside;
import dev.belfry.shm.crash.Participant;
import dev.belfry.shm.crash.Refused;
import dev.belfry.shm.journal.Disk;
import dev.belfry.shm.ring.LogEnd;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.sync.Wait;
import dev.belfry.testing.CaughtLog;
import dev.belfry.testing.WaitsForOthers;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A queue with a small ring, and what one of its publishers has. */
@Timeout(60)
@WaitsForOthers
abstract class RoomFixture {
    static final int RING = 4096;
    static final int BODY = 488; // eight records fill the ring, but for the eight bytes that stay free
    static final long NEED = BODY + 8;
    static final long HOUR = TimeUnit.HOURS.toNanos(1);

    /** Counts how often it sleeps and wakes somebody. */
    static final class Counting extends Refused {
        private static final int F_BSIZE = 8, F_BAVAIL = 32;

        // Without initializers: the first calls are made by the constructor of the superclass.
        volatile int sleeps;
        volatile int posts;
        volatile Long freeBytes; // of the file system; null: as it is

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
    final CaughtLog log = new CaughtLog();

    final String name = "room-" + ProcessHandle.current().pid();
    final Counting process = new Counting();
    final Participant others = new Participant();
    QueueConfig config = growing().build();
    MessageQueue queue;
    Handle handle;
    LogEnd writer;
    Room room;

    static QueueConfig.Builder fixed() {
        return QueueConfig.builder().capacity(RING).maxCapacity(RING).deleteOnLastClose(true);
    }

    static QueueConfig.Builder growing() {
        return fixed().maxCapacity(16 * RING);
    }

    MessageQueue open(Participant participant) {
        return participant.open(name, config, 8);
    }

    /** A queue, and what a publisher of it has. */
    void open(QueueConfig.Builder config) {
        this.config = config.build();
        queue = open(process);
        handle = Inside.handle(queue);
        writer = handle.end;
        room = new Room(handle, Inside.subscriptions(queue), Disk.NONE);
        assertThat(handle.publishLock.tryAcquire()).isTrue();
        process.sleeps = 0;
    }

    Subscriber reader(Participant of) {
        return open(of).createSubscriber(
                        SubscriberOptions.builder().ackMode(AckMode.CLIENT).build());
    }

    void fill() {
        while (writer.append(ByteBuffer.allocate(BODY), 0, BODY, new byte[0], 0) != LogEnd.NO_ROOM)
            ;
    }

    static void takeOne(Subscriber reader) {
        assertThat(reader.receiveNoWait()).isNotNull();
        reader.acknowledge();
    }

    static Wait hurried() {
        return new Wait(0, () -> false);
    }

    static Wait patient() {
        return new Wait(HOUR, () -> false);
    }

    long counter(String which) {
        return queue.stats().counters().get(which);
    }

    @AfterEach
    void close() {
        if (handle != null && handle.publishLock.isHeldByThisHandle()) handle.publishLock.release();
        others.closeQueues();
        process.closeQueues();
        MessageQueues.delete("shm:" + name);
    }
}
