package dev.belfry.shm.inspect;

import dev.belfry.api.QueueInfo;
import dev.belfry.shm.segment.Machine;
import dev.belfry.shm.segment.Segment;
import dev.belfry.spi.QueueInspector;
import java.util.Collection;

/** What the tests of other packages need of this one, and no other code does. */
public final class Inside {
    private Inside() {}

    /** What the deep check finds; closes the segment. */
    public static Collection<String> damage(Segment segment) {
        try (QueueView view = new QueueView(segment)) {
            return new DamageCheckup(view, QueueInspector.Progress.NOBODY)
                    .run(true)
                    .values();
        }
    }

    public static QueueInfo info(Machine machine, String queue) {
        return new ShmInspector(machine).info(queue);
    }
}
