package dev.belfry.bridge;

import dev.belfry.api.Capability;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.spi.PipelinedPublisher;

/** The choice among the outlets. */
final class Outlets {
    private Outlets() {}

    /** The one that the target's transport is made for. */
    static Outlet into(MessageQueue target, Progress progress) {
        PublisherOptions options = PublisherOptions.defaults();
        PipelinedPublisher.Factory pipelined;
        try {
            pipelined = target.unwrap(PipelinedPublisher.Factory.class);
        } catch (IllegalArgumentException hasNone) {
            boolean canRefuse = target.capabilities().contains(Capability.GATING);
            Publisher publisher = target.createPublisher(options);
            return target.capabilities().contains(Capability.AWAIT_DURABLE)
                    ? new DurableOutlet(publisher, canRefuse, target, progress)
                    : new PlainOutlet(publisher, canRefuse, progress);
        }
        return new PipelinedOutlet(pipelined.createPipelinedPublisher(options), progress);
    }
}
