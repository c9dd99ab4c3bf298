package dev.belfry.spi;

import dev.belfry.api.InUseException;
import dev.belfry.api.Message;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * For operators of a machine: shows queues without joining them, finds what is wrong, and removes
 * left-overs. Any thread may call it.
 */
public interface QueueInspector {
    /** The queues of this machine that can be found without being named, in order. */
    List<String> names();

    /** The queues in this directory; itself alone if it is a queue, no directory, or not to be read. */
    default List<String> namesIn(String directory) {
        return List.of(directory);
    }

    /**
     * Does not join the queue: not a byte changes, and no process notices. Throws what opening it would throw, and a
     * {@link NoAnswerException} after some seconds.
     */
    QueueReport look(String queue);

    /**
     * As {@link #look}: asks a domain's log without joining it. The question may read while it runs. Calls that would
     * change the log, hold it or wait for it are refused: UnsupportedOperationException. So is a queue that is no
     * domain, by an IncompatibleQueueException.
     */
    <T> T observe(String domain, Function<Log, T> question);

    /**
     * Checks the machine and this queue, or all queues if null; the machine comes first. Changes nothing, and throws
     * nothing for what it finds. If {@code deep}, it also reads all that is stored, word by word and each message once,
     * and compares it with itself. That takes as long as reading all messages.
     */
    default List<Finding> diagnose(String queue, boolean deep) {
        return diagnoseAll(queue == null ? null : List.of(queue), deep, Progress.NOBODY);
    }

    /** Told by a deep check, for each MiB or so of a queue's log. */
    interface Progress {
        Progress NOBODY = (subject, done, bytes) -> {};

        void at(String subject, long done, long bytes);
    }

    /** The same of these queues, or of all if null; of the machine once. */
    List<Finding> diagnoseAll(List<String> queues, boolean deep, Progress told);

    /**
     * Measures what a publish has to wait for on the disk of each of these queues: a file is made there, synced and
     * removed again. Nothing else here makes one.
     */
    default List<Finding> measure(List<String> queues) {
        return List.of();
    }

    /** The things that provably no process uses any more; all are repairable. Changes nothing. */
    List<Finding> leftOvers();

    /**
     * As {@link MessageQueueProvider#delete}, but refuses a queue that a process has open, or with a named
     * subscription: an {@link InUseException} that names them. No process can join between this check and the removal.
     * A queue that cannot be read, because it is damaged or of another version, is removed if no process has it open.
     * Another program's file stays: IncompatibleQueueException.
     */
    boolean deleteUnused(String queue);

    /**
     * The part of its history that a queue keeps for nobody: {@code needed} (none), {@code all}, a duration, a size, or
     * both. {@code next}: from now on; null: as it is.
     */
    default String keep(String queue, String next) {
        throw new IllegalArgumentException("'" + queue + "' is no queue of files: it keeps no history");
    }

    /**
     * Copies a queue into a directory that is not there yet, also while processes use it. The copy is a queue of its
     * own. The answer says what was made, {@code uri} first.
     */
    default Map<String, Object> backup(String queue, String directory, Progress told) {
        throw new IllegalArgumentException("'" + queue + "' is no queue of files: it has no directory to copy");
    }

    /** Told by {@link #salvage}, in the order of the log. */
    interface Salvaged {
        /** First: so many bytes of the log are read at most, and its queue had this {@code maxCapacity}. */
        void begins(long bytes, long maxCapacity);

        void message(Message proven);

        /** These messages, none if {@code last} is below {@code first}, were in bytes of which nothing is proven. */
        void gap(long first, long last, long offset, long bytes);
    }

    /** Hands out each message of a queue that can be proven, also behind damage. Changes nothing. */
    void salvage(String queue, Salvaged found, Progress told);

    /**
     * Does the remedy of a repairable finding, after checking the finding again. False: it was no
     * longer true, or the object is in use by now.
     */
    boolean repair(Finding finding);
}
