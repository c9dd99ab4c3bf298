package dev.belfry.cli.command;

import dev.belfry.api.StartAt;
import dev.belfry.cli.frame.BelfryCommand;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** A moment, or a start there, as it is typed. */
final class Times {
    static final String FORMS = "a time: 2026-11-27T10:00, with Z or +01:00 at its end, 10:00 of today, 5m ago as 5m";

    private Times() {}

    /** "oldest", "now", a position or a time. */
    static StartAt startAt(String from) {
        return startAt("--from", from);
    }

    /** {@code key}: of this value, where it is wrong. */
    static StartAt startAt(String key, String from) {
        if (from.equals("oldest")) return StartAt.OLDEST_RETAINED;
        if (from.equals("now")) return StartAt.NOW;
        if (from.matches("-?\\d{1,18}")) return StartAt.at(Long.parseLong(from));
        return StartAt.time(parse(from, Clock.systemDefaultZone())
                .orElseThrow(() -> new IllegalArgumentException(
                        key + " must be 'oldest', 'now', a position or " + FORMS + "; was '" + from + "'")));
    }

    /** Empty: it is none. Without a zone it is of the clock's. */
    static Optional<Instant> parse(String text, Clock clock) {
        List<Function<String, Instant>> forms = List.of(
                typed -> OffsetDateTime.parse(typed).toInstant(),
                typed -> LocalDateTime.parse(typed).atZone(clock.getZone()).toInstant(),
                typed -> LocalDate.now(clock)
                        .atTime(LocalTime.parse(typed))
                        .atZone(clock.getZone())
                        .toInstant(),
                typed -> clock.instant().minus(BelfryCommand.time(typed)));
        for (Function<String, Instant> form : forms)
            try {
                return Optional.of(form.apply(text));
            } catch (DateTimeException | IllegalArgumentException notOfThisForm) {
                // perhaps of the next one
            }
        return Optional.empty();
    }
}
