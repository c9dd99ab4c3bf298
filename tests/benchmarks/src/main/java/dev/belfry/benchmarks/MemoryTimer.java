package dev.belfry.benchmarks;

import dev.belfry.api.Batch;
import dev.belfry.api.Claim;
import dev.belfry.api.MessageHandler;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.MessageView;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.Subscriber;
import dev.belfry.api.WritableBody;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;

/**
 * {@code MemoryTimer claim|publish|poll|batch LENGTH}: told for how many milliseconds, it answers "got PICOS COUNT": a
 * message's mean of a thousand, as the median of so many such means. Those in which the thread lost its processor say
 * nothing about the call.
 */
final class MemoryTimer implements AutoCloseable {
    private static final int MESSAGES = 1_000;
    private static final int MOST = 1 << 16;
    private static final int IN_BATCH = 40;

    /** Four longs by their index; the rest of a longer message goes in one copy. */
    private static final int FIELDS = 4 * Long.BYTES;

    private final MessageQueue queue = MessageQueues.open(Channels.queue("capacity=1m&maxCapacity=1m"));
    private final Publisher publisher =
            queue.createPublisher(PublisherOptions.builder().exclusive(true).build());
    private final int length;
    private final ByteBuffer body;
    private final byte[] rest;
    private final Runnable before;
    private final Runnable timed;
    private long sum;

    private final MessageHandler handler = this::read;

    private MemoryTimer(String kind, int length) {
        this.length = length;
        body = ByteBuffer.allocateDirect(length);
        rest = new byte[length];
        Subscriber subscriber = kind.equals("poll") ? queue.createSubscriber() : null;
        before = kind.equals("poll") ? this::publish : () -> {};
        timed = switch (kind) {
            case "claim" -> this::claim;
            case "publish" -> this::publish;
            case "batch" -> this::batch;
            case "poll" -> () -> subscriber.poll(handler, MESSAGES, Duration.ZERO);
            default -> throw new IllegalArgumentException(kind);
        };
    }

    public static void main(String[] arguments) {
        try (MemoryTimer timer = new MemoryTimer(arguments[0], Integer.parseInt(arguments[1]))) {
            System.out.println("ready");
            Commands commands = new Commands();
            for (String[] c = commands.next(); c != null; c = commands.next())
                System.out.println(timer.time(Long.parseLong(c[0]) * 1_000_000));
        }
    }

    private String time(long nanos) {
        long[] picos = new long[MOST];
        int count = 0;
        long end = System.nanoTime() + nanos;
        for (long now = 0; now - end < 0 && count < MOST; count++) {
            before.run();
            long begin = System.nanoTime();
            timed.run();
            now = System.nanoTime();
            picos[count] = (now - begin) * 1_000 / MESSAGES;
        }
        Arrays.sort(picos, 0, count);
        return "got " + picos[count / 2] + " " + count;
    }

    private void claim() {
        for (int i = 0; i < MESSAGES; i++) {
            try (Claim claim = publisher.claim(length)) {
                fill(claim, i);
                claim.commit();
            }
        }
    }

    private void publish() {
        for (int i = 0; i < MESSAGES; i++) publisher.publish(body.clear());
    }

    private void batch() {
        for (int i = 0; i < MESSAGES; i += IN_BATCH)
            try (Batch batch = publisher.batch(IN_BATCH * publisher.sizeInBatch(length))) {
                for (int j = 0; j < IN_BATCH; j++) fill(batch.claim(length), i + j);
                batch.commit();
            }
    }

    private void read(MessageView view) {
        sum += view.getLongLE(0) + view.getLongLE(8) + view.getLongLE(16) + view.getLongLE(24);
        if (view.length() > FIELDS) view.copyTo(FIELDS, rest, 0, view.length() - FIELDS);
    }

    private void fill(WritableBody target, long value) {
        target.putLongLE(0, value);
        target.putLongLE(8, value);
        target.putLongLE(16, value);
        target.putLongLE(24, value);
        if (length > FIELDS) target.copyFrom(FIELDS, rest, 0, length - FIELDS);
    }

    @Override
    public void close() {
        queue.close();
    }
}
