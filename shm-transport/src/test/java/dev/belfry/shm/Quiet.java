package dev.belfry.shm;

import java.lang.reflect.Field;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the library from telling of each of ten thousand deaths; slf4j-simple has no other switch
 * once its loggers are made.
 */
public final class Quiet implements AutoCloseable {
    private static final int OFF = 50;
    private static final List<String> TALKERS = List.of(
            "shm.segment.Handle",
            "shm.segment.Segment",
            "shm.ShmQueue",
            "shm.Claims",
            "shm.Bell",
            "shm.FullWait",
            "shm.segment.Subscriptions",
            "shm.segment.Joining",
            "shm.segment.Opening",
            "shm.segment.Leaving",
            "shm.segment.QueueFile",
            "shm.Growth",
            "shm.segment.SlotSemaphores",
            "shm.segment.OwnSemaphore",
            "shm.PublisherWatch",
            "spi.ListenerThread");

    private final Map<Logger, Object> levels = new HashMap<>();

    public Quiet() {
        for (String talker : TALKERS) {
            Logger logger = LoggerFactory.getLogger("dev.belfry." + talker);
            levels.put(logger, set(logger, OFF));
        }
    }

    private static Object set(Logger logger, Object level) {
        try {
            Field field = logger.getClass().getDeclaredField("currentLogLevel");
            field.setAccessible(true);
            Object before = field.get(logger);
            field.set(logger, level);
            return before;
        } catch (ReflectiveOperationException otherBackend) {
            return null;
        }
    }

    @Override
    public void close() {
        levels.forEach((logger, level) -> {
            if (level != null) set(logger, level);
        });
    }

    /** For a whole class of tests. */
    public static final class Always implements BeforeAllCallback, AfterAllCallback {
        private Quiet quiet;

        @Override
        public void beforeAll(ExtensionContext context) {
            quiet = new Quiet();
        }

        @Override
        public void afterAll(ExtensionContext context) {
            quiet.close();
        }
    }
}
