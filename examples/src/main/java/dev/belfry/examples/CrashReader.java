package dev.belfry.examples;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.MessageView;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.TreeMap;

/** B: checks that each message is whole and the next one of its publisher, until it is killed. */
final class CrashReader {
    private final Speaker b;
    private final Map<String, Long> last = new TreeMap<>();
    private long position;

    private CrashReader(Speaker b) {
        this.b = b;
    }

    public static void main(String[] args) {
        CrashReader reader = new CrashReader(new Speaker(args[1]));
        SubscriberOptions named = SubscriberOptions.builder().name(args[1]).build();
        try (MessageQueue queue = MessageQueues.open(args[0]);
                Subscriber in = queue.createSubscriber(named)) {
            reader.position = in.position();
            reader.b.say("begins after position %,d", in.position());
            while (true) in.poll(reader::hear, 1000, ChronoUnit.FOREVER.getDuration());
        }
    }

    private void hear(MessageView message) {
        String[] fromAndNumber = message.text().split(" ");
        long number = Long.parseLong(fromAndNumber[1]);
        Long before = last.put(fromAndNumber[0], number);
        if (message.position() != ++position || before != null && number != before + 1)
            throw new IllegalStateException("A gap before " + message.text());
        if (position % 25_000 == 0) b.say("%,d messages, no gap; last of each: %s", position, last);
    }
}
