package dev.belfry.spi;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The texts of remedies, in which QUEUE, FILE, NAME, PID, OWNER, OTHER, TARGET and SIZE stand for what a finding knows.
 * Commands in quotes can be run.
 */
public final class RemedyText {
    public static final String JSTACK = "'jstack PID' shows what it does";
    public static final String KILL = "'kill PID' ends it";
    public static final String CONTINUE = "Let it continue ('kill -CONT PID')";
    public static final String CLOSE = "Close it in each of them, or start them again.";
    private static final String DEBUGGED =
            "A Java debugger may have suspended it, then 'jstack PID' does not answer: let it go on there";
    private static final String KILL_DEBUGGED = "'kill -KILL PID' ends it in any case";
    private static final Pattern WORD = Pattern.compile("\\b(?:QUEUE|FILE|NAME|PID|OWNER|OTHER|TARGET|SIZE)\\b");

    private RemedyText() {}

    /** {@code words}: those of the text, and what each stands for. */
    public static String of(String text, Map<String, String> words) {
        Map<String, String> meant = new HashMap<>(words);
        meant.computeIfPresent("QUEUE", (word, queue) -> queue.startsWith("-") ? "shm:" + queue : queue); // no option
        return WORD.matcher(continued(text, meant.getOrDefault("PID", "")))
                .replaceAll(m -> Matcher.quoteReplacement(meant.getOrDefault(m.group(), m.group())));
    }

    /** A signal does not continue what a debugger has stopped, nor end what a debugger of Java has suspended. */
    private static String continued(String text, String pid) {
        if (!pid.matches("\\d+")) return text;
        String tracer = ProgramName.tracer(Long.parseLong(pid));
        if (text.contains(JSTACK) && ProgramName.isDebugged(Long.parseLong(pid)))
            return text.replace(JSTACK, DEBUGGED).replace(KILL, KILL_DEBUGGED);
        return tracer == null ? text : text.replace(CONTINUE, "Let it continue in " + tracer + ", which traces it,");
    }
}
