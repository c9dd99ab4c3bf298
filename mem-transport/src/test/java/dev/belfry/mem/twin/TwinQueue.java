package dev.belfry.mem.twin;

import dev.belfry.api.AckMode;
import dev.belfry.api.AfterOverrun;
import dev.belfry.api.Capability;
import dev.belfry.api.InUseException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.OnFailure;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueStats;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.spi.Log;
import dev.belfry.spi.QueueFigures;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** Hands everything on, except for the defect. */
final class TwinQueue implements MessageQueue {
    final Defect defect;
    final AtomicInteger readers = new AtomicInteger(); // as the defect that forgets leavers sees it
    private final MessageQueue real;
    private final URI uri;
    private final Set<Capability> capabilities;

    TwinQueue(MessageQueue real, URI uri, Set<Capability> capabilities, Defect defect) {
        this.real = real;
        this.uri = uri;
        this.capabilities = Set.copyOf(capabilities);
        this.defect = defect;
    }

    @Override
    public URI uri() {
        return uri;
    }

    @Override
    public Set<Capability> capabilities() {
        return capabilities;
    }

    @Override
    public Publisher createPublisher(PublisherOptions options) {
        PublisherOptions wanted = options;
        if (defect == Defect.EXCLUSIVE_IS_SHARED)
            wanted = PublisherOptions.builder().timeout(options.timeout()).build();
        return new TwinPublisher(real.createPublisher(wanted), this);
    }

    @Override
    public Subscriber createSubscriber(SubscriberOptions options) {
        SubscriberOptions wanted = twisted(Objects.requireNonNull(options, "options"));
        if (defect == Defect.NAMED_STARTS_OVER && wanted.name() != null) tryToUnsubscribe(wanted.name());
        if (defect == Defect.NOW_IS_LATER && options.startAt().equals(StartAt.NOW) && options.name() == null)
            return new TwinSubscriber(() -> real.createSubscriber(wanted), options, this);
        Subscriber created;
        try {
            created = real.createSubscriber(wanted);
        } catch (InUseException e) {
            if (defect != Defect.NAMED_IS_ATTACHED_TWICE) throw e;
            created = real.createSubscriber(StartAt.NOW);
        }
        Subscriber subscriber = created;
        return new TwinSubscriber(() -> subscriber, options, this);
    }

    private void tryToUnsubscribe(String name) {
        try {
            real.unsubscribe(name);
        } catch (InUseException e) {
            return; // somebody has it
        }
    }

    private SubscriberOptions twisted(SubscriberOptions o) {
        SubscriberOptions.Builder b = SubscriberOptions.builder()
                .name(o.name())
                .startAt(o.startAt())
                .ackMode(o.ackMode())
                .slowSubscriber(o.slowSubscriber())
                .afterOverrun(o.afterOverrun())
                .onOverrun(o.onOverrun())
                .threadFactory(o.threadFactory())
                .maxRedeliveries(o.maxRedeliveries())
                .retryDelay(o.retryDelay())
                .onError(o.onError())
                .onFailure(o.onFailure());
        switch (defect) {
            case OLDEST_IS_NOW -> {
                if (o.startAt().equals(StartAt.OLDEST_RETAINED)) b.startAt(StartAt.NOW);
            }
            case AT_IS_ONE_LATER ->
                o.startAt().position().ifPresent(p -> b.startAt(StartAt.at(p == Long.MAX_VALUE ? p : p + 1)));
            case TIME_IS_A_MILLISECOND_LATER ->
                o.startAt()
                        .timeMillis()
                        .ifPresent(t -> b.startAt(StartAt.time(Instant.ofEpochMilli(Math.max(t, t + 1)))));
            case TIME_IS_REFUSED_LATER -> {
                if (o.startAt().timeMillis().isPresent()) b.startAt(StartAt.NOW);
            }
            case TIME_OF_NOBODY_IS_THE_OLDEST -> {
                if (o.startAt().timeMillis().orElse(0) > System.currentTimeMillis()) b.startAt(StartAt.OLDEST_RETAINED);
            }
            case READING_FREES_IN_CLIENT_MODE -> {
                if (o.ackMode() == AckMode.CLIENT) b.ackMode(AckMode.AUTO);
            }
            case DISCONNECT_IS_OVERRUN -> {
                if (o.slowSubscriber() == SlowSubscriber.DISCONNECT) b.slowSubscriber(SlowSubscriber.OVERRUN);
            }
            case OVERRUN_GATES -> b.afterOverrun(AfterOverrun.OLDEST).slowSubscriber(SlowSubscriber.GATE_PUBLISHER);
            case NEWEST_IS_OLDEST -> b.afterOverrun(AfterOverrun.OLDEST);
            case OVERRUN_IS_SILENT -> b.onOverrun(null);
            case OVERRUN_IS_TOLD_WITH_ONE -> {
                if (o.onOverrun() != null) b.onOverrun(lost -> o.onOverrun().accept(1));
            }
            case OBSERVER_COUNTS -> b.ackMode(o.ackMode() == AckMode.NONE ? AckMode.AUTO : o.ackMode());
            case LISTENER_IS_ASKED_ONCE_MORE -> b.maxRedeliveries(o.maxRedeliveries() + 1);
            case FAILURE_ALWAYS_STOPS -> b.onFailure(OnFailure.stop());
            case SKIPS_WHAT_IS_TO_BE_MOVED -> b.onFailure(OnFailure.skip());
            case RETRIES_AT_ONCE -> b.retryDelay(Duration.ZERO);
            default -> {}
        }
        return b.build();
    }

    @Override
    public boolean unsubscribe(String name) {
        return defect == Defect.UNSUBSCRIBE_DOES_NOTHING || real.unsubscribe(name);
    }

    @Override
    public QueueStats stats() {
        QueueStats s = real.stats();
        if (defect != Defect.STATS_ARE_AHEAD) return s;
        return new QueueFigures(
                s.id(),
                s.oldestPosition(),
                s.newestPosition() + 1,
                s.capacity(),
                s.maxCapacity(),
                s.publisherCount(),
                s.subscribers(),
                s.counters(),
                List.of());
    }

    @Override
    public <T> T unwrap(Class<T> type) {
        return type == Log.class ? type.cast(new TwinLog(real.unwrap(Log.class), defect)) : real.unwrap(type);
    }

    @Override
    public void close() {
        real.close();
    }
}
