package dev.belfry.file;

import dev.belfry.api.QueueConfig;
import dev.belfry.spi.QueueUri;
import java.nio.file.Files;

/** {@code tiny:NAME}: keeps its history in files of 4 KiB, and is full with what a queue in memory would have. */
public final class TinyFilesProvider extends SmallFilesProvider {
    static final String SCHEME = "tiny";

    private static final long SEGMENT = 4 << 10;

    public TinyFilesProvider() {
        super(SCHEME, SEGMENT);
    }

    @Override
    Settings settings(QueueUri uri, QueueConfig config) {
        Settings asked = super.settings(uri, config);
        return new Settings(
                asked.queue(),
                asked.domain(),
                asked.slots(),
                asked.sync(),
                asked.flushNanos(),
                asked.anyFileSystem(),
                asked.segmentSize(),
                asked.domain() || Files.exists(ROOT.resolve(uri.name()).resolve(LogDirectory.QUEUE))
                        ? 0 // a domain has none
                        : asked.queue().maxCapacity(),
                asked.keep());
    }
}
