package dev.belfry.mem;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.SubscriberStats;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.EndOfStack;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Threads that run out of stack in a call, a little deeper inside each time: nobody else hangs. */
@Timeout(120)
@Tag("F16")
@WaitsForOthers
@Slow
class MemOverflowTest {
    private static final long PATIENCE_MILLIS = 20_000;
    private static final int MOST_FRAMES = 60;
    private static final int WAITING_FRAMES = 200; // a call that waits goes deeper

    /** A class whose initialisation ran out of stack is lost for this JVM: that is not what is asked here. */
    @BeforeAll
    static void load() throws Exception {
        Class.forName(SubscriberOptions.class.getName());
        Class.forName(PublisherOptions.class.getName());
    }

    @Test
    void shouldLetOthersGoOnWhenAThreadRunsOutOfStack() throws Exception {
        for (int frames = 0; frames < MOST_FRAMES; frames++) overflow(frames);
    }

    private static void overflow(int frames) throws Exception {
        MessageQueue queue = MessageQueues.open("mem:overflow-" + frames);
        Publisher publisher = queue.createPublisher();
        Subscriber subscriber = queue.createSubscriber();
        Subscriber overflowing = queue.createSubscriber();
        publisher.publish("warm");
        EndOfStack.run(frames, () -> publisher.publish("deep"));
        inTime("publish", new Thread(() -> publisher.publish("after")));
        EndOfStack.run(frames, overflowing::receiveNoWait);
        String[] last = {null};
        inTime("receive", new Thread(() -> last[0] = lastOf(subscriber)));
        assertThat(last[0]).as("%d frames up", frames).isEqualTo("after");
        inTime("close", new Thread(queue::close));
    }

    @Test
    void shouldWakeAndNotKeepAwakeWhenAThreadRunsOutOfStack() throws Exception {
        for (int frames = 0; frames < WAITING_FRAMES; frames++) {
            int up = frames;
            MessageQueue queue = MessageQueues.open("mem:waking-" + frames);
            Publisher publisher = queue.createPublisher();
            Thread[] readers = new Thread[3];
            for (int i = 0; i < readers.length; i++) {
                Subscriber subscriber = queue.createSubscriber();
                readers[i] = new Thread(subscriber::receive);
                readers[i].setDaemon(true);
                readers[i].start();
                awaitAsleep(readers[i]);
            }
            EndOfStack.run(up, () -> publisher.publish("deep"));
            if (queue.stats().newestPosition() == 0) {
                for (Thread reader : readers) awaitAsleep(reader);
                inTime("publish", new Thread(() -> publisher.publish("after")));
            }
            for (Thread reader : readers) ended("receive", reader);
            inTime("close", new Thread(queue::close));
        }
    }

    @Test
    void shouldShowNoPublisherAsWaitingThatRanOutOfStack() throws Exception {
        for (int frames = 0; frames < WAITING_FRAMES; frames++) {
            int up = frames;
            MessageQueue queue = MessageQueues.open("mem:shown-" + frames + "?" + MemTest.FIXED);
            queue.createSubscriber();
            Publisher publisher = queue.createPublisher();
            MemTest.fill(publisher);
            Duration soon = Duration.ofMillis(1);
            Runnable offer = () -> publisher.offer(MemTest.body(), soon);
            EndOfStack.run(up, offer);
            Thread.sleep(25); // one that waits is shown after 20 ms
            assertThat(queue.stats().waiting()).as("%d frames up", up).isEmpty();
            inTime("close", new Thread(queue::close));
        }
    }

    /** In a JVM of its own: which call needs how much of the stack is up to its compiler. */
    @Test
    void shouldLeaveWhenTheStackEndsWhereACallLeaves() {
        try (ChildJvm child = JavaCommand.of(Leaving.class)
                .flags(JavaCommand.QUIET)
                .flags(Leaving.FLAGS)
                .start()) {
            assertThat(child.rest()).as(child::report).endsWith(Leaving.ALL_WELL, "exit 0");
        }
    }

    @Test
    void shouldKeepNoSubscriptionThatNobodyCanCloseWhenAThreadRunsOutOfStack() throws Exception {
        for (int frames = 0; frames < WAITING_FRAMES; frames++) {
            MessageQueue queue = MessageQueues.open("mem:attaching-" + frames);
            EndOfStack.run(frames, queue::createSubscriber);
            assertThat(queue.stats().subscribers()).as("%d frames up", frames).allMatch(SubscriberStats::attached);
            queue.close();
        }
    }

    private static void awaitAsleep(Thread thread) throws InterruptedException {
        long start = System.nanoTime();
        while (thread.getState() != Thread.State.WAITING && thread.getState() != Thread.State.TIMED_WAITING) {
            assertThat(System.nanoTime() - start).as("nanoseconds awake").isLessThan(PATIENCE_MILLIS * 1_000_000);
            Thread.sleep(1);
        }
    }

    private static String lastOf(Subscriber subscriber) {
        String last = null;
        for (Message m; !"after".equals(last) && (m = subscriber.receive(Duration.ofSeconds(10))) != null; )
            last = m.text();
        return last;
    }

    private static void inTime(String what, Thread thread) throws InterruptedException {
        thread.setDaemon(true);
        thread.start();
        ended(what, thread);
    }

    private static void ended(String what, Thread thread) throws InterruptedException {
        thread.join(PATIENCE_MILLIS);
        assertThat(thread.isAlive()).as("%s hangs", what).isFalse();
    }
}
