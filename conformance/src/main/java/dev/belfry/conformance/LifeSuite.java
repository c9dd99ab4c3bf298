package dev.belfry.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.Capability;
import dev.belfry.api.Create;
import dev.belfry.api.InUseException;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueueException;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueExistsException;
import dev.belfry.api.QueueNotFoundException;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.testing.Call;
import dev.belfry.testing.Payload;
import dev.belfry.testing.RemoteJvm;
import dev.belfry.testing.WaitsForOthers;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** 39-42: how queues are created and deleted, and which publishers may publish. */
@WaitsForOthers
public abstract class LifeSuite extends ConformanceSuite {
    protected LifeSuite() {}

    // ---- 39: create

    @Test
    void b39OpenExistingNeedsAQueueAndCreateNewNeedsNone() {
        assertThatThrownBy(() -> open("create=OPEN_EXISTING"))
                .isInstanceOf(QueueNotFoundException.class)
                .hasMessageStartingWith("No queue '" + queueName() + "' in ");
        MessageQueue created = open("create=CREATE_NEW");
        assertThatThrownBy(() -> open("create=CREATE_NEW"))
                .isInstanceOf(QueueExistsException.class)
                .hasMessageContaining("'" + queueName() + "'");
        Subscriber subscriber =
                open(fixture().config().create(Create.OPEN_EXISTING).build()).createSubscriber();
        open("create=CREATE_OR_OPEN").createPublisher().publish("one queue");
        assertThat(next(subscriber).text()).isEqualTo("one queue");
        created.createPublisher().publish("still one");
        assertThat(next(subscriber).text()).isEqualTo("still one");
    }

    @Test
    void b39OneOfManyCreatorsWins() {
        for (int round = 0; round < (LONG ? 200 : 10); round++) {
            List<Object> outcomes = race(8, () -> {
                try {
                    return open("create=CREATE_NEW");
                } catch (QueueExistsException e) {
                    return e;
                }
            });
            List<MessageQueue> created = outcomes.stream()
                    .filter(MessageQueue.class::isInstance)
                    .map(MessageQueue.class::cast)
                    .toList();
            assertThat(created).hasSize(1);
            created.get(0).close();
            fixture().remove(plainUri());
            if (!has(Capability.DELETE)) return;
        }
    }

    @Test
    void b39RacingOpenersGetTheSameQueue() {
        List<MessageQueue> queues = race(8, () -> open());
        if (has(Capability.POSITIONS))
            assertThat(queues.stream().map(q -> q.stats().id()).distinct()).hasSize(1);
        List<Subscriber> subscribers =
                queues.stream().map(MessageQueue::createSubscriber).toList();
        queues.get(3).createPublisher().publish("to all");
        for (Subscriber subscriber : subscribers)
            assertThat(next(subscriber).text()).isEqualTo("to all");
    }

    private <T> List<T> race(int runners, Callable<T> body) {
        CountDownLatch start = new CountDownLatch(1);
        List<Call<T>> calls = new ArrayList<>();
        for (int i = 0; i < runners; i++)
            calls.add(call(() -> {
                await(start);
                return body.call();
            }));
        start.countDown();
        return calls.stream().map(Call::result).toList();
    }

    // ---- 40, 41: delete

    @Test
    @Tag("DELETE")
    void b40WhatComesAfterADeletedQueueHasNothingOfIt() {
        MessageQueue old = open();
        Publisher oldPublisher = old.createPublisher();
        Subscriber oldSubscriber = old.createSubscriber();
        oldPublisher.publish("before");
        UUID id = old.stats().id();
        assertThat(MessageQueues.delete(plainUri())).isTrue();
        assertThat(MessageQueues.delete(plainUri())).isFalse();
        assertThatThrownBy(() -> open("create=OPEN_EXISTING")).isInstanceOf(QueueNotFoundException.class);
        MessageQueue fresh = open();
        Subscriber subscriber = fresh.createSubscriber();
        if (has(Capability.POSITIONS)) assertThat(fresh.stats().id()).isNotEqualTo(id);
        try {
            oldPublisher.publish("to the old one");
        } catch (MessageQueueException atItsEnd) {
            assertThat(has(Capability.MEMBERS)).isFalse();
        }
        long first = fresh.createPublisher().publish("to the new one");
        if (has(Capability.POSITIONS)) assertThat(first).isOne();
        assertThat(next(subscriber).text()).isEqualTo("to the new one");
        assertNothingComes(subscriber);
        try {
            for (Message message : drain(oldSubscriber))
                assertThat(message.text()).isIn("before", "to the old one");
        } catch (MessageQueueException atItsEnd) {
            assertThat(has(Capability.MEMBERS)).isFalse();
        }
    }

