package dev.belfry.examples;

import dev.belfry.api.AckMode;
import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import java.time.Duration;

/**
 * A subscription with a name remembers its place: a program that ends and starts again continues
 * where it stopped. {@code NamedSubscription [uri]}.
 */
public final class NamedSubscription {
    private NamedSubscription() {}

    public static void main(String[] args) throws Exception {
        String ours = "shm:named-" + ProcessHandle.current().pid() + "?deleteOnLastClose=true";
        String uri = args.length > 0 ? args[0] : ours;
        Speaker main = new Speaker("main");
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher out = queue.createPublisher();
                Jvms jvms = new Jvms()) {
            publish(out, 1, 4);
            Jvms.join(jvms.start(Reader.class, uri, "first run", "4"));
            publish(out, 5, 8);
            main.say("Published 5 to 8, while nobody was there to read them");
            Jvms.join(jvms.start(Reader.class, uri, "second run", "6"));
            Jvms.join(jvms.start(Reader.class, uri, "third run", "8"));
            main.say("Unsubscribed: %s", queue.unsubscribe("audit"));
        }
    }

    private static void publish(Publisher out, int from, int to) {
        for (int i = from; i <= to; i++) out.publish("entry " + i);
    }

    /** Reads all messages, but acknowledges only up to a position, as if it died after that. */
    static final class Reader {
        public static void main(String[] args) {
            Speaker b = new Speaker(args[1]);
            long lastOne = Long.parseLong(args[2]);
            SubscriberOptions audit = SubscriberOptions.builder()
                    .name("audit")
                    .startAt(StartAt.OLDEST_RETAINED) // counts only when the name is new
                    .ackMode(AckMode.CLIENT)
                    .build();
            try (MessageQueue queue = MessageQueues.open(args[0]);
                    Subscriber in = queue.createSubscriber(audit)) {
                b.say("'audit' stands at position %d", in.position());
                for (Message m; (m = in.receive(Duration.ZERO)) != null; )
                    b.say("%s%s", m.text(), m.redelivered() ? " (again)" : "");
                in.acknowledge(lastOne);
                b.say("acknowledged up to %d, ends", lastOne);
            }
        }
    }
}
