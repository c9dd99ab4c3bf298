package dev.belfry.spi;

import java.util.Objects;

/**
 * One result of a check: what was checked, what was found, what to do.
 *
 * @param check which check it was, always the same word: {@code stuck-lock}
 * @param subject what it is about: a queue's URI, a file, the machine
 * @param remedy the next step, a sentence; empty if there is none
 * @param repairable whether {@link QueueInspector#repair} can take that step, provably without harm
 */
public record Finding(String check, Level level, String subject, String what, String remedy, boolean repairable) {
    /** How bad it is; tools judge by it alone. */
    public enum Level {
        OK("ok"),
        /** Good to know; nobody has to do anything. */
        INFORMATION("note"),
        /** Nothing is broken, but a user should check it. */
        NOTE("note"),
        /** Something is broken, and stays so until a person mends it. */
        PROBLEM("problem"),
        /** Something does not move. */
        STUCK("problem");

        /** Stands in the lines that {@code doctor} prints. */
        public final String word;

        Level(String word) {
            this.word = word;
        }

        public boolean isProblem() {
            return this == PROBLEM || this == STUCK;
        }
    }

    public Finding {
        for (Object each : new Object[] {check, level, subject, what, remedy}) Objects.requireNonNull(each);
    }

    public static Finding ok(String check, String subject, String what) {
        return new Finding(check, Level.OK, subject, what, "", false);
    }

    public static Finding note(String check, String subject, String what, String remedy) {
        return new Finding(check, Level.NOTE, subject, what, remedy, false);
    }

    public static Finding information(String check, String subject, String what, String remedy) {
        return new Finding(check, Level.INFORMATION, subject, what, remedy, false);
    }

    public static Finding problem(String check, String subject, String what, String remedy) {
        return new Finding(check, Level.PROBLEM, subject, what, remedy, false);
    }

    /** The same, and {@link QueueInspector#repair} takes the remedy. */
    public Finding andRepairable() {
        return new Finding(check, level, subject, what, remedy, true);
    }
}
