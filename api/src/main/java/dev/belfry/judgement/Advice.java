package dev.belfry.judgement;

import dev.belfry.api.SubscriberStats;
import dev.belfry.api.Waiting;
import dev.belfry.judgement.Judgement.Kind;
import dev.belfry.judgement.Judgement.Reason;
import dev.belfry.spi.Finding;
import dev.belfry.spi.Log;
import dev.belfry.spi.OverflowText;
import dev.belfry.spi.ProgramName;
import dev.belfry.spi.QueueReport;
import dev.belfry.spi.RemedyText;
import dev.belfry.spi.ShellWords;
import dev.belfry.spi.Units;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Says what to do about the reasons of one queue, which makes them findings. */
public record Advice(String uri, QueueReport report) {
    /** The most findings of subscriptions that nobody attends; more become one finding. */
    private static final int MOST = 5;

    private static final String TOP = "'belfry top QUEUE' shows ";
    private static final String END = "'belfry unsubscribe QUEUE NAME'.";
    private static final String AND_THEN = ", and then its subscription: " + END;
    private static final String LOOK_AT_IT = RemedyText.JSTACK + "; " + RemedyText.KILL;
    private static final String CONTINUE = RemedyText.CONTINUE + " or end it ('kill -KILL PID')";

    /** In the order of the reasons. */
    public List<Finding> on(List<Reason> reasons) {
        List<Reason> unattended =
                reasons.stream().filter(r -> r.kind() == Kind.UNATTENDED).toList();
        boolean areMany = unattended.size() > MOST;
        List<Finding> all = new ArrayList<>();
        for (Reason each : reasons) if (!areMany || each.kind() != Kind.UNATTENDED) all.add(on(each));
        if (areMany) all.add(together(unattended));
        return all;
    }

    private Finding together(List<Reason> unattended) {
        String some = unattended.stream()
                .limit(MOST)
                .map(reason -> "'" + reason.subscriber().name() + "'")
                .collect(Collectors.joining(", "));
        return Finding.note(
                Kind.UNATTENDED.check,
                uri,
                "no process is attached to " + Units.number(unattended.size()) + " subscriptions, such as " + some,
                RemedyText.of(
                        "'belfry subs QUEUE' lists them. Start their subscribers, or end them: 'belfry unsubscribe QUEUE"
                                + " --match \"*\" --dry-run' shows which those are.",
                        Map.of("QUEUE", report.argument())));
    }

    private Finding on(Reason reason) {
        Waiting.Cause because =
                reason.waiting() == null ? null : reason.waiting().cause();
        SubscriberStats s = reason.subscriber();
        long pid = because != null ? because.pid() : s != null ? s.pid() : 0;
        String name = because != null ? because.subscription() : s != null ? s.name() : null;
        boolean isForEver = because != null && (because.stopped() || because.pid() == 0);
        return new Finding(
                reason.kind().check,
                reason.stuck() || isForEver ? Finding.Level.STUCK : Finding.Level.NOTE,
                uri,
                reason.text(),
                RemedyText.of(step(reason, because, name), words(pid, name)),
                false);
    }

    private Map<String, String> words(long pid, String name) {
        Map<String, String> words = new HashMap<>(Map.of("QUEUE", report.argument()));
        if (pid != 0) words.put("PID", numberHere(pid));
        if (name != null) words.put("NAME", ShellWords.of(name));
        String target = ShellWords.targetOfBridge(name);
        if (target != null) words.put("TARGET", target);
        return words;
    }

    /** For a command that a person is to run: no number that is another process's here. */
    private String numberHere(long pid) {
        return report.properties().get("file") instanceof String file && ProgramName.hasMapped(pid, file)
                ? Long.toString(pid)
                : "PID";
    }

    /** {@code because}, {@code name}: null where there is none. */
    private String step(Reason reason, Waiting.Cause because, String name) {
        return switch (reason.kind()) {
            case WAITING -> because == null ? attached() : waiting(reason.waiting(), because, name);
            case PUBLISHERS -> attached();
            case REMOVED -> RemedyText.CLOSE;
            case DISK_FULL ->
                "Make room on its disk; at maxSize, let its readers go on: 'belfry subs QUEUE' shows them.";
            case NO_SLOTS ->
                "'belfry subs QUEUE' lists them; 'belfry unsubscribe QUEUE NAME' ends one that is not needed. Or create it"
                        + " with more (slots=).";
            case DISCONNECTED -> disconnected(reason.subscriber(), name);
            case LISTENER ->
                "Mend its listener, and start it again"
                        + (name == null
                                ? "."
                                : "; or pass over the message that it failed at: 'belfry skip QUEUE NAME'.");
            case LOSING ->
                TOP
                        + "how fast it reads. Let it read faster, or create the queue with more room (maxCapacity=, of files"
                        + " maxSize=); with --policy gate, publishers wait for it.";
            case UNATTENDED -> unattended(name);
            case STILL -> LOOK_AT_IT + ".";
            case STOPPED -> CONTINUE + end(name);
            case BEHIND -> readsOn();
            case FILLING -> filling(reason.subscriber(), name);
        };
    }

    /** {@code s}: null: all is kept, for nobody. */
    private String filling(SubscriberStats s, String name) {
        String step = s == null
                ? "'belfry keep QUEUE' shows what it keeps. With a time or a size after that it keeps less."
                : s.attached() ? readsOn() : unattended(name);
        return step + (report.isLimitedByDisk() ? " Or make room on its disk." : "");
    }

    private static String readsOn() {
        return TOP + "how fast it reads, and whether it catches up.";
    }

    private String attached() {
        return Log.DOMAIN.equals(report.properties().get("kind"))
                ? "'belfry jms ls QUEUE' shows what fills it, and who consumes that."
                : TOP + "the attached processes.";
    }

    /** After a step that ends a process: a subscription with a name stays. */
    private static String end(String name) {
        return name == null || ShellWords.OVERFLOW.equals(name) ? "." : AND_THEN;
    }

    private static String waiting(Waiting waiting, Waiting.Cause because, String name) {
        if (because.stopped()) return CONTINUE + end(name);
        if (waiting.kind() == Waiting.Kind.LOCK)
            return RemedyText.JSTACK + ", its log names the thread; " + RemedyText.KILL + ".";
        if (because.pid() != 0) return TOP + "whether it moves. " + LOOK_AT_IT + end(name);
        return name == null ? "'belfry subs QUEUE' shows the subscriptions." : unattended(name);
    }

    private static String disconnected(SubscriberStats s, String name) {
        if (name == null) return "Let it subscribe again; " + TOP + "how fast the others read.";
        String again = "'belfry unsubscribe QUEUE NAME', and subscribe again.";
        return s.attached()
                ? "Close its subscriber ('kill PID' ends the process), then " + again
                : "End it with " + again;
    }

    private static String unattended(String name) {
        if (ShellWords.OVERFLOW.equals(name)) return OverflowText.REMEDY;
        if (ShellWords.MOVE.equals(name))
            return "It keeps what 'belfry jms move' took out of a domain, until that is moved back: 'belfry jms move"
                    + " --help'. If nobody needs it any more, end it: " + END;
        return ShellWords.targetOfBridge(name) == null
                ? "Start its subscriber, or end it: " + END
                : "Start the bridge again, with the options that it had: 'belfry bridge QUEUE TARGET'. If nothing is to be"
                        + " carried any more, end it: " + END;
    }
}
