package dev.belfry.shm.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.belfry.api.Claim;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueCorruptedException;
import dev.belfry.api.QueueFullException;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberDisconnectedException;
import dev.belfry.shm.Inside;
import dev.belfry.shm.Quiet;
import dev.belfry.shm.layout.SlotState;
import dev.belfry.shm.layout.Slots;
import dev.belfry.shm.segment.Handle;
import dev.belfry.testing.Depth;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.Patched;
import dev.belfry.testing.Slow;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * One error before or after each call, or at an allocation, of an operation in a process that lives
 * on: see {@link ErrorSteps}. Its thread ends, or makes its next call. Then the queue works for
 * others, and for this process, unless its handle is given up, which says so.
 */
@Slow
@OneJdk
@ExtendWith(Quiet.Always.class)
public class ThrownErrorsTest {
    /**
     * Between a lock that is won and the {@code try} that gives it back there is no call and no
     * allocation. So no stack overflows there, and no memory is missing. An error that comes from
     * elsewhere, as of {@code Thread.stop}, leaves a lock of which nobody knows; or it keeps a batch
     * from its user, or a message, which counts as given when the reader has stepped over it.
     */
    private static final Set<String> UNMENDED = Set.of(
            "SharedBytes.swap after RawWords.compareAndSetInt",
            "SharedBytes.compareAndSetInt after SharedBytes.swap",
            "FutexLock.takeFree after SharedBytes.compareAndSetInt",
            "FutexLock.tryAcquire after FutexLock.takeFree",
            "Joining.underGateLock after FutexLock.acquire",
            "PublishLock.tryAcquire after FutexLock.tryAcquire",
            "CriticalSection.enterAtOnce after PublishLock.tryAcquire",
            "Admission.enter after CriticalSection.enterAtOnce",
            "ShmPublisher.enter after CriticalSection.enterAtOnce",
            "ShmPublisher.send after ShmPublisher.enter",
            "ShmPublisher.claim after ShmPublisher.enter",
            "Claims.claim after Admission.enter",
            "Claims.batch after Admission.enter",
            "ShmPublisher.claim after Claims.claim",
            "ShmPublisher.batch after Claims.batch",
            "InPlaceReader.step after InPlaceReader.stepped",
            "ShmSubscriber.take after BatchReader.advance",
            "ShmSubscriber.next after ShmSubscriber.take",
            "ShmSubscriber.batch after BatchReader.step",
            "ShmQueue.createPublisher after PublisherCreation.create", // an exclusive one refuses all others
            // with waiting
            "FutexLock.acquire after FutexLock.takeFree",
            "FutexLock.acquire after SharedBytes.compareAndSetInt",
            "FutexLock.takeOverFromDead after SharedBytes.compareAndSetInt",
            "FutexLock.acquire after FutexLock.takeOverFromDead",
            "FutexLock.acquire after FutexLock.acquire",
            "PublishLock.acquire after FutexLock.acquire",
            "Handle.acquirePublishLock after PublishLock.acquire",
            "CriticalSection.enter after Handle.acquirePublishLock",
            "CriticalSection.enter after CriticalSection.enter",
            "Admission.enter after CriticalSection.enter",
            "Admission.enterInTime after Admission.enter",
            "Admission.enter after Admission.enterInTime",
            "ShmPublisher.enter after Admission.enterInTime",
            // the gate lock, and the way of the favoured thread
            "Room.makeAtOnce after FutexLock.tryAcquire",
            "FutexLock.acquireInside after FutexLock.acquire",
            "Room.make after FutexLock.acquireInside",
            "PublishLock.acquire after PublishLock.endBias",
            "PublishLock.endOwnBias after FutexLock.tryAcquire",
            "CriticalSection.enterAtOnce after PublishLock.enter",
            "CriticalSection.enter after PublishLock.enter");

    /** After so many the watch has given up what it gives up. */
    private static final int CHECKS = 3;

