package dev.belfry.spring.boot;

import dev.belfry.api.Codec;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.Replier;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.SubscriberState;
import dev.belfry.api.TypedSubscriber;
import dev.belfry.spi.Units;
import io.micrometer.observation.ObservationRegistry;
import java.util.concurrent.ThreadFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.task.VirtualThreadTaskExecutor;

/** The subscriber of one method, and its thread, which keeps the JVM alive unless it is a virtual one. */
final class RunningListener implements ThreadFactory {
    private static final Logger LOG = LoggerFactory.getLogger(RunningListener.class);
    private static final long MOMENT_MILLIS = 500; // for a thread whose method has returned

    private final ListenerMethod method;
    private final String queue;
    private final String name; // or null
    private final MessageQueue handle;
    private final ObservationRegistry observations;
    private final ThreadFactory threads;
    private Subscriber subscriber;
    private Runnable closing; // of the subscriber, or of what answers by it
    private Thread thread;

    RunningListener(
            ListenerMethod method,
            String queue,
            MessageQueue handle,
            String name,
            boolean virtual,
            ObservationRegistry observations) {
        this.method = method;
        this.queue = queue;
        this.handle = handle;
        this.name = name;
        this.observations = observations;
        String title = "belfry-" + queue + "-" + (name != null ? name : method.shortName());
        threads = virtual
                ? new VirtualThreadTaskExecutor(title).getVirtualThreadFactory()
                : work -> {
                    Thread made = new Thread(work, title);
                    made.setDaemon(false); // else as the thread that makes it
                    return made;
                };
    }

    /** Where what the method returns is published. */
    record Answers(MessageQueue queue, Codec<Object> codec, PublisherOptions options) {}

    /** {@code answers}: null if it returns nothing. */
    void start(Codec<Object> codec, SubscriberOptions options, Answers answers) {
        boolean listens = false;
        try {
            if (answers != null) {
                Replier<Object, Object> replier =
                        Replier.of(handle, codec, options, answers.queue, answers.codec, answers.options, this::call);
                subscriber = replier.subscriber();
                closing = replier::close;
            } else if (codec == null) {
                subscriber = handle.createSubscriber(options);
                closing = subscriber::close;
                subscriber.setListener(message -> call(null, message));
            } else {
                TypedSubscriber<Object> typed = handle.createSubscriber(codec, options);
                subscriber = typed.subscriber();
                closing = subscriber::close;
                typed.setListener(this::call);
            }
            listens = true;
            LOG.info(
                    "{} listens on '{}'{}, after position {}",
                    method,
                    handle.uri(),
                    name == null ? "" : " as '" + name + "'",
                    Units.number(subscriber.position()));
        } finally {
            if (!listens && closing != null) closing.run();
        }
    }

    private Object call(Object value, Message message) throws Exception {
        Object[] returned = new Object[1];
        Observed.call(
                observations,
                new ObservedPlace(queue, handle.uri()),
                name,
                message,
                () -> returned[0] = method.call(value, message, subscriber));
        return returned[0];
    }

    @Override
    public Thread newThread(Runnable work) {
        thread = threads.newThread(() -> AfterListener.run(work));
        return thread;
    }

    boolean reads(String queue, String name) {
        return queue.equals(this.queue) && name.equals(this.name);
    }

    void close() {
        closing.run();
    }

    SubscriberState state() {
        return subscriber.state();
    }

    /** Returns the position of the message that is in its method, or was the last one there. */
    long position() {
        return subscriber.position();
    }

    /** Its thread has not ended: a message may be in its method, and its subscription is attached. */
    boolean isInside() {
        return thread.isAlive();
    }

    /** Waits a moment for its thread, whose method has returned. In that thread it does not wait. */
    void awaitEnd() {
        if (Thread.currentThread() == thread) return;
        try {
            thread.join(MOMENT_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Calls {@code ended} once no message is in its method any more. A listener may end the application itself. */
    void stop(Runnable ended) {
        if (Thread.currentThread() == thread) {
            close();
            ended.run();
            return;
        }
        Thread stopping = new Thread(
                () -> {
                    try {
                        close();
                        thread.join(MOMENT_MILLIS);
                        if (thread.isAlive()) late();
                        thread.join();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    } finally {
                        ended.run();
                    }
                },
                "belfry-stop-" + method.shortName());
        stopping.setDaemon(true);
        stopping.start();
    }

    private void late() {
        LOG.warn(
                "The listener {} of the queue '{}' is to stop, and its thread has not ended; its last message is {}."
                        + " Spring waits for spring.lifecycle.timeout-per-shutdown-phase, and then closes the queues. {}",
                method,
                queue,
                Units.number(subscriber.position()),
                name != null
                        ? "If its method has not returned by then, '" + name + "' gets that message again."
                        : "Give it a name: if its method has not returned by then, that message is lost to it.");
    }

    @Override
    public String toString() {
        return method.toString();
    }
}
