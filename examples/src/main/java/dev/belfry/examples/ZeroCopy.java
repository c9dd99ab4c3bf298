package dev.belfry.examples;

import com.sun.management.ThreadMXBean;
import dev.belfry.api.Claim;
import dev.belfry.api.MessageHandler;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.Subscriber;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.temporal.ChronoUnit;

/**
 * Messages without objects: the publisher writes its fields into the shared memory, where the
 * subscriber reads them. Allocation is measured in both JVMs.
 */
public final class ZeroCopy {
    private static final int HALF_WARM = 500_000;
    private static final int WARM_UP = 2 * HALF_WARM;
    private static final int MESSAGES = 4_000_000;

    private ZeroCopy() {}

    /** The message, as a struct: {@code long instrument; double price; int quantity; int side}. */
    static final class Quote {
        static final int INSTRUMENT = 0;
        static final int PRICE = 8;
        static final int QUANTITY = 16;
        static final int SIDE = 20;
        static final int LENGTH = 24;

        private Quote() {}
    }

    public static void main(String[] args) throws Exception {
        String uri = "shm:zerocopy-" + ProcessHandle.current().pid() + "?deleteOnLastClose=true";
        Speaker a = new Speaker("A");
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher out = queue.createPublisher();
                Jvms jvms = new Jvms()) {
            jvms.start(Reader.class, uri);
            while (queue.stats().subscribers().isEmpty()) Thread.sleep(10);
            long allocated = 0;
            for (int i = 1; i <= MESSAGES; i++) {
                if (i == HALF_WARM || i == WARM_UP) Thread.sleep(300); // the compiler ends what it has in hand
                if (i == WARM_UP) allocated = allocatedBytes();
                publish(out, i);
            }
            report(a, allocatedBytes() - allocated);
            jvms.join();
        }
    }

    /** Reserve, write in place, make visible: nothing is copied. */
    private static void publish(Publisher out, int i) {
        try (Claim claim = out.claim(Quote.LENGTH)) {
            claim.putLong(Quote.INSTRUMENT, i % 100);
            claim.putDouble(Quote.PRICE, 1.25);
            claim.putInt(Quote.QUANTITY, i % 10);
            claim.putInt(Quote.SIDE, i & 1);
            claim.commit();
        }
    }

    private static long allocatedBytes() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        return threads.getThreadAllocatedBytes(Thread.currentThread().getId());
    }

    private static void report(Speaker speaker, long bytes) {
        int messages = MESSAGES - WARM_UP;
        speaker.say("Allocated %,d bytes in %,d messages: %.3f each", bytes, messages, bytes / (double) messages);
    }

    /** Adds up what was offered; the view reads the shared memory itself. */
    static final class Reader {
        private static final Duration FOR_EVER = ChronoUnit.FOREVER.getDuration();
        private int count;
        private double sum;

        public static void main(String[] args) {
            Speaker b = new Speaker("B");
            Reader reader = new Reader();
            MessageHandler hear = quote -> { // made once
                reader.sum += quote.getDouble(Quote.PRICE) * quote.getInt(Quote.QUANTITY);
                reader.count++;
            };
            try (MessageQueue queue = MessageQueues.open(args[0]);
                    Subscriber in = queue.createSubscriber()) {
                while (reader.count < WARM_UP) in.poll(hear, 1000, FOR_EVER);
                long allocated = allocatedBytes();
                while (reader.count < MESSAGES) in.poll(hear, 1000, FOR_EVER);
                report(b, allocatedBytes() - allocated);
            }
            b.say("%,d quotes, worth %,.2f", reader.count, reader.sum);
        }
    }
}