    private static final PublisherOptions IMPATIENT =
            PublisherOptions.builder().timeout(Duration.ZERO).build();

    private static final String JOINS = "join.*|named.*";

    private static final String READS = "receive|poll|acknowledge|overrun jump|disconnect|seek.*";

    private static final String OPERATIONS =
            "publish|publish [wbe].*|publish as.*|claim.*|batch.*|gate move.*|grow.*|reclaim.*|end a.*|leave"
                    + "|create .*publisher|unsubscribe|" + JOINS + "|" + READS;

    /** By a reader that went on reading, so that all before it is done with; -1: not known. */
    private static long acknowledged;

    @TestFactory
    @Timeout(900) // each of them has its own
    Stream<DynamicTest> shouldLiveOnWhereverAnErrorIsThrown() {
        Patched product = Patched.withoutDefect().through(ErrorSteps::into);
        Class<? extends Consumer<String>> each = Depth.isLong() ? EachStep.class : EachPlace.class;
        return Operation.all().stream()
                .filter(o -> o.name().matches(OPERATIONS))
                .map(o -> DynamicTest.dynamicTest(o.name(), () -> product.run(each, o.name())))
                .onClose(product::close);
    }

    /** A class whose initializer meets the end of a stack is unusable for as long as the JVM lives. */
    @Test
    void shouldInitializeNoClassWithTheFirstWait() {
        try (Patched product = Patched.withoutDefect().through(ErrorSteps::into)) {
            assertThat(product.call(
                            InitializedByAWait.class,
                            "first-wait-" + ProcessHandle.current().pid()))
                    .isEqualTo("[]");
        }
    }

    /** In a queue of this name. */
    static final class InitializedByAWait implements Function<String, String> {
        @Override
        public String apply(String name) {
            Participant holding = new Participant();
            Participant waiting = new Participant();
            Publisher holder = holding.open(name, OperationParts.SMALL, 8).createPublisher();
            Publisher publisher = waiting.open(name, OperationParts.SMALL, 8).createPublisher();
            CompletableFuture.runAsync(() -> holder.claim(8)).join();
            ErrorSteps.throwAt(Integer.MAX_VALUE);
            assertThat(publisher.offer(ByteBuffer.allocate(8), Duration.ofMillis(50)))
                    .isEqualTo(Publisher.REJECTED);
            ErrorSteps.stop();
            waiting.closeQueues();
            holding.kill();
            MessageQueues.delete("shm:" + name);
            return ErrorSteps.initialized().toString();
        }
    }

    /** Of the operation of this name, in a {@link Patched}. */
    static final class EachStep implements Consumer<String> {
        @Override
        public void accept(String name) {
            Operation operation = Operation.named(name);
            int points = strikesAtEach(operation);
            System.out.printf("errors thrown in %-32s %4d%n", operation.name(), points);
            assertThat(points).isPositive();
        }
    }

    /** Of the product's lines that no operation before has met: its first step there, and its last. */
    static final class EachPlace implements Consumer<String> {
        private static final Set<String> MET = new HashSet<>();

        @Override
        public void accept(String name) {
            Operation operation = Operation.named(name);
            List<String> places = places(operation);
            int points = 0;
            for (String place : new LinkedHashSet<>(places)) {
                if (!MET.add(place)) continue;
                strikes(operation, 1 + places.indexOf(place), true);
                strikes(operation, 1 + places.lastIndexOf(place), false);
                points += 2;
            }
            System.out.printf("errors thrown in %-32s %4d%n", operation.name(), points);
            assertThat(places).isNotEmpty();
        }
    }

    /** Of its steps, in their order. */
    private static List<String> places(Operation operation) {
        try (Scene scene = new Scene(operation.config(), operation.slots(), Participant::new, Participant::new)) {
            operation.before().accept(scene);
            ErrorSteps.record();
            operation.run().accept(scene);
            return ErrorSteps.recorded();
        }
    }

