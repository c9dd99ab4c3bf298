package dev.belfry.shm.memory;

/**
 * Which of the two ways to memory and to the C library this JVM takes: Chronicle Bytes and JNA, or
 * {@code java.lang.foreign}, which JDKs have from 22 on. Decided once.
 */
public final class MemoryChoice {
    private static final String PROPERTY = "belfry.memory";
    private static final String FFM = "ffm";
    private static final String CHRONICLE = "chronicle";

    /** Is it {@code java.lang.foreign}? Then no class of Chronicle or JNA is loaded. */
    public static final boolean FOREIGN;

    /** Why what was asked for cannot be had, in a sentence for the user; null if it can. */
    static final String MISTAKE;

    static {
        String asked = System.getProperty(PROPERTY);
        FOREIGN = (asked == null ? isUnsafeDenied() || !isChronicleUsable() : asked.equals(FFM)) && Foreign.IS_THERE;
        MISTAKE = mistake(asked);
    }

    private MemoryChoice() {}

    /** JDK 23 and later, if the flag was given: then Chronicle need not be loaded to find out. */
    private static boolean isUnsafeDenied() {
        return "deny".equals(System.getProperty("sun.misc.unsafe.memory.access"));
    }

    /** A JDK may deny Unsafe without being told, or have none, and Chronicle may not be there. */
    private static boolean isChronicleUsable() {
        return new ChronicleMemory().unavailableReason() == null;
    }

    private static String mistake(String asked) {
        if (asked == null || asked.equals(CHRONICLE) || FOREIGN) return null;
        return asked.equals(FFM)
                ? PROPERTY + "=" + FFM + " needs JDK 22 or later; this is "
                        + Runtime.version().feature()
                : PROPERTY + " is '" + asked + "'; it may be " + CHRONICLE + " or " + FFM;
    }

    static RawMemory memory() {
        return FOREIGN ? ForeignMemory.create() : new ChronicleMemory();
    }
}
