package dev.belfry.shm.inspect;

import dev.belfry.api.IncompatibleVersionException;
import dev.belfry.shm.layout.NewerRecordException;
import dev.belfry.spi.DomainTools;
import dev.belfry.spi.DomainTools.Contents;
import dev.belfry.spi.DomainTools.Trouble;
import dev.belfry.spi.Finding;
import dev.belfry.spi.ShellWords;
import dev.belfry.spi.Units;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The faults in the messages of a domain, if this program has the tools that know what its log means. */
record DomainCheckup(QueueView view, Consumer<Finding> found) {
    /** {@code all}: also where that takes long. */
    void run(boolean all) {
        Optional<DomainTools> tools = DomainTools.find();
        if (tools.isEmpty()) return;
        String subject = view.segment.uri;
        String queue = Remedy.queue(view.segment);
        ObservedLog log = new ObservedLog(view);
        try {
            Contents contents = tools.get().contents(subject, log, all ? Long.MAX_VALUE : DomainTools.QUICK);
            if (contents != null) contents.troubles().forEach(one -> tell(one, contents));
            else
                found.accept(Remedy.DOMAIN_NOT_READ.information(
                        subject,
                        Units.size(log.usedBytes()) + " of its log are in use, whose messages were not counted",
                        "QUEUE",
                        queue));
        } catch (IncompatibleVersionException newer) {
            found.accept(Remedy.NEWER_RECORD.note(subject, newer.getMessage(), "QUEUE", queue));
        } catch (NewerRecordException newer) {
            String what = "it has a record that a newer version wrote, at position " + newer.position
                    + ": its flags are " + Integer.toHexString(newer.flags);
            found.accept(Remedy.NEWER_RECORD.note(subject, what, "QUEUE", queue));
        } catch (UnsupportedOperationException passed) {
            found.accept(Remedy.DOMAIN_NOT_READ.information(
                    subject, "its log grows faster than it is read: its messages were not counted", "QUEUE", queue));
        }
    }

    private void tell(Trouble one, Contents contents) {
        String subject = view.segment.uri;
        List<String> words = new ArrayList<>(List.of("QUEUE", Remedy.queue(view.segment), "PID", "" + one.pid()));
        if (one.queue() != null) words.addAll(List.of("NAME", ShellWords.of(one.queue())));
        String[] meant = words.toArray(new String[0]);
        boolean isPaged = contents.overflow().uri() != null || contents.onDisk() > 0;
        Remedy remedy = isPaged ? remedyOfPaged(one.kind()) : null;
        if (remedy == null) remedy = remedy(one.kind(), one.queue() != null);
        boolean isStuck =
                switch (one.kind()) {
                    case STOPPED_CONSUMER, STOPPED_SUBSCRIBER, FULL -> true;
                    case FILLING, DEAD_LETTERS, POISON -> false;
                };
        found.accept(isStuck ? remedy.stuck(subject, one.what(), meant) : remedy.note(subject, one.what(), meant));
    }

    /** To end a backlog is no advice where it goes to the disk to be kept. Null: this is not about that. */
    private static Remedy remedyOfPaged(DomainTools.Kind kind) {
        return switch (kind) {
            case FULL -> Remedy.FULL_WITH_DISK;
            case FILLING -> Remedy.FILLING_WITH_DISK;
            default -> null;
        };
    }

    private static Remedy remedy(DomainTools.Kind kind, boolean isQueue) {
        return switch (kind) {
            case STOPPED_CONSUMER -> Remedy.STOPPED_CONSUMER;
            case STOPPED_SUBSCRIBER -> Remedy.STOPPED_SUBSCRIBER;
            case FULL -> isQueue ? Remedy.FULL_QUEUE : Remedy.FULL_DOMAIN;
            case FILLING -> isQueue ? Remedy.FILLING_QUEUE : Remedy.FILLING_DOMAIN;
            case DEAD_LETTERS -> Remedy.DEAD_LETTERS;
            case POISON -> isQueue ? Remedy.POISON_IN_QUEUE : Remedy.POISON_IN_TOPIC;
        };
    }
}
