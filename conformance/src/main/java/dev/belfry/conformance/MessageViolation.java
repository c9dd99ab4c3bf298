package dev.belfry.conformance;

import java.util.List;

/**
 * A message was lost, doubled, torn or out of order. No machine is so busy that this may happen, so
 * a test that failed with it is no flake, though it passes when it runs again:
 * {@code .ci/Reports.java} knows it by how its message begins.
 */
public final class MessageViolation extends AssertionError {
    private static final long serialVersionUID = 1;
    private static final String BEGIN = "MESSAGE VIOLATION: ";

    public MessageViolation(String what) {
        super(BEGIN + what);
    }

    /** {@code report}: what else is known of the run. */
    public static void requireNone(List<String> violations, Object report) {
        if (!violations.isEmpty()) throw new MessageViolation(violations + "\n" + report);
    }
}
