package dev.belfry.bridge;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.QueueConfig;
import dev.belfry.spi.MessageQueueProvider;
import dev.belfry.spi.QueueUri;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.atomic.AtomicInteger;

/** A test's own queues, which are gone when it is closed. */
final class Queues implements AutoCloseable {
    private static final List<MessageQueueProvider> PROVIDERS = ServiceLoader.load(MessageQueueProvider.class).stream()
            .map(ServiceLoader.Provider::get)
            .toList();
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final String scheme;
    private final String prefix =
            "belfry-bridge-" + ProcessHandle.current().pid() + "-" + NUMBER.incrementAndGet() + "-";
    private final Map<String, MessageQueue> open = new HashMap<>();
    private final Map<String, Publisher> publishers = new HashMap<>();

    Queues(String scheme) {
        this.scheme = scheme;
    }

    /** {@code name} may have parameters. */
    MessageQueue open(String name) {
        String plain = name.contains("?") ? name.substring(0, name.indexOf('?')) : name;
        String uri = scheme + ":" + prefix + name;
        return open.computeIfAbsent(plain, n -> plain.equals(name) ? another(uri) : MessageQueues.open(uri));
    }

    /** As MessageQueues, for tests that open ten thousand: which searches for the transports each time. */
    static MessageQueue another(String uri) {
        QueueUri parsed = QueueUri.parse(uri);
        return PROVIDERS.stream()
                .filter(p -> p.scheme().equals(parsed.scheme()))
                .findFirst()
                .orElseThrow()
                .open(parsed, QueueConfig.defaults());
    }

    /** Without parameters. */
    String uri(String name) {
        return scheme + ":" + prefix + name;
    }

    String id(String name) {
        return open(name).stats().id().toString();
    }

    void publish(String name, String... texts) {
        Publisher out = publishers.computeIfAbsent(name, n -> open(n).createPublisher());
        for (String text : texts) out.publish(text);
    }

    @Override
    public void close() {
        open.forEach((name, queue) -> {
            queue.close();
            QueueUri uri = QueueUri.parse(uri(name));
            PROVIDERS.stream()
                    .filter(p -> p.scheme().equals(scheme))
                    .forEach(p -> p.delete(uri, QueueConfig.defaults()));
        });
    }
}
