package dev.belfry.examples;

import java.util.Locale;

/**
 * Whole lines on standard output that begin with the speaker: the program, or, from the same
 * process, the library.
 */
final class Speaker {
    private final String name;

    /** Before anything is logged: the logger's "time stamp" is a literal, the speaker's name. */
    Speaker(String name) {
        this.name = name;
        System.setProperty("org.slf4j.simpleLogger.showDateTime", "true");
        System.setProperty("org.slf4j.simpleLogger.dateTimeFormat", "'[" + name.replace("'", "''") + "]'");
    }

    /**
     * The library logs when the ring grows and, with {@code ./hello --verbose}, all that it does
     * with memory.
     */
    static Speaker narrating(String name) {
        String level = Boolean.getBoolean("examples.verbose") ? "debug" : "info";
        System.setProperty("org.slf4j.simpleLogger.log.dev.belfry", level);
        return new Speaker(name);
    }

    void say(String format, Object... values) {
        System.out.println("[" + name + "] " + String.format(Locale.ROOT, format, values));
    }
}
