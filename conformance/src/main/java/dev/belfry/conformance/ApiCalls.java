package dev.belfry.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.AckMode;
import dev.belfry.api.Batch;
import dev.belfry.api.Capability;
import dev.belfry.api.Claim;
import dev.belfry.api.Codec;
import dev.belfry.api.Codecs;
import dev.belfry.api.MessageHandler;
import dev.belfry.api.MessageListener;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.conformance.ApiStates.State;
import dev.belfry.testing.Call;
import dev.belfry.testing.Patience;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** Objects of the API in each of their states, and calls of their methods. */
abstract class ApiCalls extends ConformanceSuite {
    /**
     * The types that behave differently in different states, and of which each two methods are
     * called at the same time.
     */
    static final List<Class<?>> STATEFUL =
            List.of(MessageQueues.class, MessageQueue.class, Publisher.class, Subscriber.class);

    private static final Duration MOMENT = Duration.ofMillis(20);

    /**
     * An object in a state, what is needed to leave that state, and which threads may call its
     * methods.
     */
    final class Stand {
        final CountDownLatch letGo = new CountDownLatch(1);
        Call<String> inside;
        MessageQueue queue;
        Publisher publisher;
        Subscriber subscriber;
        Object object;

        /**
         * A reader that cannot be passed may read in place, in memory that a close must leave
         * alone.
         */
        private SubscriberOptions reader(State state) {
            SubscriberOptions.Builder options = options();
            if (has(Capability.CLIENT_ACK)) options.ackMode(AckMode.CLIENT);
            if (state == State.EVICTED) options.slowSubscriber(SlowSubscriber.DISCONNECT);
            return options.build();
        }

        Stand(Class<?> type, State state) {
            nextQueue();
            if (type == MessageQueues.class && state == State.NEW) return;
            queue = open(FIXED);
            publisher = queue.createPublisher();
            subscriber = queue.createSubscriber(reader(state));
            if (!STATEFUL.contains(type)) return;
            if (state != State.NEW) {
                publisher.publish("first");
                next(subscriber);
                publisher.publish("second");
            }
            object = type == Publisher.class ? publisher : type == Subscriber.class ? subscriber : queue;
            switch (state) {
                case NEW, OPEN -> {}
                case BUSY -> goIn();
                case CLOSING -> {
                    goIn();
                    run(() -> close(object)).untilItWaitsOrEnds(); // for the one inside
                }
                case CLOSED -> close(object);
                case EVICTED -> fill(publisher, 100, 1_000);
                case POISONED -> {
                    fixture().damage(plainUri());
                    assertThatThrownBy(() -> publisher.publish("x")).isInstanceOf(RuntimeException.class);
                }
            }
        }

        private void fill(Publisher by, int length, int count) {
            for (int i = 0; i < count; i++) by.offer(bytes(length), Duration.ZERO);
        }

        /** A thread is inside, and stays there until it is let go. */
        private void goIn() {
            CountDownLatch isInside = new CountDownLatch(1);
            inside = object == publisher ? call(() -> claim(isInside)) : call(() -> handle(isInside));
            await(isInside);
        }

        private String claim(CountDownLatch isInside) {
            try (Claim claim = publisher.claim(8)) {
                assertThat(claim.buffer().remaining()).isEqualTo(8);
                isInside.countDown();
                await(letGo);
                return null;
            }
        }

        /** The text that the handler then still reads in its message. */
        private String handle(CountDownLatch isInside) {
            StringBuilder read = new StringBuilder();
            MessageHandler handler = message -> {
                isInside.countDown();
                await(letGo);
                read.append(message.text());
            };
            assertThat(subscriber.poll(handler, 1, Patience.limit())).isOne();
            return read.toString();
        }

        /** Null if the thread inside was not disturbed; otherwise what it read. */
        String complaint() {
            letGo.countDown();
            String read = inside == null ? null : inside.result();
            return read == null || read.equals("second") ? null : "the message under a handler became '" + read + "'";
        }

        void clear() {
            letGo.countDown();
            if (queue != null) queue.close();
        }
    }

    static void close(Object object) {
        try {
            ((AutoCloseable) object).close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    boolean hasState(Class<?> type, State state) {
        if (state == State.EVICTED) return has(Capability.DISCONNECT);
        if (state == State.POISONED) return fixture().canDamage();
        if (type != Publisher.class) return true;
        return has(Capability.CLAIM) || state != State.CLOSING;
    }

    /** A good value for each parameter. */
    Object[] arguments(Method method) {
        boolean list = method.getName().equals("list");
        boolean names = method.getDeclaringClass() == MessageQueues.class;
        return Arrays.stream(method.getParameterTypes())
                .map(type -> list ? fixture().scheme() : names && type == String.class ? uri() : argument(type))
                .toArray();
    }

    private Object argument(Class<?> type) {
        if (type == URI.class) return URI.create(uri());
        if (type == QueueConfig.class) return fixture().config().build();
        if (type == byte[].class) return new byte[] {1, 2, 3};
        if (type == String.class) return "text";
        if (type == ByteBuffer.class) return bytes(8);
        if (type == MessageProperties.class) return MessageProperties.empty();
        if (type == Duration.class) return MOMENT;
        if (type == byte.class) return (byte) 1;
        if (type == short.class) return (short) 1;
        if (type == int.class) return 1;
        if (type == long.class) return 1L;
        if (type == float.class) return 1f;
        if (type == double.class) return 1d;
        if (type == Class.class) return MessageQueue.class;
        if (type == StartAt.class) return StartAt.NOW;
        if (type == PublisherOptions.class) return PublisherOptions.defaults();
        if (type == SubscriberOptions.class) return SubscriberOptions.defaults();
        if (type == Codec.class) return Codecs.text();
        if (type == MessageHandler.class) return (MessageHandler) view -> {};
        if (type == MessageListener.class) return (MessageListener) message -> {};
        throw new AssertionError("a parameter of a new type: " + type);
    }

    /** The outcome of a call: a result, or what it threw. */
    record Outcome(Object result, Throwable thrown) {
        static Outcome of(Method method, Object on, Object... arguments) {
            try {
                return new Outcome(method.invoke(on, arguments), null);
            } catch (InvocationTargetException e) {
                return new Outcome(null, e.getCause());
            } catch (IllegalAccessException e) {
                throw new AssertionError(e);
            }
        }
    }

    boolean isSkipped(Method method) {
        return switch (method.getName()) {
            case "claim" -> !has(Capability.CLAIM);
            case "batch", "tryBatch", "sizeInBatch" -> !has(Capability.BATCH);
            case "awaitAcknowledged" -> !has(Capability.AWAIT_ACK);
            case "durablePosition", "awaitDurable" -> !has(Capability.AWAIT_DURABLE);
            case "unsubscribe" -> !has(Capability.NAMED);
            case "delete" -> !has(Capability.DELETE);
            case "seek" -> !has(Capability.SEEK);
            case "list" -> !has(Capability.LIST);
            default -> false;
        };
    }

    static boolean isToBeClosed(Object result) {
        return result instanceof Claim || result instanceof Batch || result instanceof MessageQueue;
    }
}
