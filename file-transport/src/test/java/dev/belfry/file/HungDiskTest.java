package dev.belfry.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.QueueFullException;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.journal.LogFiles;
import dev.belfry.testing.CaughtLog;
import dev.belfry.testing.Patience;
import java.lang.ref.WeakReference;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A simulated disk that hangs, as one behind a network does: what has a limit ends, and the rest when it is back. */
@Timeout(120)
class HungDiskTest {
    @RegisterExtension
    final CaughtLog log = new CaughtLog();

    private LiveDisk live;
    private long flushNanos = 50_000_000;

    @AfterEach
    void close() {
        live.disk.hangs(false);
        live.close();
    }

    private MessageQueue open(boolean publishersWait) {
        return open(publishersWait, 1 << 20);
    }

    private MessageQueue open(boolean publishersWait, long maxCapacity) {
        return open(publishersWait, maxCapacity, 1);
    }

    private MessageQueue open(boolean publishersWait, long maxCapacity, int handles) {
        live = new LiveDisk(false, publishersWait, maxCapacity);
        live.flushNanos = flushNanos;
        live.open(handles, files -> files);
        return live.handles.get(0);
    }

    /** The thread that makes the next file comes out of the disk when all is closed. */
    @Test
    void shouldEndWithoutAWordIfItsNextFileIsMadeMeanwhile() throws Exception {
        CompletableFuture<Thread> making = new CompletableFuture<>();
        CompletableFuture<Void> closed = new CompletableFuture<>();
        live = new LiveDisk(false, true, 1 << 20);
        live.open(1, files -> (LogFiles) Proxy.newProxyInstance(
                LogFiles.class.getClassLoader(), new Class<?>[] {LogFiles.class}, (p, call, a) -> {
                    boolean isAhead = call.getName().equals("makeReady")
                            && Thread.currentThread().getName().equals("belfry-files");
                    if (isAhead && making.complete(Thread.currentThread())) closed.join();
                    try {
                        return call.invoke(files, a);
                    } catch (InvocationTargetException failed) {
                        throw failed.getCause();
                    }
                }));
        MessageQueue queue = live.handles.get(0);
        Publisher publisher = queue.createPublisher();
        while (!making.isDone()) publisher.publish(new byte[1000]);
        queue.close();
        closed.complete(null);
        making.join().join();
        assertThat(log.text()).doesNotContain("cannot keep the files");
    }

    private static CompletableFuture<Void> run(Runnable step) {
        return CompletableFuture.runAsync(step, task -> new Thread(task).start());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldEndAllWaitsByClose(boolean publishersWait) {
        MessageQueue queue = open(publishersWait, 1 << 20, 4);
        queue.createPublisher().publish("before");
        live.disk.hangs(true);
        Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        List<CompletableFuture<Void>> publishers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Publisher publisher = queue.createPublisher();
            publishers.add(run(() -> publisher.publish("while it hangs")).whenComplete((done, failure) -> {
                if (failure != null) failures.add(failure.getCause());
            }));
        }
        Patience.until("all are published", () -> queue.stats().newestPosition() == 5);
        long began = System.nanoTime();
        CompletableFuture<Void> closing = run(queue::close);
        Patience.until("close ends", closing::isDone);
        long waited = System.nanoTime() - began;
        closing = run(() -> live.handles.forEach(MessageQueue::close));
        Patience.until("all are closed", closing::isDone);
        assertThat(System.nanoTime() - began - waited)
                .as("one limit for one disk")
                .isLessThan(waited);
        assertThat(log.text()).contains("hangs, or is slow").doesNotContain("s ago"); // which some have not waited
        if (publishersWait) {
            Patience.until("all end but the thread that is in the disk", () -> failures.size() >= 3);
            assertThat(failures).allSatisfy(each -> assertThat(each)
                    .isInstanceOf(QueueClosedException.class)
                    .hasMessageContaining("not known to be durable"));
        }
        assertThat(live.disk.descriptors()).as("as long as a thread is inside").isPositive();
        live.disk.hangs(false);
        publishers.forEach(each -> each.exceptionally(failed -> null).join());
        Patience.until("the files are closed", () -> live.disk.descriptors() <= 1); // of the directory, of a test
    }

