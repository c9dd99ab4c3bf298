package dev.belfry.spring.boot;

import dev.belfry.api.MessageQueue;
import java.util.ArrayList;
import java.util.List;

/**
 * Closes queues once the listener has left its thread. A listener may end its application, and Spring closes the queues
 * before its method returns: what it has heard could not be acknowledged any more, and would come again at each start.
 */
final class AfterListener {
    private static final ThreadLocal<List<MessageQueue>> CLOSING = new ThreadLocal<>();

    private AfterListener() {}

    static void run(Runnable work) {
        List<MessageQueue> closing = new ArrayList<>();
        CLOSING.set(closing);
        try {
            work.run();
        } finally {
            CLOSING.remove();
            closing.forEach(MessageQueue::close);
        }
    }

    /** At once, or in a listener's thread after it. */
    static void close(MessageQueue queue) {
        List<MessageQueue> closing = CLOSING.get();
        if (closing == null) queue.close();
        else closing.add(queue);
    }
}
