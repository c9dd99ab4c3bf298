package dev.belfry.shm.mistakes;

import static dev.belfry.shm.Inside.handle;
import static dev.belfry.shm.Inside.subscriptions;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.AckMode;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.crash.Participant;
import dev.belfry.shm.crash.Refused;
import dev.belfry.shm.crash.Scene;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SlotState;
import dev.belfry.shm.posix.NamedSemaphore;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.Inside;
import dev.belfry.shm.segment.SlotSemaphores;
import dev.belfry.shm.sim.Words;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Closing a handle whose threads are in the middle of a call. See {@link Behaviours}. */
final class CloseBehaviours extends Behaviours {
    /** Stuck at its commit until it is let go; then it goes on. */
    private static final class Stuck extends Between {
        private final int atCover;
        private final CompletableFuture<Void> stuck = new CompletableFuture<>();
        private final CompletableFuture<Void> go = new CompletableFuture<>();
        private final CompletableFuture<Void> out = new CompletableFuture<>();
        private volatile boolean armed;
        private int covers;

        Stuck(int atCover) {
            this.atCover = atCover;
        }

        @Override
        boolean isIt(String function, Object[] args) {
            return function.equals("mmap") && (Integer) args[4] == -1 && (Long) args[0] != 0 && ++covers == atCover;
        }

        @Override
        protected void store(Words words, long at, int size, long value, boolean release) {
            if (armed && words.isRing() && release) {
                armed = false;
                stuck.complete(null);
                go.join();
            }
            super.store(words, at, size, value, release);
        }

        void publish(Publisher publisher) {
            armed = true;
            run(() -> {
                try {
                    publisher.publish("late");
                } catch (RuntimeException told) {
                    // that it is open
                } finally {
                    out.complete(null);
                }
            });
            stuck.join();
        }
    }

    /** Before its memory is covered, nobody may take over from a stuck publisher of a closing queue. */
    void coveredBeforeTheByteFalls() {
        Stuck stuck = new Stuck(1);
        MessageQueue closing = open(stuck);
        MessageQueue other = open(new Participant());
        Publisher others = other.createPublisher();
        stuck.publish(closing.createPublisher());
        long[] position = {0};
        stuck.then = () -> position[0] = others.offer(body(8), Duration.ZERO);
        closing.close();
        stuck.go.complete(null);
        stuck.out.join();
        assertThat(position[0]).as("while it is alive").isEqualTo(Publisher.REJECTED);
    }

    /** A stuck publisher that goes on just between the two coverings does no harm. */
    void headerIsCoveredFirst() {
        Stuck stuck = new Stuck(2);
        MessageQueue closing = open(stuck);
        MessageQueue other = open(new Participant());
        Subscriber reader = other.createSubscriber();
        stuck.publish(closing.createPublisher());
        stuck.then = () -> {
            stuck.go.complete(null);
            stuck.out.join();
        };
        closing.close();
        other.createPublisher().publish("next");
        Message last = null;
        for (Message m; (m = reader.receive(Duration.ZERO)) != null; ) last = m;
        assertThat(last.text()).isEqualTo("next");
    }

    /**
     * As a close does whose first attempt failed when the slot was free already: by now the slot,
     * and its bit, are somebody else's.
     */
    void leavesAgain() {
        MessageQueue leaving = open(new Participant());
        MessageQueue next = open(new Participant());
        SubscriberOptions observer = SubscriberOptions.observer(StartAt.NOW);
        int slot = handle(leaving).segment.slots.count() - 1;
        for (int j = 0; j < slot; j++) next.createSubscriber(observer);
        leaving.createSubscriber(observer);
        Handle handle = handle(leaving);
        long incarnation = SlotState.incarnation(handle.segment.slots.stateAcquire(slot));
        subscriptions(leaving).leave(slot, incarnation);
        next.createSubscriber(observer);
        Scene.announceSleeper(next, slot);
        subscriptions(leaving).leave(slot, incarnation);
        assertThat(handle.segment.header.bytes().getLongAcquire(SegmentHeader.SLEEPERS))
                .isEqualTo(1L << slot);
    }

    /** It waits for another's step while its queue is closed: its result from zeros must not touch living members. */
    void subscribingAgainstClose() {
        Between closing = new Between() {
            @Override
            boolean isIt(String function, Object[] args) {
                return function.equals("fcntl");
            }
        };
        MessageQueue queue = open(closing);
        MessageQueue other = open(new Participant());
        other.createSubscriber();
        closing.then = () -> Inside.cover(handle(queue));
        assertThatThrownBy(queue::createSubscriber).isInstanceOf(QueueClosedException.class);
        assertThat(NamedSemaphore.list(SlotSemaphores.prefix(handle(other).segment.queueId)))
                .as("of who lives")
                .hasSize(1);
    }

    /** In the memory of a queue that is being closed no subscriber has messages to read. */
    void awaitingAgainstClose() {
        Between closing = new Between() {
            @Override
            boolean isIt(String function, Object[] args) {
                return Refused.kindOf(function, args).equals("futex wait");
            }
        };
        MessageQueue queue = open(closing);
        MessageQueue other = open(new Participant());
        SubscriberOptions client =
                SubscriberOptions.builder().ackMode(AckMode.CLIENT).build();
        Subscriber done = other.createSubscriber(client);
        other.createSubscriber(client);
        Publisher publisher = queue.createPublisher();
        long position = publisher.publish("message");
        done.receive(soon);
        done.acknowledge();
        closing.then = () -> Inside.cover(handle(queue));
        assertThat(publisher.awaitAcknowledged(position, 1, Duration.ofSeconds(3)))
                .isFalse();
    }

    /** What is copied while the memory is covered is half zeros; and no gate is seen there that says so. */
    void copyingAgainstClose() {
        MessageQueue[] closing = {null};
        int[] looks = {0};
        Participant process = new Participant() {
            @Override
            protected long load(Words words, long at, int size) {
                if (at == GATE && !words.isRing() && closing[0] != null && ++looks[0] == 2)
                    Inside.cover(handle(closing[0])); // the check after the copy
                return super.load(words, at, size);
            }
        };
        MessageQueue queue = open(process);
        Publisher publisher = queue.createPublisher();
        Subscriber passable = queue.createSubscriber(SubscriberOptions.observer(StartAt.NOW));
        Subscriber inPlace = queue.createSubscriber();
        publisher.publish("message");
        assertThat(inPlace.poll(
                        view -> {
                            closing[0] = queue;
                            assertThat(passable.receive(Duration.ZERO)).isNull();
                            assertThat(looks[0]).isGreaterThan(1);
                            assertThatThrownBy(view::copy).isInstanceOf(QueueClosedException.class);
                        },
                        1))
                .isOne();
    }
}