    @Test
    void shouldLetAClosedQueueGoWhenTheDiskIsBack() {
        live = new LiveDisk(false, true, 1 << 20);
        WeakReference<LogFiles> closed = closedWhileItHangs();
        live.disk.hangs(false);
        Patience.until("it is garbage", () -> {
            System.gc();
            return closed.get() == null;
        });
    }

    /** Of what it has opened nothing is left on this stack. */
    private WeakReference<LogFiles> closedWhileItHangs() {
        List<WeakReference<LogFiles>> opened = new ArrayList<>();
        live.open(1, files -> {
            opened.add(new WeakReference<>(files));
            return files;
        });
        Publisher publisher = live.handles.get(0).createPublisher();
        live.disk.hangs(true);
        run(() -> publisher.publish("while it hangs"));
        Patience.until("a thread is in the disk", () -> !live.disk.standing().isEmpty());
        live.handles.remove(0).close();
        return opened.get(0);
    }

    /** A ring that cannot grow lacks what is to be copied; one that can, the next file. */
    @ParameterizedTest
    @ValueSource(longs = {64 << 10, 1 << 20})
    void shouldEndAPublishInItsTimeWhenThereIsNoRoom(long maxCapacity) {
        flushNanos = Long.MAX_VALUE / 2; // so that the thread of the files is not the first at what is to be copied
        MessageQueue queue = open(false, maxCapacity);
        Publisher publisher = queue.createPublisher(
                PublisherOptions.builder().timeout(Duration.ofMillis(50)).build());
        Publisher patient = queue.createPublisher();
        for (int i = 1; i <= 120; i++) patient.publish(new byte[1000]); // two files, nearly
        assertThat(patient.awaitDurable(120, Patience.limit())).isTrue();
        Patience.until("the third is there", () -> live.disk.names().stream().anyMatch(name -> name.endsWith("20000")));
        live.disk.hangs(true);
        CompletableFuture<Void> all = run(() -> {
            while (publisher.offer(ByteBuffer.allocate(1000), Duration.ZERO) != Publisher.REJECTED) {
                // one more
            }
            assertThatThrownBy(() -> publisher.publish(new byte[1000])).isInstanceOf(QueueFullException.class);
            assertThatThrownBy(() -> publisher.claim(1000)).isInstanceOf(QueueFullException.class);
            assertThatThrownBy(() -> publisher.batch(1000)).isInstanceOf(QueueFullException.class);
            assertThat(publisher.tryBatch(1000, Duration.ZERO)).isNull();
            assertThat(publisher.awaitDurable(121, Duration.ofMillis(50))).isFalse();
        });
        Patience.until("each has ended", all::isDone);
        all.join();
        assertThat(live.disk.standing()).isNotEmpty().allMatch(name -> name.startsWith("belfry-files"));
        live.disk.hangs(false);
        long next = queue.stats().newestPosition() + 1;
        assertThat(patient.publish("goes on")).isEqualTo(next);
        assertThat(patient.awaitDurable(next, Patience.limit())).isTrue();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldRefuseANamedSubscriptionThatItCannotKeep(boolean publishersWait) {
        MessageQueue queue = open(publishersWait);
        SubscriberOptions named = SubscriberOptions.builder().name("reader").build();
        live.disk.hangs(true);
        CompletableFuture<Void> creating = run(() -> queue.createSubscriber(named));
        Patience.until("it ends", creating::isDone);
        assertThat(creating)
                .failsWithin(Patience.limit())
                .withThrowableOfType(java.util.concurrent.ExecutionException.class)
                .havingCause()
                .isInstanceOf(MessageQueueException.class)
                .withMessageContaining("the disk of /disk hangs, or is slow: it has not done in 5 s");
        assertThat(queue.stats().subscribers()).isEmpty();
        live.disk.hangs(false);
        queue.createSubscriber(named).close();
        assertThat(queue.stats().subscribers()).hasSize(1);
    }
}
