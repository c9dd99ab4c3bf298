package dev.belfry.compat.worker;

import dev.belfry.api.AckMode;
import dev.belfry.api.Message;
import dev.belfry.api.MessageProperties;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import java.time.Duration;

/** Reads as a named subscription; says of each message when it is read, and when it is acknowledged. */
final class Reading {
    private static final Duration MOMENT = Duration.ofMillis(20);

    private Reading() {}

    /** {@code args}: the queue's URI, and the subscription's name. It hears "upto POSITION". */
    public static void main(String[] args) {
        Talk talk = Talk.begin();
        SubscriberOptions options = SubscriberOptions.builder()
                .name(args[1])
                .startAt(StartAt.OLDEST_RETAINED)
                .ackMode(AckMode.CLIENT)
                .build();
        try (MessageQueue queue = MessageQueues.open(args[0]);
                Subscriber subscriber = queue.createSubscriber(options)) {
            talk.say("ready " + subscriber.position());
            for (long last = Long.MAX_VALUE; subscriber.position() < last; ) {
                Message message = subscriber.receive(MOMENT);
                if (message != null) {
                    talk.say("read " + message.position() + " " + check(message));
                    subscriber.acknowledge();
                    talk.say("done " + message.position());
                }
                String heard = talk.heard();
                if (heard != null) last = Long.parseLong(heard.split(" ")[1]);
            }
        }
        talk.say("end");
    }

    /** What is published with properties has them. */
    private static String check(Message message) {
        String id = Body.id(message.text());
        MessageProperties properties = message.properties();
        boolean fits = properties.names().isEmpty();
        if (Publishing.hasProperties(id)) fits = id.equals(properties.get("id")) && properties.getLong("n", 0) == 7;
        if (!fits) throw new IllegalStateException(id + " has the properties " + properties);
        return id;
    }
}
