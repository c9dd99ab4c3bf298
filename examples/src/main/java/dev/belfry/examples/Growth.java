package dev.belfry.examples;

import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.LockSupport;

/**
 * A ring of 4 KiB grows while messages flow. A subscriber in another JVM falls behind; the
 * publisher does not wait for it but doubles the ring, up to maxCapacity. No process is
 * interrupted, and nothing is lost. The library logs what it does.
 */
public final class Growth {
    private static final int MESSAGES = 30_000;
    private static final int BYTES = 1000;
    private static final long LARGE = 16 << 20;

    private Growth() {}

    public static void main(String[] args) throws Exception {
        String uri =
                "shm:growth-" + ProcessHandle.current().pid() + "?capacity=4k&maxCapacity=32m&deleteOnLastClose=true";
        Speaker a = Speaker.narrating("A");
        SharedObjects shared;
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher out = queue.createPublisher();
                Jvms jvms = new Jvms()) {
            shared = SharedObjects.of(queue);
            jvms.start(Reader.class, uri);
            while (queue.stats().subscribers().isEmpty()) Thread.sleep(10);
            ByteBuffer body = ByteBuffer.allocate(BYTES);
            long capacity = queue.stats().capacity();
            for (int i = 1; i <= MESSAGES; i++) {
                out.publish(body.putInt(0, i).clear());
                if (i % 100 == 0 && queue.stats().capacity() > capacity) {
                    capacity = queue.stats().capacity();
                    a.say("%,d messages sent; B is %,d behind", i, lag(queue));
                }
            }
            a.say("All %,d sent; B is %,d behind, the ring has %,d bytes", MESSAGES, lag(queue), capacity);
            jvms.join();
        }
        a.say("Left in /dev/shm: %s", shared.left());
    }

    private static long lag(MessageQueue queue) {
        return queue.stats().subscribers().get(0).lag();
    }

    /** Slow until the ring is large; checks that each message is the next. */
    static final class Reader {
        public static void main(String[] args) {
            Speaker b = Speaker.narrating("B");
            try (MessageQueue queue = MessageQueues.open(args[0]);
                    Subscriber in = queue.createSubscriber(StartAt.OLDEST_RETAINED)) {
                for (int i = 1; i <= MESSAGES; i++) {
                    Message message = in.receive();
                    if (message.getInt(0) != i) throw new IllegalStateException("A gap before " + message);
                    if (i % 50 == 0 && queue.stats().capacity() < LARGE) LockSupport.parkNanos(5_000_000);
                }
            }
            b.say("Received all %,d, in order, none lost", MESSAGES);
        }
    }
}
