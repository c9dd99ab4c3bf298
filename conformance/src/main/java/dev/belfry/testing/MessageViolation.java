package dev.belfry.testing;

import java.util.List;

/**
 * A message was lost, doubled, torn or out of order. No load on a machine can cause this, so a test
 * that failed with it is no flake, even if it passes when it runs again. {@code .ci/Reports.java}
 * recognises it by the beginning of its message.
 */
public final class MessageViolation extends AssertionError {
    private static final long serialVersionUID = 1;
    private static final String BEGIN = "MESSAGE VIOLATION: ";

    public MessageViolation(String what) {
        super(BEGIN + what);
    }

    /** {@code report}: what else is known about the run. */
    public static void requireNone(List<String> violations, Object report) {
        if (!violations.isEmpty()) throw new MessageViolation(violations + "\n" + report);
    }
}
