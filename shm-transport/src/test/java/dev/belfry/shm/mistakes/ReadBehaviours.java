package dev.belfry.shm.mistakes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.AckMode;
import dev.belfry.api.Batch;
import dev.belfry.api.Message;
import dev.belfry.api.MessageHandler;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.shm.crash.Participant;
import dev.belfry.shm.sim.Words;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Reading, handlers, and what is read again. See {@link Behaviours}. */
final class ReadBehaviours extends Behaviours {
    private Subscriber recovered(MessageQueue queue, Publisher publisher, int messages) {
        Subscriber subscriber = queue.createSubscriber(
                SubscriberOptions.builder().ackMode(AckMode.CLIENT).build());
        for (int i = 1; i <= messages; i++) publisher.publish("message " + i);
        for (int i = 1; i <= messages; i++) subscriber.receive(soon);
        subscriber.recover();
        return subscriber;
    }

    /** Messages handed over before recover may be acknowledged after it: the gate moves on, and the reader with it. */
    void acknowledgedBehindRecover() {
        MessageQueue queue = open(FIXED);
        Publisher publisher = queue.createPublisher();
        Subscriber subscriber = recovered(queue, publisher, 10);
        subscriber.acknowledge(10);
        fill(publisher, 42);
        Message next = subscriber.receive(soon);
        assertThat(next.position()).isEqualTo(11);
        assertThat(next.bytes()).isEqualTo(new byte[42]);
    }

    /** It may acknowledge up to where it began, though it was given nothing. */
    void acknowledgedAfterASeekBack() {
        MessageQueue queue = open(FIXED);
        Publisher publisher = three(queue);
        Subscriber subscriber = queue.createSubscriber(
                SubscriberOptions.builder().ackMode(AckMode.CLIENT).build());
        subscriber.seek(StartAt.OLDEST_RETAINED);
        subscriber.acknowledge(2);
        fill(publisher, 42);
        assertThat(subscriber.receive(soon).position()).isEqualTo(3);
    }

    /** And what it is reading again stays under its eyes. */
    void acknowledgedWhileItIsReadAgain() {
        MessageQueue queue = open(FIXED);
        Publisher publisher = queue.createPublisher();
        Subscriber subscriber = recovered(queue, publisher, 10);
        subscriber.poll(
                view -> {
                    run(() -> subscriber.acknowledge(10)).join();
                    fill(publisher, 42);
                    assertThat(view.text()).isEqualTo("message 1");
                },
                1,
                soon);
        assertThat(publisher.awaitAcknowledged(10, 1, soon)).isTrue();
        fill(publisher, 42);
        assertThat(subscriber.receive(soon).position()).isEqualTo(11);
    }

    /** By another thread, which is done with all that it sees handed over. */
    void acknowledgedWhileItsHandlerRuns() {
        MessageQueue queue = open(FIXED);
        Publisher publisher = queue.createPublisher();
        Subscriber subscriber = queue.createSubscriber(
                SubscriberOptions.builder().ackMode(AckMode.CLIENT).build());
        for (int i = 1; i <= 3; i++) publisher.publish("message " + i);
        AtomicInteger seen = new AtomicInteger();
        subscriber.poll(
                view -> {
                    run(subscriber::acknowledge).join();
                    fill(publisher, 42);
                    assertThat(view.text()).isEqualTo("message " + seen.incrementAndGet());
                },
                2,
                soon);
        assertThat(publisher.awaitAcknowledged(2, 1, soon)).isTrue();
        assertThat(publisher.awaitAcknowledged(3, 1, Duration.ZERO)).isFalse();
    }

    /** The same of messages that no batch reads. */
    void acknowledgedWhileItsHandlerRunsAlone() {
        MessageQueue queue = open(FIXED);
        Publisher publisher = queue.createPublisher();
        Subscriber subscriber = queue.createSubscriber(
                SubscriberOptions.builder().ackMode(AckMode.CLIENT).build());
        for (int i = 1; i <= 3; i++) publisher.publish(text("message " + i), KIND);
        AtomicInteger seen = new AtomicInteger();
        subscriber.poll(
                view -> {
                    run(subscriber::acknowledge).join();
                    fill(publisher, 42);
                    assertThat(view.text()).isEqualTo("message " + seen.incrementAndGet());
                },
                2,
                soon);
        assertThat(publisher.awaitAcknowledged(2, 1, soon)).isTrue();
        assertThat(publisher.awaitAcknowledged(3, 1, Duration.ZERO)).isFalse();
    }

    /** What another thread acknowledges of it is stored when its handler has returned, not at the end of the batch. */
    void acknowledgedInTheMiddleOfABatch() {
        MessageQueue queue = open(FIXED);
        Publisher publisher = three(queue);
        Subscriber subscriber = oldest(queue, AckMode.CLIENT);
        List<Boolean> before = new ArrayList<>();
        subscriber.poll(
                view -> {
                    if (view.position() > 1)
                        before.add(publisher.awaitAcknowledged(view.position() - 1, 1, Duration.ZERO));
                    run(subscriber::acknowledge).join();
                },
                3,
                soon);
        assertThat(before).containsExactly(true, true);
    }

