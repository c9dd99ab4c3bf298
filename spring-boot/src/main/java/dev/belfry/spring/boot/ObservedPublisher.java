package dev.belfry.spring.boot;

import dev.belfry.api.MessageProperties;
import dev.belfry.api.Publisher;
import dev.belfry.spi.ForwardingPublisher;
import io.micrometer.observation.ObservationRegistry;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;

/** Its messages carry the trace of its observations. Claims and batches carry none. */
final class ObservedPublisher extends ForwardingPublisher {
    private final ObservedPlace queue;
    private final ObservationRegistry registry;

    ObservedPublisher(Publisher out, ObservedPlace queue, ObservationRegistry registry) {
        super(out);
        this.queue = queue;
        this.registry = registry;
    }

    @Override
    public long publish(ByteBuffer body, MessageProperties properties) {
        return observed(body, properties, null);
    }

    @Override
    public long offer(ByteBuffer body, MessageProperties properties, Duration timeout) {
        return observed(body, properties, Objects.requireNonNull(timeout, "timeout"));
    }

    /** {@code timeout}: null for a publish. */
    private long observed(ByteBuffer body, MessageProperties properties, Duration timeout) {
        Objects.requireNonNull(properties, "properties");
        BelfrySenderContext context = new BelfrySenderContext(queue);
        long[] position = new long[1];
        Observed.observe(Observed.publish(registry, context), () -> {
            MessageProperties all = with(properties, context.getCarrier(), out.maxMessageLength() - body.remaining());
            position[0] = timeout == null ? out.publish(body, all) : out.offer(body, all, timeout);
            context.published(Math.max(0, position[0]));
        });
        return position[0];
    }

    /** If there is no room for them, it is as without an observation. */
    private static MessageProperties with(MessageProperties own, Map<String, String> more, int room) {
        if (more.isEmpty()) return own;
        MessageProperties.Builder builder = MessageProperties.builder();
        for (String name : own.names()) if (!more.containsKey(name)) builder.putReceived(name, own.get(name));
        try {
            more.forEach(builder::put);
            MessageProperties all = builder.build();
            return all.encodedLength() <= room ? all : own;
        } catch (IllegalArgumentException tooLong) {
            return own;
        }
    }

    @Override
    public String toString() {
        return out + ", observed";
    }
}
