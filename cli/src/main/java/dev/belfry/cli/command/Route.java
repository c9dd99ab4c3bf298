package dev.belfry.cli.command;

import dev.belfry.bridge.BridgeOptions;
import dev.belfry.bridge.Extent;
import dev.belfry.bridge.TooLong;
import dev.belfry.cli.frame.BelfryCommand;
import dev.belfry.cli.frame.Opening;
import dev.belfry.cli.reading.Queue;
import dev.belfry.spi.ShellWords;
import java.io.PrintWriter;
import java.util.Map;
import java.util.Set;

/** One bridge as it is asked for: its queues, and what else it has, by the keys of a file of routes. */
record Route(Queue source, Queue target, Map<String, String> values) {
    static final String FROM = "from";
    static final String TO = "to";
    static final String NAME = "name";
    static final String START = "start";
    static final String TOO_LONG = "too-long";
    static final String UNTIL = "until";
    static final String COUNT = "count";
    static final String PACE = "pace";
    static final Set<String> KEYS = Set.of(FROM, TO, NAME, START, TOO_LONG, UNTIL, COUNT, PACE);

    Route(Map<String, String> values) {
        this(Queue.of(values.get(FROM)), Queue.of(values.get(TO)), values);
    }

    /** Throws if this value is none of the key's; {@code whole}: with its route. */
    static void check(String whole, String key, String value) {
        if (key.equals(FROM) || key.equals(TO)) Queue.of(value);
        else if (key.equals(NAME))
            BelfryCommand.require(
                    !value.equals(ShellWords.OVERFLOW),
                    whole + " must not be '" + value + "', which is the place of a domain's messages");
        else if (key.equals(START)) Times.startAt(whole, value);
        else if (key.equals(TOO_LONG)) tooLong(value, null, null);
        else if (key.equals(UNTIL)) Until.parse(whole, value, null);
        else if (key.equals(COUNT)) count(whole, value);
        else if (key.equals(PACE)) pace(whole, value);
    }

    private static double count(String key, String value) {
        return number(key, value, "", "a number of messages, such as 100");
    }

    private static double pace(String key, String value) {
        return number(key, value, "x", "a multiple of the speed at which it was published, such as 1x or 10x");
    }

    private static double number(String key, String value, String unit, String words) {
        if (value.equals("max")) return Double.POSITIVE_INFINITY;
        boolean right = value.matches("[1-9]\\d{0,14}" + unit);
        BelfryCommand.require(right, key + " must be 'max' or " + words + ", was '" + value + "'");
        return Double.parseDouble(value.replace(unit, ""));
    }

    private static TooLong tooLong(String value, Opening opening, PrintWriter err) {
        if (value.equals("stop")) return TooLong.STOP;
        if (value.equals("skip")) return TooLong.SKIP;
        Queue aside = Queue.of(value);
        return TooLong.into(() -> opening.opener(aside, err).get());
    }

    BridgeOptions options(Opening opening, PrintWriter err) {
        Until until = Until.parse("--until", values.get(UNTIL), values.get(START));
        double count = count("--count", values.getOrDefault(COUNT, "max"));
        double speed = pace("--pace", values.getOrDefault(PACE, "max"));
        return BridgeOptions.defaults()
                .name(values.get(NAME))
                .startAt(Times.startAt(values.getOrDefault(START, "oldest")))
                .tooLong(tooLong(values.getOrDefault(TOO_LONG, "stop"), opening, err))
                .extent(new Extent(until.position(), until.time(), (long) count, speed));
    }

    /** The command that starts it again. */
    String command(Opening opening) {
        return "belfry bridge" + (opening.isExisting() ? " --existing" : "") + option("--name", NAME)
                + option("--from", START) + option("--until", UNTIL) + option("--count", COUNT)
                + option("--pace", PACE) + option("--too-long", TOO_LONG) + " " + source.words() + " "
                + target.words();
    }

    private String option(String option, String key) {
        return values.containsKey(key) ? " " + option + " " + ShellWords.of(values.get(key)) : "";
    }

    /** Texts that no second route may have: it would bring each message twice, or wait without end. */
    Set<String> alone() {
        String pair = whole(source) + " -> " + whole(target);
        return values.containsKey(NAME)
                ? Set.of(pair, "the name '" + values.get(NAME) + "' at " + whole(source))
                : Set.of(pair);
    }

    /** Elsewhere the parameters say where it is. */
    private static String whole(Queue queue) {
        return queue.isOfThisMachine() ? queue.toString() : queue.uri();
    }
}
