package dev.belfry.benchmarks;

import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.Subscriber;
import dev.belfry.bridge.Bridge;
import dev.belfry.bridge.BridgeStats;
import dev.belfry.kafka.Broker;
import dev.belfry.spi.PipelinedPublisher;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * {@code kafka:} beside Kafka's own client, and what a bridge adds: in turns, with one broker in a
 * process of its own. Prints the median of the rounds, the lowest and the highest.
 */
public final class OverKafka {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final int PACED_LENGTH = 256;
    private static final long PACE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
    /** Until the broker has removed the files of a deleted queue, whose memory the next one gets. */
    private static final long REMOVED_MILLIS = 1_000;

    private final String bootstrap;
    private final int rounds;
    private final long millis;
    private int queues;

    private OverKafka(String bootstrap, int rounds, long millis) {
        this.bootstrap = bootstrap;
        this.rounds = rounds;
        this.millis = millis;
    }

    /** {@code ROUNDS MILLISECONDS}. */
    public static void main(String[] arguments) throws Exception {
        System.out.println(Machine.json(Machine.run(Mode.FULL)));
        try (Broker broker = Broker.started()) {
            OverKafka all =
                    new OverKafka(broker.bootstrap(), Integer.parseInt(arguments[0]), Long.parseLong(arguments[1]));
            for (int length : new int[] {256, 1024}) all.throughput(length);
            all.latency();
            all.scaling();
        }
    }

    /** Publishes for a while; how many a second, counted when all are confirmed. */
    private interface Sender {
        double round(String uri) throws Exception;
    }

    private double onNewQueue(Sender sender) throws Exception {
        String uri = "kafka:benchmark-" + ++queues + "?bootstrap=" + bootstrap;
        MessageQueues.open(uri).close();
        try {
            return sender.round(uri);
        } finally {
            MessageQueues.delete(uri);
            Thread.sleep(REMOVED_MILLIS);
        }
    }

    private void throughput(int length) throws Exception {
        Map<String, Sender> all = new LinkedHashMap<>();
        all.put("belfry", uri -> belfry(uri, length));
        all.put("kafka-clients, defaults", uri -> client(uri, length, Map.of()));
        all.put("kafka-clients, batch.size 256k", uri -> client(uri, length, Map.of("batch.size", 256 << 10)));
        all.put("kafka-clients, batch.size 1m", uri -> client(uri, length, Map.of("batch.size", 1 << 20)));
        Map<String, double[]> rates = new LinkedHashMap<>();
        for (String name : all.keySet()) rates.put(name, new double[rounds]);
        List<String> turn = new ArrayList<>(all.keySet());
        Random random = new Random(1);
        for (int round = -2; round < rounds; round++) {
            for (String name : turn) {
                double rate = onNewQueue(all.get(name));
                if (round >= 0) rates.get(name)[round] = rate;
            }
            Collections.shuffle(turn, random); // none has always the same one before it
        }
        double[] ours = rates.get("belfry");
        rates.forEach((name, one) -> {
            print("throughput " + length + " B, " + name, one.clone(), "a second");
            if (one != ours) print("ratio to " + name, ratios(ours, one), "");
        });
    }

    private static double rate(long count, long begin) {
        return count * 1e9 / (System.nanoTime() - begin);
    }

    private static double[] ratios(double[] ours, double[] theirs) {
        double[] ratios = new double[ours.length];
        for (int i = 0; i < ratios.length; i++) ratios[i] = ours[i] / theirs[i];
        return ratios;
    }

    private double belfry(String uri, int length) {
        try (MessageQueue queue = MessageQueues.open(uri);
                PipelinedPublisher out = queue.unwrap(PipelinedPublisher.Factory.class)
                        .createPipelinedPublisher(PublisherOptions.defaults())) {
            ByteBuffer body = ByteBuffer.allocate(length);
            long begin = System.nanoTime();
            long count = 0;
            for (; System.nanoTime() - begin < millis * 1_000_000; count++)
                if (out.send(body.clear(), MessageProperties.empty(), LONG) == null)
                    throw new IllegalStateException("no room");
            if (!out.flush(LONG)) throw new IllegalStateException("not confirmed");
            double rate = rate(count, begin);
            if (queue.stats().newestPosition() != count) throw new IllegalStateException("not all are there");
            return rate;
        }
    }

    private double client(String uri, int length, Map<String, Object> settings) throws Exception {
        String topic = "belfry." + uri.substring(uri.indexOf(':') + 1, uri.indexOf('?'));
        Map<String, Object> all = new LinkedHashMap<>(settings);
        all.put("bootstrap.servers", bootstrap);
        all.put("acks", "all");
        try (KafkaProducer<byte[], byte[]> out =
                new KafkaProducer<>(all, new ByteArraySerializer(), new ByteArraySerializer())) {
            out.partitionsFor(topic);
            Exception[] failed = new Exception[1];
            long begin = System.nanoTime();
            long count = 0;
            for (; System.nanoTime() - begin < millis * 1_000_000; count++)
                out.send(new ProducerRecord<>(topic, 0, null, new byte[length]), (metadata, failure) -> {
                    if (failure != null) failed[0] = failure;
                });
            out.flush();
            if (failed[0] != null) throw failed[0];
            return rate(count, begin);
        }
    }