    /** A handler that fails in the middle of a batch: what is in front of it is done with, it comes again, once. */
    void handlerFailsInABatch() {
        MessageQueue queue = open(FIXED);
        Publisher publisher = three(queue);
        Subscriber subscriber = oldest(queue, AckMode.AUTO);
        List<String> seen = new ArrayList<>();
        boolean[] fails = {true};
        MessageHandler handler = view -> {
            seen.add(view.text() + (view.redelivered() ? " again" : ""));
            if (view.position() == 2 && fails[0]) throw new IllegalStateException();
        };
        assertThatThrownBy(() -> subscriber.poll(handler, 3, soon)).isInstanceOf(IllegalStateException.class);
        assertThat(subscriber.position()).isEqualTo(1);
        assertThat(publisher.awaitAcknowledged(1, 1, Duration.ZERO)).isTrue();
        assertThat(publisher.awaitAcknowledged(2, 1, Duration.ZERO)).isFalse();
        fails[0] = false;
        assertThat(subscriber.poll(handler, 3, soon)).isEqualTo(2);
        assertThat(seen).containsExactly("message 1", "message 2", "message 2 again", "message 3");
        assertThat(publisher.awaitAcknowledged(3, 1, Duration.ZERO)).isTrue();
    }

    void handlerRecoversInABatch() {
        MessageQueue queue = open(FIXED);
        three(queue);
        Subscriber subscriber = oldest(queue, AckMode.CLIENT);
        List<String> seen = new ArrayList<>();
        while (seen.size() < 5)
            assertThat(subscriber.poll(
                            view -> {
                                seen.add(view.text() + (view.redelivered() ? " again" : ""));
                                if (seen.size() == 2) subscriber.recover();
                            },
                            5 - seen.size(),
                            soon))
                    .isPositive();
        assertThat(seen).containsExactly("message 1", "message 2", "message 1 again", "message 2 again", "message 3");
    }

    void handlerClosesInABatch() {
        MessageQueue queue = open(FIXED);
        three(queue);
        Subscriber subscriber = oldest(queue, AckMode.AUTO);
        assertThat(subscriber.poll(view -> subscriber.close(), 3, soon)).isOne();
    }

    void propertiesAmongPlainMessages() {
        MessageQueue queue = open(FIXED);
        Publisher publisher = three(queue);
        publisher.publish(text("message 4"), KIND);
        publisher.publish("message 5");
        List<String> seen = new ArrayList<>();
        assertThat(oldest(queue, AckMode.AUTO)
                        .poll(view -> seen.add(view.text() + view.properties().getString("kind", "")), 5, soon))
                .isEqualTo(5);
        assertThat(seen).containsExactly("message 1", "message 2", "message 3", "message 4odd", "message 5");
    }

    /** Read by a subscriber that left without acknowledging. */
    void attachedAgainItSaysWhatWasReadBefore() {
        MessageQueue queue = open(FIXED);
        SubscriberOptions audit = SubscriberOptions.builder()
                .name("audit")
                .ackMode(AckMode.CLIENT)
                .build();
        Subscriber before = queue.createSubscriber(audit);
        three(queue);
        assertThat(before.poll(view -> {}, 2, soon)).isEqualTo(2);
        before.close();
        List<Boolean> redelivered = new ArrayList<>();
        queue.createSubscriber(audit).poll(view -> redelivered.add(view.redelivered()), 3, soon);
        assertThat(redelivered).containsExactly(true, true, false);
    }

    /** An Error in front of the hand-over: nothing is lost. */
    void pollingFails() {
        boolean[] fails = {false};
        MessageQueue queue = open(new Participant() {
            @Override
            protected void store(Words words, long at, int size, long value, boolean release) {
                if (fails[0]) {
                    fails[0] = false;
                    throw new StackOverflowError();
                }
                super.store(words, at, size, value, release);
            }
        });
        three(queue);
        Subscriber subscriber = oldest(queue, AckMode.AUTO);
        fails[0] = true;
        assertThatThrownBy(() -> subscriber.poll(view -> {}, 3, soon)).isInstanceOf(StackOverflowError.class);
        assertThat(fails[0]).isFalse();
        List<String> seen = new ArrayList<>();
        assertThat(subscriber.poll(view -> seen.add(view.text()), 3, soon)).isEqualTo(3);
        assertThat(seen).containsExactly("message 1", "message 2", "message 3");
    }

    /** A user's mapped file is cut short: its body cannot be read, and the batch goes on without it. */
    void foreignErrorInABatch() {
        boolean[] fails = {false};
        Participant reading = new Participant() {
            @Override
            protected void store(Words words, long at, int size, long value, boolean release) {
                if (fails[0] && words.isRing()) {
                    fails[0] = false;
                    throw new InternalError("a fault of memory that is not the queue's");
                }
                super.store(words, at, size, value, release);
            }
        };
        Publisher publisher = open(reading).createPublisher();
        try (Batch batch = publisher.batch(1000)) {
            batch.add("one");
            fails[0] = true;
            assertThatThrownBy(() -> batch.add("gone")).isInstanceOf(InternalError.class);
            assertThat(fails[0]).as("it was tried").isFalse();
            assertThat(batch.count()).isOne();
            batch.add("two");
            assertThat(batch.commit()).isEqualTo(2);
        }
        assertThat(publisher.offer(body(8), Duration.ZERO)).isEqualTo(3);
    }

    /** An Error between stepping over a message and handing it over: it comes again. */
    void receivingFails() {
        boolean[] fails = {false};
        Participant failing = new Participant() {
            @Override
            protected void store(Words words, long at, int size, long value, boolean release) {
                if (fails[0]) {
                    fails[0] = false;
                    throw new StackOverflowError();
                }
                super.store(words, at, size, value, release);
            }
        };
        MessageQueue queue = open(failing);
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher();
        publisher.publish("one");
        publisher.publish("two");
        fails[0] = true;
        assertThatThrownBy(() -> subscriber.receive(soon)).isInstanceOf(StackOverflowError.class);
        assertThat(fails[0]).isFalse();
        assertThat(subscriber.receive(soon).text()).isEqualTo("one");
        assertThat(subscriber.receive(soon).text()).isEqualTo("two");
    }
}
