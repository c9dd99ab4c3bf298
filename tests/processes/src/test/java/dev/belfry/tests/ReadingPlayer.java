package dev.belfry.tests;

import dev.belfry.api.AckMode;
import dev.belfry.api.InUseException;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageView;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.QueueStats;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberDisconnectedException;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.testing.Patience;
import dev.belfry.tests.Journal.Kind;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * Subscribes in every way there is, and writes down what it gets. A named one loses nothing; the
 * others choose again in each life.
 */
final class ReadingPlayer extends Troupe.Player {
    private static final Duration A_LITTLE = Duration.ofMillis(20);

    private final String name;
    private final Content content = new Content();
    private Subscriber subscriber;
    private AckMode ackMode;
    private boolean byReceive;
    private boolean byListener;
    private AtomicReference<Throwable> stopped; // the listener of this life, by this
    private boolean gates;
    private boolean overruns;
    private long lost;
    private long acknowledged;
    private long handedOver;
    private volatile int left;

    ReadingPlayer(String name) {
        this.name = name;
    }

    /** Told to be quiet it begins no new life but one to stay in, so that all have seen all in the end. */
    @Override
    boolean isOver() {
        return leaving;
    }

    @Override
    void live(MessageQueue queue) throws Exception {
        choose();
        long wanted = name == null && random.nextInt(3) == 0 ? somewhere(queue.stats()) : 0;
        try (Subscriber current = queue.createSubscriber(options(wanted))) {
            subscriber = current;
            lost = 0;
            handedOver = acknowledged = current.position();
            left = 1 + random.nextInt(name != null ? 100_000 : 20_000);
            journal.add(Kind.JOINED, Journal.joined(gates, overruns), handedOver + 1, wanted, System.nanoTime());
            noteLost();
            if (byListener) listen();
            else read();
        } catch (InUseException predecessorStillDies) {
            LockSupport.parkNanos(2_000_000);
            return;
        } catch (SubscriberDisconnectedException ended) {
            if (gates || overruns) throw ended;
            journal.add(Kind.ENDED, 0);
            return;
        }
        journal.add(Kind.LEFT, 0);
    }

    private void choose() {
        gates = name != null || random.nextInt(2) == 0;
        overruns = !gates && random.nextBoolean();
        ackMode = AckMode.values()[random.nextInt(name == null ? 3 : 2)]; // NONE stores nothing: not with a name
        byListener = random.nextInt(4) == 0;
        // Acknowledged before it returns: one that is killed then has lost it, as AUTO says.
        boolean losesOne = name != null && ackMode == AckMode.AUTO;
        byReceive = !losesOne && random.nextBoolean();
        stopped = new AtomicReference<>();
    }

    /** A position that is retained, or just not any more; 0: there is none. */
    private long somewhere(QueueStats stats) {
        long oldest = stats.oldestPosition();
        long newest = stats.newestPosition();
        return newest == 0 ? 0 : Math.max(1, oldest - 5 + random.nextInt((int) (newest - oldest + 6)));
    }

    private SubscriberOptions options(long wanted) {
        SlowSubscriber passable = overruns ? SlowSubscriber.OVERRUN : SlowSubscriber.DISCONNECT;
        StartAt start = name != null || random.nextBoolean() ? StartAt.OLDEST_RETAINED : StartAt.NOW;
        SubscriberOptions.Builder options = SubscriberOptions.builder()
                .startAt(wanted > 0 ? StartAt.at(wanted) : start)
                .ackMode(ackMode)
                .slowSubscriber(gates ? SlowSubscriber.GATE_PUBLISHER : passable)
                .onError(stopped::set);
        if (name != null) options.name(name);
        if (random.nextInt(3) == 0) options.spin(Duration.ZERO);
        return options.build();
    }

    private void read() {
        while (!leaving && (left > 0 || quiet)) {
            boolean idle;
            if (byReceive) {
                Message message = subscriber.receive(A_LITTLE);
                idle = message == null;
                if (!idle) see(message);
            } else {
                idle = subscriber.poll(this::see, 1 + random.nextInt(500), A_LITTLE) == 0;
            }
            if (ackMode != AckMode.CLIENT) acknowledged(handedOver);
            else if (idle) acknowledgeAll();
            else if (random.nextInt(byReceive ? 200 : 3) == 0) acknowledge();
        }
    }

    private void listen() throws Exception {
        subscriber.setListener(this::hear);
        while (!leaving && (left > 0 || quiet) && stopped.get() == null) {
            Thread.sleep(2);
            try {
                if (ackMode == AckMode.CLIENT) acknowledgeAll(); // from a thread that is not the listener's
            } catch (QueueClosedException stoppedMeanwhile) { // it closed the subscriber, and is about to say why
                Patience.until("the listener says why it has stopped", () -> stopped.get() != null);
            }
        }
        subscriber.close(); // waits for the listener
        if (stopped.get() instanceof SubscriberDisconnectedException ended) throw ended;
        if (stopped.get() != null) throw new IllegalStateException("the listener failed", stopped.get());
    }

    private synchronized void hear(MessageView message) {
        if (ackMode != AckMode.CLIENT) acknowledged(handedOver); // the one before: its listener has returned
        see(message);
        if (ackMode == AckMode.CLIENT && random.nextInt(200) == 0) acknowledgeUnlessEnded();
    }

    /** Thrown from a listener it would have the message come again. */
    private void acknowledgeUnlessEnded() {
        try {
            acknowledge();
        } catch (SubscriberDisconnectedException ended) {
            if (gates || overruns) throw ended;
        }
    }

    private void see(MessageView message) {
        noteLost();
        handedOver = message.position();
        left = left - 1;
        journal.add(
                Kind.RECEIVED,
                message.buffer().remaining(),
                handedOver,
                content.fingerprint(message.buffer()),
                System.nanoTime() << 1 | (message.redelivered() ? 1 : 0));
        if (random.nextInt(20_000) == 0) LockSupport.parkNanos(random.nextInt(40_000_000));
    }

    private void noteLost() {
        long now = subscriber.lostCount();
        if (now != lost) journal.add(Kind.LOST, now);
        lost = now;
    }

    /** Before it waits for more: otherwise it might itself keep the others from publishing. */
    private synchronized void acknowledgeAll() {
        if (handedOver <= acknowledged) return;
        subscriber.acknowledge(handedOver);
        acknowledged(handedOver);
    }

    private void acknowledge() {
        if (random.nextInt(20) == 0) {
            subscriber.recover();
            handedOver = subscriber.position();
            journal.add(Kind.WENT_BACK, 0);
        } else if (random.nextBoolean() && acknowledged < handedOver && !overruns) {
            long position = acknowledged + 1 + random.nextInt((int) (handedOver - acknowledged));
            subscriber.acknowledge(position);
            acknowledged(position);
        } else {
            subscriber.acknowledge();
            acknowledged(handedOver);
        }
    }

    private void acknowledged(long position) {
        if (position <= acknowledged) return;
        acknowledged = position;
        journal.add(Kind.ACKNOWLEDGED, position);
    }
}
