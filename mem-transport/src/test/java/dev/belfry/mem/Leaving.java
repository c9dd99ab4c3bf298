package dev.belfry.mem;

import dev.belfry.api.AckMode;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.testing.EndOfStack;
import java.util.ConcurrentModificationException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** A JVM in which reading calls run out of stack: afterwards no call is inside. */
final class Leaving {
    /**
     * So that {@code enter} needs less of the stack than the methods by which a call leaves: a call that
     * has entered then runs out of stack where it calls them.
     */
    static final List<String> FLAGS = List.of(
            "-Xcomp",
            "-XX:TieredStopAtLevel=1",
            "-XX:CompileCommand=quiet",
            "-XX:CompileCommand=exclude,dev.belfry.spi.SubscriberSupport::endBatch",
            "-XX:CompileCommand=exclude,dev.belfry.spi.SubscriberSupport::leave",
            "-XX:CompileCommand=exclude,dev.belfry.testing.EndOfStack::*",
            "-XX:CompileCommand=exclude,dev.belfry.mem.Leaving::*");

    static final String ALL_WELL = "each has left";
    private static final int MOST_FRAMES = 40;

    private Leaving() {}

    public static void main(String[] arguments) throws Exception {
        Map<String, Consumer<Subscriber>> calls = new LinkedHashMap<>();
        calls.put("receive", Subscriber::receiveNoWait);
        calls.put("poll", subscriber -> subscriber.poll(message -> {}, 1));
        calls.put("recover", Subscriber::recover);
        try (MessageQueue queue = MessageQueues.open("mem:leaving");
                Publisher publisher = queue.createPublisher()) {
            for (Map.Entry<String, Consumer<Subscriber>> call : calls.entrySet())
                for (int frames = 0; frames < MOST_FRAMES; frames++)
                    overflow(queue, publisher, call.getKey(), call.getValue(), frames);
        }
        System.out.println(ALL_WELL);
    }

    private static void overflow(
            MessageQueue queue, Publisher publisher, String what, Consumer<Subscriber> call, int frames)
            throws InterruptedException {
        try (Subscriber subscriber = queue.createSubscriber(
                SubscriberOptions.builder().ackMode(AckMode.CLIENT).build())) {
            for (int i = 0; i < 10; i++) {
                publisher.publish("x");
                if (i < 5) call.accept(subscriber);
            }
            EndOfStack.run(frames, () -> call.accept(subscriber));
            subscriber.receiveNoWait();
        } catch (ConcurrentModificationException stillInside) {
            throw new IllegalStateException(what + " has not left, " + frames + " frames up", stillInside);
        }
    }
}
