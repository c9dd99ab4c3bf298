package dev.belfry.api;

import dev.belfry.spi.Checks;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The settings of one subscriber. spin and threadFactory are hints.
 * @since 0.1
 */
public final class SubscriberOptions {
    private static final Duration MOST_RETRY_DELAY = Duration.ofMinutes(1);
    private static final SubscriberOptions DEFAULTS = builder().build();
    private final String name;
    private final StartAt startAt;
    private final AckMode ackMode;
    private final SlowSubscriber slowSubscriber;
    private final AfterOverrun afterOverrun;
    private final LongConsumer onOverrun;
    private final Duration spin;
    private final ThreadFactory threadFactory;
    private final int maxRedeliveries;
    private final Duration retryDelay;
    private final Consumer<Throwable> onError;
    private final OnFailure onFailure;

    private SubscriberOptions(Builder b) {
        name = b.name;
        startAt = b.startAt;
        ackMode = b.ackMode;
        slowSubscriber = b.slowSubscriber;
        afterOverrun = b.afterOverrun;
        onOverrun = b.onOverrun;
        spin = b.spin;
        threadFactory = b.threadFactory;
        maxRedeliveries = b.maxRedeliveries;
        retryDelay = b.retryDelay;
        onError = b.onError;
        onFailure = b.onFailure;
    }

    /** Anonymous, from now on, AUTO, GATE_PUBLISHER. */
    public static SubscriberOptions defaults() {
        return DEFAULTS;
    }

    /** Begins with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** Anonymous, NONE, OVERRUN: it only observes, and no publisher ever waits for it. */
    public static SubscriberOptions observer(StartAt startAt) {
        return builder()
                .startAt(startAt)
                .ackMode(AckMode.NONE)
                .slowSubscriber(SlowSubscriber.OVERRUN)
                .build();
    }

    /** A named subscription continues where it stopped; null = anonymous. 1 to 128 printable characters. */
    public @Nullable String name() {
        return name;
    }

    /** Where a new subscription begins; ignored when a named one continues. */
    public StartAt startAt() {
        return startAt;
    }

    /** The default is AUTO. */
    public AckMode ackMode() {
        return ackMode;
    }

    /** The default is GATE_PUBLISHER. */
    public SlowSubscriber slowSubscriber() {
        return slowSubscriber;
    }

    /** With OVERRUN. Default OLDEST. */
    public AfterOverrun afterOverrun() {
        return afterOverrun;
    }

    /**
     * Gets how many messages were lost, when they were overwritten: in the thread that reads, before
     * the next message. It may seek. Null = they are only logged and counted.
     */
    public @Nullable LongConsumer onOverrun() {
        return onOverrun;
    }

    /** How long to spin before sleeping; null = the transport decides, ZERO = sleep at once, FOREVER = never sleep. */
    public @Nullable Duration spin() {
        return spin;
    }

    /**
     * Makes the listener's thread; null = a daemon thread belfry-QUEUE-SUBSCRIBER. It must not
     * return the thread that sets the listener.
     */
    public @Nullable ThreadFactory threadFactory() {
        return threadFactory;
    }

    /**
     * How often a message is given again to a listener that throws. Each process counts from 0: a message
     * that ends the process comes again as often as one is started.
     */
    public int maxRedeliveries() {
        return maxRedeliveries;
    }

    /**
     * How long a listener that throws waits for its message to come again: so long the first time,
     * then twice as long each time, but never longer than a minute. Later messages wait, too, so a
     * full queue may make its publishers wait. Default ZERO.
     */
    public Duration retryDelay() {
        return retryDelay;
    }

    /**
     * Gets what the listener threw at a message for the last time, before onFailure; and the reason
     * why the listener was stopped. Null = they are logged.
     */
    public @Nullable Consumer<Throwable> onError() {
        return onError;
    }

    /** The fate of a message at which a listener throws, after maxRedeliveries. Default stop. */
    public OnFailure onFailure() {
        return onFailure;
    }

