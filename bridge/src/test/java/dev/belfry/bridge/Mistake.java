package dev.belfry.bridge;

import dev.belfry.testing.Patched;

/** Mistakes that are easily made in a bridge, each as the change of the source that makes it. */
enum Mistake {
    ACKNOWLEDGED_BEFORE_IT_IS_SENT(
            "Session",
            "Mark mark = Mark.of(message.properties());",
            "in.acknowledge(position); Mark mark = Mark.of(message.properties());"),
    ACKNOWLEDGED_BEFORE_IT_IS_CONFIRMED(
            "PipelinedOutlet",
            "return inFlight.isEmpty() ? read : inFlight.peek().sourcePosition - 1;",
            "return read;"),
    ACKNOWLEDGED_ONE_TOO_MANY(
            "PipelinedOutlet", "inFlight.peek().sourcePosition - 1;", "inFlight.peek().sourcePosition;"),
    NOT_ACKNOWLEDGED("Session", "in.acknowledge(settled);", ""),
    NO_READ_BACK("Session", "there = sourceId.upTo(newest);", "there = 0;"),
    READ_BACK_OF_ONE_BLOCK(
            "History",
            "if (newest != null || from <= stats.oldestPosition() || from == 1) return newest;",
            "if (from >= 0) return newest;"),
    READ_BACK_TO_THE_FIRST("History", "upTo > 0 && upTo >= source.upTo(newest[0])", "upTo > 0 && newest[0] == null"),
    READ_BACK_OF_ANY_SOURCE("Identity", "if (part.id.equals(mark.source())) return", "return"),
    SENT_THOUGH_IT_IS_THERE("Session", "if (position <= there) progress", "if (position < there) progress"),
    NEXT_TAKEN_FOR_THERE(
            "Session", "if (position <= there) progress", "if (there > 0 && position <= there + 1) progress"),
    ECHO("Session", "mark != null && ends.targetId().hasHad(mark)", "false"),
    ECHO_OVER_ANOTHER("Mark", "source.equals(queue) || via != null && via.contains(queue)", "source.equals(queue)"),
    DUPLICATES_PASSED_ON("Session", "else if (twice) drop(position);", ""),
    DUPLICATES_OF_ANY_PATH("Mark", "return via == null ? source : source + ' ' + via;", "return \"\";"),
    DUPLICATES_BY_THE_LAST_QUEUE(
            "Duplicates", "mark.origin() > last[0]", "mark.position() > last[0] || mark.via() != null"),
    PREDECESSORS_MESSAGES_UNKNOWN(
            "Session", "new History(ends.source(), progress::isClosing).teach(fresh, in.position());", ""),
    SENT_NEXT_TAKEN_FOR_DUPLICATE("Duplicates", "mark.origin() > last[0]", "mark.origin() > last[0] + 1"),
    COUNT_BEGUN_AGAIN("Session", "newest == null ? 0 : newest.carried(), there", "0, there"),
    COUNT_OF_THE_REPLAY_BEFORE("Session", "endCount(history.newestOf(sourceId));", "endCount(null);"),
    FORGETS_THE_FIRST_QUEUE(
            "Mark", "String via = before.via == null ? before.source", "String via = before.via != null ? before.via");

    private final String type;
    private final String snippet;
    private final String replacement;

    Mistake(String type, String snippet, String replacement) {
        this.type = type;
        this.snippet = snippet;
        this.replacement = replacement;
    }

    Patched twin() {
        return Patched.in(type, snippet, replacement);
    }
}
