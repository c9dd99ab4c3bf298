package dev.belfry.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.AckMode;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.Subscribers;
import dev.belfry.testing.Call;
import dev.belfry.testing.CaughtLog;
import dev.belfry.testing.Patience;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Nothing that may wait for a disk happens under a lock that others need, or that close needs: while one call stands in
 * a read of the log, another handle does all that reads none.
 */
@Timeout(120)
class LocksOverADiskTest {
    private static final int MESSAGES = 600; // three rings
    private static final Set<Reads> STAND = EnumSet.of(
            Reads.ATTACH_AGAIN,
            Reads.START_AT_POSITION,
            Reads.SEEK_POSITION,
            Reads.ACKNOWLEDGE,
            Reads.RECEIVE,
            Reads.SET);
    private static final Duration LONG = Duration.ofSeconds(10);

    /** Calls that may read the log, each with a subscription of its own. */
    enum Reads {
        ATTACH_AGAIN {
            @Override
            Callable<?> of(MessageQueue queue, Subscriber behind) {
                behind.close();
                return () -> queue.createSubscriber(named(this));
            }
        },
        START_AT_OLDEST {
            @Override
            Callable<?> of(MessageQueue queue, Subscriber behind) {
                return () -> queue.createSubscriber(StartAt.OLDEST_RETAINED);
            }
        },
        START_AT_POSITION {
            @Override
            Callable<?> of(MessageQueue queue, Subscriber behind) {
                return () -> queue.createSubscriber(StartAt.at(100));
            }
        },
        START_AT_TIME {
            @Override
            Callable<?> of(MessageQueue queue, Subscriber behind) {
                return () -> queue.createSubscriber(StartAt.time(Instant.EPOCH.plusMillis(1)));
            }
        },
        OBSERVE {
            @Override
            Callable<?> of(MessageQueue queue, Subscriber behind) {
                return () -> queue.createSubscriber(SubscriberOptions.observer(StartAt.OLDEST_RETAINED));
            }
        },
        SEEK_POSITION {
            @Override
            Callable<?> of(MessageQueue queue, Subscriber behind) {
                return () -> seek(behind, StartAt.at(100));
            }
        },
        SEEK_OLDEST {
            @Override
            Callable<?> of(MessageQueue queue, Subscriber behind) {
                return () -> seek(behind, StartAt.OLDEST_RETAINED);
            }
        },
        SEEK_NOW {
            @Override
            Callable<?> of(MessageQueue queue, Subscriber behind) {
                return () -> seek(behind, StartAt.NOW);
            }
        },
        ACKNOWLEDGE {
            @Override
            Callable<?> of(MessageQueue queue, Subscriber behind) {
                behind.poll(view -> {}, 50, LONG);
                return () -> {
                    behind.acknowledge();
                    return null;
                };
            }
        },
        RECEIVE {
            @Override
            Callable<?> of(MessageQueue queue, Subscriber behind) {
                return () -> behind.receive(LONG);
            }
        },
        SET {
            @Override
            Callable<?> of(MessageQueue queue, Subscriber behind) {
                return () -> Subscribers.of(behind).poll((from, view) -> {}, 1, LONG); // a new member reads, too
            }
        },
        UNSUBSCRIBE {
            @Override
            Callable<?> of(MessageQueue queue, Subscriber behind) {
                behind.close();
                return () -> queue.unsubscribe(name());
            }
        },
        STATS {
            @Override
            Callable<?> of(MessageQueue queue, Subscriber behind) {
                return queue::stats;
            }
        };

        /** {@code behind}: of its name, at the oldest message, which the ring has no more. */
        abstract Callable<?> of(MessageQueue queue, Subscriber behind);

        private static Object seek(Subscriber subscriber, StartAt start) {
            subscriber.seek(start);
            return null;
        }
    }

    @RegisterExtension
    final CaughtLog log = new CaughtLog();

    private final LiveDisk live = new LiveDisk(false, false, 64 << 10, 8 << 20);
    private MessageQueue other;
    private Publisher publisher;

    private static SubscriberOptions named(Reads which) {
        return SubscriberOptions.builder()
                .name(which.name())
                .ackMode(AckMode.CLIENT)
                .startAt(StartAt.OLDEST_RETAINED)
                .build();
    }

    @BeforeEach
    void open() {
        live.open(1, files -> files);
        other = live.handles.get(0);
        publisher = other.createPublisher(
                PublisherOptions.builder().timestamps(true).timeout(LONG).build());
        for (int i = 0; i < MESSAGES; i++) publisher.publish(new byte[300]);
        assertThat(publisher.awaitDurable(MESSAGES, Patience.limit())).isTrue();
    }

    @AfterEach
    void close() {
        live.disk.hangs(false);
        live.close();
    }

    private static <T> Call<T> call(Callable<T> body) {
        return new Call<>(body).start();
    }

    /** Each is in the disk, or has ended without it. */
    private List<Call<?>> standing(List<Callable<?>> bodies) {
        live.disk.logHangs();
        return begun(bodies);
    }

    private static List<Call<?>> begun(List<Callable<?>> bodies) {
        List<Call<?>> calls = new ArrayList<>();
        for (Callable<?> body : bodies) calls.add(call(body).untilItWaitsOrEnds());
        return calls;
    }

