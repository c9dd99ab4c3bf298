package dev.belfry.shm.mistakes;

import static dev.belfry.shm.Inside.handle;
import static dev.belfry.shm.Inside.watch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.Claim;
import dev.belfry.api.InsufficientResourcesException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.QueueCorruptedException;
import dev.belfry.api.Subscriber;
import dev.belfry.shm.crash.Participant;
import dev.belfry.shm.crash.Refused;
import dev.belfry.shm.crash.Scene;
import dev.belfry.shm.layout.SegmentHeader;
import dev.belfry.shm.layout.SharedBytes;
import dev.belfry.shm.posix.Errno;
import dev.belfry.shm.sim.Words;
import dev.belfry.shm.sync.PublishLock;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Errors of the kernel and of the JVM in the middle of a call. See {@link Behaviours}. */
final class ErrorBehaviours extends Behaviours {
    private static final QueueConfig GROWING = QueueConfig.builder()
            .capacity(4096)
            .maxCapacity(65536)
            .deleteOnLastClose(true)
            .build();

    /**
     * Another one has grown it, and for a moment there is no address space: nothing was begun, so
     * there is nothing to mend.
     */
    void refusedToMapWhileItPublishes() {
        Participant others = new Participant();
        Refused process = new Refused();
        Publisher theirs = others.open(name, GROWING, 8).createPublisher();
        MessageQueue queue = process.open(name, GROWING, 8);
        opened.push(others::closeQueues);
        opened.push(process::closeQueues);
        Publisher publisher = queue.createPublisher();
        publisher.publish("one");
        theirs.publish(body(8000));
        process.refuseEach("mmap", Errno.ENOMEM);
        assertThatThrownBy(() -> publisher.publish("two")).isInstanceOf(InsufficientResourcesException.class);
        process.refuseNothing();
        assertThat(publisher.publish("two")).isEqualTo(3);
    }

    /** After the commit nothing is thrown: the caller would publish again. */
    void wakingFails() {
        Participant failing = new Participant() {
            @Override
            protected Object call(String function, Method method, Object[] args) throws Throwable {
                if (function.equals("sem_post")) throw new StackOverflowError();
                return super.call(function, method, args);
            }
        };
        MessageQueue queue = open(failing);
        MessageQueue other = open(new Participant());
        Subscriber subscriber = other.createSubscriber();
        Publisher publisher = queue.createPublisher();
        Scene.announceSleeper(other, 0);
        ByteBuffer body = ByteBuffer.wrap("message".getBytes(StandardCharsets.UTF_8));
        assertThat(publisher.publish(body)).isEqualTo(1);
        assertThat(body.hasRemaining()).isFalse();
        assertThat(subscriber.receive(soon).text()).isEqualTo("message");
        assertThat(handle(other).segment.header.bytes().getIntAcquire(SegmentHeader.ASLEEP))
                .as("it was tried")
                .isZero();
    }

    /**
     * After the commit, while another thread of the same publisher tries without success: its
     * attempt takes nothing away from what is known here. And another publisher has published just
     * before this publisher came in.
     */
    void errorBesideAnothersAttempt() {
        Publisher[] shared = {null};
        Publisher[] before = {null};
        Participant failing = new Participant() {
            @Override
            protected boolean swap(Words words, long at, int size, long expected, long value) {
                if (before[0] != null) {
                    Publisher other = before[0];
                    before[0] = null;
                    assertThat(other.publish("meanwhile")).isEqualTo(2);
                }
                return super.swap(words, at, size, expected, value);
            }

            @Override
            protected void store(Words words, long at, int size, long value, boolean release) {
                if (shared[0] != null && !words.isRing()) { // the count
                    Publisher publisher = shared[0];
                    shared[0] = null;
                    assertThat(start(() -> publisher.offer(body(8), Duration.ZERO))
                                    .join())
                            .isEqualTo(Publisher.REJECTED);
                    throw new StackOverflowError();
                }
                super.store(words, at, size, value, release);
            }
        };
        Publisher publisher = open(failing).createPublisher();
        publisher.publish("one");
        before[0] = open(new Participant()).createPublisher();
        shared[0] = publisher;
        assertThat(publisher.publish("two")).isEqualTo(3);
        assertThat(shared[0]).as("it was tried").isNull();
        assertThat(publisher.publish("three")).isEqualTo(4);
    }

