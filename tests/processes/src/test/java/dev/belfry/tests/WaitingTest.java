package dev.belfry.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueHealth;
import dev.belfry.api.Waiting;
import dev.belfry.spi.ProgramName;
import dev.belfry.testing.ChildJvm;
import dev.belfry.testing.Patience;
import dev.belfry.testing.Slow;
import dev.belfry.testing.WaitsForOthers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Each process can see that a publisher waits, and which subscriber it waits for. */
@Timeout(120)
@Tag("F80")
@WaitsForOthers
@Slow
class WaitingTest {
    private static final long PID = ProcessHandle.current().pid();

    @RegisterExtension
    final Stage stage = new Stage();

    private ChildJvm member(String uri) {
        ChildJvm member = stage.add(Member.command().start());
        member.expect("ready");
        member.ask("open " + uri, "ok");
        return member;
    }

    private static Waiting awaitWaiting(MessageQueue queue) {
        Patience.until(
                "somebody is seen to wait", () -> !queue.stats().waiting().isEmpty());
        List<Waiting> waiting = queue.stats().waiting();
        assertThat(waiting).hasSize(1);
        return waiting.get(0);
    }

    private static void awaitReason(MessageQueue queue, String... words) {
        QueueHealth health = new QueueHealth(queue::stats, 100_000, Duration.ofSeconds(30));
        Patience.until("the health check says it", () -> health.check().reasons().stream()
                .anyMatch(reason -> List.of(words).stream().allMatch(reason::contains)));
    }

    @Test
    void f80WhoWaitsForRoomSaysWhichStoppedSubscriberHoldsItUp() {
        String uri = stage.uri("capacity=4k&maxCapacity=4k");
        ChildJvm reader = member(uri);
        reader.ask("subscribe audit", "ok");
        reader.pause();
        Instant before = Instant.now();
        AtomicBoolean stop = new AtomicBoolean();
        try (MessageQueue queue = MessageQueues.open(uri);
                MessageQueue looking = MessageQueues.open(uri);
                Publisher publisher = queue.createPublisher()) {
            CompletableFuture<Void> publishing = CompletableFuture.runAsync(() -> {
                while (!stop.get()) publisher.publish(ByteBuffer.allocate(500));
            });
            Waiting waiting = awaitWaiting(looking);
            assertThat(waiting.kind()).isEqualTo(Waiting.Kind.ROOM);
            assertThat(waiting.pid()).isEqualTo(PID);
            assertThat(waiting.process()).isEqualTo(ProgramName.of(PID));
            assertThat(waiting.since()).isBetween(before.minusSeconds(1), Instant.now());
            assertThat(waiting.cause())
                    .isEqualTo(new Waiting.Cause("audit", 0, reader.pid(), ProgramName.of(reader.pid()), true));
            awaitReason(
                    looking,
                    "has waited",
                    "for room, held up by 'audit' of pid " + reader.pid() + " (" + ProgramName.of(reader.pid()) + ")");
            stop.set(true);
            reader.proceed();
            reader.ask("skip");
            publishing.join();
            assertThat(looking.stats().waiting()).isEmpty();
        }
    }

    @Test
    void f80WhoWaitsForALockSaysWhichStoppedPublisherHasIt() {
        String uri = stage.uri("capacity=4k&maxCapacity=4k");
        ChildJvm holder = member(uri);
        holder.ask("claim 100", "ok");
        holder.pause();
        try (MessageQueue queue = MessageQueues.open(uri);
                MessageQueue looking = MessageQueues.open(uri);
                Publisher publisher = queue.createPublisher()) {
            CompletableFuture<Long> publishing = CompletableFuture.supplyAsync(() -> publisher.publish("x"));
            Waiting waiting = awaitWaiting(looking);
            assertThat(waiting.kind()).isEqualTo(Waiting.Kind.LOCK);
            assertThat(waiting.pid()).isEqualTo(PID);
            assertThat(waiting.cause())
                    .isEqualTo(new Waiting.Cause(null, -1, holder.pid(), ProgramName.of(holder.pid()), true));
            assertThat(looking.stats().counters()).containsEntry("lockWaits", 1L);
            awaitReason(
                    looking,
                    "for a lock, held by pid " + holder.pid() + " (" + ProgramName.of(holder.pid())
                            + "), which is stopped");
            holder.proceed();
            holder.ask("abort", "ok");
            assertThat(publishing.join()).isEqualTo(1);
            assertThat(looking.stats().waiting()).isEmpty();
            assertThat(looking.stats().counters().get("lockWaitNanos")).isPositive();
        }
    }

    /** What a process leaves that dies while it waits counts for nothing. */
    @Test
    void f80WhoDiesWhileItWaitsIsNoLongerSeen() {
        String uri = stage.uri("capacity=4k&maxCapacity=4k");
        ChildJvm holder = member(uri);
        holder.ask("claim 100", "ok");
        ChildJvm waits = member(uri);
        waits.tell("publish 1 10");
        try (MessageQueue looking = MessageQueues.open(uri)) {
            Patience.until(
                    "it is seen", () -> looking.stats().waiting().stream().anyMatch(w -> w.pid() == waits.pid()));
            waits.kill();
            assertThat(looking.stats().waiting()).isEmpty();
            ChildJvm heir = member(uri);
            assertThat(looking.stats().waiting()).as("in whose place").isEmpty();
            holder.ask("commit", "ok");
            assertThat(heir.ask("publish 1 10")).startsWith("ok");
        }
    }
}
