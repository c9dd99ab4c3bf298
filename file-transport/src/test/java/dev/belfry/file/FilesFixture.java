package dev.belfry.file;

import dev.belfry.api.MessageQueue;
import dev.belfry.api.MessageQueues;
import dev.belfry.conformance.TransportFixture;
import dev.belfry.testing.Patience;
import java.net.URI;

/** Queues in files of 4 KiB, which are full with what a queue in memory would have. */
interface FilesFixture extends TransportFixture {
    @Override
    default String scheme() {
        return TinyFilesProvider.SCHEME;
    }

    /** What publishers do not wait for is synced each second. */
    @Override
    default String parameters() {
        return "sync=os&anyFileSystem=true";
    }

    /** Files go a moment after what is in them: until then the oldest is not what it will be. */
    @Override
    default void overwrite(URI queue) {
        try (MessageQueue open = MessageQueues.open(queue + "?" + parameters())) {
            long oldest;
            do {
                oldest = open.stats().oldestPosition();
                Patience.pause(1000);
            } while (oldest != open.stats().oldestPosition());
        }
    }
}
