package dev.belfry.shm.layout;

import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import net.openhft.chronicle.bytes.PointerBytesStore;

/**
 * Loads Chronicle without the lines that it logs while its classes initialise: where it was loaded
 * from, and that command line arguments may be needed, which is not true of the parts that are used
 * here. Three loggers are silenced, through java.util.logging and slf4j-simple. With another
 * backend, set {@code net.openhft} to OFF there.
 */
public final class ChronicleQuietly {
    private static final String CORE = "net.openhft.chronicle.core.";

    // Java's loggers are held weakly: so this field is static.
    private static final List<Logger> QUIET = List.of(
            Logger.getLogger(CORE + "internal.cleaner.ReflectionBasedByteBufferCleanerService"),
            Logger.getLogger(CORE + "internal.ClassUtil"),
            Logger.getLogger(CORE + "Jvm"));

    private ChronicleQuietly() {}

    /** Why it cannot be used in this JVM, in a sentence for the user; null if it can. Loads it, once; never throws. */
    public static String unavailableReason() {
        return Once.REASON;
    }

    private static final class Once {
        static final String REASON = load();
    }

    private static String load() {
        for (Logger logger : QUIET) {
            logger.setLevel(Level.OFF);
            System.setProperty(slf4jSimple(logger), "off"); // read as the logger is made, just below
        }
        try {
            new PointerBytesStore();
            return null;
        } catch (Throwable denied) {
            Throwable cause = denied;
            while (cause.getCause() != null) cause = cause.getCause();
            return "Chronicle Bytes cannot be used here: " + cause
                    + (cause instanceof UnsupportedOperationException
                            ? "; start the JVM with --sun-misc-unsafe-memory-access=allow"
                            : "");
        } finally {
            QUIET.forEach(logger -> System.clearProperty(slf4jSimple(logger)));
        }
    }

    private static String slf4jSimple(Logger logger) {
        return "org.slf4j.simpleLogger.log." + logger.getName();
    }
}
