package dev.belfry.conformance;

import dev.belfry.api.AckMode;
import dev.belfry.api.AfterOverrun;
import dev.belfry.api.Batch;
import dev.belfry.api.Claim;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageView;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberDisconnectedException;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.SubscriberStats;
import dev.belfry.api.WritableBody;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** Does the steps of a program over one queue, and writes down all that a user could see of each. */
final class ComparedRun implements AutoCloseable {
    private static final int SUBSCRIBERS = 3;
    private static final int PLACES = 12; // around which acknowledge and seek go

    enum Kind {
        PUBLISH(3),
        PUBLISH_WITH_PROPERTIES(1),
        CLAIM(1),
        BATCH(2),
        RECEIVE(3),
        POLL(4),
        ACKNOWLEDGE(1),
        ACKNOWLEDGE_POSITION(1),
        RECOVER(2),
        SEEK(2),
        CLOSE(1),
        UNSUBSCRIBE(1),
        AWAIT(1),
        STATS(2);

        private final int weight;

        Kind(int weight) {
            this.weight = weight;
        }
    }

    /** The ways in which a handler treats one of its messages. */
    private enum Handled {
        FAILS,
        RECOVERS,
        SEEKS_BACK,
        SEEKS_ON,
        ACKNOWLEDGES,
        SEEKS_NOW,
        ACKNOWLEDGES_POSITION,
        SEEKS_AND_FAILS,
        CLOSES,
        RECOVERS_AND_FAILS,
        NOTHING,
        NOTHING_EITHER
    }

    /** Has a meaning in every state, so that any part of a program is a program. */
    record Step(Kind kind, int who, int many, long random) {
        private static final List<Kind> WEIGHTED = Arrays.stream(Kind.values())
                .flatMap(k -> Collections.nCopies(k.weight, k).stream())
                .toList();

        static List<Step> program(long seed, int steps) {
            Random random = new Random(seed);
            return IntStream.range(0, steps)
                    .mapToObj(i -> new Step(
                            WEIGHTED.get(random.nextInt(WEIGHTED.size())),
                            random.nextInt(SUBSCRIBERS),
                            random.nextInt(PLACES),
                            random.nextLong()))
                    .toList();
        }

        boolean reads() {
            return switch (kind) {
                case RECEIVE, POLL, ACKNOWLEDGE, ACKNOWLEDGE_POSITION, RECOVER, SEEK, CLOSE -> true;
                default -> false;
            };
        }
    }

    /** Makes what a publish returns, or what is seen instead where there is no room. */
    @FunctionalInterface
    interface Room {
        Object publish(Supplier<Object> publish);
    }

    private final MessageQueue queue;
    private final Room room;
    private final Publisher publisher;
    private final Subscriber[] subscribers = new Subscriber[SUBSCRIBERS];
    private StringBuilder seen = new StringBuilder();

    ComparedRun(MessageQueue queue) {
        this(queue, Supplier::get);
    }

    ComparedRun(MessageQueue queue, Room room) {
        this.queue = queue;
        this.room = room;
        publisher = queue.createPublisher(PublisherOptions.builder()
                .timestamps(false)
                .timeout(Duration.ZERO)
                .build());
    }

    @Override
    public void close() {
        queue.close();
    }

    /** The same text over each transport. */
    String execute(Step step) {
        seen = new StringBuilder(step.kind.name());
        try {
            if (step.reads() && subscribers[step.who] == null) join(step);
            else act(step, new Random(step.random));
            for (int i = 0; i < SUBSCRIBERS; i++)
                if (subscribers[i] != null) see(" |", i + ":", figures(subscribers[i]));
        } catch (SubscriberDisconnectedException e) { // each transport says why
            see(" !!", e.getClass().getSimpleName());
        } catch (RuntimeException e) {
            see(" !!", e.getClass().getSimpleName() + ":", neutral(e.getMessage()));
        }
        return seen.toString();
    }

    private void act(Step step, Random random) {
        Subscriber subscriber = subscribers[step.who];
        switch (step.kind) {
            case PUBLISH, PUBLISH_WITH_PROPERTIES, CLAIM, BATCH -> see(room.publish(() -> publish(step, random)));
            case RECEIVE -> see(step.who, text(subscriber.receiveNoWait()));
            case POLL -> poll(step, subscriber, random);
            case ACKNOWLEDGE -> {
                see(step.who);
                subscriber.acknowledge();
            }
            case ACKNOWLEDGE_POSITION -> {
                long position = Math.max(0, subscriber.position() + 4 - step.many);
                see(step.who, "to", position);
                subscriber.acknowledge(position);
            }
            case RECOVER -> {
                see(step.who);
                subscriber.recover();
            }
            case SEEK -> {
                StartAt start = start(random, Math.max(1, subscriber.position() + step.many - 7));
                see(step.who, start);
                subscriber.seek(start);
            }
            case CLOSE -> {
                subscriber.close();
                see(step.who, figures(subscriber));
                subscribers[step.who] = null;
            }
            case UNSUBSCRIBE -> see(step.who, queue.unsubscribe(name(step.who)));
            case AWAIT -> {
                long position =
                        1 + random.nextInt((int) Math.max(1, queue.stats().newestPosition()));
                int least = 1 + random.nextInt(2);
                see(position, "by", least, publisher.awaitAcknowledged(position, least, Duration.ZERO));
            }
            case STATS -> {
                see(queue.stats().oldestPosition(), "to", queue.stats().newestPosition());
                see(queue.stats().subscribers().stream()
                        .map(ComparedRun::figures)
                        .sorted()
                        .toList());
            }
        }
    }

