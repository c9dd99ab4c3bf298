package dev.belfry.conformance;

import static dev.belfry.conformance.AcknowledgingSuite.client;
import static dev.belfry.conformance.FullAndSlowSuite.overrun;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.Capability;
import dev.belfry.api.InUseException;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.testing.Call;
import dev.belfry.testing.WaitsForOthers;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** 24: named subscriptions: what they keep, and for which subscriber. */
@WaitsForOthers
public abstract class NamedSuite extends ConformanceSuite {
    protected NamedSuite() {}

    @Test
    @Tag("NAMED")
    void b24NamedSubscriptionResumesAfterCloseAndIgnoresStartAt() {
        MessageQueue queue = open();
        Publisher publisher = queue.createPublisher();
        SubscriberOptions audit = options().name("audit").build();
        Subscriber subscriber = queue.createSubscriber(audit);
        assertThat(subscriber.name()).isEqualTo("audit");
        publish(publisher, "message ", 5);
        next(subscriber, 2);
        subscriber.close();
        publisher.publish("while nobody listened");
        Subscriber anew = open().createSubscriber(audit); // StartAt.NOW, which counts for a new one only
        assertThat(texts(anew, 4)).containsExactly("message 3", "message 4", "message 5", "while nobody listened");
        anew.close();
        if (!has(Capability.HISTORY)) return;
        Subscriber again = queue.createSubscriber(
                options().name("audit").startAt(StartAt.OLDEST_RETAINED).build());
        assertNothingComes(again);
        publisher.publish("later");
        assertThat(next(again).text()).isEqualTo("later");
    }

    @Test
    @Tag("NAMED")
    @Tag("HISTORY")
    void b24NewNamedSubscriptionBeginsAtItsStartAt() {
        MessageQueue queue = open();
        publish(queue.createPublisher(), "message ", 5);
        Subscriber subscriber = queue.createSubscriber(
                options().name("audit").startAt(StartAt.OLDEST_RETAINED).build());
        assertThat(texts(subscriber, 5)).hasSize(5);
    }

    @Test
    @Tag("NAMED")
    @Tag("CLIENT_ACK")
    void b24WhatWasNotAcknowledgedComesAgain() {
        join(client().name("audit"));
        publish(publisher, "message ", 6);
        next(subscriber, 2);
        subscriber.acknowledge();
        next(subscriber, 2);
        subscriber.close();
        Subscriber anew = queue.createSubscriber(client().name("audit").build());
        List<Message> again = next(anew, 4);
        assertThat(again).extracting(Message::text).containsExactly("message 3", "message 4", "message 5", "message 6");
        assertThat(again.subList(0, 2)).allMatch(Message::redelivered);
        assertThat(again.subList(2, 4)).noneMatch(Message::redelivered);
    }

    @Test
    @Tag("F61")
    @Tag("NAMED")
    void b24NamedSubscriptionIsForOneAtATime() {
        MessageQueue queue = open();
        SubscriberOptions audit = options().name("audit").build();
        Subscriber subscriber = queue.createSubscriber(audit);
        for (MessageQueue handle : List.of(queue, open())) {
            assertThatThrownBy(() -> handle.createSubscriber(audit))
                    .isInstanceOf(InUseException.class)
                    .hasMessageStartingWith("Subscription 'audit' is attached by pid "
                            + ProcessHandle.current().pid());
            assertThatThrownBy(() -> handle.unsubscribe("audit"))
                    .isInstanceOf(InUseException.class)
                    .hasMessageStartingWith("Subscription 'audit' is attached by pid ");
        }
        queue.createSubscriber(options().name("another").build());
        queue.createPublisher().publish("unaffected");
        assertThat(next(subscriber).text()).isEqualTo("unaffected");
    }

    @Test
    @Tag("NAMED")
    void b24UnsubscribeEndsItForGood() {
        MessageQueue queue = open();
        SubscriberOptions audit = options().name("audit").build();
        assertThat(queue.unsubscribe("audit")).isFalse();
        queue.createSubscriber(audit).close();
        Publisher publisher = queue.createPublisher();
        publisher.publish("before");
        assertThat(open().unsubscribe("audit")).isTrue();
        assertThat(queue.unsubscribe("audit")).isFalse();
        Subscriber anew = queue.createSubscriber(audit);
        assertNothingComes(anew);
        publisher.publish("after");
        assertThat(next(anew).text()).isEqualTo("after");
    }

    @Test
    @Tag("NAMED")
    @Tag("GATING")
    void b24NamedSubscriptionGatesWhileNobodyIsAttached() {
        MessageQueue queue = open(FIXED);
        SubscriberOptions audit = options().name("audit").build();
        queue.createSubscriber(audit).close();
        Publisher publisher = queue.createPublisher();
        int taken = fill(publisher, 100);
        Call<Long> waiting =
                call(() -> publisher.publish(bytes(100))).untilItWaits().staysPending(SHORT);
        Subscriber anew = queue.createSubscriber(audit);
        next(anew, taken);
        waiting.result();
        next(anew);
        assertThat(anew.lostCount()).isZero();
        anew.close();
        fill(publisher, 100);
        Call<Long> again = call(() -> publisher.publish(bytes(100))).untilItWaits();
        assertThat(queue.unsubscribe("audit")).isTrue();
        again.result();
    }

    @Test
    @Tag("NAMED")
    @Tag("GATING")
    @Tag("OVERRUN")
    void b24OtherOptionsAreReplacedAtEachAttach() {
        MessageQueue queue = open(FIXED);
        queue.createSubscriber(options().name("audit").build()).close();
        Publisher publisher = queue.createPublisher();
        fill(publisher, 100);
        Subscriber anew = queue.createSubscriber(overrun().name("audit").build());
        publish(publisher, "message ", 1_000); // no longer gates
        anew.close();
        publish(publisher, "message ", 1_000);
        Subscriber gating = queue.createSubscriber(options().name("audit").build());
        int left = drain(gating).size();
        assertThat(left).isPositive();
        gating.close();
        fill(publisher, 100);
        assertThat(publisher.offer(bytes(100), Duration.ZERO)).isEqualTo(Publisher.REJECTED);
    }

    @Test
    @Tag("NAMED")
    void b24NamesAreOneToOneHundredAndTwentyEightPrintableCharacters() {
        MessageQueue queue = open();
        for (String good : List.of("x", "y".repeat(128), "with blank/slash", "Gr\u00fc\u00dfe \ud83d\udd14")) {
            try (Subscriber subscriber =
                    queue.createSubscriber(options().name(good).build())) {
                assertThat(subscriber.name()).isEqualTo(good);
            }
            assertThat(open().unsubscribe(good)).isTrue();
        }
        for (String bad : List.of("", "z".repeat(129), "two\nlines", "nul\0")) {
            assertThatThrownBy(() -> queue.createSubscriber(options().name(bad).build()))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(queue.unsubscribe(bad)).as("there is none").isFalse();
        }
    }
}
