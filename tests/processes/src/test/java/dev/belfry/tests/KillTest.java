package dev.belfry.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.AckMode;
import dev.belfry.api.Claim;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueFullException;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Depth;
import dev.belfry.testing.Luck;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Seeded;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import dev.belfry.testing.Yardstick;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * SIGKILL and SIGSTOP at any moment: the others go on, nothing is torn, nothing is lost, and the
 * living are never taken for dead.
 */
@Timeout(900)
@WaitsForOthers
class KillTest {
    private static final int ROUNDS = Depth.pick(4, 8, 300);
    private static final long STOPPED_MILLIS = Stage.LONG ? 60_000 : 1_500;
    private static final Duration FREED_WITHIN = Duration.ofSeconds(5);

    @RegisterExtension
    final Stage stage = new Stage();

    @TempDir
    Path files;

    private Yardstick yardstick; // null: no time is measured

    @Slow
    @Seeded(5)
    @Tag("F1")
    @Tag("F2")
    @Tag("F3")
    void shouldLoseAndTearNothingWhenPublishersAreKilled(long seed) throws Exception {
        String uri = stage.uri("capacity=64k&maxCapacity=1m");
        Random random = new Random(seed);
        try (MessageQueue queue = MessageQueues.open(uri)) {
            ChildJvm reader = stage.start(Role.HOT, Traffic.Reader.class, uri, "NOW");
            reader.expect("ready 0");
            ChildJvm steady = stage.start(Traffic.Sender.class, uri, "1", "-1", "500");
            ChildJvm next = victim(uri, 2);
            steady.expect("ready");
            steady.tell("go");
            for (int id = 2; id < 2 + ROUNDS; id++) {
                ChildJvm victim = next;
                if (id + 1 < 2 + ROUNDS) next = victim(uri, id + 1);
                victim.expect("ready");
                victim.tell("go");
                Patience.until("it publishes", victim, () -> victim.ask("count", "count") != null);
                LockSupport.parkNanos(random.nextInt(20_000_000));
                victim.kill();
                long before = Long.parseLong(steady.ask("count", "count"));
                Patience.until("the other goes on", () -> Long.parseLong(steady.ask("count", "count")) > before);
            }
            steady.tell("stop");
            String published = steady.expect("published");
            reader.ask("upto " + queue.stats().newestPosition(), "at");
            assertThat(reader.ask("range 1", "range")).isEqualTo("1 " + published);
            for (int id = 2; id < 2 + ROUNDS; id++) {
                String[] range = reader.ask("range " + id, "range").split(" ");
                assertThat(range[0]).isEqualTo("1");
                assertThat(Long.parseLong(range[1]))
                        .as("what returned from publish before the kill, and at most one more")
                        .isBetween(progress(id), progress(id) + 1);
            }
            System.out.println("killed " + ROUNDS + " publishers among "
                    + queue.stats().newestPosition() + " messages, in the section: "
                    + queue.stats().counters().get("repairs"));
        }
    }

    private ChildJvm victim(String uri, int id) {
        return stage.start(
                Traffic.Sender.class,
                uri,
                "" + id,
                "-1",
                "-1",
                files.resolve("" + id).toString());
    }

    private long progress(int id) throws Exception {
        return Traffic.progress(files.resolve("" + id)).getLong(0);
    }

    /** Arguments: uri. Claims, fills half, says "claimed"; commits when told. */
    static final class Claimer implements Role {
        @Override
        public void play(Line line, String... args) throws Exception {
            try (MessageQueue queue = MessageQueues.open(args[0]);
                    Publisher publisher = queue.createPublisher();
                    Claim claim = publisher.claim(1000)) {
                claim.buffer().put(new byte[500]);
                line.say("claimed");
                line.hear();
                line.say("committed " + claim.commit(1));
            }
        }
    }

