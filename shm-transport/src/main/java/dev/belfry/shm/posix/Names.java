package dev.belfry.shm.posix;

/**
 * The names that are passed to C. They are checked in Java because the functions below treat odd
 * names in odd ways: JNA cuts at a NUL ("rel\0evil" became "rel"), {@code shm_open("/.")} opens the
 * directory, {@code sem_open("/..")} makes a file "sem...".
 */
final class Names {
    private static final int NAME_MAX = 255;

    /** glibc makes "sem.NAME" of it. */
    private static final int SEMAPHORE_MAX = NAME_MAX - "sem.".length();

    /** "/belfry.orders" or "belfry.orders" to "/belfry.orders". */
    static String sharedMemory(String name) {
        return checked(name, NAME_MAX);
    }

    /** As {@link #sharedMemory}, but at most 251 characters after the slash. */
    static String semaphore(String name) {
        return checked(name, SEMAPHORE_MAX);
    }

    private static String checked(String name, int max) {
        String bare = name.startsWith("/") ? name.substring(1) : name;
        if (bare.isEmpty() || bare.length() > max) {
            throw new IllegalArgumentException("a name has 1 to " + max + " characters, this one " + bare.length());
        }
        if (bare.charAt(0) == '.')
            throw new IllegalArgumentException("a name does not begin with a dot: " + quoted(name));
        for (int i = 0; i < bare.length(); i++) {
            char c = bare.charAt(i);
            boolean fine =
                    c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || "._-".indexOf(c) >= 0;
            if (!fine) {
                throw new IllegalArgumentException("a name consists of A-Z a-z 0-9 . _ - only: " + quoted(name));
            }
        }
        return "/" + bare;
    }

    private static String quoted(String name) {
        StringBuilder text = new StringBuilder("\"");
        for (char c : name.toCharArray()) {
            if (c >= ' ' && c < 127) text.append(c);
            else text.append(String.format("\\u%04x", (int) c));
        }
        return text.append('"').toString();
    }

    private Names() {}
}