    private Object publish(Step step, Random random) {
        return switch (step.kind) {
            case PUBLISH -> publisher.publish("message " + step.many);
            case PUBLISH_WITH_PROPERTIES ->
                publisher.publish(
                        ByteBuffer.allocate(random.nextInt(900)),
                        MessageProperties.builder()
                                .put("i", step.many)
                                .put("s", "v" + step.many)
                                .build());
            case CLAIM -> claim(random.nextInt(1000), random.nextInt(4) == 0);
            default -> batch(step.many, random.nextInt(8) == 0);
        };
    }

    private void join(Step step) {
        Random random = new Random(step.random);
        AckMode mode = AckMode.values()[random.nextInt(3)];
        boolean named = random.nextBoolean() && mode != AckMode.NONE;
        SubscriberOptions options = SubscriberOptions.builder()
                .name(named ? name(step.who) : null)
                .ackMode(mode)
                .slowSubscriber(SlowSubscriber.values()[random.nextInt(3)])
                .startAt(start(random, 1 + step.many * 3L))
                .afterOverrun(random.nextBoolean() ? AfterOverrun.NEWEST : AfterOverrun.OLDEST)
                .build();
        see("instead join", step.who, options.name(), mode, options.slowSubscriber(), options.startAt());
        subscribers[step.who] = queue.createSubscriber(options);
    }

    private static String name(int who) {
        return "audit-" + who;
    }

    private static StartAt start(Random random, long position) {
        return switch (random.nextInt(8)) {
            case 0, 1 -> StartAt.NOW;
            case 2, 3 -> StartAt.OLDEST_RETAINED;
            case 4 -> StartAt.time(Instant.EPOCH); // refused as soon as there are messages: none has a timestamp
            default -> StartAt.at(position);
        };
    }

    private Object claim(int length, boolean givenUp) {
        try (Claim claim = publisher.claim(length)) {
            for (int i = 0; i < length; i++) claim.putByte(i, (byte) i);
            return givenUp ? "given up" : claim.commit(length / 2);
        }
    }

    private Object batch(int messages, boolean givenUp) {
        try (Batch batch = publisher.batch(1_000)) {
            for (int i = 0; i < messages; i++) batch.add("of a batch " + i);
            WritableBody body = batch.claim(40);
            for (int i = 0; i < 40; i++) body.putByte(i, (byte) i);
            batch.shorten(16 + messages);
            return givenUp ? "given up" : batch.commit();
        }
    }

    private void poll(Step step, Subscriber subscriber, Random random) {
        Handled handled = Handled.values()[random.nextInt(Handled.values().length)];
        int limit = 1 + random.nextInt(6);
        int at = random.nextInt(4);
        see(step.who, "at most", limit, handled, "at", at);
        int[] calls = {0};
        try {
            int count = subscriber.poll(
                    view -> {
                        see(" [" + text(view));
                        try {
                            if (calls[0]++ == at) handle(handled, subscriber, view.position(), step.many);
                        } finally {
                            see("position", subscriber.position() + "]");
                        }
                    },
                    limit);
            see(" =", count);
        } finally {
            if (handled == Handled.CLOSES && calls[0] > at) subscribers[step.who] = null;
        }
    }

    private void handle(Handled handled, Subscriber subscriber, long position, int many) {
        switch (handled) {
            case FAILS -> throw new IllegalStateException("failed");
            case RECOVERS -> subscriber.recover();
            case SEEKS_BACK -> subscriber.seek(StartAt.at(Math.max(1, position - many)));
            case SEEKS_ON -> subscriber.seek(StartAt.at(position + many));
            case ACKNOWLEDGES -> subscriber.acknowledge();
            case SEEKS_NOW -> subscriber.seek(StartAt.NOW);
            case ACKNOWLEDGES_POSITION -> subscriber.acknowledge(Math.max(0, position - many));
            case SEEKS_AND_FAILS -> {
                subscriber.seek(StartAt.OLDEST_RETAINED);
                throw new IllegalStateException("failed after a seek");
            }
            case CLOSES -> subscriber.close();
            case RECOVERS_AND_FAILS -> {
                subscriber.recover();
                throw new IllegalStateException("failed after recover");
            }
            case NOTHING, NOTHING_EITHER -> {}
        }
    }

    // ---- what is seen

    private void see(Object... parts) {
        for (Object part : parts) seen.append(' ').append(part);
    }

    private static String text(MessageView message) {
        if (message == null) return "nothing";
        return message.position() + (message.redelivered() ? "R" : "") + " of " + message.length() + " bytes "
                + Arrays.hashCode(message.bytes()) + " " + message.properties().names();
    }

    private static String figures(Subscriber s) {
        return s.position() + " lag " + s.lag() + " lost " + s.lostCount();
    }

    private static String figures(SubscriberStats s) {
        // One that was disconnected while it read a message once more may be shown at that one.
        boolean mayHaveEnded = s.slowSubscriber() == SlowSubscriber.DISCONNECT && s.lostCount() > 0;
        String place = mayHaveEnded ? "" : s.position() + " lag " + s.lag();
        return s.name() + " " + place + " of " + s.acknowledgedPosition() + " lost " + s.lostCount() + " " + s.ackMode()
                + " " + s.slowSubscriber() + (s.attached() ? "" : " detached");
    }

    private String neutral(String message) {
        return message == null
                ? null
                : message.replaceAll("\\w+:(?=" + queue.uri().getSchemeSpecificPart() + ")", "")
                        .replaceAll("pid \\d+( \\([^)]*\\))?", "a pid");
    }
}
