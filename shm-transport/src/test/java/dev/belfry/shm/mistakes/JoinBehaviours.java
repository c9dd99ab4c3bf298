package dev.belfry.shm.mistakes;

import static dev.belfry.shm.Inside.handle;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.jna.Pointer;
import dev.belfry.api.InUseException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.crash.Participant;
import dev.belfry.shm.crash.Refused;
import dev.belfry.shm.layout.SlotState;
import dev.belfry.shm.posix.Errno;
import dev.belfry.shm.posix.NamedSemaphore;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.Inside;
import dev.belfry.shm.segment.SlotSemaphores;
import dev.belfry.shm.sim.Words;
import dev.belfry.shm.sync.Liveness;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/** Queues and subscriptions that begin and end beside each other. See {@link Behaviours}. */
final class JoinBehaviours extends Behaviours {
    /** A new owner that fails to attach leaves the subscription to others. */
    void attachFails() {
        MessageQueue other = open(new Participant());
        Participant dead = new Participant();
        open(dead).createSubscriber(audit());
        dead.kill();
        boolean[] fails = {true};
        MessageQueue failing = open(new Participant() {
            private int errno;

            @Override
            protected Object call(String function, Method method, Object[] args) throws Throwable {
                if (function.equals("errno") && errno != 0) return errno;
                errno = 0;
                if (!fails[0] || !function.equals("sem_open")) return super.call(function, method, args);
                errno = Errno.EMFILE;
                return 0L;
            }
        });
        assertThatThrownBy(() -> failing.createSubscriber(audit())).isNotInstanceOf(InUseException.class);
        fails[0] = false;
        other.createSubscriber(audit()).close();
    }

    /** Two threads of one handle never win one slot: the second waits until the first has it. */
    void joinsOfOneHandle() {
        AtomicReference<Runnable> then = new AtomicReference<>();
        Participant process = new Participant() {
            @Override
            protected void store(Words words, long at, int size, long value, boolean release) {
                Runnable now = at == HIGH_MARK && !words.isRing() ? then.getAndSet(null) : null;
                if (now != null) now.run();
                super.store(words, at, size, value, release);
            }
        };
        MessageQueue queue = open(process);
        Supplier<Subscriber> join = () -> queue.createSubscriber(SubscriberOptions.observer(StartAt.NOW));
        AtomicReference<CompletableFuture<Subscriber>> second = new AtomicReference<>();
        then.set(() -> {
            second.set(start(join));
            try {
                second.get().get(2, TimeUnit.SECONDS);
            } catch (TimeoutException waits) {
                // as it should
            } catch (InterruptedException | ExecutionException e) {
                throw new IllegalStateException(e);
            }
        });
        join.get();
        second.get().join();
        assertThat(queue.stats().subscribers()).hasSize(2);
    }

    /** A process that opens while the last one deletes gets a queue that others find. */
    void openAgainstLastClose() {
        Between last = new Between() {
            @Override
            boolean isIt(String function, Object[] args) {
                return function.equals("shm_unlink");
            }
        };
        MessageQueue closing = open(last);
        CompletableFuture<MessageQueue> second = new CompletableFuture<>();
        last.then = () -> {
            run(() -> {
                try {
                    second.complete(open(FIXED));
                } catch (RuntimeException e) {
                    second.completeExceptionally(e);
                }
            });
            waitABit(second);
        };
        closing.close();
        assertThat(open(FIXED).stats().id()).isEqualTo(second.join().stats().id());
    }

    /** Of two that close at the same time one is the last. */
    void closeAgainstClose() {
        AtomicReference<Runnable> then = new AtomicReference<>();
        Participant first = new Participant() {
            @Override
            protected Object call(String function, Method method, Object[] args) throws Throwable {
                Object result = super.call(function, method, args);
                if (!function.equals("fcntl")) return result;
                Pointer flock = new Pointer((Long) args[2]);
                boolean givesAdminBack = flock.getShort(0) == F_UNLCK && flock.getLong(8) == Liveness.ADMIN_BYTE;
                if (givesAdminBack && then.get() != null) then.getAndSet(null).run();
                return result;
            }
        };
        MessageQueue closing = open(first);
        MessageQueue other = open(new Participant());
        then.set(other::close);
        closing.close();
        assertThat(MessageQueues.list("shm"))
                .as("nobody deletes it")
                .noneMatch(q -> q.uri().toString().equals("shm:" + name));
    }

    void twoQueues() {
        MessageQueue first = open(FIXED);
        first.createSubscriber();
        MessageQueue another = MessageQueues.open("shm:" + name + "-2" + FIXED);
        opened.push(another);
        another.createSubscriber();
        another.close(); // the last one removes what its subscribers had
        assertThat(NamedSemaphore.list(SlotSemaphores.prefix(first.stats().id())))
                .hasSize(1);
    }

    void lateJoinerDoesNotCount() {
        MessageQueue queue = open(FIXED);
        Publisher publisher = queue.createPublisher();
        long position = publisher.publish("before");
        Subscriber late = queue.createSubscriber();
        publisher.publish("after");
        late.receive(soon);
        assertThat(publisher.awaitAcknowledged(position, 1, Duration.ZERO)).isFalse();
    }

    void leaverCounts() {
        MessageQueue queue = open(FIXED);
        Publisher publisher = queue.createPublisher();
        Subscriber leaver = queue.createSubscriber();
        long position = publisher.publish("taken");
        leaver.receive(soon);
        leaver.close();
        assertThat(publisher.awaitAcknowledged(position, 1, Duration.ZERO)).isTrue();
    }

    /** What was seen once counts for good, also when its slot has been used again since. */
    void seenCounts() {
        MessageQueue queue = open(FIXED + "&slots=2");
        Publisher publisher = queue.createPublisher();
        Subscriber holds = queue.createSubscriber();
        Subscriber leaver = queue.createSubscriber();
        long position = publisher.publish("taken");
        CompletableFuture<Boolean> waiting = start(() -> publisher.awaitAcknowledged(position, 2, soon));
        leaver.receive(soon);
        waitABit(waiting); // it has checked by then: a slice is over, and several checks
        leaver.close();
        queue.createSubscriber();
        holds.receive(soon);
        assertThat(waiting).succeedsWithin(soon.multipliedBy(2)).isEqualTo(true);
    }

    void longestLeftIsUsedAgain() {
        MessageQueue queue = open(FIXED + "&slots=2");
        Publisher publisher = queue.createPublisher();
        Subscriber first = queue.createSubscriber();
        Subscriber second = queue.createSubscriber();
        second.close();
        long position = publisher.publish("taken");
        first.receive(soon);
        first.close();
        queue.createSubscriber();
        assertThat(publisher.awaitAcknowledged(position, 1, Duration.ZERO)).isTrue();
    }

    /** Of another user, who was killed on the way in: only that one may remove it. */
    void attachesBesideAnothersSemaphore() {
        MessageQueue dead = open(new Participant());
        dead.createSubscriber(audit()).close();
        Handle handle = handle(dead);
        long next = SlotState.incarnation(handle.segment.slots.stateAcquire(0)) + 1;
        handle.segment.slots.semInc(0, next);
        Inside.createSemaphore(handle, 0, next);
        Refused heir = new Refused();
        MessageQueue queue = open(heir);
        heir.refuseEach("sem_unlink", Errno.EPERM);
        queue.createSubscriber(audit());
        heir.refuseNothing();
        long taken = SlotState.incarnation(handle.segment.slots.stateAcquire(0));
        assertThat(taken).as("no name is tried that somebody had").isEqualTo(next + 1);
    }
}
