package dev.belfry.spi;

import dev.belfry.api.InUseException;
import java.util.List;

/**
 * What whoever runs a machine asks of a transport: to look without joining, to find what is wrong,
 * to clear up. Any thread.
 */
public interface QueueInspector {
    /** Without joining it: not a byte changes, nobody notices. Throws what opening it would throw. */
    QueueReport look(String queue);

    /**
     * Checks the machine and this queue, or all of them if null; the machine comes first. Changes
     * nothing, throws nothing for what it finds.
     */
    List<Finding> diagnose(String queue);

    /**
     * As {@link #diagnose(String)}; {@code deep}: also reads all that is stored, word by word and
     * each message once, and checks it against itself. That takes as long as reading it does.
     */
    default List<Finding> diagnose(String queue, boolean deep) {
        return diagnose(queue);
    }

    /** What provably belongs to nobody any more; all of it is repairable. Changes nothing. */
    List<Finding> leftOvers();

    /**
     * As {@link MessageQueueProvider#delete}, but not what somebody has open, and no named
     * subscription: {@link InUseException}, which says whose; between that look and the removal
     * nobody joins. What cannot be looked at, because it is damaged or another version's, goes if
     * nobody has it open. Another program's file stays: IncompatibleQueueException.
     */
    default boolean deleteUnused(String queue) {
        throw new UnsupportedOperationException("This transport cannot tell who uses '" + queue + "'");
    }

    /**
     * Takes the remedy of a repairable finding, after making sure again. False: it was not there
     * any more, or is in use by now.
     */
    boolean repair(Finding finding);
}
