package dev.belfry.jakarta.overflow;

import dev.belfry.api.IncompatibleQueueException;
import dev.belfry.api.InsufficientResourcesException;
import dev.belfry.api.JournalFailedException;
import dev.belfry.api.NoProviderException;
import dev.belfry.api.QueueAccessDeniedException;
import dev.belfry.api.QueueClosedException;
import dev.belfry.api.QueueCorruptedException;
import dev.belfry.api.QueueFullException;
import dev.belfry.api.QueueNotFoundException;
import dev.belfry.api.UnsupportedCapabilityException;
import dev.belfry.jakarta.overflow.CompanionException.Why;
import dev.belfry.spi.Units;
import java.time.Duration;

/**
 * The words for what a companion has not done. A text of the queue that advises to end a subscription, to create it
 * again or to delete it is left out: that would destroy the pages.
 */
final class Failures {
    private final String subject;

    Failures(Binding binding) {
        subject = "Pages in '" + binding.uri() + "' ";
    }

    private CompanionException failure(Why why, String what, Throwable cause) {
        return new CompanionException(why, subject + what, cause);
    }

    /** The handle is of no use any more; a next one may be. */
    boolean isOver(RuntimeException failed) {
        return failed instanceof JournalFailedException || failed instanceof QueueClosedException;
    }

    CompanionException of(RuntimeException failed) {
        if (failed instanceof CompanionException told) return told;
        if (failed instanceof QueueFullException)
            return failure(
                    Why.FULL,
                    "find no room: its maxSize is used up, or its disk is full. Let consumers receive, or make room on"
                            + " that disk.",
                    null);
        if (failed instanceof InsufficientResourcesException)
            return failure(Why.FULL, "find no room: " + failed.getMessage(), failed);
        if (failed instanceof QueueNotFoundException)
            return failure(
                    Why.GONE,
                    "are not there: the directory was removed, or its disk is not mounted. Mount it, or put the"
                            + " directory back.",
                    null);
        if (failed instanceof QueueCorruptedException)
            return failure(
                    Why.DAMAGED,
                    "cannot be read: " + withoutAdvice(failed) + ". Put back a copy of the directory.",
                    failed);
        boolean isRefused = failed instanceof QueueAccessDeniedException
                || failed instanceof IncompatibleQueueException
                || failed instanceof UnsupportedCapabilityException
                || failed instanceof NoProviderException
                || failed instanceof IllegalArgumentException;
        return isRefused
                ? failure(Why.NOT_ALLOWED, "cannot be used: " + failed.getMessage(), failed)
                : failure(Why.HUNG, "wait for the disk: " + failed.getMessage(), failed);
    }

    /** Has the first sentence: the others say to seek past it, or to open another queue. */
    private static String withoutAdvice(RuntimeException failed) {
        return failed.getMessage().replaceFirst("\\. .*", "");
    }

    CompanionException full(String maxSize) {
        return failure(
                Why.FULL,
                "find no room: their maxSize of " + maxSize + " is used up, but for what moves the oldest of them. Let"
                        + " consumers receive.",
                null);
    }

    CompanionException fullDisk(long free, long kept) {
        return failure(
                Why.FULL,
                "find no room: their disk has " + Units.size(free) + " free, and " + Units.size(kept)
                        + " stay for others. Make room on it, or let consumers receive.",
                null);
    }

    CompanionException refused(Exception failed) {
        return failure(Why.HUNG, "wait for the disk: " + failed.getMessage() + ". Check it.", failed);
    }

    CompanionException closed() {
        return failure(Why.NOT_ALLOWED, "are closed in this process: their domain is, too.", null);
    }

    CompanionException interrupted() {
        return failure(Why.HUNG, "are opened by another thread, and this one was interrupted.", null);
    }

    CompanionException hung(Duration waited) {
        return failure(
                Why.HUNG,
                "wait for the disk, which has not answered for " + Units.duration(waited.toNanos())
                        + ". They go on when it does; check it.",
                null);
    }

    CompanionException gone(long position) {
        return failure(
                Why.GONE,
                "lack that at " + Units.number(position) + ": the directory was put back from a copy, made again, or"
                        + " emptied. Put back the right one.",
                null);
    }

    CompanionException damaged(long position, String what) {
        return failure(
                Why.DAMAGED,
                "are damaged: that at " + Units.number(position) + " " + what + ". Put back a copy of the directory.",
                null);
    }

    CompanionException newer(long position) {
        return failure(
                Why.NOT_ALLOWED,
                "are of a later release: that at " + Units.number(position) + ". Use that release here, too.",
                null);
    }
}
