package dev.belfry.cli;

import dev.belfry.api.Message;
import dev.belfry.api.StartAt;
import dev.belfry.api.Subscriber;
import java.io.PrintWriter;
import java.time.Duration;
import picocli.CommandLine.Option;

/** What {@code tail} and {@code sub} have in common. */
final class Reading {
    private static final Duration SLICE = Duration.ofMillis(200);

    /** Written at once, where messages come faster. */
    private static final int BATCH_CHARS = 1 << 16;

    @Option(names = "--count", paramLabel = "N", description = "Ends after so many messages.")
    Long count;

    @Option(names = "--format", defaultValue = "TEXT", description = "text (${DEFAULT-VALUE}), raw, hex or json.")
    Format format;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            description = "Ends when nothing has come for so long, such as 5s.")
    String timeout;

    /** "oldest", "now" or a position. */
    static StartAt startAt(String from) {
        if (from.equals("oldest")) return StartAt.OLDEST_RETAINED;
        if (from.equals("now")) return StartAt.NOW;
        try {
            return StartAt.at(Long.parseLong(from));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("--from must be 'oldest', 'now' or a position, was '" + from + "'");
        }
    }

    /** Until {@code last}, the count, or the time; or whoever reads what is printed has gone. A message is acknowledged behind that it was written. */
    void print(Subscriber in, long last, boolean json, PrintWriter out) {
        AnyCommand.require(count == null || count > 0, "--count must be > 0, was " + count);
        long patience =
                timeout == null ? Long.MAX_VALUE : AnyCommand.time(timeout).toNanos();
        Format as = json ? Format.JSON : format;
        long heard = System.nanoTime();
        long waiting = 0; // in the buffer
        for (long printed = 0; (count == null || printed < count) && in.position() < last; ) {
            Message message = in.receiveNoWait();
            if (message == null) {
                if (!written(out, in)) return;
                waiting = 0;
                message = in.receive(SLICE);
            }
            if (message == null) {
                if (System.nanoTime() - heard > patience) return;
                continue;
            }
            if (message.position() > last) break;
            heard = System.nanoTime();
            printed++;
            String line = as.line(message);
            out.println(line);
            waiting += line.length();
            if (waiting >= BATCH_CHARS) {
                if (!written(out, in)) return;
                waiting = 0;
            }
        }
        written(out, in);
    }

    private static boolean written(PrintWriter out, Subscriber in) {
        if (out.checkError()) return false; // it flushes
        in.acknowledge();
        return true;
    }
}
