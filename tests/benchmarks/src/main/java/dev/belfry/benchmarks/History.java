package dev.belfry.benchmarks;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.MessageView;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Whether a queue slows down with age. First by its positions: as many short messages as the time
 * allows, in slices of at most 2^24, after which the stamps in the ring begin again. Then by its
 * history: a ring of 1 GiB, round and round; and how fast the oldest and the newest in it are read,
 * which is done alone.
 */
final class History implements Scenario {
    private static final long RING = 1 << 30;
    private static final int SHORT = 32;
    private static final int LENGTH = 256;
    private static final int HEADER = 8;
    private static final long STAMPS = 1 << 24;
    private static final long QUARTER = RING / (LENGTH + HEADER) / 4;
    private static final int SOME = 500_000;
    private static final long FOR_EVER = 1L << 40;

    @Override
    public String name() {
        return "history";
    }

    @Override
    public List<Result> run(Mode mode) {
        long millis = mode == Mode.SMOKE ? 1_500 : mode == Mode.QUICK ? 3_000 : seconds() * 1_000;
        long messages = mode == Mode.SMOKE ? 4_500_000 : mode == Mode.QUICK ? 25_000_000 : 100_000_000;
        long slice = mode == Mode.SMOKE ? STAMPS / 256 : mode == Mode.QUICK ? STAMPS / 16 : STAMPS;
        int rounds = mode == Mode.SMOKE ? 1 : mode == Mode.QUICK ? 5 : 11;
        Figures figures = new Figures(name());
        try (Jvm reader = Jvm.start(Reader.class);
                Jvm writer = Jvm.start(Writer.class)) {
            positions(
                    stream(reader, writer, "capacity=1m&maxCapacity=1m", SHORT, slice, FOR_EVER, millis),
                    slice,
                    figures);
            reader.tell("close");
            if (Channels.haveRoom(RING + (RING >> 4))) {
                String ring = "capacity=1g&maxCapacity=1g";
                history(stream(reader, writer, ring, LENGTH, QUARTER, messages, FOR_EVER), figures);
                for (int i = -1; i < rounds; i++) compare(reader.ask("compare", "compared"), i >= 0, figures);
            }
        }
        return figures.results();
    }

    /** How long a full run writes short messages. In ten minutes its first and last tenth are a minute each. */
    private static long seconds() {
        String seconds = System.getenv("BENCHMARK_HISTORY_SECONDS");
        return seconds == null ? 60 : Long.parseLong(seconds);
    }

    /** Nanoseconds of each whole slice, as the reader saw them. */
    private static long[] stream(
            Jvm reader, Jvm writer, String ring, int length, long slice, long messages, long millis) {
        String queue = Channels.next();
        reader.ask("read " + queue + " " + ring + " " + slice, "reading");
        writer.tell("write " + queue + " " + ring + " " + length + " " + messages + " " + millis);
        long sent = writer.numbers("wrote", millis < FOR_EVER ? millis : 0)[0];
        long[] slices = reader.numbers("read");
        if (slices.length != sent / slice) throw new IllegalStateException(sent + " messages in " + slices.length);
        return slices;
    }

    /** The first slice is the compiler's; on a busy machine a short run may have no more. */
    private static void positions(long[] slices, long slice, Figures figures) {
        String who = "belfry 32 B, ring of 1 MiB";
        figures.add(who, "position reached", "10^9", slices.length * slice / 1e9);
        if (slices.length < 3) return;
        int tenth = (slices.length + 8) / 10;
        add(figures, who, "throughput, first tenth", slice, Arrays.copyOfRange(slices, 1, 1 + tenth));
        add(
                figures,
                who,
                "throughput, last tenth",
                slice,
                Arrays.copyOfRange(slices, slices.length - tenth, slices.length));
    }

    private static void history(long[] slices, Figures figures) {
        String who = "belfry 256 B, ring of 1 GiB";
        add(figures, who, "throughput, first lap", QUARTER, Arrays.copyOf(slices, 4));
        if (slices.length >= 12) add(figures, who, "throughput, second lap", QUARTER, Arrays.copyOfRange(slices, 4, 8));
        add(
                figures,
                who,
                "throughput, last lap",
                QUARTER,
                Arrays.copyOfRange(slices, slices.length - 4, slices.length));
    }

    private static void add(Figures figures, String who, String figure, long slice, long[] nanos) {
        for (long each : nanos) figures.add(who, figure, "M/s", slice * 1e3 / each);
    }

