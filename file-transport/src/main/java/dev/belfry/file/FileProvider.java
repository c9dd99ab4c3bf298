package dev.belfry.file;

import dev.belfry.api.Capability;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.QueueConfig;
import dev.belfry.shm.ShmProvider;
import dev.belfry.shm.journal.DirectoryReads;
import dev.belfry.shm.posix.RealLibC;
import dev.belfry.spi.Log;
import dev.belfry.spi.MessageQueueProvider;
import dev.belfry.spi.ProviderVersion;
import dev.belfry.spi.QueueInspector;
import dev.belfry.spi.QueueUri;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * {@code file:/DIRECTORY}: queues between the processes of one Linux machine, that outlive it. Parameters of its own:
 * {@code sync}, when a publish returns; {@code flush}, how often what is not synced is; {@code anyFileSystem}; and
 * {@code slots} as {@code shm:} has it.
 */
public final class FileProvider implements MessageQueueProvider {
    private final ShmProvider shm = new ShmProvider();

    /** For the ServiceLoader; does nothing, loads nothing native. */
    public FileProvider() {}

    @Override
    public String scheme() {
        return "file";
    }

    @Override
    public String name() {
        return "belfry-file-transport";
    }

    @Override
    public String version() {
        return ProviderVersion.of(FileProvider.class);
    }

    @Override
    public Set<Capability> capabilities() {
        Set<Capability> all = EnumSet.copyOf(shm.capabilities());
        all.remove(Capability.LIST);
        all.add(Capability.PERSISTENT);
        all.add(Capability.AWAIT_DURABLE);
        return all;
    }

    @Override
    public Set<String> parameters() {
        return Set.of(
                Settings.SYNC,
                Settings.FLUSH,
                Settings.ANY_FILE_SYSTEM,
                Settings.SLOTS,
                Settings.MAX_SIZE,
                Settings.KEEP,
                Log.KIND);
    }

    @Override
    public String unavailableReason() {
        return shm.unavailableReason();
    }

    @Override
    public Optional<QueueInspector> inspector() {
        return shm.inspector().map(inspector -> new FileInspector(inspector, this, DirectoryReads.ofProcess()));
    }

    @Override
    public MessageQueue open(QueueUri uri, QueueConfig config) {
        Settings settings = Settings.of(uri, config, Segments.DEFAULT_SIZE);
        return new Door(RealLibC.load(), uri.toUri(), uri.name()).open(config, settings);
    }

    @Override
    public boolean delete(QueueUri uri, QueueConfig config) {
        return new Door(RealLibC.load(), uri.toUri(), uri.name()).delete();
    }
}