    @Test
    @Tag("F2")
    void shouldGoOnWhenTheHolderOfAClaimIsKilled() throws Exception {
        String uri = stage.uri("");
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher publisher = queue.createPublisher();
                Subscriber subscriber = queue.createSubscriber()) {
            assertThat(publisher.publish("before")).isEqualTo(1);
            ChildJvm claimer = stage.start(Claimer.class, uri);
            claimer.expect("claimed");
            assertThat(publisher.offer(ByteBuffer.allocate(1), Duration.ZERO)).isEqualTo(Publisher.REJECTED);
            CompletableFuture<Long> published = CompletableFuture.supplyAsync(() -> publisher.publish("after"));
            claimer.kill();
            beginWatch();
            assertThat(published.get(60, TimeUnit.SECONDS)).as("no hole").isEqualTo(2);
            freed("a claim's holder");
            assertThat(subscriber.receive(Patience.limit()).text()).isEqualTo("before");
            assertThat(subscriber.receive(Patience.limit()).text()).isEqualTo("after");
            assertThat(subscriber.receiveNoWait()).isNull();
        }
    }

    private void beginWatch() {
        if (yardstick != null) yardstick.begin();
    }

    /** How soon is for luck: that it is one slice is counted in {@code FutexLockTest} and {@code RoomTest}. */
    private void freed(String what) {
        if (yardstick == null) return;
        Duration took = yardstick.took();
        System.out.printf("freed after the death of %s: %d ms%n", what, took.toMillis());
        assertThat(took).isLessThan(FREED_WITHIN);
    }

    @Luck
    @Seeded(2)
    void shouldGoOnSoonWhenTheHolderOfAClaimIsKilled() throws Exception {
        try (Yardstick watch = new Yardstick()) {
            yardstick = watch;
            shouldGoOnWhenTheHolderOfAClaimIsKilled();
        }
    }

    @Luck
    @Seeded(2)
    void shouldFreePublishersSoonWhenASlowSubscriberIsKilled() throws Exception {
        try (Yardstick watch = new Yardstick()) {
            yardstick = watch;
            shouldFreePublishersWhenASlowSubscriberIsKilled();
        }
    }

    /**
     * Arguments: uri. Subscribes, says "ready", and sleeps in receive: for the first message, then
     * for the next, saying each.
     */
    static final class Sleeper implements Role {
        @Override
        public void play(Line line, String... args) throws Exception {
            try (MessageQueue queue = MessageQueues.open(args[0]);
                    Subscriber subscriber = queue.createSubscriber(
                            SubscriberOptions.builder().spin(Duration.ZERO).build())) {
                line.say("ready");
                while (true) line.say("received " + subscriber.receive().text());
            }
        }
    }

    @Slow
    @Test
    @Tag("F7")
    void shouldGoOnWhenSleepingSubscribersAreKilled() {
        String uri = stage.uri("capacity=64k&maxCapacity=64k");
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher publisher = queue.createPublisher()) {
            ChildJvm other = stage.start(Sleeper.class, uri);
            other.expect("ready");
            ChildJvm victim = stage.start(Sleeper.class, uri);
            victim.expect("ready");
            publisher.publish("first");
            victim.expect("received first"); // now it goes to sleep again
            Patience.until("it sleeps", () -> queue.stats().subscribers().size() == 2);
            victim.kill();
            other.expect("received first");
            for (int i = 0; i < 5_000; i++) {
                publisher.publish("a message of some length, number " + i);
                other.expect("received a message of some length, number " + i);
            }
            assertThat(queue.stats().subscribers())
                    .as("the dead one was reclaimed where it held a publisher up")
                    .hasSize(1);
        }
    }

    /** Arguments: uri. Subscribes and reads nothing. */
    static final class SlowReader implements Role {
        @Override
        public void play(Line line, String... args) throws Exception {
            try (MessageQueue queue = MessageQueues.open(args[0]);
                    Subscriber subscriber = queue.createSubscriber()) {
                line.say("ready " + subscriber.position());
                line.hear();
            }
        }
    }

    @Slow
    @Test
    void shouldFreePublishersWhenASlowSubscriberIsKilled() throws Exception {
        String uri = stage.uri("capacity=64k&maxCapacity=64k");
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher publisher = queue.createPublisher()) {
            for (int round = 0; round < 3; round++) {
                ChildJvm slow = stage.start(SlowReader.class, uri);
                slow.expect("ready");
                long full = fill(publisher);
                long waits = queue.stats().counters().get("fullWaits");
                CompletableFuture<Long> published = CompletableFuture.supplyAsync(() -> publisher.publish("at last"));
                Patience.until("it waits", () -> queue.stats().counters().get("fullWaits") > waits);
                slow.kill();
                beginWatch();
                assertThat(published.get(60, TimeUnit.SECONDS)).isEqualTo(full + 1);
                freed("a slow subscriber");
            }
        }
    }

    /** Offers until it is refused; returns the newest position. */
    private static long fill(Publisher publisher) {
        ByteBuffer body = ByteBuffer.allocate(1000);
        long newest = 0;
        for (long p; (p = publisher.offer(body.clear(), Duration.ZERO)) != Publisher.REJECTED; ) newest = p;
        return newest;
    }

    @Slow
    @Seeded(6)
    @Tag("F14")
    void shouldRecoverWhenEverybodyIsKilledAtOnce(long seed) throws Exception {
        String uri = stage.uri("capacity=16k&maxCapacity=256k");
        SubscriberOptions audit = SubscriberOptions.builder()
                .name("audit")
                .startAt(StartAt.OLDEST_RETAINED)
                .build();
        Random random = new Random(seed);
        int rounds = Stage.LONG ? 50 : 4;
        long returned = 0;
        long most = 0;
        for (int round = 0; round < rounds; round++) {
            int id = 100 + 10 * round;
            List<ChildJvm> all = new ArrayList<>();
            all.add(stage.start(Traffic.Reader.class, uri, "OLDEST", "audit"));
            all.add(stage.start(Traffic.Reader.class, uri, "NOW"));
            for (ChildJvm reader : all) reader.expect("ready");
            all.add(victim(uri, id));
            all.add(victim(uri, id + 1));
            for (ChildJvm sender : all.subList(2, 4)) sender.expect("ready");
            for (ChildJvm sender : all.subList(2, 4)) sender.tell("go");
            for (ChildJvm sender : all.subList(2, 4)) sender.ask("count", "count");
            LockSupport.parkNanos(random.nextInt(100_000_000));
            all.forEach(ChildJvm::killSoon);
            all.forEach(ChildJvm::kill);
            returned += progress(id) + progress(id + 1);
            most += progress(id) + progress(id + 1) + 2;
            try (MessageQueue queue = MessageQueues.open(uri);
                    Publisher publisher = queue.createPublisher();
                    Subscriber subscriber = queue.createSubscriber(audit)) {
                long counted = queue.stats().newestPosition();
                Traffic.Check check = new Traffic.Check(subscriber.position());
                readUpTo(counted, subscriber, check); // first: the ring may be full
                long newest = publisher.publish("after") - 1;
                assertThat(newest)
                        .as("what returned from publish, and at most one more each")
                        .isBetween(returned, most);
                assertThat(newest)
                        .as("one of them may have committed and not counted it")
                        .isBetween(counted, counted + 1);
                readUpTo(newest, subscriber, check);
                assertThat(subscriber.receive(Patience.limit()).text()).isEqualTo("after");
                returned = newest + 1;
                most = returned;
            }
        }
    }

    private static void readUpTo(long position, Subscriber subscriber, Traffic.Check check) {
        while (check.position < position)
            subscriber.poll(check::see, (int) Math.min(Traffic.BATCH, position - check.position), Patience.limit());
    }

    /** Arguments: uri. Takes ten, acknowledges five, says "done" and waits for its end. */
    static final class Half implements Role {
        @Override
        public void play(Line line, String... args) throws Exception {
            try (MessageQueue queue = MessageQueues.open(args[0]);
                    Subscriber subscriber = queue.createSubscriber(named(AckMode.CLIENT))) {
                for (int i = 0; i < 10; i++) subscriber.receive(Patience.limit());
                subscriber.acknowledge(5);
                line.say("done " + subscriber.position());
                line.hear();
            }
        }
    }

    private static SubscriberOptions named(AckMode mode) {
        return SubscriberOptions.builder()
                .name("ledger")
                .ackMode(mode)
                .startAt(StartAt.OLDEST_RETAINED)
                .build();
    }

    @Test
    @Tag("F6")
    void shouldContinueAfterTheLastAcknowledgedWhenItsJvmWasKilled() {
        String uri = stage.uri("");
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher publisher = queue.createPublisher()) {
            for (int i = 1; i <= 12; i++) publisher.publish("" + i);
            ChildJvm half = stage.start(Half.class, uri);
            half.expect("done 10");
            half.kill();
            try (Subscriber subscriber = queue.createSubscriber(named(AckMode.CLIENT))) {
                assertThat(subscriber.position()).isEqualTo(5);
                for (int i = 6; i <= 12; i++) {
                    Message message = subscriber.receive(Patience.limit());
                    assertThat(message.position() + " " + message.text()).isEqualTo(i + " " + i);
                    assertThat(message.redelivered()).as("of %s", i).isEqualTo(i <= 10);
                }
            }
        }
    }

    @Slow
    @Seeded(8)
    @Tag("F46")
    void shouldLoseNothingWhenPublishersAreStopped(long seed) {
        String uri = stage.uri("capacity=64k&maxCapacity=1m");
        ChildJvm reader = stage.start(Role.HOT, Traffic.Reader.class, uri, "NOW");
        reader.expect("ready 0");
        List<ChildJvm> senders = new ArrayList<>();
        for (int id = 1; id <= 2; id++) senders.add(stage.start(Traffic.Sender.class, uri, "" + id, "-1", "400"));
        for (ChildJvm sender : senders) sender.expect("ready");
        for (ChildJvm sender : senders) sender.tell("go");
        Random random = new Random(seed);
        for (int round = 0; round < 10; round++) {
            ChildJvm sender = senders.get(round % 2);
            sender.ask("count", "count");
            LockSupport.parkNanos(random.nextInt(5_000_000));
            sender.pause();
            Patience.pause(STOPPED_MILLIS / 10);
            sender.proceed();
        }
        long all = 0;
        for (ChildJvm sender : senders) {
            sender.tell("stop");
            all += Long.parseLong(sender.expect("published"));
        }
        assertThat(reader.ask("upto " + all, "at")).startsWith(all + " " + all + " ");
    }

    @Slow
    @Test
    @Tag("F46")
    void shouldNotTakeTheLockFromAClaimantThatIsStopped() {
        String uri = stage.uri("");
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher publisher = queue.createPublisher(PublisherOptions.builder()
                        .timeout(Duration.ofMillis(STOPPED_MILLIS))
                        .build())) {
            ChildJvm claimer = stage.start(Claimer.class, uri);
            claimer.expect("claimed");
            claimer.pause();
            assertThatThrownBy(() -> publisher.publish("too early"))
                    .isInstanceOf(QueueFullException.class)
                    .hasMessageContaining("is held by publisher pid " + claimer.pid() + " for ")
                    .hasMessageContaining("'kill -CONT " + claimer.pid() + "' continues it.");
            claimer.proceed();
            assertThat(claimer.ask("commit", "committed")).isEqualTo("1");
            assertThat(publisher.publish("now")).isEqualTo(2);
        }
    }

    @Test
    @Tag("F47")
    @Slow
    void shouldNotEvictASubscriberThatIsStopped() throws Exception {
        String uri = stage.uri("capacity=64k&maxCapacity=64k");
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher publisher = queue.createPublisher()) {
            ChildJvm reader = stage.start(Traffic.Reader.class, uri, "NOW");
            reader.expect("ready 0");
            Sample sample = new Sample();
            for (long n = 1; n <= 100; n++) publisher.publish(sample.make(1, n, 500));
            reader.ask("upto 100", "at");
            reader.pause();
            long n = 100;
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(STOPPED_MILLIS);
            while (System.nanoTime() - end < 0) {
                long position = publisher.offer(sample.make(1, n + 1, 500), Duration.ofMillis(100));
                if (position != Publisher.REJECTED) n++;
            }
            assertThat(n).as("as many as fit").isBetween(150L, 250L);
            assertThat(publisher.offer(sample.make(1, n + 1, 500), Duration.ZERO))
                    .isEqualTo(Publisher.REJECTED);
            assertThat(queue.stats().subscribers()).singleElement().satisfies(s -> assertThat(s.attached())
                    .isTrue());
            reader.proceed();
            for (int i = 0; i < 1000; i++) publisher.publish(sample.make(1, ++n, 500));
            assertThat(reader.ask("upto " + n, "at")).startsWith(n + " " + n + " ");
        }
    }
}
