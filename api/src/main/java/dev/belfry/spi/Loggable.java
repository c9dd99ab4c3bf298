package dev.belfry.spi;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/**
 * An exception of the program as a log may have it. Its text may quote a stranger's message, as that of a
 * NumberFormatException does: control characters in it would begin a line of the log.
 */
final class Loggable extends Throwable {
    private static final long serialVersionUID = 1;

    private Loggable(String text, Throwable cause) {
        super(text, cause);
    }

    /** The same one, unless one of the texts is to be changed: then a copy of all, with the same places. */
    static Throwable of(Throwable thrown) {
        try {
            return isPrintable(thrown, seen()) ? thrown : copy(thrown, seen());
        } catch (RuntimeException odd) { // from methods of the program's own exception
            return new Loggable(thrown.getClass().getName(), null);
        }
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

    /** Null: there is none, or it was there already. */
    private static Loggable copy(Throwable thrown, Set<Throwable> seen) {
        if (thrown == null || !seen.add(thrown)) return null;
        Loggable copy = new Loggable(Units.printable(String.valueOf(thrown)), copy(thrown.getCause(), seen));
        copy.setStackTrace(thrown.getStackTrace());
        for (Throwable one : thrown.getSuppressed()) {
            Loggable suppressed = copy(one, seen);
            if (suppressed != null) copy.addSuppressed(suppressed);
        }
        return copy;
    }

    /** As a stack trace begins: with the class of what was thrown. */
    @Override
    public String toString() {
        return getMessage();
    }
}
