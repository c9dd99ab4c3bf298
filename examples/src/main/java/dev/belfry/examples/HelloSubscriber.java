package dev.belfry.examples;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.MessageView;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import java.time.temporal.ChronoUnit;

/** B: prints the texts that it receives, counts all other messages, and leaves at "Goodbye". */
final class HelloSubscriber {
    private final Speaker speaker;
    private long ticks;
    private boolean left;

    private HelloSubscriber(Speaker speaker) {
        this.speaker = speaker;
    }

    static void run(String name, String uri) {
        HelloSubscriber b = new HelloSubscriber(Speaker.narrating(name));
        try (MessageQueue queue = MessageQueues.open(uri);
                Subscriber in = queue.createSubscriber(options(queue, name))) {
            while (!b.left) in.poll(b::hear, 1000, ChronoUnit.FOREVER.getDuration());
        }
    }

    /**
     * From the oldest message on, so that A may start first. A broker tells A of those with a name
     * alone.
     */
    private static SubscriberOptions options(MessageQueue queue, String name) {
        SubscriberOptions.Builder options = SubscriberOptions.builder().startAt(StartAt.OLDEST_RETAINED);
        return (SharedObjects.has(queue) ? options : options.name(name)).build();
    }

    /** The view is the transport's own memory, in shm: the shared one, valid for this call only. */
    private void hear(MessageView message) {
        if (message.getByte(0) == 0) {
            ticks++;
            return;
        }
        String text = message.text();
        left = text.equals("Goodbye");
        if (left) speaker.say("Received %,d messages more", ticks);
        speaker.say("Received: %s", inShort(text));
    }

    static String inShort(String text) {
        return text.length() <= 40 ? text : String.format("%.12s (%,d bytes)", text, text.length());
    }
}
