package dev.belfry.shm.inspect;

import dev.belfry.api.QueueStats;
import dev.belfry.api.SubscriberStats;
import dev.belfry.api.Waiting;
import dev.belfry.judgement.Judgement;
import dev.belfry.judgement.Judgement.Kind;
import dev.belfry.judgement.Judgement.Reason;
import dev.belfry.shm.segment.Processes;
import dev.belfry.shm.segment.Segment;
import dev.belfry.shm.segment.Snapshot;
import dev.belfry.spi.Finding;
import dev.belfry.spi.ShellWords;
import dev.belfry.spi.Units;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The verdict on the figures of one queue, as a health check and {@code ls} give it too; and what to do about it. A
 * second reading, which tells who loses messages now, is taken only where something was lost before.
 */
record FiguresCheckup(Segment segment, FirstReadings first, Consumer<Finding> found) {
    /** The most findings of one kind; more become one finding. */
    private static final int MOST = 5;

    /** The processes that were named because others wait for a lock of theirs. */
    Set<Long> run(Snapshot snapshot) {
        Judgement judgement = first.of(segment.queue);
        QueueStats stats = snapshot.stats();
        List<Reason> reasons = judgement.of(stats);
        if (FirstReadings.mayLose(stats) && first.pause(segment.queue)) reasons = judgement.of(snapshot.stats());
        List<Reason> unattended =
                reasons.stream().filter(r -> r.kind() == Kind.UNATTENDED).toList();
        Set<Long> holders = new HashSet<>();
        for (Reason reason : reasons) {
            if (reason.kind() != Kind.UNATTENDED || unattended.size() <= MOST) tell(reason);
            Waiting w = reason.waiting();
            if (w != null && w.kind() == Waiting.Kind.LOCK && w.cause() != null)
                holders.add(w.cause().pid());
        }
        if (unattended.size() > MOST) together(unattended);
        return holders;
    }

    private void together(List<Reason> unattended) {
        String some = unattended.stream()
                .limit(MOST)
                .map(reason -> "'" + reason.subscriber().name() + "'")
                .collect(Collectors.joining(", "));
        found.accept(Remedy.UNATTENDED_MANY.note(
                segment.uri,
                "no process is attached to " + Units.number(unattended.size()) + " subscriptions, such as " + some,
                "QUEUE",
                Remedy.queue(segment)));
    }

    private void tell(Reason reason) {
        Waiting.Cause because =
                reason.waiting() == null ? null : reason.waiting().cause();
        SubscriberStats s = reason.subscriber();
        List<String> words = new ArrayList<>(List.of("QUEUE", Remedy.queue(segment)));
        long pid = because != null ? because.pid() : s != null ? s.pid() : 0;
        if (pid != 0) words.addAll(List.of("PID", Processes.numberHere((int) pid, segment)));
        String name = because != null ? because.subscription() : s != null ? s.name() : null;
        words.addAll(of(name));
        Remedy remedy = remedy(reason, because, name != null).of(name);
        String[] meant = words.toArray(new String[0]);
        found.accept(
                reason.stuck() || isForEver(because)
                        ? remedy.stuck(segment.uri, reason.text(), meant)
                        : remedy.note(segment.uri, reason.text(), meant));
    }

    /** The meaning of the words for a subscription. */
    private static List<String> of(String subscription) {
        if (subscription == null) return List.of();
        String target = ShellWords.targetOfBridge(subscription);
        String name = ShellWords.of(subscription);
        return target == null ? List.of("NAME", name) : List.of("NAME", name, "TARGET", target);
    }

    /** A wait that does not end by itself. */
    private static boolean isForEver(Waiting.Cause because) {
        return because != null && (because.stopped() || because.pid() == 0);
    }

    private Remedy remedy(Reason reason, Waiting.Cause because, boolean named) {
        return switch (reason.kind()) {
            case WAITING -> waiting(reason.waiting(), because, named);
            case PUBLISHERS -> segment.creation.isDomain() ? Remedy.WAITING_IN_DOMAIN : Remedy.WAITING;
            case REMOVED -> Remedy.REMOVED_NAME;
            case DISK_FULL -> Remedy.DISK_FULL;
            case NO_SLOTS -> Remedy.NO_SLOTS;
            case DISCONNECTED ->
                !named ? Remedy.ENDED_ANONYMOUS : reason.subscriber().attached() ? Remedy.ENDED_ATTACHED : Remedy.ENDED;
            case LISTENER -> named ? Remedy.LISTENER_NAMED : Remedy.LISTENER;
            case LOSING -> Remedy.LOSES;
            case UNATTENDED -> Remedy.UNATTENDED;
            case STILL -> Remedy.STILL;
            case STOPPED -> named ? Remedy.STOPPED_NAMED : Remedy.STOPPED_SUBSCRIPTION;
            case BEHIND -> Remedy.BEHIND;
        };
    }

    private Remedy waiting(Waiting waiting, Waiting.Cause because, boolean named) {
        if (because == null) return segment.creation.isDomain() ? Remedy.WAITING_IN_DOMAIN : Remedy.WAITING;
        if (because.stopped()) return named ? Remedy.WAITING_FOR_STOPPED_NAMED : Remedy.WAITING_FOR_STOPPED;
        if (waiting.kind() == Waiting.Kind.LOCK) return Remedy.WAITING_FOR_HOLDER;
        if (because.pid() != 0) return named ? Remedy.WAITING_FOR_NAMED : Remedy.WAITING_FOR_PROCESS;
        return named ? Remedy.WAITING_FOR_UNATTENDED : Remedy.WAITING_FOR_SUBSCRIPTION;
    }
}
