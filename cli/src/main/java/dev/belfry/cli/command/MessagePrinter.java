package dev.belfry.cli.command;

import dev.belfry.api.Message;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import dev.belfry.api.SubscriberOptions;
import dev.belfry.cli.frame.BelfryCommand;
import dev.belfry.cli.text.Exit;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Predicate;
import picocli.CommandLine.Option;

/** The common part of {@code tail} and {@code sub}. */
final class MessagePrinter {
    private static final Duration SLICE = Duration.ofMillis(200);

    private static final Duration FROM_A_DISK = Duration.ofSeconds(5);
    private static final Duration FROM_A_BROKER = Duration.ofSeconds(30);

    /** If messages come faster, this much is written at once. */
    private static final int BATCH = 1 << 16;

    @Option(names = "--count", paramLabel = "N", description = "Ends after so many messages.")
    Long count;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "text",
            description =
                    "text (the default: position, properties and text; on a terminal JSON is indented), hex or json. Byte for byte, for other programs: lines (a line feed after each message), raw (nothing in between) or framed (before each message its length, 4 bytes, big-endian).")
    Format format;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            description =
                    "Ends when nothing has come for so long, such as 5s; or if opening takes longer (1s at least).")
    String timeout;

    /** Others are passed over. */
    Predicate<Message> wanted = message -> true;

    /** The one after it ends it. */
    Until until = Until.NEVER;

    /** A start at an earlier time than the oldest message has is one at that. */
    static void tellIfBeforeOldest(MessageQueue queue, StartAt start, PrintWriter err) {
        if (start.timeMillis().isEmpty()) return;
        try (Subscriber in = queue.createSubscriber(SubscriberOptions.observer(StartAt.OLDEST_RETAINED))) {
            Message oldest = in.receiveNoWait();
            if (oldest == null || oldest.timestampMillis() <= start.timeMillis().getAsLong()) return;
            err.println("belfry: " + queue.uri() + " has nothing from so long ago: its oldest message is of "
                    + Instant.ofEpochMilli(oldest.timestampMillis()));
            err.flush();
        }
    }

    /**
     * Until {@code last}, which has been published, the count, or the time, or until the output's
     * reader has gone. A message is acknowledged after it was written. {@code here}: what was published is there to
     * be read at once, and needs no broker.
     */
    void print(Subscriber in, long last, boolean here, boolean json, OutputStream out) {
        try {
            copy(in, last, here ? FROM_A_DISK : FROM_A_BROKER, json, out);
        } catch (IOException cannotBeWritten) { // the stream remembers the reason, and reports it at the end
            return;
        }
    }

    private void copy(Subscriber in, long last, Duration atOnce, boolean json, OutputStream out) throws IOException {
        BelfryCommand.require(count == null || count > 0, "--count must be > 0, was " + count);
        long patience =
                timeout == null ? Long.MAX_VALUE : BelfryCommand.time(timeout).toNanos();
        Format as = json ? Format.JSON : format;
        long heard = System.nanoTime();
        long waiting = 0; // in the buffer
        PipeReader reader = last == Long.MAX_VALUE ? new PipeReader() : null;
        for (long printed = 0;
                (count == null || printed < count) && in.position() < Math.min(last, until.position()); ) {
            boolean past = until.isPast();
            Message message = in.receiveNoWait();
            if (message == null) {
                written(out, in);
                waiting = 0;
                message = in.receive(SLICE);
            }
            if (message == null) {
                long silent = System.nanoTime() - heard;
                if (last != Long.MAX_VALUE && in.position() < last && silent >= Math.min(patience, atOnce.toNanos()))
                    throw gap(in.position() + 1, last, atOnce == FROM_A_DISK);
                if (past && in.lag() == 0 || silent > patience || reader != null && reader.isGone()) return;
                continue;
            }
            if (message.position() > last || until.isBefore(message)) break;
            heard = System.nanoTime();
            if (!wanted.test(message)) continue;
            printed++;
            as.write(message, out);
            waiting += message.bytes().length;
            if (waiting >= BATCH) {
                written(out, in);
                waiting = 0;
            }
        }
        written(out, in);
    }

    private static Exit.Problem gap(long next, long last, boolean here) {
        return new Exit.Problem("message " + next + " cannot be read, though " + last + " have been published: "
                + (here
                        ? "the queue is damaged, or its disk gives no answer; 'belfry doctor --deep' shows which"
                        : "nothing came from the broker, which may be away by now"));
    }

    private static void written(OutputStream out, Subscriber in) throws IOException {
        out.flush();
        in.acknowledge();
    }
}