    @Test
    @Tag("DELETE")
    @Tag("MEMBERS")
    void b40DeletedQueueGoesOnAmongThoseAttachedAndANewOneIsNew() {
        MessageQueue old = open();
        MessageQueue alsoOld = open();
        Subscriber oldSubscriber = alsoOld.createSubscriber();
        Publisher oldPublisher = old.createPublisher();
        oldPublisher.publish("before");
        assertThat(MessageQueues.delete(plainUri())).isTrue();
        assertThat(MessageQueues.delete(plainUri())).isFalse();
        assertThatThrownBy(() -> open("create=OPEN_EXISTING")).isInstanceOf(QueueNotFoundException.class);
        MessageQueue anew = open();
        Subscriber newSubscriber = anew.createSubscriber();
        oldPublisher.publish("among the old");
        long first = anew.createPublisher().publish("among the new");
        assertThat(texts(oldSubscriber, 2)).containsExactly("before", "among the old");
        assertThat(texts(newSubscriber, 1)).containsExactly("among the new");
        assertNothingComes(oldSubscriber);
        assertNothingComes(newSubscriber);
        alsoOld.createSubscriber().close();
        if (!has(Capability.POSITIONS)) return;
        assertThat(first).isOne();
        assertThat(anew.stats().id()).isNotEqualTo(old.stats().id());
        assertThat(old.stats().id()).isEqualTo(alsoOld.stats().id());
        assertThat(old.stats().newestPosition()).isEqualTo(2);
    }

    @Test
    @Tag("DELETE")
    @Tag("NAMED")
    void b40DeleteRemovesNamedSubscriptions() {
        MessageQueue queue = open();
        queue.createSubscriber(options().name("audit").build()).close();
        queue.close();
        assertThat(MessageQueues.delete(uri())).isTrue();
        assertThat(open().unsubscribe("audit")).isFalse();
    }

    @Test
    @Tag("MEMBERS")
    void b41LastCloseDeletesOnlyWhenAskedTo() {
        MessageQueue first = open("deleteOnLastClose=true");
        MessageQueue second = open();
        second.createSubscriber();
        first.close();
        MessageQueue third = open("create=OPEN_EXISTING"); // still there
        second.close();
        third.close();
        assertThatThrownBy(() -> open("create=OPEN_EXISTING")).isInstanceOf(QueueNotFoundException.class);
        open().close();
        open("create=OPEN_EXISTING").close(); // not asked to
    }

    @Test
    @Tag("MEMBERS")
    void b41ObserversKeepItAndLeaveNothingBehind() {
        MessageQueue creator = open("deleteOnLastClose=true");
        MessageQueue watching = open("create=OPEN_EXISTING");
        Subscriber observer = watching.createSubscriber(
                has(Capability.OVERRUN) ? SubscriberOptions.observer(StartAt.NOW) : SubscriberOptions.defaults());
        if (has(Capability.NAMED))
            creator.createSubscriber(options().name("audit").build()).close();
        UUID id = creator.stats().id();
        creator.createPublisher().publish("last words");
        creator.close();
        assertThat(next(observer).text()).isEqualTo("last words");
        assertThat(watching.stats().id()).isEqualTo(id);
        watching.close();
        MessageQueue anew = open("create=CREATE_NEW");
        if (has(Capability.NAMED)) assertThat(anew.unsubscribe("audit")).isFalse();
        if (has(Capability.POSITIONS)) assertThat(anew.stats().id()).isNotEqualTo(id);
    }

