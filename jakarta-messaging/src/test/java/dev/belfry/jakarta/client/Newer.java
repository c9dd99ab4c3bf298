package dev.belfry.jakarta.client;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.spi.Log;
import dev.belfry.spi.Reserve;
import java.nio.ByteBuffer;
import java.time.Duration;

/** A record of a newer version, which no member of this one can go on after. */
final class Newer {
    private Newer() {}

    static void append(String domain) {
        try (MessageQueue stranger = MessageQueues.open(domain + "?" + Log.KIND + "=" + Log.DOMAIN)) {
            ByteBuffer record = ByteBuffer.allocate(16).put(0, (byte) 2).put(8, (byte) 1);
            stranger.unwrap(Log.class).append(record, Reserve.NORMAL, -1, Duration.ZERO);
        }
    }
}