    /** Says at how many. */
    public static int strikesAtEach(Operation operation) {
        int points = 0;
        while (strikes(operation, 1 + points, points % 2 == 1)) points++;
        return points;
    }

    private static boolean strikes(Operation operation, int k, boolean itsThreadEnds) {
        String[] where = {null};
        try {
            return assertTimeoutPreemptively(CrashPointTest.patience(), () -> {
                try (Scene scene =
                        new Scene(operation.config(), operation.slots(), Participant::new, Participant::new)) {
                    acknowledged = -1;
                    operation.before().accept(scene);
                    if (itsThreadEnds) inAThread(() -> where[0] = strike(scene, operation, k));
                    else where[0] = strike(scene, operation, k);
                    if (where[0] == null) return false;
                    boolean isUnmended = UNMENDED.contains(where[0].replaceFirst(":\\d+", ""));
                    if (!isUnmended) goesOn(scene, operation, itsThreadEnds);
                    return true;
                }
            });
        } catch (AssertionError | RuntimeException failure) {
            String by = itsThreadEnds ? " of a thread that ended" : "";
            throw new AssertionError(operation.name() + ", an error at step " + k + by + ", " + where[0], failure);
        }
    }

    /** Where; null: it ran to its end before. */
    private static String strike(Scene scene, Operation operation, int k) {
        ErrorSteps.throwAt(k);
        try {
            operation.run().accept(scene);
            return ErrorSteps.stop();
        } catch (Throwable failure) {
            String where = ErrorSteps.stop();
            if (where == null) throw failure;
            return where;
        }
    }

