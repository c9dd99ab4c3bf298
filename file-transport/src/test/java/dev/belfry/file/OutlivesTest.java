package dev.belfry.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.AfterOverrun;
import dev.belfry.api.Create;
import dev.belfry.api.IncompatibleQueueException;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.QueueCorruptedException;
import dev.belfry.api.QueueExistsException;
import dev.belfry.api.QueueNotFoundException;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberDisconnectedException;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.posix.Directory;
import dev.belfry.shm.posix.LibC;
import dev.belfry.shm.posix.RealLibC;
import dev.belfry.testing.CaughtLog;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.JavaCommand;
import dev.belfry.testing.OwnMount;
import dev.belfry.testing.Patience;
import dev.belfry.testing.RemoteMain;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real processes, and a /dev/shm that is gone, as after a reboot. The page cache stays; PowerLossTest loses it. */
@WaitsForOthers
@Timeout(120)
class OutlivesTest {
    private static final String MOST = "&sync=os&capacity=64k&maxCapacity=64k&maxSize=2m";
    private static final int MORE = 3000; // than it takes
    private static final String READER = " name=reader start=OLDEST";

    @RegisterExtension
    final CaughtLog log = new CaughtLog();

    @TempDir
    Path temporary;

    private static final AtomicInteger NEXT = new AtomicInteger();

    private final String name = "outlives-" + ProcessHandle.current().pid() + "-" + NEXT.incrementAndGet();
    private final String small = "small:" + name + "?anyFileSystem=true&capacity=64k&maxCapacity=1m";

    @AfterEach
    void delete() {
        MessageQueues.delete(small);
    }

    /** In a mount namespace with a /dev/shm of its own. */
    private static ChildJvm in(OwnMount memory) {
        ChildJvm jvm =
                JavaCommand.of(RemoteMain.class).through(memory.launcher()).start();
        jvm.expect("ok");
        return jvm;
    }

    @Test
    void shouldKeepMessagesPlacesAndTheIdWhenTheMemoryIsGone() {
        String id;
        try (OwnMount memory = OwnMount.ofShm("size=64m");
                ChildJvm jvm = in(memory)) {
            id = jvm.ask("open " + small, "ok");
            jvm.ask("subscribe" + READER, "ok");
            jvm.ask("publisher", "ok");
            assertThat(jvm.ask("publish first- 1500", "ok")).isEqualTo("1500");
            assertThat(jvm.ask("receive 1000 9000", "ok")).contains("1000:first-1000");
            jvm.kill();
        }
        try (OwnMount memory = OwnMount.ofShm("size=64m");
                ChildJvm jvm = in(memory)) {
            assertThat(jvm.ask("open " + small, "ok")).isEqualTo(id);
            jvm.ask("publisher", "ok");
            assertThat(jvm.ask("publish second- 10", "ok")).isEqualTo("1510");
            jvm.ask("subscribe" + READER, "ok");
            String all = jvm.ask("receive 1510 500", "ok");
            assertThat(all)
                    .contains("1001:first-1001\t", "1500:first-1500\t1501:second-1\t")
                    .endsWith("1510:second-10");
            jvm.ask("close", "ok");
        }
        try (OwnMount memory = OwnMount.ofShm("size=64m");
                ChildJvm jvm = in(memory)) {
            jvm.ask("open " + small, "ok");
            try (ChildJvm beside = in(memory)) {
                beside.ask("open " + small, "ok"); // though the ring had to begin larger
            }
            jvm.ask("subscribe" + READER, "ok");
            assertThat(jvm.ask("receive 1 500", "ok")).isEmpty();
            jvm.kill();
        }
    }

    @Test
    void shouldKeepASubscriptionThatBeginsBeforeTheFirstSync() {
        String rare = small + "&sync=os&flush=1h";
        try (OwnMount memory = OwnMount.ofShm("size=64m");
                ChildJvm jvm = in(memory)) {
            jvm.ask("open " + rare, "ok");
            jvm.ask("publisher", "ok");
            jvm.ask("publish early- 10", "ok");
            jvm.ask("subscribe" + READER, "ok");
            jvm.kill();
        }
        try (OwnMount memory = OwnMount.ofShm("size=64m");
                ChildJvm jvm = in(memory)) {
            jvm.ask("open " + rare, "ok");
            jvm.ask("subscribe name=reader", "ok"); // a new one would begin after them
            assertThat(jvm.ask("receive 10 500", "ok")).contains("1:early-1\t").endsWith("10:early-10");
        }
    }

