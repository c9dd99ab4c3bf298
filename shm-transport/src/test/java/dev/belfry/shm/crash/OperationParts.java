package dev.belfry.shm.crash;

import static dev.belfry.shm.Inside.handle;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.AckMode;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberDisconnectedException;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.SubscriberStats;
import java.time.Duration;

/** What is there before an operation, and what must hold after it. */
final class OperationParts {
    static final int SLOTS = 4;
    static final int TAIL = 384;
    static final int COUNT = 392;
    static final int CURRENT = 400;
    static final QueueConfig SMALL = config(4096, null, true);
    static final QueueConfig GROWING = config(16384, null, true);
    static final QueueConfig IMPATIENT = config(4096, Duration.ofNanos(1), true);
    static final QueueConfig RETAINED = config(4096, null, false);

    private OperationParts() {}

    private static QueueConfig config(long maxCapacity, Duration maxGateTime, boolean deleteOnLastClose) {
        return QueueConfig.builder()
                .capacity(4096)
                .maxCapacity(maxCapacity)
                .maxGateTime(maxGateTime)
                .deleteOnLastClose(deleteOnLastClose)
                .build();
    }

    static SubscriberOptions.Builder options() {
        return SubscriberOptions.builder().spin(Duration.ZERO);
    }

    static SubscriberOptions.Builder audit() {
        return options().name(Scene.AUDIT).ackMode(AckMode.CLIENT);
    }

    static SubscriberOptions.Builder audit(SlowSubscriber policy) {
        return audit().slowSubscriber(policy);
    }

    static void members(Scene s) {
        s.withWatcher();
        s.withPublisher();
        s.publish(s.publisher, 50);
        s.publish(s.publisher, 60);
        s.announceSleeper(0);
        s.announceWaiter();
    }

    static void history(Scene s) {
        members(s);
        for (int i = 0; i < 3; i++) s.publish(s.publisher, 70);
        s.watch();
    }

    /** The victim's publisher has published twice, and has a way in of its own now. */
    static void favoured(Scene s) {
        s.withWatcher();
        s.victim.favour();
        s.withPublisher();
        becomeFavoured(s, s.publisher);
        s.announceWaiter();
    }

    static Publisher otherFavoured(Scene s, Participant other) {
        other.favour();
        Publisher publisher = s.open(other).createPublisher();
        becomeFavoured(s, publisher);
        return publisher;
    }

    private static void becomeFavoured(Scene s, Publisher publisher) {
        s.publish(publisher, 50);
        s.publish(publisher, 60);
        s.watch();
    }

    /** A named subscription that was given five messages, has acknowledged two, and is left. */
    static void audited(Scene s) {
        s.withWatcher();
        s.withPublisher();
        Subscriber audit = s.bystander.createSubscriber(audit().build());
        for (int i = 0; i < 5; i++) s.publish(s.publisher, 70);
        s.readAll(audit);
        audit.acknowledge(2);
        audit.close();
        s.watch();
    }

    /** The victim has a named subscription, and was given five messages. */
    static void auditing(Scene s, SubscriberOptions options) {
        s.withWatcher();
        s.withPublisher();
        s.subscriber = s.queue.createSubscriber(options);
        for (int i = 0; i < 5; i++) s.publish(s.publisher, 70);
        s.readAll(s.subscriber);
        s.watch();
        s.announceWaiter();
    }

    /** Two laps that only the watcher reads. */
    static void laps(Scene s) {
        for (int i = 0; i < 25; i++) {
            s.publish(s.publisher, 300);
            s.watch();
        }
    }

    /** The named subscription is there, goes on in a range, and can be ended. */
    static void resumes(Scene s, MessageQueue fresh, long least, long most) {
        long acknowledged = acknowledged(fresh);
        Subscriber audit =
                fresh.createSubscriber(audit().startAt(StartAt.OLDEST_RETAINED).build());
        assertThat(audit.position()).as("acknowledged, as anybody could see").isGreaterThanOrEqualTo(acknowledged);
        assertThat(audit.position() + 1).as("first message again").isBetween(least, most);
        long last = s.readAll(audit);
        assertThat(last).isEqualTo(handle(fresh).segment.header.countAcquire());
        audit.acknowledge();
        audit.close();
        Subscriber again = fresh.createSubscriber(audit().build());
        assertThat(again.position()).as("acknowledged, so it never comes again").isEqualTo(last);
        again.close();
        assertThat(fresh.unsubscribe(Scene.AUDIT)).isTrue();
    }

    static boolean isThere(MessageQueue fresh) {
        return fresh.stats().subscribers().stream().anyMatch(one -> Scene.AUDIT.equals(one.name()));
    }

    private static long acknowledged(MessageQueue fresh) {
        return fresh.stats().subscribers().stream()
                .filter(one -> Scene.AUDIT.equals(one.name()))
                .mapToLong(SubscriberStats::acknowledgedPosition)
                .findFirst()
                .orElse(0);
    }

    static void ended(Scene s, MessageQueue fresh) {
        assertThatThrownBy(() ->
                        fresh.createSubscriber(audit(SlowSubscriber.DISCONNECT).build()))
                .isInstanceOf(SubscriberDisconnectedException.class);
        assertThat(fresh.unsubscribe(Scene.AUDIT)).isTrue();
        fresh.createSubscriber(audit(SlowSubscriber.DISCONNECT).build()).close();
        assertThat(fresh.unsubscribe(Scene.AUDIT)).isTrue();
    }

    static void jumped(Scene s, MessageQueue fresh) {
        Subscriber audit = fresh.createSubscriber(audit(SlowSubscriber.OVERRUN).build());
        assertThat(s.readAllThatIsLeft(audit))
                .isEqualTo(handle(fresh).segment.header.countAcquire());
        assertThat(audit.lostCount()).isPositive();
        Publisher publisher = fresh.createPublisher();
        assertThat(publisher.awaitAcknowledged(6, 2, Duration.ZERO))
                .as("what it jumped over it has not acknowledged")
                .isFalse();
        publisher.close();
        audit.close();
        assertThat(fresh.unsubscribe(Scene.AUDIT)).isTrue();
    }
}
