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

    /** Until {@code last}, the count, or the time; or whoever reads what is printed has gone. */
    void print(Subscriber in, long last, boolean json, PrintWriter out) {
        AnyCommand.require(count == null || count > 0, "--count must be > 0, was " + count);
        long patience =
                timeout == null ? Long.MAX_VALUE : AnyCommand.time(timeout).toNanos();
        Format as = json ? Format.JSON : format;
        long heard = System.nanoTime();
        for (long printed = 0; count == null || printed < count; ) {
            if (in.position() >= last) return;
            Message message = in.receiveNoWait();
            if (message == null) {
                out.flush();
                message = in.receive(SLICE);
            }
            if (message == null) {
                if (out.checkError() || System.nanoTime() - heard > patience) return;
                continue;
            }
            if (message.position() > last) return;
            heard = System.nanoTime();
            printed++;
            out.println(as.line(message));
        }
    }
}