    /** From the call to the handler: over the topic, and over shm: with a bridge to the topic. */
    private void latency() throws Exception {
        double[][] figures = new double[4][rounds];
        for (int round = -1; round < rounds; round++) {
            Histogram direct = new Histogram(3);
            Histogram bridged = new Histogram(3);
            onNewQueue(uri -> direct(uri, direct));
            onNewQueue(uri -> bridged(uri, bridged));
            if (round < 0) continue;
            figures[0][round] = direct.getValueAtPercentile(50) / 1e3;
            figures[1][round] = direct.getValueAtPercentile(99) / 1e3;
            figures[2][round] = (bridged.getValueAtPercentile(50) - direct.getValueAtPercentile(50)) / 1e3;
            figures[3][round] = (bridged.getValueAtPercentile(99) - direct.getValueAtPercentile(99)) / 1e3;
        }
        print("latency at 500 a second, p50", figures[0], "us");
        print("latency at 500 a second, p99", figures[1], "us");
        print("a bridge from shm: adds, p50", figures[2], "us");
        print("a bridge from shm: adds, p99", figures[3], "us");
    }

    private double direct(String uri, Histogram histogram) throws Exception {
        try (MessageQueue queue = MessageQueues.open(uri);
                Subscriber in = queue.createSubscriber();
                PipelinedPublisher out = queue.unwrap(PipelinedPublisher.Factory.class)
                        .createPipelinedPublisher(PublisherOptions.defaults())) {
            return paced(in, histogram, body -> out.send(body, MessageProperties.empty(), LONG));
        }
    }

    private double bridged(String uri, Histogram histogram) throws Exception {
        String near = "shm:belfry-benchmark-" + ProcessHandle.current().pid();
        try (MessageQueue queue = MessageQueues.open(uri);
                MessageQueue source = MessageQueues.open(near);
                Publisher out = source.createPublisher();
                Subscriber in = queue.createSubscriber();
                Bridge bridge = new Bridge(near, uri)) {
            Thread thread = new Thread(bridge, "bridge");
            thread.start();
            while (bridge.stats().state() != BridgeStats.State.FORWARDING) Thread.sleep(10);
            return paced(in, histogram, out::publish);
        } finally {
            MessageQueues.delete(near);
        }
    }

    private double paced(Subscriber in, Histogram histogram, java.util.function.Consumer<ByteBuffer> out)
            throws Exception {
        int messages = (int) (millis * 1_000_000 / PACE_NANOS);
        ExecutorService reader = Executors.newSingleThreadExecutor();
        Future<?> reading = reader.submit(() -> {
            for (int i = 0; i < messages; )
                i += in.poll(m -> histogram.recordValue(Math.max(0, System.nanoTime() - m.getLong(0))), 64, LONG);
        });
        ByteBuffer body = ByteBuffer.allocate(PACED_LENGTH);
        long begin = System.nanoTime();
        for (int i = 0; i < messages; i++) {
            while (System.nanoTime() - begin < i * PACE_NANOS) Thread.sleep(0, 200_000);
            out.accept(body.clear().putLong(0, System.nanoTime()));
        }
        reading.get(1, TimeUnit.MINUTES);
        reader.shutdown();
        return 0;
    }

    /** As many threads as queues. */
    private void scaling() throws Exception {
        int[] counts = {1, 2, 4, 8};
        double[][] sums = new double[counts.length][rounds];
        for (int round = 0; round < rounds; round++)
            for (int i = 0; i < counts.length; i++) sums[i][round] = together(counts[i]);
        for (int i = 0; i < counts.length; i++) {
            print("throughput 256 B, " + counts[i] + " queue(s)", sums[i].clone(), "a second");
            if (i > 0) print("ratio to one queue", ratios(sums[i], sums[0]), "");
        }
    }

    private double together(int count) throws InterruptedException, ExecutionException {
        ExecutorService senders = Executors.newFixedThreadPool(count);
        List<Future<Double>> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String uri = "kafka:benchmark-" + ++queues + "?bootstrap=" + bootstrap;
            all.add(senders.submit(() -> {
                try {
                    return belfry(uri, 256);
                } finally {
                    MessageQueues.delete(uri);
                }
            }));
        }
        double sum = 0;
        for (Future<Double> one : all) sum += one.get();
        senders.shutdown();
        return sum;
    }

    private static void print(String what, double[] values, String unit) {
        Arrays.sort(values);
        System.out.printf(
                "%-50s %,14.2f (%,.2f to %,.2f) %s%n",
                what, values[values.length / 2], values[0], values[values.length - 1], unit);
    }
}
