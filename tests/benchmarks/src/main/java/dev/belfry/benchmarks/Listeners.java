package dev.belfry.benchmarks;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A process with subscribers: {@code Listeners URI ASLEEP SPINNING REGISTERED}. Those that read
 * have a thread each, called "listener"; those that are only registered look on, so that they hold
 * nobody up, and never read. The spinning ones rest until told "spin", and again when told "rest".
 */
final class Listeners {
    static final String THREAD = "listener";
    private static final Duration FOR_EVER = ChronoUnit.FOREVER.getDuration();
    private static volatile boolean spinning;

    private Listeners() {}

    public static void main(String[] arguments) {
        try (MessageQueue queue = MessageQueues.open(arguments[0])) {
            for (int i = Integer.parseInt(arguments[1]); i > 0; i--) {
                Subscriber subscriber = queue.createSubscriber();
                start(() -> subscriber.poll(view -> {}, 1024, FOR_EVER));
            }
            for (int i = Integer.parseInt(arguments[2]); i > 0; i--) {
                Subscriber subscriber = queue.createSubscriber(
                        SubscriberOptions.builder().spin(FOR_EVER).build());
                start(() -> spin(subscriber));
            }
            for (int i = Integer.parseInt(arguments[3]); i > 0; i--)
                queue.createSubscriber(SubscriberOptions.observer(StartAt.NOW));
            System.out.println("ready");
            Commands commands = new Commands();
            for (String[] c = commands.next(); c != null; c = commands.next()) {
                spinning = c[0].equals("spin");
                System.out.println("done");
            }
        }
    }

    private static void spin(Subscriber subscriber) {
        if (subscriber.poll(view -> {}, 1024) == 0 && !spinning) LockSupport.parkNanos(1_000_000);
    }

    private static void start(Runnable step) {
        Thread thread = new Thread(
                () -> {
                    try {
                        while (true) step.run();
                    } catch (QueueClosedException over) {
                        // this process ends
                    }
                },
                THREAD);
        thread.setDaemon(true);
        thread.start();
    }
}