    /** Else it would go on behind what it has lost, and nobody would know. */
    @Test
    void shouldKeepThatANamedSubscriptionWasDisconnected() throws Exception {
        try (Small queues = new Small(MOST)) {
            SubscriberOptions slow = SubscriberOptions.builder()
                    .name("slow")
                    .startAt(StartAt.OLDEST_RETAINED)
                    .slowSubscriber(SlowSubscriber.DISCONNECT)
                    .build();
            try (MessageQueue queue = queues.open();
                    Publisher publisher = queue.createPublisher()) {
                publisher.publish("one");
                try (Subscriber subscriber = queue.createSubscriber(slow)) {
                    assertThat(subscriber.receive(Duration.ZERO)).isNotNull();
                }
                publish(publisher, MORE);
            }
            for (int life = 0; life < 3; life++) {
                queues.forgetLivePart();
                try (MessageQueue queue = queues.open()) {
                    assertThatThrownBy(() -> queue.createSubscriber(slow))
                            .isInstanceOf(SubscriberDisconnectedException.class)
                            .hasMessageContaining("disconnected at position 1, lag 3,000");
                    if (life < 2) continue;
                    assertThat(queue.unsubscribe("slow")).isTrue();
                    queue.createSubscriber(slow).close();
                }
            }
        }
    }

    private static SubscriberOptions overrun(AfterOverrun after, AtomicLong told) {
        return SubscriberOptions.builder()
                .name("slow")
                .startAt(StartAt.OLDEST_RETAINED)
                .slowSubscriber(SlowSubscriber.OVERRUN)
                .afterOverrun(after)
                .onOverrun(told::addAndGet)
                .build();
    }

    private static void publish(Publisher publisher, int count) {
        for (int i = 0; i < count; i++) publisher.publish("x".repeat(1000));
    }

    /** Overrun before the memory was gone, or only in the life after it. */
    @ParameterizedTest
    @CsvSource({MORE + ", 0", "30, " + MORE})
    void shouldTellANamedSubscriptionThatItWasOverrun(int before, int after) throws Exception {
        for (AfterOverrun where : AfterOverrun.values()) {
            AtomicLong told = new AtomicLong();
            try (Small queues = new Small(MOST)) {
                try (MessageQueue queue = queues.open();
                        Publisher publisher = queue.createPublisher()) {
                    try (Subscriber subscriber = queue.createSubscriber(overrun(where, told))) {
                        publish(publisher, 10);
                        for (int i = 0; i < 10; i++)
                            assertThat(subscriber.receive(Duration.ZERO)).isNotNull();
                    }
                    publish(publisher, before);
                }
                queues.forgetLivePart();
                try (MessageQueue queue = queues.open();
                        Publisher publisher = queue.createPublisher()) {
                    publish(publisher, after);
                    assertThat(queue.stats().subscribers().get(0).acknowledgedPosition())
                            .isEqualTo(10);
                    try (Subscriber subscriber = queue.createSubscriber(overrun(where, told))) {
                        Message first = subscriber.receive(Duration.ZERO);
                        long newest = 10 + before + after;
                        long goesOn = first.position();
                        assertThat(told).hasValueGreaterThan(0).hasValue(goesOn - 11);
                        assertThat(subscriber.lostCount()).isEqualTo(told.get());
                        assertThat(goesOn >= newest).isEqualTo(where == AfterOverrun.NEWEST);
                    }
                }
            }
        }
    }

    /** It may have been given all of it before the reboot; what it was not given since is lost all the same. */
    @ParameterizedTest
    @CsvSource({"OLDEST, " + MORE, "NEWEST, " + MORE})
    void shouldTellOneThatAttachedBeforeItWasOverrun(AfterOverrun where, int after) throws Exception {
        AtomicLong told = new AtomicLong();
        SubscriberOptions slow = overrun(where, told);
        try (Small queues = new Small(MOST)) {
            try (MessageQueue queue = queues.open();
                    Publisher publisher = queue.createPublisher()) {
                queue.createSubscriber(slow).close();
                publish(publisher, 40);
            }
            queues.forgetLivePart();
            try (MessageQueue queue = queues.open();
                    Publisher publisher = queue.createPublisher();
                    Subscriber subscriber = queue.createSubscriber(slow)) {
                publish(publisher, after);
                Message first = subscriber.receive(Duration.ZERO);
                long goesOn = first == null ? 41 : first.position();
                assertThat(goesOn).isGreaterThan(40);
                assertThat(told).hasValue(goesOn - 1);
                assertThat(subscriber.lostCount()).isEqualTo(goesOn - 1);
            }
        }
    }

