package dev.belfry.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.Claim;
import dev.belfry.api.Create;
import dev.belfry.api.InUseException;
import dev.belfry.api.IncompatibleQueueException;
import dev.belfry.api.IncompatibleVersionException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.NoProviderException;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.QueueCorruptedException;
import dev.belfry.api.QueueExistsException;
import dev.belfry.api.QueueFullException;
import dev.belfry.api.QueueInfo;
import dev.belfry.api.QueueNotFoundException;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberDisconnectedException;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Patience;
import dev.belfry.testing.WaitsForOthers;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever one does wrong, the message says what, where, which limit, and what to do now. */
@Timeout(120)
@WaitsForOthers
class ErrorTextsTest {
    @RegisterExtension
    final Stage stage = new Stage();

    private static MessageQueue open(String uri, QueueConfig config) {
        return MessageQueues.open(URI.create(uri), config);
    }

    private static MessageQueue existing(String uri) {
        return open(uri, QueueConfig.builder().create(Create.OPEN_EXISTING).build());
    }

    private static Path file(String name) {
        return Path.of("/dev/shm/belfry." + name);
    }

    // The URI

    @Test
    void shouldListWhatIsInstalledWhenTheSchemeIsUnknown() {
        assertThatThrownBy(() -> MessageQueues.open("smh:prices"))
                .isInstanceOf(NoProviderException.class)
                .hasMessageStartingWith("No provider for 'smh:' in 'smh:prices'. Found: ")
                .hasMessageContaining("shm (belfry-shm-transport ")
                .hasMessageContaining("mem (belfry-mem-transport ")
                .hasMessageEndingWith("Did you mean 'shm:'?");
    }

