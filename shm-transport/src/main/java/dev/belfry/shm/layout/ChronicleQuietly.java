package dev.belfry.shm.layout;

import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import net.openhft.chronicle.bytes.PointerBytesStore;

/**
 * Loads Chronicle without what it says while its classes initialise: where it was loaded from, and that command line arguments may be needed, which
 * none of what we use needs. Quietened are three loggers, through java.util.logging and slf4j-simple; another backend sets {@code net.openhft} to OFF itself.
 */
final class ChronicleQuietly {
    private static final String CORE = "net.openhft.chronicle.core.";

    // Java's loggers are held weakly: hence a static field.
    private static final List<Logger> QUIET = List.of(
            Logger.getLogger(CORE + "internal.cleaner.ReflectionBasedByteBufferCleanerService"),
            Logger.getLogger(CORE + "internal.ClassUtil"),
            Logger.getLogger(CORE + "Jvm"));

    private ChronicleQuietly() {}

    static void load() {
        for (Logger logger : QUIET) {
            logger.setLevel(Level.OFF);
            System.setProperty(slf4jSimple(logger), "off"); // read as the logger is made, just below
        }
        new PointerBytesStore();
        QUIET.forEach(logger -> System.clearProperty(slf4jSimple(logger)));
    }

    private static String slf4jSimple(Logger logger) {
        return "org.slf4j.simpleLogger.log." + logger.getName();
    }
}
