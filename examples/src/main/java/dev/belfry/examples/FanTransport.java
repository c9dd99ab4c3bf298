package dev.belfry.examples;

import dev.belfry.api.Capability;
import dev.belfry.api.Create;
import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageView;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.spi.Deadlines;
import dev.belfry.spi.Errors;
import dev.belfry.spi.HeapMessage;
import dev.belfry.spi.MessageQueueProvider;
import dev.belfry.spi.PublisherSupport;
import dev.belfry.spi.QueueSettings;
import dev.belfry.spi.QueueSupport;
import dev.belfry.spi.QueueUri;
import dev.belfry.spi.SubscriberSupport;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * {@code fan:}, within one JVM: each subscriber has an inbox, without limit, and publish puts the
 * message into all of them.
 */
public record FanTransport(String scheme, String name, String version, Set<Capability> capabilities)
        implements MessageQueueProvider {
    private static final Map<String, Set<FanQueue.Inbox>> QUEUES = new ConcurrentHashMap<>();

    /** For ServiceLoader: META-INF/services names this class. */
    public FanTransport() {
        this("fan", "fan-transport", "1", Set.of(Capability.PROPERTIES));
    }

    @Override
    public MessageQueue open(QueueUri uri, QueueConfig config) {
        String name = uri.name();
        Create create = QueueSettings.create(config);
        Set<FanQueue.Inbox> fresh = new CopyOnWriteArraySet<>();
        Set<FanQueue.Inbox> there = create == Create.OPEN_EXISTING ? QUEUES.get(name) : QUEUES.putIfAbsent(name, fresh);
        if (there == null && create == Create.OPEN_EXISTING)
            throw Errors.notFound(name, "this JVM", "Create it first.");
        if (there != null && create == Create.CREATE_NEW) throw Errors.exists(name, "this JVM");
        return new FanQueue(uri, capabilities, there == null ? fresh : there);
    }

    private static final class FanQueue extends QueueSupport {
        private final Set<Inbox> inboxes;

        FanQueue(QueueUri uri, Set<Capability> capabilities, Set<Inbox> inboxes) {
            super(uri, capabilities);
            this.inboxes = inboxes;
        }

        @Override
        protected Publisher publisher(PublisherOptions options) {
            return new PublisherSupport(this, options) {
                private long serial;

                @Override
                protected long append(Message message, long deadline) { // there is always room
                    synchronized (inboxes) { // so that all receive the same order
                        inboxes.forEach(inbox -> inbox.messages.add(message));
                        return ++serial;
                    }
                }
            };
        }

        @Override
        protected Subscriber subscriber(SubscriberOptions options) {
            Inbox inbox = new Inbox(options);
            inboxes.add(inbox);
            return inbox;
        }

        private final class Inbox extends SubscriberSupport {
            private static final Message WAKE = new HeapMessage(0, 0, new byte[0], MessageProperties.empty(), false);
            private final BlockingQueue<Message> messages = new LinkedBlockingQueue<>();

            Inbox(SubscriberOptions options) {
                super(
                        FanQueue.this.uri().getSchemeSpecificPart(),
                        FanQueue.this.uri().toString(),
                        options);
            }

            @Override
            protected MessageView next(long deadline) {
                try {
                    Message message = messages.poll(); // what is there comes even to a thread that is interrupted
                    if (message == null && !Deadlines.passed(deadline))
                        message = messages.poll(Deadlines.remaining(deadline), TimeUnit.NANOSECONDS);
                    return message == WAKE ? null : message;
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw Errors.interrupted("a message of '" + FanQueue.this.uri() + "'");
                }
            }

            @Override
            protected void acknowledged(long position) {}

            @Override
            protected void rewind() {}

            @Override
            protected void wake() {
                messages.add(WAKE);
            }

            @Override
            protected void release() {
                inboxes.remove(this);
                forget(this);
            }

            @Override
            public long lag() {
                return -1;
            }

            @Override
            public long lostCount() {
                return 0;
            }
        }
    }
}
