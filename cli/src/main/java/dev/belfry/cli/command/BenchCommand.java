package dev.belfry.cli.command;

import dev.belfry.api.InsufficientResourcesException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.MessageTooLargeException;
import dev.belfry.api.Publisher;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.cli.frame.BelfryCommand;
import dev.belfry.cli.reading.Queue;
import dev.belfry.cli.text.Exit;
import dev.belfry.cli.text.Json;
import dev.belfry.cli.text.Text;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "bench",
        description = {
            "Quick figures for this machine: throughput from one publisher to one subscriber, how long a message takes to and fro, halved, and which size of ring is fastest.",
            "Between two threads of one JVM, each with a handle of its own, through a queue that is made for it and removed afterwards."
        },
        footer = {"  belfry bench", "  belfry bench --size 1k --seconds 10 trial"})
public final class BenchCommand extends BelfryCommand {
    private static final int BATCH = 256;
    private static final List<String> RINGS = List.of("1m", "4m", "16m", "64m");
    private static final int TURNS = 3;

    /** A larger ring costs memory, and less than a tenth may be luck. */
    private static final double WORTHWHILE = 1.1;

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @Parameters(paramLabel = "Q", arity = "0..1", description = "The name of that queue, which must be free.")
    String queue;

    @Option(
            names = "--size",
            paramLabel = "BYTES",
            defaultValue = "32",
            description = "Of a message (${DEFAULT-VALUE}).")
    String size;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "2",
            description = "For each figure (${DEFAULT-VALUE}), after as long a warm-up.")
    double seconds;

    @Override
    protected int run(PrintWriter out) throws Exception {
        require(seconds > 0, "--seconds must be > 0, was " + seconds);
        int bytes = bytes(size);
        Queue named = Queue.of(
                queue != null
                        ? queue
                        : "belfry-bench-" + ProcessHandle.current().pid());
        long nanos = (long) (seconds * 1e9);
        throughput(named, "", bytes, nanos); // warm-up
        double perSecond = throughput(named, "", bytes, nanos);
        Map<String, Double> rings = rings(named, bytes, nanos);
        String best = best(rings);
        roundTrips(named, bytes, nanos);
        long[] oneWay = roundTrips(named, bytes, nanos);
        if (json) {
            Map<String, Object> all = Json.object("bytes", bytes, "messagesPerSecond", Math.round(perSecond));
            all.put("roundTrips", oneWay.length);
            all.put("oneWayNanos", percentiles(oneWay));
            all.put("messagesPerSecondByCapacity", rounded(rings));
            all.put("bestCapacity", best);
            out.println(Json.of(all));
        } else {
            print(out, bytes, perSecond, oneWay);
            if (best != null) print(out, rings, best);
        }
        return Exit.OK;
    }

    private static Map<String, Object> percentiles(long[] sorted) {
        Map<String, Object> all = Json.object("p50", percentile(sorted, 50), "p90", percentile(sorted, 90));
        all.putAll(Json.object("p99", percentile(sorted, 99), "p999", percentile(sorted, 99.9)));
        all.put("max", sorted[sorted.length - 1]);
        return all;
    }

    private static void print(PrintWriter out, Map<String, Double> rings, String best) {
        String all = rings.entrySet().stream()
                .map(ring -> ring.getKey() + " " + Text.number(Math.round(ring.getValue())))
                .collect(Collectors.joining(", "));
        out.println("messages a second by size of the ring: " + all + "; take capacity=" + best);
    }

    private static Map<String, Object> rounded(Map<String, Double> rings) {
        Map<String, Object> rounded = new LinkedHashMap<>();
        rings.forEach((ring, perSecond) -> rounded.put(ring, Math.round(perSecond)));
        return rounded;
    }

    private static void print(PrintWriter out, int bytes, double perSecond, long[] oneWay) {
        out.println(Text.number(Math.round(perSecond)) + " messages of " + bytes + " bytes a second ("
                + Text.size(perSecond * bytes) + "/s)");
        out.println("one way, from " + Text.number(oneWay.length) + " round trips: 50 % within "
                + micros(percentile(oneWay, 50)) + ", 90 % " + micros(percentile(oneWay, 90)) + ", 99 % "
                + micros(percentile(oneWay, 99)) + ", 99.9 % " + micros(percentile(oneWay, 99.9)) + ", all "
                + micros(oneWay[oneWay.length - 1]));
    }

    private static String micros(long nanos) {
        return String.format(Locale.ROOT, "%.1f µs", nanos / 1e3);
    }

    private static long percentile(long[] sorted, double percent) {
        return sorted[(int) Math.min(sorted.length - 1, Math.round(sorted.length * percent / 100))];
    }

    /** The medians of some turns. Left out: sizes with too little space, or too small for the message. */
    private static Map<String, Double> rings(Queue named, int bytes, long nanos) throws Exception {
        Map<String, List<Double>> turns = new LinkedHashMap<>();
        for (int turn = 0; turn < TURNS; turn++)
            for (String ring : RINGS)
                try {
                    String parameters = "&capacity=" + ring + "&maxCapacity=" + ring;
                    double perSecond = throughput(named, parameters, bytes, nanos / TURNS);
                    turns.computeIfAbsent(ring, first -> new ArrayList<>()).add(perSecond);
                } catch (InsufficientResourcesException | MessageTooLargeException leftOut) {
                    // the others tell enough
                }
        Map<String, Double> medians = new LinkedHashMap<>();
        turns.forEach((ring, figures) -> medians.put(
                ring,
                figures.stream().sorted().skip(figures.size() / 2).findFirst().orElseThrow()));
        return medians;
    }

    /** Null if none was measured. */
    private static String best(Map<String, Double> rings) {
        String best = null;
        for (String ring : rings.keySet())
            if (best == null || rings.get(ring) > WORTHWHILE * rings.get(best)) best = ring;
        return best;
    }

    /** Messages a second that the subscriber got. */
    private static double throughput(Queue named, String parameters, int bytes, long nanos) throws Exception {
        String uri = named + "?deleteOnLastClose=true" + parameters;
        try (MessageQueue queue = create(uri);
                MessageQueue other = Queue.closedAtExit(MessageQueues.open(uri));
                Publisher out = queue.createPublisher();
                Subscriber in = other.createSubscriber(StartAt.NOW)) {
            AtomicBoolean over = new AtomicBoolean();
            CompletableFuture<Long> read = CompletableFuture.supplyAsync(() -> readAll(in, over));
            ByteBuffer body = ByteBuffer.allocateDirect(bytes);
            long began = System.nanoTime();
            while (System.nanoTime() - began < nanos && !read.isDone())
                for (int i = 0; i < BATCH; i++) out.publish(body.rewind());
            over.set(true);
            long messages = read.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            return messages * 1e9 / (System.nanoTime() - began);
        }
    }

    private static long readAll(Subscriber in, AtomicBoolean over) {
        long messages = 0;
        while (true) {
            boolean last = over.get();
            int read = in.poll(m -> {}, BATCH, Duration.ofMillis(20));
            messages += read;
            if (last && read == 0) return messages;
        }
    }

    /** Half of each round trip's time, sorted. */
    private static long[] roundTrips(Queue named, int bytes, long nanos) throws Exception {
        String there = named + "?deleteOnLastClose=true";
        String back = named + "-back?deleteOnLastClose=true";
        try (MessageQueue ping = create(there);
                MessageQueue pong = create(back);
                MessageQueue pingThere = Queue.closedAtExit(MessageQueues.open(there));
                MessageQueue pongThere = Queue.closedAtExit(MessageQueues.open(back));
                Publisher out = ping.createPublisher();
                Subscriber in = pong.createSubscriber(StartAt.NOW);
                Subscriber inThere = pingThere.createSubscriber(StartAt.NOW);
                Publisher outThere = pongThere.createPublisher()) {
            AtomicBoolean over = new AtomicBoolean();
            CompletableFuture<Void> echo = CompletableFuture.runAsync(() -> {
                while (!over.get()) inThere.poll(m -> outThere.publish(m.buffer()), 1, Duration.ofMillis(20));
            });
            try {
                return measure(out, in, bytes, nanos);
            } finally {
                over.set(true);
                echo.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
        }
    }

    private static long[] measure(Publisher out, Subscriber in, int bytes, long nanos) throws IOException {
        ByteBuffer body = ByteBuffer.allocateDirect(bytes);
        long[] took = new long[1 << 16];
        int n = 0;
        long began = System.nanoTime();
        for (long now = began; now - began < nanos || n == 0; ) {
            out.publish(body.rewind());
            if (in.poll(m -> {}, 1, PATIENCE) == 0) throw new Exit.Problem("no echo within " + PATIENCE);
            long after = System.nanoTime();
            if (n == took.length) took = Arrays.copyOf(took, 2 * n);
            took[n++] = (after - now) / 2;
            now = after;
        }
        took = Arrays.copyOf(took, n);
        Arrays.sort(took);
        return took;
    }

    private static MessageQueue create(String uri) {
        return Queue.closedAtExit(MessageQueues.open(uri + "&create=CREATE_NEW"));
    }
}
