package dev.belfry.shm;

import dev.belfry.api.Claim;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.Publisher;
import dev.belfry.api.PublisherOptions;
import dev.belfry.shm.journal.Leader;
import dev.belfry.shm.publish.Publishers;
import dev.belfry.shm.publish.ShmPublisher;
import dev.belfry.shm.segment.Attached;
import dev.belfry.shm.segment.Handle;
import dev.belfry.shm.segment.Subscriptions;
import dev.belfry.spi.Log;
import dev.belfry.spi.QueueUri;
import java.net.URI;

/** What the tests of other packages need of this one, and no other code does. */
public final class Inside {
    private Inside() {}

    /** Joined already: as the provider makes it of a handle. */
    public static MessageQueue newQueue(URI uri, Handle handle) {
        return new ShmQueue(uri, handle);
    }

    /** No wait of its publishers counts as long, however slow the machine is. */
    public static void noWaitIsLong(MessageQueue queue) {
        dev.belfry.shm.publish.Inside.noWaitIsLong(publishers(queue));
    }

    public static Handle handle(MessageQueue queue) {
        return ((ShmQueue) queue).handle;
    }

    /** Of a queue whose log lies in files. */
    public static Leader leader(MessageQueue queue) {
        return (Leader) publishers(queue).disk;
    }

    /** What the watch does now and then. False: it will not come again. */
    public static boolean watch(MessageQueue queue) {
        dev.belfry.shm.publish.Inside.watch(publishers(queue));
        return isWatched(queue);
    }

    public static Publishers publishers(MessageQueue queue) {
        return ((ShmQueue) queue).publishers;
    }

    /** Another check comes. */
    public static boolean isWatched(MessageQueue queue) {
        return dev.belfry.shm.publish.Inside.isWatched(publishers(queue));
    }

    public static Subscriptions subscriptions(MessageQueue queue) {
        return attached(queue).subscriptions;
    }

    public static Attached attached(MessageQueue queue) {
        return ((ShmQueue) queue).attached;
    }

    /** No publisher's flag is raised for it. */
    public static Publisher newPublisher(MessageQueue queue, PublisherOptions options) {
        return dev.belfry.shm.publish.Inside.newPublisher(publishers(queue), options);
    }

    /** Of a queue of this kind; it appends by this publisher. */
    public static Log newLog(MessageQueue queue, Publisher publisher) {
        return new ShmDomain(QueueUri.parse(queue.uri().toString()), (ShmQueue) queue, (ShmPublisher) publisher);
    }

    /** Open still, and of this thread. */
    public static boolean isMine(Claim claim) {
        return dev.belfry.shm.publish.Inside.isMine(claim);
    }
}
