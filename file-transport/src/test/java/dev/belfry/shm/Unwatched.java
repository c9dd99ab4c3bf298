package dev.belfry.shm;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.QueueConfig;
import dev.belfry.shm.journal.LogFiles;
import dev.belfry.shm.journal.Tick;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.Leaving;
import dev.belfry.shm.segment.Machine;

/** Live parts without the thread that keeps their files: each of its checks is the test's. */
public final class Unwatched {
    private Unwatched() {}

    public static MessageQueue made(LivePart part) {
        return part.appear();
    }

    public static MessageQueue joined(LivePart.Spec spec, LogFiles files) {
        QueueConfig config = QueueConfig.builder().build();
        return LivePart.open(Machine.real(), spec, config, files, ofAnother -> false, (from, upTo) -> true);
    }

    private static Handle handle(MessageQueue queue) {
        return ((ShmQueue) queue).handle;
    }

    public static Runnable tick(MessageQueue queue, long flushNanos) {
        return new Tick(handle(queue), ((ShmQueue) queue).keeper.leader, flushNanos);
    }

    public static long floor(MessageQueue queue) {
        return handle(queue).segment.floor.offset();
    }

    /** The floor's position. */
    public static long oldest(MessageQueue queue) {
        return handle(queue).segment.floor.oldestPosition();
    }

    public static long durable(MessageQueue queue) {
        return handle(queue).segment.journal.durableAcquire();
    }

    /** Its process has ended, or the machine: nothing more is done for the files. */
    public static void leave(MessageQueue queue) {
        Leaving.leave(handle(queue));
    }
}
