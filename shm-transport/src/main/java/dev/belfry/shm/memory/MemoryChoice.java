package dev.belfry.shm.memory;

/**
 * Which of the two ways to memory and to the C library this JVM takes: Chronicle Bytes and JNA, or
 * {@code java.lang.foreign}, whose classes only a JDK from 22 on builds and finds. Decided once.
 */
public final class MemoryChoice {
    private static final String PROPERTY = "belfry.memory";
    private static final String FFM = "ffm";
    private static final String CHRONICLE = "chronicle";
    private static final String FOREIGN_MEMORY = "dev.belfry.shm.memory.ForeignMemory";

    /** Is it {@code java.lang.foreign}? Then no class of Chronicle or JNA is loaded. */
    public static final boolean FOREIGN;

    /** Why what was asked for cannot be had, in a sentence for the user; null if it can. */
    static final String MISTAKE;

    static {
        String asked = System.getProperty(PROPERTY);
        FOREIGN = (asked == null ? isUnsafeDenied() || !isChronicleUsable() : asked.equals(FFM)) && isThere();
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

    private static boolean isThere() {
        try {
            Class.forName(FOREIGN_MEMORY, false, MemoryChoice.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException | LinkageError older) {
            return false;
        }
    }

    private static String mistake(String asked) {
        if (asked == null || asked.equals(CHRONICLE) || FOREIGN) return null;
        if (!asked.equals(FFM)) return PROPERTY + " is '" + asked + "'; it may be " + CHRONICLE + " or " + FFM;
        int jdk = Runtime.version().feature();
        return jdk < 22
                ? PROPERTY + "=" + FFM + " needs JDK 22 or later; this is " + jdk
                : PROPERTY + "=" + FFM + " cannot be had: belfry-shm-transport was built by a JDK older than 22";
    }

    static RawMemory memory() {
        return FOREIGN ? create(RawMemory.class, FOREIGN_MEMORY) : new ChronicleMemory();
    }

    /** By the constructor without parameters of a class that an older JDK does not find. */
    public static <T> T create(Class<T> type, String name) {
        try {
            var constructor = Class.forName(name).getDeclaredConstructor();
            constructor.setAccessible(true);
            return type.cast(constructor.newInstance());
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(name, e);
        }
    }
}
