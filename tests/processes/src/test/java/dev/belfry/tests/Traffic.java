package dev.belfry.tests;

import dev.belfry.api.AckMode;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.api.MessageView;
import dev.belfry.api.Publisher;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.testing.MessageViolation;
import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Roles that most tests need: one publishes samples, one reads them all and checks everything
 * that can be checked.
 */
final class Traffic {
    static final int BATCH = 1000;

    private Traffic() {}

    /**
     * Arguments: uri, id, how many (-1: until told), largest payload (-1: as {@link Sample#length}
     * has it), and a file that says how many publishes have returned, which survives this process;
     * or "-". Says "ready", waits for "go", at the end says "published N"; hears "count" and
     * "stop".
     */
    static final class Sender implements Role {
        @Override
        public void play(Line line, String... args) throws Exception {
            int id = Integer.parseInt(args[1]);
            long many = Long.parseLong(args[2]);
            int payload = Integer.parseInt(args[3]);
            try (MessageQueue queue = MessageQueues.open(args[0]);
                    Publisher publisher = queue.createPublisher()) {
                MappedByteBuffer progress = args.length < 5 ? null : progress(Path.of(args[4]));
                Sample sample = new Sample();
                line.say("ready");
                if (!line.hear().equals("go")) return;
                long n = 0;
                while (n != many) {
                    publisher.publish(sample.make(id, ++n, payload < 0 ? Sample.length(id, n) : payload));
                    if (progress != null) progress.putLong(0, n);
                    if (n % 64 != 0) continue;
                    String heard = line.heard();
                    if (heard == null) continue;
                    if (heard.equals("stop")) break;
                    line.say("count " + n);
                }
                line.say("published " + n);
            }
        }
    }

    static MappedByteBuffer progress(Path file) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return channel.map(FileChannel.MapMode.READ_WRITE, 0, 8);
        }
    }

    /**
     * Arguments: uri, start (NOW, OLDEST or a position), subscription name or "-". Says "ready
     * POSITION" and reads; hears "upto POSITION" and, once there, says "at POSITION COUNT HASH";
     * hears "range PUBLISHER", says "range FIRST LAST" of what it saw of that one; hears "leave",
     * says "left" and stays; hears "exit".
     */
    static final class Reader implements Role {
        @Override
        public void play(Line line, String... args) throws Exception {
            try (MessageQueue queue = MessageQueues.open(args[0])) {
                SubscriberOptions.Builder options =
                        SubscriberOptions.builder().startAt(startAt(args[1])).ackMode(AckMode.AUTO);
                if (args.length > 2 && !args[2].equals("-")) options.name(args[2]);
                try (Subscriber subscriber = queue.createSubscriber(options.build())) {
                    Check check = new Check(subscriber.position());
                    line.say("ready " + subscriber.position());
                    long upTo = Long.MAX_VALUE;
                    while (true) {
                        subscriber.poll(check::see, BATCH, Duration.ofMillis(10));
                        if (check.position >= upTo) {
                            line.say("at " + check.position + " " + check.count + " " + check.hash);
                            upTo = Long.MAX_VALUE;
                        }
                        String heard = line.heard();
                        if (heard == null) continue;
                        if (heard.startsWith("upto ")) upTo = Long.parseLong(heard.substring(5));
                        else if (heard.startsWith("range "))
                            line.say(check.range(Integer.parseInt(heard.substring(6))));
                        else break;
                    }
                }
                line.say("left");
                line.hear();
            }
        }
    }

    static StartAt startAt(String text) {
        return switch (text) {
            case "NOW" -> StartAt.NOW;
            case "OLDEST" -> StartAt.OLDEST_RETAINED;
            default -> StartAt.at(Long.parseLong(text));
        };
    }

    /** Everything whole, positions dense, every publisher in order, and one order for all: the hash. */
    static final class Check {
        long position;
        long count;
        long hash;
        private final Sample sample = new Sample();
        private final Map<Integer, long[]> last = new HashMap<>();
        private int publisher = -1;
        private long[] lastOfPublisher;

        /** {@code position}: the one before the first. */
        Check(long position) {
            this.position = position;
        }

        void see(MessageView view) {
            if (view.position() != position + 1)
                throw new MessageViolation("position " + view.position() + " after " + position);
            sample.check(view.buffer());
            position++;
            count++;
            hash = hash * 31 + sample.publisher * 1_000_003L + sample.sequence;
            if (sample.publisher != publisher) {
                publisher = sample.publisher;
                lastOfPublisher =
                        last.computeIfAbsent(publisher, p -> new long[] {sample.sequence - 1, sample.sequence});
            }
            if (sample.sequence != ++lastOfPublisher[0])
                throw new MessageViolation("number " + sample.sequence + " of publisher " + publisher + " instead of "
                        + lastOfPublisher[0] + " at " + position);
        }

        /** "range FIRST LAST", of what was seen of a publisher; zeros if nothing. */
        String range(int publisher) {
            long[] seen = last.getOrDefault(publisher, new long[2]);
            return "range " + seen[1] + " " + seen[0];
        }
    }
}
