package dev.belfry.jakarta.domain;

import dev.belfry.api.Claim;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.QueueConfig;
import dev.belfry.spi.Log;
import dev.belfry.spi.Reserve;
import dev.belfry.testing.Patience;
import jakarta.jms.JMSException;
import java.net.URI;
import java.util.concurrent.CountDownLatch;

/** A log that a thread holds, as a process would that is stopped in the middle of an append. */
public final class HeldLog {
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch free = new CountDownLatch(1);
    private final Thread holder;

    /** While it is held. */
    public interface Action {
        void run() throws JMSException;
    }

    public static void during(String domain, Action action) throws JMSException {
        HeldLog held = new HeldLog(domain);
        try {
            action.run();
        } finally {
            held.free();
        }
    }

    HeldLog(String domain) {
        holder = new Thread(() -> hold(domain));
        holder.start();
        Patience.until("the log is held", () -> begun.getCount() == 0);
    }

    private void hold(String domain) {
        QueueConfig config =
                QueueConfig.builder().attribute(Log.KIND, Log.DOMAIN).build();
        try (MessageQueue other = MessageQueues.open(URI.create(domain), config);
                Claim claim = other.unwrap(Log.class).claim(64, Reserve.SMALL, Patience.limit())) {
            if (claim == null) throw new AssertionError("Log of " + domain + " is held by another one");
            begun.countDown();
            free.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    void free() {
        free.countDown();
        Patience.until("the log is free", () -> !holder.isAlive());
    }
}
