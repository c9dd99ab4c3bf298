package dev.belfry.cli.command;

import dev.belfry.api.MessageQueueException;
import dev.belfry.spi.Finding;
import dev.belfry.spi.QueueInspector;

/**
 * The result of a finding's repair. One that is refused does not stop the next. {@code failure} is
 * null if it was not refused.
 */
record Repair(boolean done, String failure) {
    static final Repair NONE = new Repair(false, null);

    static Repair of(QueueInspector inspector, Finding finding) {
        try {
            return new Repair(inspector.repair(finding), null);
        } catch (MessageQueueException | IllegalArgumentException refused) {
            return new Repair(false, refused.getMessage());
        }
    }
}
