package dev.belfry.benchmarks;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.Subscriber;
import io.aeron.Aeron;
import io.aeron.Subscription;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;

/**
 * Processor time of processes in which nothing happens, next to a JVM that only sleeps. All idle
 * side by side, so that whatever disturbs them disturbs all.
 */
final class Idle implements Scenario {
    static final String SLEEPER = "sleeping JVM";

    @Override
    public String name() {
        return "idle";
    }

    @Override
    public List<Result> run(Mode mode) {
        Figures figures = new Figures(name());
        Map<String, Jvm> all = new LinkedHashMap<>();
        String queue = Channels.queue("capacity=1m");
        String directory = "/dev/shm/aeron-" + Channels.next();
        try {
            all.put(SLEEPER, Jvm.start(Resting.class, "sleeper", queue));
            all.put("belfry publisher", Jvm.start(Resting.class, "publisher", queue));
            all.get("belfry publisher")
                    .expect("ready"); // with what it publishes: the subscriber is to have nothing to receive
            all.put("belfry subscriber", Jvm.start(Resting.class, "subscriber", queue));
            all.put("aeron driver", Jvm.start(AeronDriver.class, directory));
            all.put("aeron backoff subscriber", Jvm.start(Resting.class, "aeron", directory));
            for (String name : List.of(SLEEPER, "belfry subscriber", "aeron driver", "aeron backoff subscriber"))
                all.get(name).expect("ready");
            windows(all, mode, figures);
        } finally {
            List<Jvm> backwards = new ArrayList<>(all.values());
            for (int i = backwards.size() - 1; i >= 0; i--) backwards.get(i).close();
        }
        return figures.results();
    }

    /** Of these, of which one is the {@link #SLEEPER}. */
    static void windows(Map<String, Jvm> all, Mode mode, Figures figures) {
        int windows = mode == Mode.SMOKE ? 1 : mode == Mode.QUICK ? 2 : 5;
        long settleMillis = mode == Mode.SMOKE ? 500 : mode == Mode.QUICK ? 2_000 : 20_000;
        long windowMillis = mode == Mode.SMOKE ? 1_000 : mode == Mode.QUICK ? 3_000 : 10_000;
        pause(settleMillis);
        for (int i = 0; i < windows; i++) window(all, windowMillis, figures);
    }

    private static void window(Map<String, Jvm> all, long millis, Figures figures) {
        Map<String, Map<Path, Long>> before = new LinkedHashMap<>();
        Map<String, Long> began = new LinkedHashMap<>();
        all.forEach((name, jvm) -> {
            began.put(name, System.nanoTime());
            before.put(name, jvm.cpuOfThreads());
        });
        pause(millis);
        Map<String, Double> cores = new LinkedHashMap<>();
        all.forEach((name, jvm) -> {
            double nanos = System.nanoTime() - began.get(name);
            cores.put(name, jvm.cpuNanosSince(before.get(name)) / nanos);
        });
        cores.forEach((name, c) -> {
            figures.add(name, "cpu", "cores", c);
            if (!name.equals(SLEEPER))
                figures.add(name, "more than a sleeping JVM", "% of a core", 100 * (c - cores.get(SLEEPER)));
        });
    }

    private static void pause(long millis) {
        for (long end = System.nanoTime() + millis * 1_000_000, left; (left = end - System.nanoTime()) > 0; )
            LockSupport.parkNanos(left);
    }

    /**
     * {@code Resting sleeper|subscriber|publisher URI}, {@code Resting aeron DIRECTORY}. The first
     * three do the same until they rest, so that the compiler has the same to do.
     */
    static final class Resting {
        private static final int WARM_UP = 500;

        private Resting() {}

        public static void main(String[] arguments) {
            if (arguments[0].equals("aeron")) aeron(arguments[1]);
            else belfry(arguments[0], arguments[1]);
        }

        private static void belfry(String role, String uri) {
            warmUp();
            if (role.equals("sleeper")) {
                rest();
                return;
            }
            try (MessageQueue queue = MessageQueues.open(uri)) {
                if (role.equals("subscriber")) listen(queue.createSubscriber());
                else queue.createPublisher().publish("good morning");
                rest();
            }
        }

        private static void warmUp() {
            try (MessageQueue queue = MessageQueues.open(Channels.queue("capacity=64k"));
                    Publisher publisher = queue.createPublisher();
                    Subscriber subscriber = queue.createSubscriber()) {
                for (int i = 0; i < WARM_UP; i++) {
                    publisher.publish("good morning");
                    subscriber.receive();
                    subscriber.receive(Duration.ofMillis(1));
                }
            }
        }

        private static void listen(Subscriber subscriber) {
            Thread thread = new Thread(
                    () -> {
                        if (subscriber.receive() != null) throw new IllegalStateException("nobody is to disturb it");
                    },
                    "listener");
            thread.setDaemon(true);
            thread.start();
        }

        private static void aeron(String directory) {
            Aeron.Context context = new Aeron.Context().aeronDirectoryName(directory);
            try (Aeron aeron = Aeron.connect(context);
                    Subscription subscription = aeron.addSubscription("aeron:ipc", 1)) {
                Thread thread = new Thread(
                        () -> {
                            IdleStrategy idle = new BackoffIdleStrategy();
                            while (!subscription.isClosed())
                                idle.idle(subscription.poll((buffer, offset, length, header) -> {}, 10));
                        },
                        "listener");
                thread.setDaemon(true);
                thread.start();
                rest();
            }
        }

        private static void rest() {
            System.out.println("ready");
            new Commands().next();
        }
    }
}