    @ParameterizedTest
    @ValueSource(strings = {"shm:..", "shm:a/b", "shm:/etc/passwd", "shm:../x", "shm:.hidden", "shm:a b", "shm:é"})
    @Tag("F45")
    void shouldSayWhatANameMayContain(String uri) {
        assertThatThrownBy(() -> MessageQueues.open(uri))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Queue name '" + uri.substring(4) + "' may contain only A-Z a-z 0-9 . _ - and not"
                        + " begin with a dot");
    }

    @Test
    @Tag("F45")
    void shouldRefuseNamesThatAreEmptyTooLongOrHideNul() {
        assertThatThrownBy(() -> MessageQueues.open("shm:"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Queue name is empty");
        assertThatThrownBy(() -> MessageQueues.open("shm:" + "x".repeat(201)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("201 characters; the limit is 200");
        assertThatThrownBy(() -> MessageQueues.open("shm:rel\0evil"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("NUL");
        assertThat(file("rel")).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    maxCapacty=64m            | Unknown parameter 'maxCapacty' in '%s'. Did you mean 'maxCapacity'?
                    capacity=4m&capacity=8m   | Parameter 'capacity' is given twice in '%s'
                    capacity=4m&maxCapacity=1m| maxCapacity (1 MiB) is smaller than capacity (4 MiB)
                    capacity=2g               | capacity (2 GiB) is larger than 1 GiB
                    capacity=0                | capacity: a size must be > 0, was 0, in '%s'
                    capacity                  | Parameter 'capacity' in '%s' is not of the form name=value
                    mode=xyz                  | mode 'xyz' is not of the form rw-rw---- or 0660
                    allowGating=maybe         | allowGating: 'maybe' is not true or false, in '%s'
                    create=sometimes          | 'sometimes' is not one of [CREATE_OR_OPEN, CREATE_NEW, OPEN_EXISTING]
                    slots=0                   | slots must be a number from 1 to 1024, was '0'
                    slots=many                | slots must be a number from 1 to 1024, was 'many'
                    group=nosuchgroup         | group 'nosuchgroup' of '%n' does not exist on this machine
                    """)
    void shouldSayWhichParameterIsWrong(String parameters, String text) {
        String name = stage.name();
        String uri = "shm:" + name + "?" + parameters;
        assertThatThrownBy(() -> MessageQueues.open(uri))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(text.replace("%s", uri).replace("%n", name));
        assertThat(file(name)).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"capacity=-1", "capacity=abc", "capacity=4x", "maxGateTime=soon", "maxCapacity=%zz"})
    void shouldNameTheValueThatIsWrong(String parameters) {
        String name = stage.name();
        String value = parameters.substring(parameters.indexOf('=') + 1);
        assertThatThrownBy(() -> MessageQueues.open("shm:" + name + "?" + parameters))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + value + "'");
        assertThat(file(name)).doesNotExist();
    }

    // What stands there

    @Test
    void shouldSayWhereItLookedWhenThereIsNone() {
        String name = stage.name();
        assertThatThrownBy(() -> existing("shm:" + name))
                .isInstanceOf(QueueNotFoundException.class)
                .hasMessageMatching(
                        "No queue '" + name
                                + "' in /dev/shm \\(device \\d+:\\d+\\)\\. Another container\\? Share /dev/shm or use --ipc\\.");
        assertThat(MessageQueues.delete("shm:" + name)).isFalse();
    }

    @Test
    void shouldSayThatItExistsAlready() {
        String uri = stage.uri("");
        QueueConfig create = QueueConfig.builder().create(Create.CREATE_NEW).build();
        open(uri, create).close();
        assertThatThrownBy(() -> open(uri, create))
                .isInstanceOf(QueueExistsException.class)
                .hasMessage("There is a queue '" + uri.substring(4)
                        + "' in /dev/shm already. Delete it first, or open it" + " with CREATE_OR_OPEN.");
    }

    @ParameterizedTest
    @CsvSource({
        "capacity=4m, capacity 4 MiB requested; existing queue Q has 1 MiB",
        "maxCapacity=2m, maxCapacity 2 MiB requested; existing queue Q has 64 MiB",
        "mode=rw-rw----, mode rw-rw---- requested; existing queue Q has rw-------",
        "deleteOnLastClose=true, deleteOnLastClose true requested; existing queue Q has false",
        "allowGating=false, allowGating false requested; existing queue Q has true",
        "maxGateTime=5s, maxGateTime 5 s requested; existing queue Q has ",
        "slots=512, slots 512 requested; existing queue Q has 128"
    })
    void shouldSayWhatTheExistingOneHas(String parameters, String text) {
        String uri = stage.uri("");
        MessageQueues.open(uri).close();
        assertThatThrownBy(() -> MessageQueues.open(uri + "?" + parameters))
                .isInstanceOf(IncompatibleQueueException.class)
                .hasMessageContaining(text.replace(';', ',').replace("Q", "'" + uri + "'"))
                .hasMessageContaining(". Leave " + parameters.replaceAll("=.*", "") + " out")
                .extracting(failure -> ((MessageQueueException) failure).code())
                .isEqualTo("BELFRY-109");
        existing(uri).close();
    }

    @Test
    @Tag("F44")
    void shouldSayWhichLayoutItReads() throws IOException {
        String name = stage.name();
        MessageQueues.open("shm:" + name).close();
        overwrite(name, 8, 9);
        assertThatThrownBy(() -> MessageQueues.open("shm:" + name))
                .isInstanceOf(IncompatibleVersionException.class)
                .extracting(failure -> ((MessageQueueException) failure).code())
                .isEqualTo("BELFRY-118");
        assertThatThrownBy(() -> MessageQueues.open("shm:" + name))
                .hasMessage("'" + name + "' has layout 9, this library reads 3. Upgrade, or 'belfry rm " + name + "'.");
        assertThat(problemOf(name)).contains("has layout 9");
        assertThat(MessageQueues.delete("shm:" + name)).isTrue();
    }

    private static void overwrite(String name, long at, int value) throws IOException {
        try (FileChannel channel = FileChannel.open(file(name), StandardOpenOption.WRITE)) {
            ByteBuffer word = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
            channel.write(word.putInt(value).flip(), at);
        }
    }

    private static String problemOf(String name) {
        return MessageQueues.list("shm").stream()
                .filter(info -> info.uri().equals(URI.create("shm:" + name)))
                .map(QueueInfo::problem)
                .findFirst()
                .orElseThrow();
    }

    @Test
    @Tag("F42")
    void shouldLeaveAFileOfAnotherProgramAlone() throws IOException {
        String name = stage.name();
        byte[] foreign = new byte[10_000];
        new Random(1).nextBytes(foreign);
        Files.write(file(name), foreign);
        assertThatThrownBy(() -> MessageQueues.open("shm:" + name))
                .isInstanceOf(IncompatibleQueueException.class)
                .hasMessage("'" + name + "' is not a queue of Belfry: /dev/shm/belfry." + name
                        + " belongs to another program. Choose another name, or remove it: 'belfry rm --force " + name
                        + "'.");
        assertThat(problemOf(name)).contains("belongs to another program");
        assertThat(Files.readAllBytes(file(name))).isEqualTo(foreign);
    }

    /** A queue has its whole length before it has a name. */
    @Test
    @Tag("F42")
    void shouldLeaveAnEmptyFileAlone() throws IOException {
        String name = stage.name();
        Files.createFile(file(name));
        assertThatThrownBy(() -> MessageQueues.open("shm:" + name))
                .isInstanceOf(IncompatibleQueueException.class)
                .hasMessage("'" + name + "' is not a queue of Belfry: /dev/shm/belfry." + name
                        + " is empty. Choose another name, or remove it: 'belfry rm --force " + name + "'.");
        assertThat(file(name)).isEmptyFile();
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 4095, 4096, 8192, 200_000})
    @Tag("F35")
    void shouldSayThatItIsDamagedWhenItIsTooShort(int length) throws IOException {
        String name = stage.name();
        MessageQueues.open("shm:" + name).close();
        try (FileChannel channel = FileChannel.open(file(name), StandardOpenOption.WRITE)) {
            channel.truncate(length);
        }
        assertThatThrownBy(() -> MessageQueues.open("shm:" + name))
                .isInstanceOf(QueueCorruptedException.class)
                .hasMessageStartingWith("'" + name + "' is damaged: ")
                .hasMessageContaining("run 'belfry doctor --deep " + name + "'");
        assertThat(problemOf(name)).contains("is damaged");
    }

    @Test
    @Tag("F42")
    void shouldNeitherFollowNorWaitForWhatIsNotAFile(@TempDir Path elsewhere) throws Exception {
        String fifo = stage.name();
        assertThat(new ProcessBuilder("mkfifo", file(fifo).toString()).start().waitFor())
                .isZero();
        String directory = stage.name();
        Files.createDirectory(file(directory));
        String link = stage.name();
        Path target = elsewhere.resolve("target");
        Files.write(target, new byte[10_000]);
        Files.createSymbolicLink(file(link), target);
        String dangling = stage.name();
        Files.createSymbolicLink(file(dangling), elsewhere.resolve("nowhere"));
        for (String name : List.of(fifo, directory, link, dangling)) {
            assertThatThrownBy(() -> MessageQueues.open("shm:" + name))
                    .as(name)
                    .isInstanceOf(IncompatibleQueueException.class)
                    .hasMessageStartingWith(
                            "'" + name + "' is not a queue: /dev/shm/belfry." + name + " is not a regular file");
            assertThat(problemOf(name)).contains("is not a regular file");
            assertThatThrownBy(() -> open(
                            "shm:" + name,
                            QueueConfig.builder().create(Create.CREATE_NEW).build()))
                    .isInstanceOf(MessageQueueException.class);
        }
        assertThat(elsewhere.resolve("nowhere")).doesNotExist();
        assertThat(Files.readAllBytes(target)).isEqualTo(new byte[10_000]);
    }

    // Permission

    /** Arguments: uri. Says what happens when it opens it. */
    static final class Stranger implements Role {
        @Override
        public void play(Line line, String... args) throws Exception {
            try (MessageQueue queue = MessageQueues.open(args[0])) {
                line.say("opened " + queue.stats().newestPosition());
            } catch (MessageQueueException e) {
                line.say(e.getClass().getSimpleName() + " " + e.getMessage());
            }
        }
    }

    @Test
    @Tag("F42")
    void shouldSayWhoseItIsWhenNotPermitted(@TempDir Path copies) throws Exception {
        Somebody.needed();
        Somebody stranger = new Somebody(65534, copies);
        String name = stage.name();
        MessageQueues.open("shm:" + name).close();
        assertThat(said(stranger, "shm:" + name))
                .isEqualTo("QueueAccessDeniedException '" + name
                        + "' belongs to root, mode 0600; this process is uid 65534. Create it with mode=rw-rw---- and"
                        + " group=….");
        String open = stage.name();
        MessageQueues.open("shm:" + open + "?mode=rw-rw-rw-").close();
        assertThat(said(stranger, "shm:" + open)).isEqualTo("opened 0");
    }

    private String said(Somebody stranger, String uri) {
        ChildJvm child = stage.add(stranger.command(Stranger.class, uri)
                .flags(List.of("-Dfile.encoding=UTF-8"))
                .through(stranger.launcher())
                .start());
        String said = child.line();
        child.awaitEnd();
        return said;
    }

    // In use

    /** Arguments: uri. Attaches "audit" and publishes exclusively; says "here". */
    static final class Holder implements Role {
        @Override
        public void play(Line line, String... args) throws Exception {
            try (MessageQueue queue = MessageQueues.open(args[0]);
                    Publisher publisher = queue.createPublisher(
                            PublisherOptions.builder().exclusive(true).build());
                    Subscriber subscriber = queue.createSubscriber(audit(SlowSubscriber.GATE_PUBLISHER))) {
                line.say("here " + publisher.maxMessageLength() + " " + subscriber.name());
                line.hear();
            }
        }
    }

    private static SubscriberOptions audit(SlowSubscriber policy) {
        return SubscriberOptions.builder()
                .name("audit")
                .startAt(StartAt.OLDEST_RETAINED)
                .slowSubscriber(policy)
                .build();
    }

    @Test
    void shouldSayWhoHasItWhenInUse() {
        String uri = stage.uri("");
        ChildJvm holder = stage.start(Holder.class, uri);
        holder.expect("here");
        String who = "pid " + holder.pid() + " \\(Line, since \\d\\d:\\d\\d(:\\d\\d)?\\)";
        String attached = "Subscription 'audit' is attached by " + who + "\\. .+";
        try (MessageQueue queue = MessageQueues.open(uri)) {
            for (ThrowingCallable call : List.<ThrowingCallable>of(
                    () -> queue.createSubscriber(audit(SlowSubscriber.GATE_PUBLISHER)),
                    () -> queue.unsubscribe("audit")))
                assertThatThrownBy(call).isInstanceOf(InUseException.class).hasMessageMatching(attached);
            assertThatThrownBy(queue::createPublisher)
                    .isInstanceOf(InUseException.class)
                    .hasMessageMatching("'" + uri + "' has an exclusive publisher: " + who + "\\. Close it first\\.");
        }
    }

    // Full

    private static long fill(Publisher publisher) {
        ByteBuffer body = ByteBuffer.allocate(1000);
        long newest = 0;
        for (long p; (p = publisher.offer(body.clear(), Duration.ZERO)) != Publisher.REJECTED; ) {
            newest = p;
            if (newest == 10_000) return newest;
        }
        assertThat(body.remaining()).as("untouched").isEqualTo(1000);
        return newest;
    }

    private static PublisherOptions within(Duration time) {
        return PublisherOptions.builder().timeout(time).build();
    }

    @Test
    void shouldNameTheHolderWhenFull() {
        String uri = stage.uri("capacity=64k&maxCapacity=64k");
        String plain = uri.substring(0, uri.indexOf('?'));
        long self = ProcessHandle.current().pid();
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher atOnce = queue.createPublisher(within(Duration.ZERO));
                Publisher patient = queue.createPublisher(within(Duration.ofMillis(50)))) {
            Subscriber audit = queue.createSubscriber(audit(SlowSubscriber.GATE_PUBLISHER));
            long newest = fill(atOnce);
            assertThat(newest).isBetween(50L, 70L);
            String holder = "'" + plain + "' is full \\(64 KiB\\): waiting for 'audit' \\(pid " + self + ", lag "
                    + newest + ", parked .+\\)\\. Let it read faster, .+";
            ByteBuffer body = ByteBuffer.allocate(1000);
            for (Publisher publisher : List.of(atOnce, patient)) {
                assertThatThrownBy(() -> publisher.publish(body))
                        .isInstanceOf(QueueFullException.class)
                        .hasMessageMatching(holder);
                assertThatThrownBy(() -> publisher.claim(1000)).hasMessageMatching(holder);
            }
            assertThat(body.remaining()).isEqualTo(1000);
            assertThat(atOnce.offer(body, Duration.ofMillis(20))).isEqualTo(Publisher.REJECTED);
            audit.close();
            assertThatThrownBy(() -> patient.publish(body))
                    .hasMessageMatching(
                            "'" + plain + "' is full \\(64 KiB\\): waiting for 'audit' \\(no process attached, lag "
                                    + newest + ", parked .+\\)\\. Attach it, .+");
            assertThat(queue.unsubscribe("audit")).isTrue();
            assertThat(patient.publish(body)).isEqualTo(newest + 1);
            try (Subscriber anonymous = queue.createSubscriber()) {
                fill(atOnce);
                assertThatThrownBy(() -> patient.publish(new byte[1000]))
                        .hasMessageContaining(
                                "waiting for an anonymous subscriber (pid " + self + ", lag " + anonymous.lag());
            }
        }
    }

    @Test
    void shouldNotBeFullForThoseWhoDoNotGate() {
        String uri = stage.uri("capacity=64k&maxCapacity=64k");
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher publisher = queue.createPublisher(within(Duration.ZERO));
                Subscriber overrun = queue.createSubscriber(SubscriberOptions.builder()
                        .slowSubscriber(SlowSubscriber.OVERRUN)
                        .build());
                Subscriber disconnect = queue.createSubscriber(audit(SlowSubscriber.DISCONNECT))) {
            assertThat(fill(publisher)).isEqualTo(10_000);
            long first = overrun.receive(Patience.limit()).position();
            assertThat(overrun.lostCount()).isEqualTo(first - 1);
            assertThatThrownBy(disconnect::receive)
                    .isInstanceOf(SubscriberDisconnectedException.class)
                    .hasMessageMatching(
                            "Subscriber 'audit' of 'shm:" + queue.uri().getSchemeSpecificPart()
                                    + "' was disconnected at position 0, lag 10,000: .+\\. It stays ended until"
                                    + " 'belfry unsubscribe " + queue.uri() + " audit'; then subscribe again\\.");
        }
    }

    @Test
    void shouldSayThatGatingIsRefused() {
        String uri = stage.uri("allowGating=false");
        try (MessageQueue queue = MessageQueues.open(uri)) {
            assertThatThrownBy(queue::createSubscriber)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("was created with allowGating=false: slowSubscriber must be OVERRUN or"
                            + " DISCONNECT, was GATE_PUBLISHER");
        }
    }

    // After close, in the wrong thread

    @Test
    void shouldSayWhatIsClosed() {
        String uri = stage.uri("");
        MessageQueue queue = MessageQueues.open(uri);
        Publisher publisher = queue.createPublisher();
        Publisher other = queue.createPublisher();
        Subscriber subscriber = queue.createSubscriber(audit(SlowSubscriber.GATE_PUBLISHER));
        publisher.close();
        publisher.close();
        subscriber.close();
        subscriber.close();
        ByteBuffer body = ByteBuffer.allocate(1);
        closed(
                "Publisher of '" + uri + "'",
                () -> publisher.publish("x"),
                () -> publisher.publish(body),
                () -> publisher.offer(body, Duration.ZERO),
                () -> publisher.claim(1),
                () -> publisher.awaitAcknowledged(1, 1, Duration.ZERO));
        assertThat(body.remaining()).isEqualTo(1);
        assertThat(publisher.maxMessageLength()).isPositive();
        closed(
                "Subscriber 'audit' of '" + uri + "'",
                subscriber::receive,
                subscriber::receiveNoWait,
                () -> subscriber.receive(Duration.ofSeconds(1)),
                () -> subscriber.poll(view -> {}, 1),
                subscriber::acknowledge,
                () -> subscriber.acknowledge(0),
                subscriber::recover,
                () -> subscriber.setListener(message -> {}));
        assertThat(subscriber.position() + subscriber.lag() + subscriber.lostCount())
                .isZero();
        queue.close();
        queue.close();
        closed("Publisher of '" + uri + "'", () -> other.publish("x"));
        closed(
                "Queue '" + uri + "'",
                queue::createPublisher,
                queue::createSubscriber,
                queue::stats,
                () -> queue.unsubscribe("audit"));
        assertThat(queue.uri()).isEqualTo(URI.create(uri));
    }

    private static void closed(String what, ThrowingCallable... calls) {
        for (int i = 0; i < calls.length; i++)
            assertThatThrownBy(calls[i])
                    .as("call %d on %s", i, what)
                    .isInstanceOf(QueueClosedException.class)
                    .hasMessage(what + " is closed. Open or create it again.");
    }

    @Test
    void shouldSayWhatIsWrongWithAClaim() throws Exception {
        String uri = stage.uri("");
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher publisher = queue.createPublisher();
                Publisher second = queue.createPublisher()) {
            Claim claim = publisher.claim(8);
            for (Callable<?> call : List.<Callable<?>>of(claim::commit, claim::buffer, () -> claim.commit(1)))
                assertThat(elsewhere(call))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage("This claim on '" + uri + "' belongs to thread '"
                                + Thread.currentThread().getName() + "': only it may fill and commit it");
            elsewhere(() -> {
                claim.close();
                return null;
            });
            for (ThrowingCallable nested : List.<ThrowingCallable>of(
                    () -> publisher.claim(1), () -> publisher.publish("x"), () -> second.publish("x")))
                assertThatThrownBy(nested)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage("This thread holds an open claim on '" + uri
                                + "': commit or close it before it publishes or claims again");
            assertThatThrownBy(() -> claim.commit(9)).isInstanceOf(IllegalArgumentException.class);
            assertThat(claim.commit(8)).isEqualTo(1);
            for (ThrowingCallable late : List.<ThrowingCallable>of(claim::commit, claim::buffer))
                assertThatThrownBy(late)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage("This claim on '" + uri + "' was committed or closed: claim again");
            claim.close();
            assertThat(second.publish("y")).isEqualTo(2);
        }
    }

    /** What the call throws in another thread; null if nothing. */
    private static Throwable elsewhere(Callable<?> call) throws Exception {
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            thread.submit(call).get(30, TimeUnit.SECONDS);
            return null;
        } catch (ExecutionException e) {
            return e.getCause();
        } finally {
            thread.shutdown();
        }
    }

    @Test
    void shouldSayWhichThreadIsInside() throws Exception {
        String uri = stage.uri("");
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher publisher = queue.createPublisher();
                Subscriber subscriber = queue.createSubscriber()) {
            CompletableFuture<Thread> inside = new CompletableFuture<>();
            CompletableFuture<Void> enough = new CompletableFuture<>();
            Thread reader = new Thread(
                    () -> subscriber.poll(
                            view -> {
                                inside.complete(Thread.currentThread());
                                enough.join();
                            },
                            1,
                            Patience.limit()),
                    "the reader");
            reader.start();
            publisher.publish("x");
            inside.get(30, TimeUnit.SECONDS);
            for (ThrowingCallable call :
                    List.<ThrowingCallable>of(subscriber::receiveNoWait, () -> subscriber.poll(view -> {}, 1)))
                assertThatThrownBy(call)
                        .isInstanceOf(ConcurrentModificationException.class)
                        .hasMessage("Anonymous subscriber of '" + uri
                                + "' is being read by thread 'the reader': one thread at a time");
            enough.complete(null);
            reader.join();
        }
    }

    @Test
    void shouldNameArgumentsThatAreNullOrOutOfRange() {
        String uri = stage.uri("");
        assertThatThrownBy(() -> MessageQueues.open((String) null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("uri");
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher publisher = queue.createPublisher();
                Subscriber subscriber = queue.createSubscriber()) {
            Map<String, ThrowingCallable> nulls = Map.of(
                    "body", () -> publisher.publish((ByteBuffer) null),
                    "properties", () -> publisher.publish(ByteBuffer.allocate(1), null),
                    "timeout", () -> publisher.offer(ByteBuffer.allocate(1), null),
                    "handler", () -> subscriber.poll(null, 1),
                    "listener", () -> subscriber.setListener(null),
                    "options", () -> queue.createPublisher((PublisherOptions) null),
                    "name", () -> queue.unsubscribe(null),
                    "type", () -> queue.unwrap(null));
            nulls.forEach((name, call) -> assertThatThrownBy(call)
                    .as(name)
                    .isInstanceOf(NullPointerException.class)
                    .hasMessage(name));
            assertThatThrownBy(() -> subscriber.poll(view -> {}, 0)).hasMessage("limit must be > 0, was 0");
            assertThatThrownBy(() -> publisher.claim(-1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("-1");
            assertThatThrownBy(() -> subscriber.acknowledge(1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("position must be <= 0");
            assertThatThrownBy(() -> queue.createSubscriber(StartAt.at(3)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("position must be <= 1");
            assertThat(Arrays.asList(queue.stats().newestPosition(), (long)
                            queue.stats().subscribers().size()))
                    .containsExactly(0L, 1L);
        }
    }
}
