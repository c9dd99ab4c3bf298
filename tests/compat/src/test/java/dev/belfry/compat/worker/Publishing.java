package dev.belfry.compat.worker;

import dev.belfry.api.Claim;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.LockSupport;

/** Publishes messages with the numbers from 0 on, in each of the ways; says of each when its publish has returned. */
final class Publishing {
    /** Of a few messages one is published in another way than most. */
    private static final int WAYS = 8;

    private static final int CLAIMED = 3;
    private static final int WITH_PROPERTIES = 5;

    private static final long PAUSE_NANOS = 1_000_000;

    private Publishing() {}

    /** {@code args}: the queue's URI, and who it is. It hears "stop". */
    public static void main(String[] args) {
        Talk talk = Talk.begin();
        try (MessageQueue queue = MessageQueues.open(args[0]);
                Publisher publisher = queue.createPublisher()) {
            talk.say("ready");
            for (int i = 0; talk.heard() == null; i++) {
                String id = args[1] + "." + i;
                talk.say("returned " + publish(publisher, i % WAYS, id) + " " + id);
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
        talk.say("end");
    }

    private static long publish(Publisher publisher, int way, String id) {
        String body = Body.of(id);
        if (way == CLAIMED) {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            try (Claim claim = publisher.claim(bytes.length)) {
                claim.buffer().put(bytes);
                return claim.commit();
            }
        }
        if (way != WITH_PROPERTIES) return publisher.publish(body);
        return publisher.publish(
                body, MessageProperties.builder().put("id", id).put("n", 7L).build());
    }

    static boolean hasProperties(String id) {
        return Integer.parseInt(id.substring(id.lastIndexOf('.') + 1)) % WAYS == WITH_PROPERTIES;
    }
}
