package dev.belfry.shm;

import dev.belfry.api.QueueConfig;
import dev.belfry.shm.segment.Opening;

/** The configuration of queues whose records have trailers: the test gives the attribute that a transport will. */
public final class Trailers {
    private Trailers() {}

    /** The same, whose records have trailers. */
    public static QueueConfig in(QueueConfig config) {
        QueueConfig.Builder with = QueueConfig.builder().attribute(Opening.TRAILERS, true);
        config.attributes().forEach(with::attribute);
        if (config.create() != null) with.create(config.create());
        if (config.capacity() != 0) with.capacity(config.capacity());
        if (config.maxCapacity() != 0) with.maxCapacity(config.maxCapacity());
        if (config.mode() != null) with.mode(config.mode());
        if (config.group() != null) with.group(config.group());
        if (config.allowGating() != null) with.allowGating(config.allowGating());
        if (config.maxGateTime() != null) with.maxGateTime(config.maxGateTime());
        if (config.deleteOnLastClose() != null) with.deleteOnLastClose(config.deleteOnLastClose());
        return with.build();
    }
}
