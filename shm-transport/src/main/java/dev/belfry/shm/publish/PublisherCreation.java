package dev.belfry.shm.publish;

import dev.belfry.api.PublisherOptions;
import dev.belfry.shm.segment.Attached;
import dev.belfry.shm.segment.Handle;

/** One publisher's beginning: its flag, and the watch that comes by. Or nothing is left of it. */
public final class PublisherCreation {
    private final Publishers publishers;
    private final Attached queue;
    private final Handle handle;
    private final PublisherOptions options;
    private final Object flag = new Object();

    public PublisherCreation(Publishers publishers, PublisherOptions options) {
        this.publishers = publishers;
        this.queue = publishers.queue;
        this.handle = queue.handle;
        this.options = options;
    }

    public ShmPublisher create() {
        ShmPublisher publisher = null;
        boolean added = false;
        boolean created = false;
        boolean closed = false;
        try {
            queue.translating(this::raise);
            publisher = queue.translating(() -> new ShmPublisher(publishers, options, flag));
            publishers.add(publisher);
            added = true;
            PublisherWatch.watch(publishers);
            closed = queue.isClosed(); // here: the call itself might fail, and nobody would have the publisher
            created = true;
        } finally {
            boolean ours = !created && (!added || publishers.remove(publisher));
            if (ours) publishers.flags.lower(flag);
        }
        if (closed) publisher.close();
        return publisher;
    }

    private Object raise() {
        publishers.lastPublish.begins();
        publishers.flags.raise(flag, options.exclusive());
        return flag;
    }
}
