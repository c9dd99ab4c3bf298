package dev.belfry.jakarta.client;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/**
 * An exception of the program as a log may have it: the classes and the places, of its causes too, and no text. The
 * text may quote a body or a property, as that of a NumberFormatException does.
 */
final class Textless extends Throwable {
    private static final long serialVersionUID = 1;

    private Textless(String type, Throwable cause) {
        super(type, cause);
    }

    static Throwable of(Throwable thrown) {
        try {
            return of(thrown, Collections.newSetFromMap(new IdentityHashMap<>()));
        } catch (Throwable odd) { // from methods of the program's own exception
            return new Textless(thrown.getClass().getName(), null);
        }
    }

    /** Null: there is none, or it was there already. */
    private static Textless of(Throwable thrown, Set<Throwable> seen) {
        if (thrown == null || !seen.add(thrown)) return null;
        Textless copy = new Textless(thrown.getClass().getName(), of(thrown.getCause(), seen));
        copy.setStackTrace(thrown.getStackTrace());
        for (Throwable one : thrown.getSuppressed()) {
            Textless suppressed = of(one, seen);
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
