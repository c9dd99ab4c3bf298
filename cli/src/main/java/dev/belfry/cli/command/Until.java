package dev.belfry.cli.command;

import dev.belfry.api.Message;
import dev.belfry.api.StartAt;
import dev.belfry.cli.frame.BelfryCommand;
import dev.belfry.cli.text.Exit;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;

/** Where reading ends: after a position, or before the first message whose timestamp is at or after a time. */
record Until(long position, Instant time) {
    static final Until NEVER = new Until(Long.MAX_VALUE, Instant.MAX);

    /** Null: it never ends by itself. {@code from}: where reading begins, or null; not after the end. */
    static Until parse(String key, String text, String from) {
        if (text == null) return NEVER;
        Until until = parse(key, text);
        StartAt start = from == null ? StartAt.OLDEST_RETAINED : Times.startAt(from);
        boolean isAfter = until.position >= start.position().orElse(1)
                && until.time.isAfter(Instant.ofEpochMilli(start.timeMillis().orElse(Long.MIN_VALUE)));
        BelfryCommand.require(isAfter, key + " " + text + " must be after --from " + from + ": nothing lies between");
        return until;
    }

    private static Until parse(String key, String text) {
        if (text.matches("[1-9]\\d{0,17}")) return new Until(Long.parseLong(text), Instant.MAX);
        Optional<Instant> time = Times.parse(text, Clock.systemDefaultZone());
        return new Until(
                Long.MAX_VALUE,
                time.orElseThrow(() -> new IllegalArgumentException(
                        key + " must be a position or " + Times.FORMS + "; was '" + text + "'")));
    }

    /** A message that is published from now on comes after it. */
    boolean isPast() {
        return !Instant.now().isBefore(time);
    }

    boolean isBefore(Message message) {
        if (message.position() > position) return true;
        if (time.equals(Instant.MAX)) return false;
        if (message.timestampMillis() == 0)
            throw new Exit.Problem("message " + message.position()
                    + " has no timestamp, which --until needs: its publisher writes none");
        return !Instant.ofEpochMilli(message.timestampMillis()).isBefore(time);
    }
}
