package dev.belfry.api;

import dev.belfry.spi.MessageQueueProvider;
import dev.belfry.spi.QueueUri;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Providers for the tests of the look-up; each nested class is one that ServiceLoader can be told to load. */
public class FakeProvider implements MessageQueueProvider {
    static QueueUri opened;
    static QueueConfig openedWith;
    static QueueUri deleted;
    static QueueConfig deletedWith;
    static QueueConfig listedWith;

    private final String scheme;
    private final String name;
    private final Set<Capability> capabilities;

    FakeProvider(String scheme, String name, Set<Capability> capabilities) {
        this.scheme = scheme;
        this.name = name;
        this.capabilities = capabilities;
    }

    public static final class Shm extends FakeProvider {
        public Shm() {
            super("shm", "belfry-shm-transport", EnumSet.allOf(Capability.class));
        }

        @Override
        public Set<String> parameters() {
            return Set.of("slots");
        }
    }

    public static final class Mem extends FakeProvider {
        public Mem() {
            super("mem", "belfry-mem-transport", EnumSet.allOf(Capability.class));
        }
    }

    public static final class OtherShm extends FakeProvider {
        public OtherShm() {
            super("shm", "other-shm", EnumSet.allOf(Capability.class));
        }
    }

    public static final class Poor extends FakeProvider {
        public Poor() {
            super("poor", "poor-transport", EnumSet.of(Capability.NAMED, Capability.POSITIONS));
        }
    }

    public static final class Elsewhere extends FakeProvider {
        public Elsewhere() {
            super("shm", "belfry-shm-transport", EnumSet.allOf(Capability.class));
        }

        @Override
        public String unavailableReason() {
            return "futexes need Linux; this is Mac OS X";
        }
    }

    public static final class ThrowingConstructor extends FakeProvider {
        public ThrowingConstructor() {
            super("bad", "bad", Set.of());
            throw new IllegalStateException("constructor");
        }
    }

    public static final class MissingLibrary extends FakeProvider {
        public MissingLibrary() {
            super("bad", "bad", Set.of());
            throw new NoClassDefFoundError("com/sun/jna/Native");
        }
    }

    public static final class FailingAnswer extends FakeProvider {
        public FailingAnswer() {
            super("bad", "bad", Set.of());
        }

        @Override
        public String version() {
            throw new AssertionError("version");
        }
    }

    @Override
    public String scheme() {
        return scheme;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String version() {
        return "0.1";
    }

    @Override
    public Set<Capability> capabilities() {
        return capabilities;
    }

    @Override
    public MessageQueue open(QueueUri uri, QueueConfig config) {
        opened = uri;
        openedWith = config;
        return null;
    }

    @Override
    public boolean delete(QueueUri uri, QueueConfig config) {
        deletedWith = config;
        deleted = uri;
        return true;
    }

    @Override
    public List<QueueInfo> list(QueueConfig config) {
        listedWith = config;
        return List.of(new QueueInfo(new QueueUri(scheme, "prices", java.util.Map.of()).toUri(), null, "foreign"));
    }
}