    private static void inAThread(Runnable work) throws InterruptedException {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                work.run();
                done.complete(null);
            } catch (Throwable failure) {
                done.completeExceptionally(failure);
            }
        });
        thread.start();
        thread.join();
        done.join();
    }

    private static void goesOn(Scene scene, Operation operation, boolean itsThreadEnded) {
        boolean reads = operation.name().matches(READS);
        if (!itsThreadEnded) orSaysSo(() -> scene.queue.stats());
        if (!itsThreadEnded && reads) orSaysSo(() -> readsOn(scene, operation));
        boolean readsOn = reads || scene.subscriber != null;
        boolean isExclusive =
                scene.publisher != null && scene.publisher.toString().startsWith("Exclusive");
        MessageQueue fresh = null;
        if (!isExclusive || watch(scene)) {
            fresh = scene.open(scene.process());
            keepsItsLock(scene, fresh);
            scene.checkAlive(fresh);
            if (!readsOn) doesItAgain(scene, operation, fresh);
        }
        watch(scene);
        if (scene.publisher != null) orSaysSo(() -> scene.publishSoon(scene.publisher, 100));
        scene.queue.close();
        if (fresh == null) fresh = scene.open(scene.process());
        scene.checkAlive(fresh);
        if (readsOn && acknowledged >= 0) OperationParts.resumes(scene, fresh, acknowledged + 1, acknowledged + 1);
        else if (readsOn) operation.after().accept(scene, fresh);
        fresh.unsubscribe(Scene.AUDIT);
        scene.checkLaps(fresh);
        scene.checkSlots(fresh);
        scene.checkNothingStays(fresh);
    }

    /** It has failed as a whole: what it was to make is not there, and can be made, by any process. */
    private static void doesItAgain(Scene scene, Operation operation, MessageQueue fresh) {
        if (!operation.name().matches(JOINS + "|create .*")) return;
        keepsNoSeat(scene, fresh);
        if (!beginsAnew(operation)) operation.after().accept(scene, fresh);
        orSaysSo(() -> operation.run().accept(scene));
        if (scene.subscriber != null) orSaysSo(() -> scene.readAll(scene.subscriber));
    }

    /** So where it begins depends on what was published since. */
    private static boolean beginsAnew(Operation operation) {
        return operation.name().startsWith("named join");
    }

    /** No subscription of its living process holds the gate for a subscriber that nobody was given. */
    private static void keepsNoSeat(Scene scene, MessageQueue fresh) {
        Handle handle = Inside.handle(scene.queue);
        if (handle.isPoisoned()) return;
        Slots slots = Inside.handle(fresh).segment.slots;
        for (int j = 0; j < slots.count(); j++) {
            int phase = SlotState.phase(slots.stateAcquire(j));
            if (phase == SlotState.ACTIVE || phase == SlotState.JOINING)
                assertThat(Slots.ownerHandle(slots.owner(j)))
                        .as("owner of slot %s", j)
                        .isNotEqualTo(handle.index);
        }
    }

    /** What was not handed over comes next, and nothing is lost; and what has been read holds nobody up. */
    private static void readsOn(Scene scene, Operation operation) {
        Subscriber subscriber = scene.subscriber;
        if (operation.name().equals("disconnect")) {
            assertThatThrownBy(subscriber::receiveNoWait)
                    .isInstanceOfAny(SubscriberDisconnectedException.class, QueueCorruptedException.class);
            return;
        }
        if (operation.name().equals("overrun jump")) {
            assertThat(scene.readAllThatIsLeft(subscriber)).isEqualTo(newest(scene));
            assertThat(subscriber.lostCount()).isPositive();
            return;
        }
        if (operation.name().equals("acknowledge")) {
            subscriber.acknowledge(4);
            acknowledged = 4;
            return;
        }
        if (operation.name().startsWith("seek")) { // there, or still where it was
            for (int i = 0; i < 100 && scene.offer(scene.publisher, 70); i++) scene.watch();
            scene.readAllThatIsLeft(subscriber, 0);
            subscriber.acknowledge();
            acknowledged = subscriber.position();
            return;
        }
        Message next = subscriber.receiveNoWait();
        if (next == null) assertThat(scene.handedOver).isEqualTo(newest(scene));
        else if (next.position() != scene.handedOver + 1) {
            assertThat(next.position()).isEqualTo(scene.handedOver);
            assertThat(next.redelivered()).isTrue();
        }
        scene.readAll(subscriber);
        for (int i = 0; i < 24; i++) {
            scene.publishSoon(scene.publisher, 300);
            scene.watch();
            scene.readAll(subscriber);
        }
        acknowledged = newest(scene);
    }

    private static long newest(Scene scene) {
        return Inside.handle(scene.bystander).segment.header.countAcquire();
    }

    private static void orSaysSo(Runnable call) {
        try {
            call.run();
        } catch (QueueCorruptedException givenUp) {
            // says so
        }
    }

    /** As in a second of its process. True: its handle is given up. */
    private static boolean watch(Scene scene) {
        for (int i = 0; i < CHECKS; i++) orSaysSo(() -> Inside.watch(scene.queue));
        return Inside.handle(scene.queue).isPoisoned();
    }

    /** Another process gets the publish lock, soon: and then nothing that the error left frees it. */
    private static void keepsItsLock(Scene scene, MessageQueue other) {
        MessageQueue third = scene.open(scene.process());
        try (Publisher publisher = other.createPublisher(IMPATIENT);
                Claim held = claimSoon(scene, publisher)) {
            watch(scene);
            Publisher waiting = third.createPublisher();
            ByteBuffer body = ByteBuffer.allocate(held.buffer().remaining());
            assertThat(CompletableFuture.supplyAsync(() -> waiting.offer(body, Duration.ZERO))
                            .join())
                    .as("while another process holds a claim")
                    .isEqualTo(Publisher.REJECTED);
        }
        third.close();
    }

    /** At once, or when the watch has given up what could not be mended. */
    private static Claim claimSoon(Scene scene, Publisher publisher) {
        for (int check = 0; ; check++) {
            try {
                return publisher.claim(8);
            } catch (QueueFullException itsLockIsLeft) {
                if (check == CHECKS) throw itsLockIsLeft;
                orSaysSo(() -> Inside.watch(scene.queue));
            }
        }
    }
}