    @Test
    @Tag("MEMBERS")
    @Tag("CROSS_PROCESS")
    void b41LastHandleOfAnyProcessDeletesAlsoAfterAKill() {
        RemoteJvm creator = remote("deleteOnLastClose=true");
        MessageQueue queue = open("create=OPEN_EXISTING");
        creator.jvm().kill();
        MessageQueue second = open("create=OPEN_EXISTING");
        queue.close();
        second.close();
        assertThatThrownBy(() -> open("create=OPEN_EXISTING")).isInstanceOf(QueueNotFoundException.class);
        RemoteJvm orderly = remote("deleteOnLastClose=true");
        MessageQueue other = open("create=OPEN_EXISTING");
        other.close();
        MessageQueue stillThere = open("create=OPEN_EXISTING");
        stillThere.close();
        orderly.ask("close");
        assertThatThrownBy(() -> open("create=OPEN_EXISTING")).isInstanceOf(QueueNotFoundException.class);
    }

    // ---- 42: exclusive

    @Test
    @Tag("EXCLUSIVE")
    void b42ExclusivePublisherIsAlone() {
        MessageQueue queue = open();
        Subscriber subscriber = queue.createSubscriber();
        Publisher shared = queue.createPublisher();
        for (MessageQueue handle : List.of(queue, open()))
            assertThatThrownBy(() -> handle.createPublisher(exclusive())).isInstanceOf(InUseException.class);
        shared.publish("shared");
        shared.close();
        Publisher alone = queue.createPublisher(exclusive());
        for (MessageQueue handle : List.of(queue, open())) {
            assertThatThrownBy(handle::createPublisher).isInstanceOf(InUseException.class);
            assertThatThrownBy(() -> handle.createPublisher(exclusive())).isInstanceOf(InUseException.class);
        }
        publish(alone, "alone ", 100);
        alone.close();
        Publisher again = queue.createPublisher();
        again.publish("shared again");
        assertThat(next(subscriber).text()).isEqualTo("shared");
        assertThat(texts(subscriber, 100)).last().isEqualTo("alone 100");
        assertThat(next(subscriber).text()).isEqualTo("shared again");
    }

    @Test
    @Tag("EXCLUSIVE")
    void b42ExclusivePublisherDoesAllThatAPublisherDoes() {
        MessageQueue queue = open("capacity=4k&maxCapacity=256k");
        Subscriber subscriber = queue.createSubscriber();
        Publisher publisher = queue.createPublisher(exclusive());
        Call<Void> reading = run(() -> {
            for (int i = 1; i <= 5_000; i++)
                assertThat(Payload.of(next(subscriber).bytes()).serial()).isEqualTo(i);
        });
        for (int i = 1; i <= 5_000; i++) publisher.publish(new Payload(0, i).bytes());
        reading.result();
        if (has(Capability.CLAIM)) {
            try (var claim = publisher.claim(3)) {
                claim.buffer().put("yes".getBytes());
                claim.commit();
            }
            assertThat(next(subscriber).text()).isEqualTo("yes");
        }
    }

    @Test
    @Tag("EXCLUSIVE")
    @Tag("CROSS_PROCESS")
    void b42ExclusivePublisherOfAnotherProcessIsFreedByItsDeath() {
        MessageQueue queue = open();
        RemoteJvm other = remote();
        other.ask("publisher exclusive");
        other.ask("publish before 3");
        assertThatThrownBy(queue::createPublisher)
                .isInstanceOf(InUseException.class)
                .hasMessageContaining("pid " + other.jvm().pid());
        assertThatThrownBy(() -> queue.createPublisher(exclusive())).isInstanceOf(InUseException.class);
        other.jvm().kill();
        Publisher publisher = queue.createPublisher(exclusive());
        Subscriber subscriber = queue.createSubscriber();
        publisher.publish("after");
        assertThat(next(subscriber).text()).isEqualTo("after");
        RemoteJvm third = remote();
        assertThat(third.askForError("publisher")).startsWith("InUseException");
        publisher.close();
        third.ask("publisher");
    }

    static PublisherOptions exclusive() {
        return PublisherOptions.builder().exclusive(true).build();
    }
}
