package dev.belfry.mem;

import dev.belfry.api.Capability;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.QueueInfo;
import dev.belfry.spi.Errors;
import dev.belfry.spi.Log;
import dev.belfry.spi.MessageQueueProvider;
import dev.belfry.spi.ProviderVersion;
import dev.belfry.spi.QueueSettings;
import dev.belfry.spi.QueueUri;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** {@code mem:}, found by ServiceLoader. Holds the names of all queues; each change of them is atomic. */
public final class MemProvider implements MessageQueueProvider {
    private static final Set<Capability> CAPABILITIES = Collections.unmodifiableSet(EnumSet.complementOf(EnumSet.of(
            Capability.CROSS_PROCESS, Capability.CROSS_HOST, Capability.PERSISTENT, Capability.AWAIT_DURABLE)));
    private static final Map<String, MemLog> QUEUES = new TreeMap<>(); // also guards each log's handles

    /** For ServiceLoader. */
    public MemProvider() {}

    @Override
    public String scheme() {
        return "mem";
    }

    @Override
    public String name() {
        return "belfry-mem-transport";
    }

    @Override
    public String version() {
        return ProviderVersion.of(MemProvider.class);
    }

    @Override
    public Set<Capability> capabilities() {
        return CAPABILITIES;
    }

    @Override
    public Set<String> parameters() {
        return Set.of(Log.KIND);
    }

    @Override
    public MessageQueue open(QueueUri uri, QueueConfig config) {
        boolean domain = QueueSettings.isDomain(uri, config);
        synchronized (QUEUES) {
            MemLog log = QUEUES.get(uri.name());
            switch (QueueSettings.create(config)) {
                case CREATE_NEW -> {
                    if (log != null) throw Errors.exists(uri.name(), "this JVM");
                }
                case OPEN_EXISTING -> {
                    if (log == null)
                        throw Errors.notFound(
                                uri.name(),
                                "this JVM",
                                "mem: queues are not seen by other processes; use shm: for that.");
                }
                case CREATE_OR_OPEN -> {}
            }
            if (log != null && log.isDomain != domain) throw Errors.wrongKind(uri.toString(), log.isDomain);
            if (log != null) log.settings.requireCompatible(uri.toString(), config);
            else QUEUES.put(uri.name(), log = new MemLog(uri, QueueSettings.of(config), domain));
            log.handles++;
            return domain
                    ? new MemDomain(log, CAPABILITIES, MemProvider::left)
                    : new MemQueue(log, CAPABILITIES, MemProvider::left);
        }
    }

    /** A handle was closed. */
    private static void left(MemLog log) {
        synchronized (QUEUES) {
            if (--log.handles == 0 && log.settings.deleteOnLastClose())
                QUEUES.remove(log.uri.name(), log); // unless it was deleted and created again
        }
    }

    @Override
    public boolean delete(QueueUri uri, QueueConfig config) {
        synchronized (QUEUES) {
            MemLog log = QUEUES.remove(uri.name());
            if (log != null) log.unlinked = true;
            return log != null;
        }
    }

    @Override
    public List<QueueInfo> list(QueueConfig config) {
        synchronized (QUEUES) {
            return QUEUES.values().stream()
                    .map(log -> new QueueInfo(log.uri.toUri(), log.id, null))
                    .toList();
        }
    }
}