    /**
     * The lock is free, and the wake-up of a waiter fails: another thread of the same publisher is
     * inside by then. Its lock is not given back.
     */
    void releaseFailsBesideAnother() {
        Publisher[] shared = {null};
        Participant failing = new Participant() {
            @Override
            protected Object call(String function, Method method, Object[] args) throws Throwable {
                Publisher publisher = shared[0];
                if (publisher == null || !Refused.kindOf(function, args).equals("futex wake"))
                    return super.call(function, method, args);
                shared[0] = null;
                start(() -> publisher.claim(8)).join();
                throw new StackOverflowError();
            }
        };
        MessageQueue queue = open(failing);
        SharedBytes words = handle(queue).segment.header.bytes();
        Publisher publisher = queue.createPublisher();
        Claim claim = publisher.claim(8);
        words.getAndSetInt(SegmentHeader.PUBLISH_LOCK, words.getIntAcquire(SegmentHeader.PUBLISH_LOCK) | 1 << 31);
        shared[0] = publisher;
        assertThatThrownBy(claim::commit).isInstanceOf(StackOverflowError.class);
        assertThat(shared[0]).as("it was tried").isNull();
        assertThat(words.getIntAcquire(SegmentHeader.PUBLISH_LOCK))
                .as("the other thread's claim")
                .isNotZero();
    }

    // An error after the commit, and the rescue fails as well: the next call of that thread gives the handle up

    void rescueFails() {
        Unmended process = new Unmended();
        Publisher publisher = open(process).createPublisher();
        assertItIsGivenUp(process, publisher);
    }

    void rescueOfTheFavouredFails() {
        Unmended process = new Unmended();
        process.favour();
        Publisher publisher = open(process).createPublisher();
        publisher.publish("favoured from now on");
        assertItIsGivenUp(process, publisher);
    }

    /** One error before the record's word: the thread is out again, and its handle stays. */
    void errorOfTheFavoured() {
        boolean[] fails = {false};
        Participant process = new Participant() {
            @Override
            protected void store(Words words, long at, int size, long value, boolean release) {
                if (fails[0] && words.isRing()) {
                    fails[0] = false;
                    throw new StackOverflowError();
                }
                super.store(words, at, size, value, release);
            }
        };
        process.favour();
        Publisher publisher = open(process).createPublisher();
        publisher.publish("favoured from now on");
        fails[0] = true;
        assertThatThrownBy(() -> publisher.publish(body(8))).isInstanceOf(StackOverflowError.class);
        assertThat(publisher.publish("goes on")).isEqualTo(2);
    }

    /** Right after the way in, where nothing knows of it: an error from elsewhere, as of {@code Thread.stop}. */
    void favouredThatIsLeftInside() {
        Participant process = new Participant();
        process.favour();
        MessageQueue queue = open(process);
        Publisher publisher = queue.createPublisher();
        publisher.publish("favoured from now on");
        assertThat(handle(queue).publishLock.enter()).isTrue();
        assertIsGivenUp(publisher);
    }

    /** It is inside by its own claim, and no error left it there. */
    void nestedInAClaimOfTheFavoured() {
        Participant process = new Participant();
        process.favour();
        Publisher publisher = open(process).createPublisher();
        publisher.publish("favoured from now on");
        Claim claim = publisher.claim(8);
        assertThatThrownBy(() -> publisher.publish(body(8))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> publisher.claim(8)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> publisher.batch(64)).isInstanceOf(IllegalStateException.class);
        assertThat(claim.commit()).isEqualTo(2);
        assertThat(publisher.publish("goes on")).isEqualTo(3);
    }

