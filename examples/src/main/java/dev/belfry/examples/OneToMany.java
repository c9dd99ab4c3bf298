package dev.belfry.examples;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.MessageView;
import dev.belfry.api.Publisher;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.SubscriberStats;
import java.nio.ByteBuffer;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * One publisher, many subscribers, each in a JVM of its own, as fast as they can. Twice a second it
 * prints the speed and how far each is behind. {@code OneToMany [uri] [subscribers [seconds]]}: 3
 * and 5 by default.
 */
public final class OneToMany {
    private static final long REPORT_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private OneToMany() {}

    public static void main(String[] args) throws Exception {
        String ours = "shm:many-" + ProcessHandle.current().pid() + "?maxCapacity=1m&deleteOnLastClose=true";
        int numbers = args.length > 0 && args[0].contains(":") ? 1 : 0;
        String uri = numbers == 1 ? args[0] : ours;
        int subscribers = args.length > numbers ? Integer.parseInt(args[numbers]) : 3;
        int seconds = args.length > numbers + 1 ? Integer.parseInt(args[numbers + 1]) : 5;
        Speaker a = new Speaker("A");
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher out = queue.createPublisher();
                Jvms jvms = new Jvms()) {
            for (int i = 1; i <= subscribers; i++) jvms.start(Reader.class, uri, "B" + i);
            while (queue.stats().subscribers().size() < subscribers) Thread.sleep(10);
            for (int i = 0; i < 2 * seconds; i++) {
                long perSecond = publishFor(out, REPORT_NANOS);
                a.say("%,d a second to each; behind: %s", perSecond, lags(queue));
            }
            out.publish("end");
            jvms.join();
        }
    }

    private static long publishFor(Publisher out, long nanos) {
        ByteBuffer body = ByteBuffer.allocateDirect(32);
        long began = System.nanoTime();
        long count = 0;
        for (; System.nanoTime() - began < nanos; count += 100) for (int i = 0; i < 100; i++) out.publish(body.clear());
        return count * TimeUnit.SECONDS.toNanos(1) / (System.nanoTime() - began);
    }

    private static String lags(MessageQueue queue) {
        return queue.stats().subscribers().stream()
                .sorted(Comparator.comparing(SubscriberStats::name))
                .map(s -> String.format(Locale.ROOT, "%s %,d", s.name(), s.lag()))
                .collect(Collectors.joining(", "));
    }

    /** A subscriber: counts until it hears "end". Its name is for the statistics. */
    static final class Reader {
        private long count;
        private boolean ended;

        public static void main(String[] args) {
            Speaker b = new Speaker(args[1]);
            Reader reader = new Reader();
            SubscriberOptions named = SubscriberOptions.builder().name(args[1]).build();
            try (MessageQueue queue = MessageQueues.open(args[0]);
                    Subscriber in = queue.createSubscriber(named)) {
                while (!reader.ended) in.poll(reader::hear, 1000, ChronoUnit.FOREVER.getDuration());
            }
            b.say("Heard %,d messages", reader.count);
        }

        private void hear(MessageView message) {
            ended = message.length() == 3;
            if (!ended) count++;
        }
    }
}
