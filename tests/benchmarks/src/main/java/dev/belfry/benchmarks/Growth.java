package dev.belfry.benchmarks;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.MessageView;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import java.nio.ByteBuffer;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A queue that grows from 4 KiB to 64 MiB while one process sends 100,000 messages of 1 KiB a
 * second and another reads, next to one that had that size from the start. It grows because a
 * second subscriber reads nothing. What the reader waits for between two messages may be the
 * writer, which waits a millisecond before it grows and then for the kernel; its own pauses are those
 * between two looks. Then that one leaves, both go round the ring twice, and then as fast as they
 * can.
 */
final class Growth implements Scenario {
    private static final long LARGEST = 64 << 20;
    private static final int LENGTH = 1 << 10;

    /** The rings up to 32 MiB hold 64 MiB, so that there is a last growth, and 16 MiB in what came of it. */
    private static final int LOAD = 80 << 10;

    private static final int TWO_LAPS = 128 << 10;
    private static final long EVERY_NANOS = 10_000;

    @Override
    public String name() {
        return "growth";
    }

    @Override
    public List<Result> run(Mode mode) {
        Figures figures = new Figures(name());
        if (!Channels.haveRoom(4 * LARGEST)) return figures.results();
        int rounds = mode == Mode.SMOKE ? 1 : mode == Mode.QUICK ? 3 : 20;
        int warmUp = mode == Mode.SMOKE ? 0 : mode == Mode.QUICK ? 1 : 2;
        long millis = mode == Mode.SMOKE ? 200 : 500;
        Map<String, String> all = new LinkedHashMap<>();
        all.put("grown from 4 KiB", "capacity=4k&maxCapacity=64m");
        all.put("created at 64 MiB", "capacity=64m&maxCapacity=64m");
        try (Jvm reader = Jvm.start(Reader.class);
                Jvm writer = Jvm.start(Writer.class)) {
            for (int i = -warmUp; i < rounds; i++)
                for (var contestant : all.entrySet()) {
                    String queue = Channels.queue(contestant.getValue());
                    reader.tell(queue);
                    reader.expect("reading");
                    long[] wrote = writer.ask(queue + " " + millis, "wrote");
                    long[] read = reader.ask("over", "read");
                    if (i >= 0) add(figures, contestant.getKey(), wrote, read);
                }
        }
        return figures.results();
    }

    private static void add(Figures figures, String contestant, long[] wrote, long[] read) {
        figures.add(contestant, "reader's longest pause", "us", read[0] / 1e3);
        figures.add(contestant, "longest between two receives", "us", read[1] / 1e3);
        figures.add(contestant, "longest publish", "us", wrote[0] / 1e3);
        figures.add(contestant, "throughput afterwards", "M/s", read[2] * 1e3 / read[3]);
    }

    /**
     * For each queue that it is told: the longest between two ends of a poll, whether it found
     * something or not, and between two that did; and the count and time of the third part.
     */
    static final class Reader {
        private int part;

        private Reader() {}

        public static void main(String[] arguments) {
            Commands commands = new Commands();
            for (String[] c = commands.next(); c != null; c = commands.next()) new Reader().round(c[0], commands);
        }

        private void round(String uri, Commands commands) {
            SubscriberOptions spinning = SubscriberOptions.builder()
                    .spin(ChronoUnit.FOREVER.getDuration())
                    .build();
            try (MessageQueue queue = MessageQueues.open(uri);
                    Subscriber subscriber = queue.createSubscriber(spinning)) {
                System.out.println("reading");
                while (subscriber.poll(this::see, 1) == 0) Thread.onSpinWait();
                long pause = 0;
                long wait = 0;
                long last = System.nanoTime();
                for (long found = last; part == 0; ) {
                    int count = subscriber.poll(this::see, 64);
                    long now = System.nanoTime();
                    pause = Math.max(pause, now - last);
                    last = now;
                    if (count == 0) continue;
                    wait = Math.max(wait, now - found);
                    found = now;
                }
                while (part == 1) subscriber.poll(this::see, 64);
                long begin = System.nanoTime();
                long count = 0;
                while (part == 2) count += subscriber.poll(this::see, 64);
                long nanos = System.nanoTime() - begin;
                commands.next(); // the writer has closed: this is the last handle
                System.out.println("read " + pause + " " + wait + " " + count + " " + nanos);
            }
        }

        private void see(MessageView view) {
            if (view.getLong(0) < 0) part++;
        }
    }

    /** For each queue that it is told, and how long to write as fast as it can: its longest publish under load. */
    static final class Writer {
        private final ByteBuffer body = ByteBuffer.allocateDirect(LENGTH);

        private Writer() {}

        public static void main(String[] arguments) {
            Writer writer = new Writer();
            Commands commands = new Commands();
            for (String[] c = commands.next(); c != null; c = commands.next())
                System.out.println("wrote " + writer.round(c[0], Long.parseLong(c[1])));
        }

        private long round(String uri, long millis) {
            try (MessageQueue queue = MessageQueues.open(uri);
                    Publisher publisher = queue.createPublisher(
                            PublisherOptions.builder().exclusive(true).build())) {
                Subscriber holder = queue.stats().capacity() < LARGEST ? queue.createSubscriber() : null;
                long longest = load(publisher);
                if (queue.stats().capacity() != LARGEST) throw new IllegalStateException("it has not grown");
                if (holder != null) holder.close();
                send(publisher, -1);
                for (int i = 0; i < TWO_LAPS; i++) send(publisher, i);
                send(publisher, -1);
                long begin = System.nanoTime();
                while (System.nanoTime() - begin < millis * 1_000_000) for (int i = 0; i < 32; i++) send(publisher, i);
                send(publisher, -1);
                return longest;
            }
        }

        private long load(Publisher publisher) {
            long longest = 0;
            long begin = System.nanoTime();
            for (long i = 0; i < LOAD; i++) {
                while (System.nanoTime() - begin < i * EVERY_NANOS) Thread.onSpinWait();
                long before = System.nanoTime();
                send(publisher, i);
                longest = Math.max(longest, System.nanoTime() - before);
            }
            return longest;
        }

        private void send(Publisher publisher, long what) {
            publisher.publish(body.clear().putLong(0, what));
        }
    }
}