    /** It read 30 in this life, which counted as given in the last one already. */
    @Test
    void shouldTellWhatWasLostAfterItWentOnInThisLife() throws Exception {
        AtomicLong told = new AtomicLong();
        SubscriberOptions slow = overrun(AfterOverrun.OLDEST, told);
        try (Small queues = new Small(MOST)) {
            try (MessageQueue queue = queues.open();
                    Publisher publisher = queue.createPublisher()) {
                queue.createSubscriber(slow).close();
                publish(publisher, 40);
            }
            queues.forgetLivePart();
            try (MessageQueue queue = queues.open();
                    Publisher publisher = queue.createPublisher()) {
                try (Subscriber subscriber = queue.createSubscriber(slow)) {
                    for (int i = 1; i <= 30; i++) {
                        Message message = subscriber.receive(Duration.ZERO);
                        assertThat(message.position()).isEqualTo(i);
                        assertThat(message.redelivered()).isTrue();
                    }
                }
                publish(publisher, MORE);
                try (Subscriber subscriber = queue.createSubscriber(slow)) {
                    long first = subscriber.receive(Duration.ZERO).position();
                    assertThat(told).hasValue(first - 31);
                }
            }
        }
    }

    @Test
    @Slow
    void shouldRefuseAProcessThatDoesNotSeeTheMemoryOfOthers() {
        try (OwnMount one = OwnMount.ofShm("size=64m");
                OwnMount other = OwnMount.ofShm("size=64m");
                ChildJvm first = in(one);
                ChildJvm beside = in(one);
                ChildJvm apart = in(other)) {
            first.ask("open " + small, "ok");
            beside.ask("open " + small, "ok");
            assertThat(apart.ask("open " + small, "error"))
                    .contains("IncompatibleQueueException")
                    .contains("is open in processes whose shared memory this one does not see");
            first.kill();
            apart.ask("open " + small, "error");
            beside.kill();
            apart.ask("open " + small, "ok");
            // What the first ones have left in their memory is of an earlier life.
            try (ChildJvm late = in(one)) {
                late.ask("open " + small, "error");
                apart.ask("publisher", "ok");
                apart.ask("publish apart- 3", "ok");
                apart.kill();
                late.ask("open " + small, "ok");
                late.ask("subscribe" + READER, "ok");
                assertThat(late.ask("receive 3 500", "ok")).endsWith("1:apart-1\t2:apart-2\t3:apart-3");
            }
        }
    }

    @Test
    @Slow
    void shouldLeaveNothingOfAQueueThatCouldNotBeCreated() {
        try (OwnMount memory = OwnMount.ofShm("size=1m");
                ChildJvm jvm = in(memory)) {
            String large = "file:" + temporary + "/large?anyFileSystem=true&capacity=16m";
            assertThat(jvm.ask("open " + large, "error")).contains("InsufficientResourcesException");
            assertThat(temporary).isEmptyDirectory();
            jvm.ask("open file:" + temporary + "/small?anyFileSystem=true&capacity=64k&slots=4", "ok");
        }
        MessageQueues.delete("file:" + temporary + "/small");
    }

    private String file(String name) {
        return "file:" + temporary + "/" + name + "?anyFileSystem=true";
    }

    @Test
    void shouldOpenWhatAUriNames() {
        for (String name : List.of("plain", "with%20space", "quote%22and%27", "per%25cent", "question%3Fmark")) {
            String uri = "file:" + temporary + "/" + name;
            try (MessageQueue queue = MessageQueues.open(uri + "?anyFileSystem=true&sync=os")) {
                queue.createPublisher().publish("hello");
                try (MessageQueue again = MessageQueues.open(queue.uri() + "?anyFileSystem=true")) {
                    assertThat(again.uri()).isEqualTo(queue.uri()).hasToString(uri);
                }
            }
            assertThat(MessageQueues.delete(uri)).isTrue();
            assertThat(MessageQueues.delete(uri)).isFalse();
        }
    }