    /**
     * One setter for each accessor, with the same name. {@code build} checks values and combinations. Not thread-safe.
     */
    public static final class Builder {
        private String name;
        private StartAt startAt = StartAt.NOW;
        private AckMode ackMode = AckMode.AUTO;
        private SlowSubscriber slowSubscriber = SlowSubscriber.GATE_PUBLISHER;
        private AfterOverrun afterOverrun = AfterOverrun.OLDEST;
        private LongConsumer onOverrun;
        private Duration spin;
        private ThreadFactory threadFactory;
        private int maxRedeliveries = 3;
        private Duration retryDelay = Duration.ZERO;
        private Consumer<Throwable> onError;
        private OnFailure onFailure = OnFailure.stop();

        private Builder() {}

        /** If null, the subscription is anonymous, and ends with its subscriber. */
        public Builder name(@Nullable String name) {
            this.name = name;
            return this;
        }

        /** Where a new subscription begins. Default NOW. */
        public Builder startAt(StartAt startAt) {
            this.startAt = Objects.requireNonNull(startAt, "startAt");
            return this;
        }

        /**
         * Which call acknowledges: AUTO, each receive and poll; CLIENT, {@link Subscriber#acknowledge()}; NONE, none.
         */
        public Builder ackMode(AckMode ackMode) {
            this.ackMode = Objects.requireNonNull(ackMode, "ackMode");
            return this;
        }

        /**
         * Whether a full queue waits for this subscriber while it is behind, overruns or disconnects it. Default
         * GATE_PUBLISHER.
         */
        public Builder slowSubscriber(SlowSubscriber slowSubscriber) {
            this.slowSubscriber = Objects.requireNonNull(slowSubscriber, "slowSubscriber");
            return this;
        }

        /** Where it goes on after an overrun, with OVERRUN alone. Default OLDEST. */
        public Builder afterOverrun(AfterOverrun afterOverrun) {
            this.afterOverrun = Objects.requireNonNull(afterOverrun, "afterOverrun");
            return this;
        }

        /** If null, overruns are only logged and counted. */
        public Builder onOverrun(@Nullable LongConsumer onOverrun) {
            this.onOverrun = onOverrun;
            return this;
        }

        /** If null, the transport decides. */
        public Builder spin(@Nullable Duration spin) {
            this.spin = spin;
            return this;
        }

        /** If null, the listener has a daemon thread. */
        public Builder threadFactory(@Nullable ThreadFactory threadFactory) {
            this.threadFactory = threadFactory;
            return this;
        }

        /** How often a listener that throws gets its message again, 0 or more. Default 3. */
        public Builder maxRedeliveries(int maxRedeliveries) {
            this.maxRedeliveries = maxRedeliveries;
            return this;
        }

        /** ZERO to one minute. */
        public Builder retryDelay(Duration retryDelay) {
            this.retryDelay = Objects.requireNonNull(retryDelay, "retryDelay");
            return this;
        }

        /** If null, the reason is logged. */
        public Builder onError(@Nullable Consumer<Throwable> onError) {
            this.onError = onError;
            return this;
        }

        /** The fate of a message at which the listener threw for the last time. Default {@link OnFailure#stop}. */
        public Builder onFailure(OnFailure onFailure) {
            this.onFailure = Objects.requireNonNull(onFailure, "onFailure");
            return this;
        }

        /**
         * Checks values and combinations.
         *
         * @throws IllegalArgumentException if two options contradict each other, such as a name and NONE, or if one is
         *     out of range
         */
        public SubscriberOptions build() {
            if (name != null) Checks.subscriptionName(name);
            if (name != null && ackMode == AckMode.NONE)
                throw new IllegalArgumentException("ackMode NONE stores no position, so it does not go with a name ('"
                        + name + "'): leave the name out, or use AUTO or CLIENT");
            if (afterOverrun == AfterOverrun.NEWEST && slowSubscriber != SlowSubscriber.OVERRUN)
                throw new IllegalArgumentException("afterOverrun NEWEST goes with slowSubscriber OVERRUN, not with "
                        + slowSubscriber + ", which may miss nothing");
            if (maxRedeliveries < 0)
                throw new IllegalArgumentException("maxRedeliveries must be >= 0, was " + maxRedeliveries);
            if (retryDelay.isNegative() || retryDelay.compareTo(MOST_RETRY_DELAY) > 0)
                throw new IllegalArgumentException(
                        "retryDelay must be 0 to 1 minute, as later messages wait, too; was " + retryDelay);
            return new SubscriberOptions(this);
        }
    }
}