    /** The next call is its close. The lock is not given back: the next publisher repairs first. */
    void rescueFailsAndItIsClosed() {
        Unmended process = new Unmended();
        Publisher publisher = open(process).createPublisher();
        MessageQueue other = open(new Participant());
        publishWithoutRescue(process, publisher, body(8));
        publisher.close();
        assertThat(other.createPublisher().publish("next"))
                .as("after the one that was committed")
                .isEqualTo(2);
    }

    /** The close fails as well, and the publisher is gone: the watch stays until the handle is given up. */
    void rescueFailsAndSoDoesItsClose() {
        Unmended process = new Unmended();
        MessageQueue queue = open(process);
        Publisher publisher = queue.createPublisher();
        publishWithoutRescue(process, publisher, body(8));
        process.coversNothing = true;
        assertThatThrownBy(publisher::close).isInstanceOf(StackOverflowError.class);
        process.coversNothing = false;
        boolean comesAgain = watch(queue);
        assertThat(comesAgain || handle(queue).isPoisoned())
                .as("the watch comes again, or has been here")
                .isTrue();
        watch(queue);
        assertThat(handle(queue).isPoisoned()).isTrue();
    }

    /** The same with a record that says where the log goes on, before the message. */
    void rescueOfAGrowthFails() {
        Unmended process = new Unmended();
        Publisher publisher = process.open(name, GROWING, 8).createPublisher();
        opened.push(process::closeQueues);
        publishWithoutRescue(process, publisher, body(8000));
        assertIsGivenUp(publisher);
    }

    private static void assertItIsGivenUp(Unmended process, Publisher publisher) {
        publishWithoutRescue(process, publisher, body(8));
        assertIsGivenUp(publisher);
    }

    private static void publishWithoutRescue(Unmended process, Publisher publisher, ByteBuffer body) {
        process.fails = true;
        assertThatThrownBy(() -> publisher.publish(body)).isInstanceOf(StackOverflowError.class);
        process.fails = false;
    }

    private static void assertIsGivenUp(Publisher publisher) {
        assertThatThrownBy(() -> publisher.offer(body(8), Duration.ZERO)).isInstanceOf(QueueCorruptedException.class);
    }

    /**
     * From a commit on each store of its thread throws an error that ends its rescue too, before
     * anything is covered.
     */
    private static final class Unmended extends Participant {
        private final Thread thread = Thread.currentThread();
        private final Error error = new Error() {
            private static final long serialVersionUID = 1;

            @Override
            public String toString() {
                throw new StackOverflowError();
            }
        };

        private boolean fails;
        private boolean committed;
        private boolean coversNothing;

        @Override
        protected Object call(String function, Method method, Object[] args) throws Throwable {
            if (coversNothing && function.equals("mmap") && Thread.currentThread() == thread)
                throw new StackOverflowError();
            return super.call(function, method, args);
        }

        @Override
        protected void store(Words words, long at, int size, long value, boolean release) {
            boolean mine = fails && Thread.currentThread() == thread;
            if (mine && committed) throw error;
            super.store(words, at, size, value, release);
            if (mine && release && words.isRing()) committed = true;
        }
    }

    /** A log may block, or throw: what is to be told waits until the lock is given back. */
    void toldOutsideTheLock() {
        Participant process = new Participant();
        MessageQueue queue = process.open(name, GROWING, 8);
        opened.push(process::closeQueues);
        Publisher publisher = queue.createPublisher();
        List<Boolean> held = new ArrayList<>();
        handle(queue).note(() -> held.add(staysHeld(handle(queue).publishLock)));
        publisher.publish(body(8000)); // it grows
        assertThat(held).containsExactly(false);
    }

    /** Another thread of this process may be inside for a moment: it goes on meanwhile, the caller of this does not. */
    private static boolean staysHeld(PublishLock lock) {
        for (int i = 0; i < 1_000 && lock.isHeldByThisHandle(); i++) LockSupport.parkNanos(1_000_000);
        return lock.isHeldByThisHandle();
    }
}