    /** Calls of another handle that read nothing of the log. */
    private void othersGoOn(Subscriber inRing) {
        publish(20);
        assertThat(inRing.poll(view -> {}, 20, LONG)).isEqualTo(20);
        inRing.acknowledge();
        publish(300); // more than the ring has room for: the gate moves, under its lock
        other.createPublisher().close();
        other.createSubscriber(StartAt.NOW).close();
        assertThat(other.unsubscribe("nobody")).isFalse();
        assertThat(subscribeAndEnd(other)).isTrue();
        other.stats();
        live.join(files -> files);
        inRing.close();
        publisher.close();
    }

    private void publish(int count) {
        for (int i = 0; i < count; i++)
            assertThat(publisher.offer(ByteBuffer.allocate(300), LONG)).isPositive();
    }

    @ParameterizedTest
    @EnumSource
    void shouldHoldUpNobodyElse(Reads which) {
        MessageQueue mine = live.join(files -> files);
        Subscriber inRing = other.createSubscriber(SubscriberOptions.builder()
                .name("in the ring")
                .ackMode(AckMode.CLIENT)
                .build());
        Call<?> standing = standing(List.of(which.of(mine, mine.createSubscriber(named(which)))))
                .get(0);
        call(() -> {
                    othersGoOn(inRing);
                    return null;
                })
                .result();
        live.disk.hangs(false);
        standing.result();
    }

    @Test
    void shouldSayWhichMemberOfASetWaitsForItsDisk() {
        Subscriber behind = other.createSubscriber(named(Reads.SET));
        Subscriber inRing = other.createSubscriber(StartAt.NOW);
        live.disk.logHangs();
        try (Subscribers set = Subscribers.of(behind, inRing)) {
            for (int i = 0; i < 3; i++) {
                publish(1);
                assertThat(set.poll((from, message) -> assertThat(from).isSameAs(inRing), 1, LONG))
                        .isOne();
            }
        }
        assertThat(log.text()).containsOnlyOnce("Subscriber 'SET' of 'file:/disk' waits for its disk");
    }

    /** Where the log ends is known. */
    @ParameterizedTest
    @EnumSource(names = {"GATE_PUBLISHER", "OVERRUN"})
    void shouldSeekToTheEndWithoutTheDisk(SlowSubscriber policy) {
        Subscriber behind = other.createSubscriber(SubscriberOptions.builder()
                .slowSubscriber(policy)
                .startAt(StartAt.OLDEST_RETAINED)
                .build());
        live.disk.logHangs();
        call(() -> Reads.seek(behind, StartAt.NOW)).result();
        assertThat(behind.position()).isEqualTo(MESSAGES);
    }

    /** A handle that does not know it yet: not under the lock under which places are kept. */
    @Test
    void shouldKeepSubscriptionsWhileAnotherHandleReadsWhereTheLogBegins() {
        MessageQueue fresh = live.join(files -> files);
        subscribeAndEnd(other); // which knows it from now on
        live.disk.logHangs();
        Call<?> standing = call(() -> fresh.createSubscriber(named("here"))).untilItWaitsOrEnds();
        call(() -> subscribeAndEnd(other)).result();
        assertThat(log.text()).doesNotContain("places are being kept for long");
        live.disk.hangs(false);
        standing.result();
    }

    private static boolean subscribeAndEnd(MessageQueue queue) {
        queue.createSubscriber(named("for a while")).close();
        return queue.unsubscribe("for a while");
    }

    private static SubscriberOptions named(String name) {
        return SubscriberOptions.builder().name(name).build();
    }

    /** One limit for one disk: its keeper waits no second time for what its subscriber has waited for. */
    @Test
    void shouldCloseItWithItsKeeperAsSoonAsItsSubscriberAlone() {
        MessageQueue whole = live.join(files -> files);
        MessageQueue part = live.join(files -> files);
        Subscriber alone = part.createSubscriber(named(Reads.SEEK_OLDEST));
        Subscriber child = whole.createSubscriber(named(Reads.SEEK_POSITION));
        live.disk.allHangs();
        publish(1); // which is to be synced
        begun(List.of(Reads.SEEK_POSITION.of(whole, child), Reads.SEEK_POSITION.of(part, alone)));
        Call<Long> closesPart = call(() -> nanosOf(alone::close));
        Call<Long> closesWhole = call(() -> nanosOf(whole::close));
        assertThat(closesWhole.result()).as("nanoseconds").isLessThan(closesPart.result() * 3 / 2);
    }

    private static long nanosOf(Runnable step) {
        long began = System.nanoTime();
        step.run();
        return System.nanoTime() - began;
    }

    /** After 5 s at most, though a call of it goes on until the disk answers. */
    @Test
    void shouldCloseWhileItsCallsStand() {
        List<Callable<?>> bodies = new ArrayList<>();
        List<MessageQueue> queues = new ArrayList<>();
        for (Reads which : STAND) {
            MessageQueue queue = live.join(files -> files);
            queues.add(queue);
            bodies.add(which.of(queue, queue.createSubscriber(named(which))));
        }
        assertThat(standing(bodies).stream()
                        .filter(Call::isDone)
                        .map(Call::result)
                        .toList())
                .as("calls that ended without the disk")
                .isEmpty();
        List<Call<?>> closes = new ArrayList<>();
        for (MessageQueue queue : queues)
            closes.add(call(() -> {
                queue.close();
                return null;
            }));
        closes.forEach(Call::result);
    }
}
