package dev.belfry.mem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belfry.api.Codecs;
import dev.belfry.api.LatestValues;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.OnFailure;
import dev.belfry.api.Publisher;
import dev.belfry.api.SlowSubscriber;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberLoop;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.api.SubscriberState;
import dev.belfry.testing.Patience;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A lambda of Kotlin or Scala may throw a checked exception that no signature names. It is a failure as any other. */
class UndeclaredExceptionsTest {
    private final MessageQueue queue = MessageQueues.open(
            "mem:undeclared-" + ProcessHandle.current().pid() + "?capacity=4k&maxCapacity=4k&deleteOnLastClose=true");
    private final Publisher publisher = queue.createPublisher();
    private final List<String> heard = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        queue.close();
    }

    private static void fail(String text) {
        UndeclaredExceptionsTest.<RuntimeException>undeclared(new IOException(text));
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void undeclared(Throwable failure) throws T {
        throw (T) failure;
    }

    private void untilHeard(String... all) {
        Patience.until("heard are " + List.of(all), () -> heard.size() >= all.length);
        assertThat(heard).containsExactly(all);
    }

    @Test
    void shouldReadOnWhenOnOverrunThrows() {
        SubscriberOptions options = SubscriberOptions.builder()
                .slowSubscriber(SlowSubscriber.OVERRUN)
                .onOverrun(lost -> fail("of onOverrun"))
                .build();
        Subscriber subscriber = queue.createSubscriber(options);
        for (int i = 0; i < 20; i++) publisher.publish(new byte[500]);
        assertThat(subscriber.receive(Duration.ZERO)).isNotNull();
    }

    @Test
    void shouldSkipAMessageWhenTheListenerAndOnErrorThrow() {
        SubscriberOptions options = SubscriberOptions.builder()
                .maxRedeliveries(0)
                .onFailure(OnFailure.skip())
                .onError(failure -> fail("of onError"))
                .build();
        Subscriber subscriber = queue.createSubscriber(options);
        subscriber.setListener(message -> {
            heard.add(message.text());
            if (message.text().equals("bad")) fail("of the listener");
        });
        publisher.publish("bad");
        publisher.publish("good");
        untilHeard("bad", "good");
        assertThat(subscriber.state()).isInstanceOf(SubscriberState.Running.class);
    }

    @Test
    void shouldTakeOneMemberOutOfALoopWhenItsListenerAndOnErrorThrow() {
        Subscriber first = queue.createSubscriber();
        Subscriber second = queue.createSubscriber();
        SubscriberLoop loop = SubscriberLoop.of(
                (from, message) -> {
                    heard.add(message.copy().text());
                    if (from == first) fail("of the listener");
                },
                (from, failure) -> {
                    heard.add(from == first ? failure.getMessage() : "of another one");
                    fail("of onError");
                },
                first);
        publisher.publish("bad");
        untilHeard("bad", "of the listener");
        loop.add(second);
        untilHeard("bad", "of the listener", "bad");
        publisher.publish("good");
        untilHeard("bad", "of the listener", "bad", "good");
        assertThat(loop.members()).containsExactly(second);
        loop.close();
    }

    @Test
    void shouldLeaveNoSubscriptionWhenKeyOfThrows() {
        publisher.publish("a");
        assertThatThrownBy(() -> LatestValues.of(queue, Codecs.text(), text -> {
                    fail("of keyOf");
                    return text;
                }))
                .hasMessageContaining("of keyOf");
        assertThat(queue.stats().subscribers()).isEmpty();
    }

    /** As an unchecked one does: the next call hands the message over again. */
    @Test
    void shouldThrowWhatAHandlerThrowsAsItIs() {
        Subscriber subscriber = queue.createSubscriber();
        publisher.publish("a");
        assertThatThrownBy(() -> subscriber.poll(message -> fail("of the handler"), 1))
                .isInstanceOf(IOException.class)
                .hasMessage("of the handler");
        assertThat(subscriber.receive(Duration.ZERO).text()).isEqualTo("a");
    }
}
