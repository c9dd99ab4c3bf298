package dev.belfry.benchmarks;

import dev.belfry.api.Claim;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;

/**
 * A process that times its own calls: {@code PublishTimer publish|publish-exclusive|claim-exclusive
 * URI}. "one MILLIS PIDS..." is a call at a time, each when all listeners of these processes sleep.
 * "batch MILLIS READERS" is many calls after each other, too few to fill the ring, so that no batch
 * waits for a reader.
 */
final class PublishTimer {
    private static final int LENGTH = 32;
    private static final int BATCH = 8_000;
    private static final int BATCHES = 1 << 16;
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final Publisher publisher;
    private final LongSupplier call;

    private PublishTimer(Publisher publisher, boolean claims) {
        this.publisher = publisher;
        ByteBuffer body = ByteBuffer.allocateDirect(LENGTH);
        call = claims ? this::claim : () -> publisher.publish(body.clear());
    }

    private long claim() {
        try (Claim claim = publisher.claim(LENGTH)) {
            claim.putLong(0, 1);
            claim.putLong(8, 2);
            claim.putLong(16, 3);
            claim.putLong(24, 4);
            return claim.commit();
        }
    }

    public static void main(String[] arguments) {
        boolean exclusive = arguments[0].endsWith("-exclusive");
        try (MessageQueue queue = MessageQueues.open(arguments[1]);
                Publisher publisher = queue.createPublisher(
                        PublisherOptions.builder().exclusive(exclusive).build())) {
            PublishTimer timer = new PublishTimer(publisher, arguments[0].startsWith("claim"));
            System.out.println("ready");
            Commands commands = new Commands();
            for (String[] c = commands.next(); c != null; c = commands.next()) {
                long nanos = Long.parseLong(c[1]) * 1_000_000;
                System.out.println(
                        c[0].equals("one") ? timer.one(nanos, asleep(c)) : timer.batch(nanos, Integer.parseInt(c[2])));
            }
        }
    }

    private static Asleep asleep(String[] words) {
        Asleep asleep = new Asleep();
        for (int i = 2; i < words.length; i++) asleep.watch(Long.parseLong(words[i]), Listeners.THREAD);
        return asleep;
    }

    /** "got P50 P99 COUNT", nanoseconds. */
    private String one(long nanos, Asleep asleep) {
        Histogram taken = new Histogram(3);
        long end = System.nanoTime() + nanos;
        for (long now = 0; now - end < 0; ) {
            asleep.await();
            long begin = System.nanoTime();
            call.getAsLong();
            now = System.nanoTime();
            taken.recordValue(now - begin);
        }
        asleep.close();
        return "got " + taken.getValueAtPercentile(50) + " " + taken.getValueAtPercentile(99) + " "
                + taken.getTotalCount();
    }

    /**
     * "got PICOS COUNT": a call's mean in a batch, as the median of batches: those in which the
     * thread lost its processor say nothing about the call.
     */
    private String batch(long nanos, int readers) {
        long[] picos = new long[BATCHES];
        int batches = 0;
        long end = System.nanoTime() + nanos;
        for (long now = 0; now - end < 0 && batches < BATCHES; batches++) {
            long last = 0;
            long begin = System.nanoTime();
            for (int i = 0; i < BATCH; i++) last = call.getAsLong();
            now = System.nanoTime();
            picos[batches] = (now - begin) * 1_000 / BATCH;
            if (readers > 0 && !publisher.awaitAcknowledged(last, readers, PATIENCE))
                throw new IllegalStateException("nobody reads");
        }
        Arrays.sort(picos, 0, batches);
        return "got " + picos[batches / 2] + " " + batches;
    }
}
