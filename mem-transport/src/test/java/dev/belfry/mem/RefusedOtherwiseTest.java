package dev.belfry.mem;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belfry.api.Capability;
import dev.belfry.api.Codecs;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.Requester;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.spi.ForwardingPublisher;
import dev.belfry.spi.ForwardingQueue;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A later release may refuse an offer by another negative number than REJECTED. */
class RefusedOtherwiseTest extends MemTest {
    @Test
    void shouldWaitForNoAnswerWhenARequestWasRefusedByAnotherNumber() {
        try (MessageQueue answers = MessageQueues.open(uri + "-answers");
                MessageQueue requests = new Full(MessageQueues.open(uri + "-requests"));
                Requester<String, String> requester = Requester.of(requests, Codecs.text(), answers, Codecs.text())) {
            assertThat(requester.request("question", Duration.ofDays(1))).isNull();
        }
    }

    private record Full(MessageQueue queue) implements ForwardingQueue {
        @Override
        public Set<Capability> capabilities() {
            return queue.capabilities();
        }

        @Override
        public Publisher createPublisher(PublisherOptions options) {
            return new Refusing(queue.createPublisher(options));
        }

        @Override
        public Subscriber createSubscriber(SubscriberOptions options) {
            return queue.createSubscriber(options);
        }
    }

    private static final class Refusing extends ForwardingPublisher {
        Refusing(Publisher out) {
            super(out);
        }

        @Override
        public long publish(ByteBuffer body, MessageProperties properties) {
            return out.publish(body, properties);
        }

        @Override
        public long offer(ByteBuffer body, MessageProperties properties, Duration timeout) {
            return -2;
        }
    }
}
