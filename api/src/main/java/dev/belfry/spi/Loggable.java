package dev.belfry.spi;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.slf4j.LoggerFactory;
import org.slf4j.helpers.NOPLoggerFactory;

/**
 * An exception of the program as a log may have it. Its text may quote a stranger's message, as that of a
 * NumberFormatException does: control characters in it would begin a line of the log.
 */
public final class Loggable extends Throwable {
    private static final long serialVersionUID = 1;

    private Loggable(String text, Throwable cause) {
        super(text, cause);
    }

    /** Returns the same one, unless one of the texts is to be changed: then a copy of all, with the same places. */
    static Throwable of(Throwable thrown) {
        try {
            if (isPrintable(thrown, seen())) return thrown;
            return copy(thrown, each -> Units.printable(String.valueOf(each)), seen());
        } catch (RuntimeException odd) { // from methods of the program's own exception
            return new Loggable(thrown.getClass().getName(), null);
        }
    }

    /** The classes and the places, of its causes too, and no text: that may quote a body or a property. */
    public static Throwable withoutTexts(Throwable thrown) {
        try {
            return copy(thrown, each -> each.getClass().getName(), seen());
        } catch (Throwable odd) { // as above
            return new Loggable(thrown.getClass().getName(), null);
        }
    }

    /** Tells stderr, where SLF4J has no backend, and once; {@code said} is of this kind of text. */
    public static void withoutBackend(AtomicBoolean said, String text) {
        if (LoggerFactory.getILoggerFactory() instanceof NOPLoggerFactory && !said.getAndSet(true))
            System.err.println(Units.printable("Belfry: " + text));
    }

    private static Set<Throwable> seen() {
        return Collections.newSetFromMap(new IdentityHashMap<>());
    }

    private static boolean isPrintable(Throwable thrown, Set<Throwable> seen) {
        if (thrown == null || !seen.add(thrown)) return true;
        String text = String.valueOf(thrown);
        if (!text.equals(Units.printable(text)) || !isPrintable(thrown.getCause(), seen)) return false;
        for (Throwable one : thrown.getSuppressed()) if (!isPrintable(one, seen)) return false;
        return true;
    }

    /** Answers null if there is none, or if it was there already. */
    private static Loggable copy(Throwable thrown, Function<Throwable, String> text, Set<Throwable> seen) {
        if (thrown == null || !seen.add(thrown)) return null;
        Loggable copy = new Loggable(text.apply(thrown), copy(thrown.getCause(), text, seen));
        copy.setStackTrace(thrown.getStackTrace());
        for (Throwable one : thrown.getSuppressed()) {
            Loggable suppressed = copy(one, text, seen);
            if (suppressed != null) copy.addSuppressed(suppressed);
        }
        return copy;
    }

    /** Begins as a stack trace does, with the class of what was thrown. */
    @Override
    public String toString() {
        return getMessage();
    }
}
