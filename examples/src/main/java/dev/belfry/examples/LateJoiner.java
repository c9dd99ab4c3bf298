package dev.belfry.examples;

import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.Publisher;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import java.util.StringJoiner;

/**
 * The queue is a log: a late joiner reads earlier messages, from any place it likes. {@code
 * LateJoiner [uri]}.
 */
public final class LateJoiner {
    private LateJoiner() {}

    public static void main(String[] args) {
        String ours = "shm:late-" + ProcessHandle.current().pid() + "?capacity=4k&deleteOnLastClose=true";
        String uri = args.length > 0 ? args[0] : ours;
        try (MessageQueue queue = MessageQueues.open(uri);
                Publisher out = queue.createPublisher()) {
            for (int i = 1; i <= 5; i++) out.publish("tick " + i);
            System.out.println("Five were published before anybody subscribed.");
            try (Subscriber everything = queue.createSubscriber(StartAt.OLDEST_RETAINED);
                    Subscriber fromFour = queue.createSubscriber(StartAt.at(4));
                    Subscriber fromNow = queue.createSubscriber(StartAt.NOW)) {
                out.publish("tick 6");
                System.out.println("OLDEST_RETAINED: " + whatIsThere(everything));
                System.out.println("at(4):           " + whatIsThere(fromFour));
                System.out.println("NOW:             " + whatIsThere(fromNow));
            }
        }
    }

    private static String whatIsThere(Subscriber subscriber) {
        StringJoiner texts = new StringJoiner(", ");
        for (Message m; (m = subscriber.receiveNoWait()) != null; ) texts.add(m.text());
        return texts.toString();
    }
}
