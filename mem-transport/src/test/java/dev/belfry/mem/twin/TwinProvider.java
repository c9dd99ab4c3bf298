package dev.belfry.mem.twin;

import dev.belfry.api.Capability;
import dev.belfry.api.Create;
import dev.belfry.api.IncompatibleQueueException;
import dev.belfry.api.MessageQueue;
import dev.belfry.api.QueueConfig;
import dev.belfry.api.QueueInfo;
import dev.belfry.mem.MemProvider;
import dev.belfry.spi.Log;
import dev.belfry.spi.MessageQueueProvider;
import dev.belfry.spi.QueueUri;
import java.net.URI;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * {@code mem:} with the defect that the URI asks for. Found only through
 * {@link KitFindsDefectsTest}'s class loader.
 */
public final class TwinProvider implements MessageQueueProvider {
    /** Of the run; only for what a provider says before it sees a URI. */
    static volatile Defect current = Defect.NONE;

    private final MemProvider mem = new MemProvider();

    public TwinProvider() {}

    @Override
    public String scheme() {
        return "twin";
    }

    @Override
    public String name() {
        return "twin";
    }

    @Override
    public String version() {
        return "0";
    }

    @Override
    public Set<Capability> capabilities() {
        Set<Capability> capabilities = EnumSet.copyOf(mem.capabilities());
        if (current == Defect.DOES_WHAT_IT_DOES_NOT_DECLARE) capabilities.remove(Capability.CLAIM);
        return capabilities;
    }

    @Override
    public Set<String> parameters() {
        return Set.of("defect", Log.KIND);
    }

    @Override
    public MessageQueue open(QueueUri uri, QueueConfig config) {
        Object given = config.attributes().get("defect");
        Defect defect = given == null ? Defect.NONE : Defect.valueOf(given.toString());
        if (defect == Defect.PRINTS_TO_STDERR) System.err.println("Hello from the twin");
        if (defect == Defect.LEAVES_A_THREAD_BEHIND) leaveAThread();
        try {
            MessageQueue real = mem.open(mem(uri), twisted(config, defect));
            return new TwinQueue(real, URI.create(uri.toString()), capabilities(), defect);
        } catch (IncompatibleQueueException e) {
            if (defect == Defect.MESSAGES_ARE_VAGUE) throw new IncompatibleQueueException("It is incompatible");
            throw e;
        }
    }

    private static void leaveAThread() {
        Thread thread = new Thread(() -> {
            try {
                Thread.sleep(20_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private static QueueConfig twisted(QueueConfig config, Defect defect) {
        QueueConfig.Builder b = QueueConfig.builder()
                .create(config.create())
                .capacity(config.capacity())
                .maxCapacity(config.maxCapacity())
                .allowGating(config.allowGating())
                .maxGateTime(config.maxGateTime())
                .deleteOnLastClose(config.deleteOnLastClose());
        switch (defect) {
            case IS_NEVER_FULL -> b.capacity(512 << 20).maxCapacity(512 << 20);
            case DOES_NOT_GROW -> b.maxCapacity(Math.min(config.maxCapacity(), config.capacity()));
            case ALLOW_GATING_IS_IGNORED -> b.allowGating(null);
            case MAX_GATE_TIME_IS_IGNORED -> b.maxGateTime((Duration) null);
            case LAST_CLOSE_KEEPS_THE_QUEUE -> b.deleteOnLastClose(null);
            case CREATE_NEW_OPENS -> b.create(config.create() == Create.CREATE_NEW ? null : config.create());
            default -> {}
        }
        Object kind = config.attributes().get(Log.KIND);
        if (kind != null && defect != Defect.DOMAIN_IS_A_PLAIN_QUEUE) b.attribute(Log.KIND, kind);
        return b.build();
    }

    @Override
    public boolean delete(QueueUri uri, QueueConfig config) {
        return current == Defect.DELETE_DOES_NOTHING || mem.delete(mem(uri), config);
    }

    @Override
    public List<QueueInfo> list(QueueConfig config) {
        return mem.list(config).stream()
                .map(q -> new QueueInfo(URI.create("twin:" + q.uri().getSchemeSpecificPart()), q.id(), q.problem()))
                .toList();
    }

    private static QueueUri mem(QueueUri uri) {
        return new QueueUri("twin", uri.name(), Map.of());
    }
}
