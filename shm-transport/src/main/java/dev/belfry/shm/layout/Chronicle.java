package dev.belfry.shm.layout;

import net.openhft.chronicle.core.UnsafeMemory;

/**
 * Whether Chronicle may access memory in this JVM. Asks its {@link UnsafeMemory} alone, which is
 * all that {@link SharedBytes} uses unless a test has given it stores: the class initialisers of a
 * store take as long as a fifth of a start, and speak.
 */
public final class Chronicle {
    private Chronicle() {}

    /**
     * Why it cannot be used, in a sentence for the user; null if it can. Tried once; never throws.
     */
    public static String unavailableReason() {
        return Once.REASON;
    }

    private static final class Once {
        static final String REASON = attempt();
    }

    private static String attempt() {
        try {
            long memory = UnsafeMemory.INSTANCE.allocate(Long.BYTES);
            UnsafeMemory.INSTANCE.freeMemory(memory, Long.BYTES);
            if (BufferFields.ADDRESS < 0)
                return "Chronicle Bytes cannot be used here: this JDK does not tell addresses of buffers";
            return null;
        } catch (Throwable denied) {
            Throwable cause = denied;
            while (cause.getCause() != null) cause = cause.getCause();
            return "Chronicle Bytes cannot be used here: " + cause
                    + (cause instanceof UnsupportedOperationException
                            ? "; start the JVM with --sun-misc-unsafe-memory-access=allow"
                            : "");
        }
    }
}
