package dev.belfry.shm.crash;

import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueCorruptedException;
import dev.belfry.api.Subscriber;
import dev.belfry.testing.EndOfStack;
import java.time.Duration;
import java.util.function.BiConsumer;

/**
 * A JVM whose publishers run out of stack in the middle of a publish, a little deeper inside each
 * time. Argument: a queue's name.
 */
final class Overflowing {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    static final String ALL_WELL = "nobody hung";

    private Overflowing() {}

    public static void main(String[] arguments) throws Exception {
        for (int headroom = 0; headroom < 60; headroom++) {
            overflow(arguments[0], headroom);
            overflowReading(arguments[0], headroom, Overflowing::receiveOne);
            overflowReading(arguments[0], headroom, Overflowing::pollOne);
            overflowReading(arguments[0], headroom, Overflowing::pollOneThatFails);
            overflowClosing(arguments[0], headroom);
        }
        System.out.println(ALL_WELL);
        System.exit(0);
    }

    private static void overflow(String name, int headroom) throws Exception {
        String uri = "shm:" + name + "?deleteOnLastClose=true&capacity=64k&maxCapacity=64k";
        try (MessageQueue queue = MessageQueues.open(uri)) {
            Publisher publisher = queue.createPublisher();
            Subscriber subscriber = queue.createSubscriber();
            publisher.publish("warm");
            expect("warm", subscriber.receive());
            boolean[] published = {false};
            Runnable publishing = () -> {
                publisher.publish("deep");
                published[0] = true;
            };
            // So that there is somebody to wake, which takes more of the stack than the publish.
            Scene.announceSleeper(queue, 0);
            EndOfStack.run(headroom, publishing);
            // As another process would: a handle of its own.
            try (MessageQueue other = MessageQueues.open(uri)) {
                other.createPublisher(
                                PublisherOptions.builder().timeout(PATIENCE).build())
                        .publish("after");
                Message next = subscriber.receive(PATIENCE);
                boolean received = next.text().equals("deep");
                expect("after", received ? subscriber.receive(PATIENCE) : next);
                if (received != published[0])
                    throw new IllegalStateException("publish " + (received ? "threw" : "returned") + ", " + headroom
                            + " frames up, and yet the other is true");
            } catch (QueueCorruptedException poisoned) {
                // it could not be mended in place: its own handle says so, and the other one went on
            }
        }
        MessageQueues.delete("shm:" + name); // a member that found it damaged leaves it for inspection
    }

    /** What was not handed over comes again, and nothing twice. */
    private static void overflowReading(String name, int headroom, BiConsumer<Subscriber, boolean[]> read)
            throws Exception {
        try (MessageQueue queue =
                MessageQueues.open("shm:" + name + "?deleteOnLastClose=true&capacity=64k&maxCapacity=64k")) {
            Publisher publisher = queue.createPublisher();
            Subscriber subscriber = queue.createSubscriber();
            publisher.publish("warm");
            expect("warm", subscriber.receive());
            publisher.publish("one");
            publisher.publish("two");
            Scene.announceWaiter(queue);
            boolean[] handedOver = {false};
            EndOfStack.run(headroom, () -> read.accept(subscriber, handedOver));
            expect(handedOver[0] ? "two" : "one", subscriber.receive(PATIENCE));
        } catch (QueueCorruptedException poisoned) {
            // it could not be mended in place: its own handle says so
        }
        MessageQueues.delete("shm:" + name);
    }

    private static void receiveOne(Subscriber subscriber, boolean[] handedOver) {
        if (subscriber.receiveNoWait() != null) handedOver[0] = true;
    }

    private static void pollOne(Subscriber subscriber, boolean[] handedOver) {
        subscriber.poll(message -> handedOver[0] = true, 1);
    }

    /** Its handler is what runs out of stack: however little is left to keep the message, it comes again. */
    private static void pollOneThatFails(Subscriber subscriber, boolean[] handedOver) {
        subscriber.poll(message -> deeper(0), 1);
    }

    private static int deeper(int depth) {
        return deeper(depth + 1) + 1;
    }

    /** What was left over the next close does, and it hangs at nothing. */
    private static void overflowClosing(String name, int headroom) throws Exception {
        MessageQueue queue = MessageQueues.open("shm:" + name + "?deleteOnLastClose=true&capacity=64k&maxCapacity=64k");
        Subscriber subscriber = queue.createSubscriber();
        Subscriber other = queue.createSubscriber();
        EndOfStack.run(headroom, subscriber::close);
        inTime("the subscriber's close", subscriber::close);
        if (queue.stats().subscribers().size() != 1) throw new IllegalStateException("it stays, " + headroom + " up");
        EndOfStack.run(headroom, queue::close);
        inTime("the queue's close", queue::close);
        // Its name may be left behind, as after a kill, but no thread is inside it.
        MessageQueues.open("shm:" + name + "?create=CREATE_NEW&deleteOnLastClose=true")
                .close();
        inTime("the other's close", other::close);
    }

    private static void inTime(String what, Runnable run) throws InterruptedException {
        Thread thread = new Thread(run, what);
        thread.start();
        thread.join(PATIENCE.toMillis());
        if (thread.isAlive()) throw new IllegalStateException(what + " hangs");
    }

    private static void expect(String text, Message message) {
        if (!message.text().equals(text)) throw new IllegalStateException("got " + message.text() + ", not " + text);
    }
}