    private static void compare(long[] nanos, boolean counts, Figures figures) {
        if (!counts) return;
        for (int i = 0; i < 2; i++) {
            String who = i == 0 ? "belfry, oldest of 1 GiB" : "belfry, newest of 1 GiB";
            figures.add(who, "subscribing", "ms", nanos[2 * i] / 1e6);
            figures.add(who, "reading", "M/s", SOME * 1e3 / nanos[2 * i + 1]);
        }
    }

    /** "write QUEUE RING LENGTH MESSAGES MILLIS": whichever comes first. */
    static final class Writer {
        private Writer() {}

        public static void main(String[] arguments) {
            Commands commands = new Commands();
            for (String[] c = commands.next(); c != null; c = commands.next())
                try (BelfryProduct product =
                        new BelfryProduct(BelfryProduct.Way.CLAIM, true, ChronoUnit.FOREVER.getDuration(), c[2])) {
                    Product.Sender sender = product.sender(c[1], Integer.parseInt(c[3]));
                    System.out.println("wrote " + write(sender, Long.parseLong(c[4]), Long.parseLong(c[5])));
                }
        }

        private static long write(Product.Sender sender, long messages, long millis) {
            long end = System.nanoTime() + millis * 1_000_000;
            long sent = 0;
            while (sent < messages && System.nanoTime() - end < 0)
                for (int i = 0; i < 64; i++) sender.send(sent++, 0, 0);
            sender.send(Message.END, 0, 0);
            return sent;
        }
    }

    /** "read QUEUE RING SLICE", then any number of "compare", then "close". */
    static final class Reader {
        private static final Duration PATIENCE = Duration.ofSeconds(1);

        private static long touched; // so that the compiler reads the messages

        private final long slice;
        private final List<Long> slices = new ArrayList<>();
        private long began;
        private long expected;
        private boolean over;

        private Reader(long slice) {
            this.slice = slice;
        }

        public static void main(String[] arguments) {
            Commands commands = new Commands();
            for (String[] c = commands.next(); c != null; c = commands.next())
                try (MessageQueue queue = MessageQueues.open("shm:" + c[1] + "?deleteOnLastClose=true&" + c[2])) {
                    new Reader(Long.parseLong(c[3])).read(queue);
                    String[] next;
                    while ((next = commands.next()) != null && next[0].equals("compare"))
                        System.out.println("compared " + oldest(queue) + " " + newest(queue));
                }
        }

        private void read(MessageQueue queue) {
            SubscriberOptions spinning = SubscriberOptions.builder()
                    .spin(ChronoUnit.FOREVER.getDuration())
                    .build();
            try (Subscriber subscriber = queue.createSubscriber(spinning)) {
                System.out.println("reading");
                while (subscriber.poll(this::see, 1, PATIENCE) == 0) {}
                began = System.nanoTime();
                while (!over) subscriber.poll(this::see, 1024, PATIENCE);
            }
            StringBuilder line = new StringBuilder("read");
            for (long nanos : slices) line.append(' ').append(nanos);
            System.out.println(line);
        }

        private void see(MessageView view) {
            long sequence = view.getLongLE(0);
            if (sequence == Message.END) {
                over = true;
                return;
            }
            if (sequence != expected || view.position() != ++expected || view.getLongLE(view.length() - 8) != sequence)
                throw new IllegalStateException("message " + sequence + " at position " + view.position());
            if (expected % slice != 0) return;
            long now = System.nanoTime();
            slices.add(now - began);
            began = now;
        }

        private static String oldest(MessageQueue queue) {
            return some(queue, StartAt.OLDEST_RETAINED);
        }

        private static String newest(MessageQueue queue) {
            return some(queue, StartAt.at(queue.stats().newestPosition() - SOME + 1));
        }

        /** Nanoseconds until it has subscribed, and those for reading. */
        private static String some(MessageQueue queue, StartAt start) {
            long begin = System.nanoTime();
            try (Subscriber subscriber = queue.createSubscriber(start)) {
                long subscribed = System.nanoTime();
                long[] before = {subscriber.position()};
                for (int read = 0; read < SOME; )
                    read += subscriber.poll(
                            view -> {
                                if (view.position() != ++before[0]) throw new IllegalStateException("a gap");
                                touched += view.getLong(view.length() - 8);
                            },
                            Math.min(1024, SOME - read));
                return subscribed - begin + " " + (System.nanoTime() - subscribed);
            }
        }
    }
}
