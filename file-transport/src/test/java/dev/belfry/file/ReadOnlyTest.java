package dev.belfry.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.IncompatibleQueueException;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.QueueCorruptedException;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.OneJdk;
import dev.belfry.testing.OwnMount;
import dev.belfry.testing.RemoteMain;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A directory of which not all can be used: what is whole is read, and nobody publishes. */
@WaitsForOthers
@Timeout(120)
class ReadOnlyTest {
    private static final int MESSAGES = 2500;

    private final Small small = new Small("&maxCapacity=8m&sync=os");

    @AfterEach
    void remove() throws Exception {
        small.close();
    }

    private static List<Long> readAll(Subscriber in) {
        List<Long> positions = new ArrayList<>();
        for (Message m; (m = in.receive(Duration.ZERO)) != null; ) positions.add(m.position());
        return positions;
    }

    private static void flip(Path file, long at) throws Exception {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(at);
            int was = bytes.read();
            bytes.seek(at);
            bytes.write(was ^ 1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a file that is gone", "a byte, of a queue without a history"})
    void shouldReadUpToTheDamageAndNameIt(String damage) throws Exception {
        boolean isByte = damage.startsWith("a byte");
        if (isByte) small.makeWithoutHistory();
        small.fill(MESSAGES);
        Path last = small.directory.resolve("log.0000000000200000");
        if (isByte) flip(last, 100_000);
        else Files.delete(last);
        List<String> before = small.names();
        try (MessageQueue queue = small.open();
                MessageQueue beside = small.open()) {
            assertThatThrownBy(queue::createPublisher)
                    .isInstanceOf(QueueCorruptedException.class)
                    .hasMessageContaining("is open for reading only")
                    .hasMessageContaining(last.toString());
            for (SubscriberOptions options :
                    List.of(Small.READER, SubscriberOptions.observer(StartAt.OLDEST_RETAINED))) {
                Subscriber in = queue.createSubscriber(options);
                List<Long> read = new ArrayList<>();
                assertThatThrownBy(() -> {
                            while (true) in.poll(m -> read.add(m.position()), 100, Duration.ofMinutes(1));
                        })
                        .isInstanceOf(QueueCorruptedException.class)
                        .hasMessageContaining(last.toString());
                assertThat(read).hasSizeBetween(1900, 2200).doesNotHaveDuplicates();
                assertThatThrownBy(() -> in.receive(Duration.ZERO)).isInstanceOf(QueueCorruptedException.class);
            }
            Subscriber other = beside.createSubscriber(Small.READER);
            assertThatThrownBy(() -> readAll(other)).isInstanceOf(QueueCorruptedException.class);
        }
        assertThat(small.names()).isEqualTo(before);
        assertThat(Path.of("/dev/shm/belfry..file." + small.livePart())).doesNotExist();
    }

    @Test
    @Slow
    void shouldReadWhereTheFileSystemCannotBeWritten() {
        small.fill(10);
        try (OwnMount mount = OwnMount.readOnly(small.directory);
                ChildJvm jvm = JavaCommand.of(RemoteMain.class)
                        .through(mount.launcher())
                        .start()) {
            jvm.expect("ok");
            jvm.ask("open " + small.uri(), "ok");
            assertThat(jvm.ask("publisher", "error")).contains("cannot be written. Nothing new is seen");
            jvm.ask("subscribe start=OLDEST", "ok");
            assertThat(jvm.ask("receive 10 500", "ok")).contains("1:message 1", "10:message 10");
            assertThat(jvm.ask("receive 1 100", "ok")).isEmpty();
            try (MessageQueue here = small.open()) { // which can write
                assertThat(here.createPublisher().publish("more")).isEqualTo(11);
            }
            jvm.ask("close", "ok"); // nobody else could remove its semaphore
        }
    }

    @Test
    @Slow
    void shouldReadThereWhatDoesNotFitIntoMemory() throws Exception {
        try (Small history = new Small("&capacity=64k&maxCapacity=64k&maxSize=4m&sync=os")) {
            history.fill(500);
            try (OwnMount mount = OwnMount.readOnly(history.directory);
                    ChildJvm jvm = JavaCommand.of(RemoteMain.class)
                            .through(mount.launcher())
                            .start()) {
                jvm.expect("ok");
                jvm.ask("open " + history.uri(), "ok");
                jvm.ask("subscribe name=reader", "ok");
                assertThat(jvm.ask("receive 500 500", "ok")).contains("1:message 1", "500:message 500");
                jvm.ask("close", "ok");
            }
        }
    }

    /** With sync=os. */
    @Test
    void shouldKeepItsIdOnlyAfterACleanClose() throws Exception {
        UUID id;
        try (Small copy = new Small("")) {
            Files.createDirectories(copy.directory);
            try (MessageQueue queue = small.open();
                    MessageQueue beside = small.open()) {
                id = queue.stats().id();
                beside.createPublisher().publish("one");
                for (String each : small.names())
                    Files.copy(small.directory.resolve(each), copy.directory.resolve(each));
            }
            try (MessageQueue queue = copy.open()) { // as after a power loss
                assertThat(queue.stats().id()).isNotEqualTo(id);
            }
            copy.forgetLivePart();
        }
        for (int life = 0; life < 2; life++) {
            small.forgetLivePart();
            try (MessageQueue queue = small.open()) {
                assertThat(queue.stats().id()).isEqualTo(id);
            }
            small.open().close(); // finds the live part
        }
        small.forgetLivePart();
    }

    @Test
    void shouldRefuseACopyAsLongAsTheOriginalIsOpen() throws Exception {
        small.fill(3);
        try (Small copy = new Small("&maxCapacity=8m&sync=os")) {
            Files.createDirectory(copy.directory);
            for (String each : small.names()) Files.copy(small.directory.resolve(each), copy.directory.resolve(each));
            List<String> before = copy.names();
            try (MessageQueue queue = small.open()) {
                assertThatThrownBy(copy::open)
                        .isInstanceOf(IncompatibleQueueException.class)
                        .hasMessageContaining("is a copy of a queue that is open at this moment, or its original")
                        .hasMessageContaining("/dev/shm/belfry..file." + small.livePart());
                assertThat(copy.names()).isEqualTo(before);
                assertThat(queue.createPublisher().publish("four")).isEqualTo(4);
            }
            try (MessageQueue queue = copy.open()) { // though the live part of the original is there
                assertThat(queue.createPublisher().publish("its own")).isEqualTo(4);
                assertThatThrownBy(small::open).isInstanceOf(IncompatibleQueueException.class);
            }
            copy.forgetLivePart();
            try (MessageQueue queue = small.open()) {
                Subscriber in = queue.createSubscriber(Small.READER);
                assertThat(readAll(in)).containsExactly(1L, 2L, 3L, 4L);
            }
            small.forgetLivePart();
        }
    }

    @Test
    @Slow
    @OneJdk
    void shouldWaitAsLongAsTheOpenerMoves() throws Exception {
        small.fill(1);
        try (LogDirectory opener = Small.files(small.directory)) {
            assertThat(opener.locks.tryLock(LogDirectory.OPENING)).isTrue();
            CompletableFuture<MessageQueue> waiting = CompletableFuture.supplyAsync(small::open);
            for (int i = 1; i <= 12; i++) { // longer than one that stands still is waited for
                opener.tell(i);
                Thread.sleep(1000);
                assertThat(waiting).isNotDone();
            }
            assertThatThrownBy(waiting::join)
                    .hasMessageContaining("pid " + ProcessHandle.current().pid() + ", which opens it,");
            opener.locks.unlock(LogDirectory.OPENING);
        }
        MessageQueues.open(small.uri()).close();
        small.forgetLivePart();
    }
}