    private void refused(Class<? extends Exception> type, String uri, String... words) {
        assertThatThrownBy(() -> MessageQueues.open(uri).close())
                .isInstanceOf(type)
                .satisfies(e -> assertThat(e.getMessage()).contains(words));
    }

    @Test
    void shouldRefuseWhatIsNoDirectoryOfAQueueAndLeaveNothing() throws Exception {
        Files.writeString(temporary.resolve("letter"), "Dear");
        refused(MessageQueueException.class, file("letter"), "ENOTDIR", "It must be a directory, or nothing yet");
        Files.createDirectory(temporary.resolve("others"));
        Files.writeString(temporary.resolve("others/letter"), "Dear");
        refused(IncompatibleQueueException.class, file("others"), "holds files of another program, such as 'letter'");
        refused(QueueNotFoundException.class, file("none/none"), "That directory is missing");
        refused(IllegalArgumentException.class, "file:relative", "write the absolute path");
        refused(IllegalArgumentException.class, "file:/", "write the absolute path");
        refused(IllegalArgumentException.class, "file:/" + "d".repeat(4000), "4,001 characters; the limit is 4,000");
        refused(
                IllegalArgumentException.class,
                file("new") + "&sync=never",
                "sync must be 'always' or 'os', was 'never'");
        refused(
                IllegalArgumentException.class,
                file("new") + "&flush=499ms",
                "flush must be at least 500 ms, was '499ms'");
        refused(IllegalArgumentException.class, file("new") + "&maxGateTime=5s", "cannot have maxGateTime");
        refused(IncompatibleQueueException.class, "file:/dev/shm/new-queue", "that is tmpfs", "anyFileSystem=true");
        assertThatThrownBy(() -> MessageQueues.open(
                        URI.create(file("new")),
                        QueueConfig.builder().create(Create.OPEN_EXISTING).build()))
                .isInstanceOf(QueueNotFoundException.class);
        try (var all = Files.list(temporary)) {
            assertThat(all.map(p -> p.getFileName().toString()).sorted().toList())
                    .containsExactly("letter", "others");
        }
        assertThat(Path.of("/dev/shm/new-queue")).doesNotExist();
    }

    @Test
    void shouldRefuseADirectoryThatIsDamagedOrOtherwise() throws Exception {
        Path directory = SmallFilesProvider.ROOT.resolve(name);
        try (MessageQueue queue = MessageQueues.open(small)) {
            refused(IncompatibleQueueException.class, small + "&sync=os", "sync os requested", "has always");
            refused(IncompatibleQueueException.class, small + "&slots=7", "slots 7 requested");
            assertThatThrownBy(() -> MessageQueues.open(
                            URI.create(small),
                            QueueConfig.builder().create(Create.CREATE_NEW).build()))
                    .isInstanceOf(QueueExistsException.class);
            assertThatThrownBy(() -> MessageQueues.delete(small)).hasMessageContaining("stays: attached are");
            queue.createPublisher().publish("hello");
        }
        byte[] queueFile = Files.readAllBytes(directory.resolve("queue"));
        Files.write(directory.resolve("queue"), new byte[0]);
        refused(QueueCorruptedException.class, small, "queue (0 bytes) is not what a queue was created with");
        Files.write(directory.resolve("queue"), queueFile);
        Files.move(directory.resolve("life"), directory.resolve("life.away"));
        refused(QueueCorruptedException.class, small, "life is missing, but there are files of a log");
        Files.move(directory.resolve("life.away"), directory.resolve("life"));
        MessageQueues.open(small).close();
    }

    /** It holds their lock as one does that is stopped in the middle. */
    @Test
    @Timeout(30)
    void shouldNotWaitLongForAProcessThatIsStoppedWhileItKeepsPlaces() {
        LibC c = RealLibC.load();
        String path = SmallFilesProvider.ROOT.resolve(name).toString();
        SubscriberOptions audit = SubscriberOptions.builder().name("audit").build();
        try (MessageQueue queue = MessageQueues.open(small);
                LogDirectory stopped = LogDirectory.open(c, Directory.open(c, path))) {
            Patience.until("it stops there", () -> stopped.locks.tryLock(LogDirectory.KEEPING));
            queue.createSubscriber(audit);
            assertThat(log.text()).contains("its places are being kept for long");
            assertThat(stopped.places().named()).isEmpty();
            stopped.locks.unlock(LogDirectory.KEEPING);
            Patience.until("it is kept", () -> !stopped.places().named().isEmpty());
        }
    }
}
