package dev.belfry.benchmarks;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.Subscriber;
import io.aeron.Aeron;
import io.aeron.Publication;
import io.aeron.Subscription;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * From just before a process is started until it has its first message. "alone": it also makes what
 * is needed and sends the message. "joins": another process sends five thousand a second. In
 * phases: until main runs, until queue or driver is open, until it listens, until it has the
 * message. The clock is the machine's monotonic one, which all processes share.
 */
final class Start implements Scenario {
    private static final long EVERY_NANOS = 200_000;

    @Override
    public String name() {
        return "start";
    }

    @Override
    public List<Result> run(Mode mode) {
        int rounds = mode == Mode.SMOKE ? 1 : mode == Mode.QUICK ? 3 : 20;
        Figures figures = new Figures(name());
        String queue = Channels.queue("capacity=1m");
        String directory = "/dev/shm/aeron-" + Channels.next();
        try (Jvm belfrySender = Jvm.start(First.class, "belfry-sends", queue);
                Jvm driver = Jvm.start(AeronDriver.class, directory);
                Jvm aeronSender = Jvm.start(First.class, "aeron-sends", directory)) {
            for (Jvm beside : List.of(belfrySender, driver, aeronSender)) beside.expect("ready");
            Map<String, Supplier<long[]>> all = new LinkedHashMap<>();
            all.put("JVM that does nothing", () -> first("nothing", ""));
            all.put("belfry alone", () -> first("belfry-alone", Channels.queue("capacity=1m")));
            all.put("aeron alone, driver in the process", () -> first("aeron-embedded", freshDirectory()));
            all.put("aeron alone, driver started with it", Start::withDriver);
            all.put("belfry joins", () -> sending(belfrySender, () -> first("belfry-joins", queue)));
            all.put("aeron joins, driver runs", () -> sending(aeronSender, () -> first("aeron-joins", directory)));
            for (int i = mode == Mode.SMOKE ? 0 : -1; i < rounds; i++)
                for (var contestant : all.entrySet()) {
                    long[] got = contestant.getValue().get();
                    if (i >= 0) add(figures, contestant.getKey(), got);
                }
        }
        return figures.results();
    }

    private static void add(Figures figures, String contestant, long[] nanos) {
        figures.add(contestant, "until first message", "ms", (nanos[4] - nanos[0]) / 1e6);
        figures.add(contestant, "of it until main", "ms", (nanos[1] - nanos[0]) / 1e6);
        figures.add(contestant, "of it until connected", "ms", (nanos[2] - nanos[1]) / 1e6);
        figures.add(contestant, "of it until it listens", "ms", (nanos[3] - nanos[2]) / 1e6);
        figures.add(contestant, "of it until the message", "ms", (nanos[4] - nanos[3]) / 1e6);
    }

    private static String freshDirectory() {
        return "/dev/shm/aeron-" + Channels.next();
    }

    /** When it was started, was in main, was connected, listened, had the message. */
    private static long[] first(String kind, String where) {
        long began = System.nanoTime();
        try (Jvm jvm = Jvm.startLean(First.class, kind, where)) {
            long[] got = jvm.numbers("got");
            return new long[] {began, got[0], got[1], got[2], got[3]};
        }
    }

    private static long[] withDriver() {
        String directory = freshDirectory();
        long began = System.nanoTime();
        try (Jvm driver = Jvm.startLean(AeronDriver.class, directory)) {
            long[] got = first("aeron-alone", directory);
            got[0] = began;
            driver.expect("ready");
            return got;
        }
    }

    private static long[] sending(Jvm sender, Supplier<long[]> contestant) {
        sender.tell("send");
        long[] got = contestant.get();
        sender.tell("rest");
        return got;
    }

    /** {@code First KIND WHERE}. */
    static final class First {
        private First() {}

        public static void main(String[] arguments) {
            long main = System.nanoTime();
            String where = arguments[1];
            switch (arguments[0]) {
                case "nothing" -> say(main, main, main, main);
                case "belfry-alone" -> belfry(main, where, true);
                case "belfry-joins" -> belfry(main, where, false);
                case "belfry-sends" -> {
                    try (MessageQueue queue = MessageQueues.open(where);
                            Publisher publisher = queue.createPublisher()) {
                        send(() -> publisher.publish("good morning"));
                    }
                }
                case "aeron-embedded" -> {
                    MediaDriver.Context context = new MediaDriver.Context()
                            .aeronDirectoryName(where)
                            .threadingMode(ThreadingMode.SHARED)
                            .ipcTermBufferLength(1 << 20)
                            .dirDeleteOnShutdown(true);
                    try (MediaDriver driver = MediaDriver.launch(context)) {
                        aeron(main, driver.aeronDirectoryName(), true);
                    }
                }
                case "aeron-alone" -> aeron(main, where, true);
                case "aeron-joins" -> aeron(main, where, false);
                case "aeron-sends" -> {
                    try (Aeron aeron = connect(where);
                            Publication publication = aeron.addPublication("aeron:ipc", 1)) {
                        UnsafeBuffer message = new UnsafeBuffer("good morning".getBytes());
                        send(() -> publication.offer(message));
                    }
                }
                default -> throw new IllegalArgumentException(arguments[0]);
            }
        }

        private static Aeron connect(String directory) {
            return Aeron.connect(new Aeron.Context().aeronDirectoryName(directory));
        }

        private static void belfry(long main, String uri, boolean alone) {
            try (MessageQueue queue = MessageQueues.open(uri)) {
                long connected = System.nanoTime();
                Subscriber subscriber = queue.createSubscriber();
                long listens = System.nanoTime();
                if (alone) queue.createPublisher().publish("good morning");
                String text = subscriber.receive().text();
                say(main, connected, listens, System.nanoTime());
                check(text);
            }
        }

        private static void aeron(long main, String directory, boolean alone) {
            try (Aeron aeron = connect(directory)) {
                long connected = System.nanoTime();
                Subscription subscription = aeron.addSubscription("aeron:ipc", 1);
                long listens = System.nanoTime();
                if (alone) {
                    Publication publication = aeron.addPublication("aeron:ipc", 1);
                    UnsafeBuffer message = new UnsafeBuffer("good morning".getBytes());
                    while (publication.offer(message) < 0) Thread.yield();
                }
                String[] text = new String[1];
                while (subscription.poll((b, offset, length, h) -> text[0] = ascii(b, offset, length), 1) == 0)
                    Thread.yield();
                say(main, connected, listens, System.nanoTime());
                check(text[0]);
            }
        }

        private static String ascii(DirectBuffer buffer, int offset, int length) {
            return buffer.getStringWithoutLengthAscii(offset, length);
        }

        private static void check(String text) {
            if (!text.equals("good morning")) throw new IllegalStateException(text);
        }

        private static void say(long main, long connected, long listens, long message) {
            System.out.println("got " + main + " " + connected + " " + listens + " " + message);
        }

        /** From "send" to "rest". */
        private static void send(Runnable message) {
            System.out.println("ready");
            Commands commands = new Commands();
            for (String[] c = commands.next(); c != null; c = commands.next())
                while (c[0].equals("send") && !commands.isWaiting()) {
                    message.run();
                    LockSupport.parkNanos(EVERY_NANOS);
                }
        }
    }
}
