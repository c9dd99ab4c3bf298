package dev.belfry.testing;

import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Takes every second class of the tests that are {@link Slow}, as the hash of a commit says: each JDK runs each promise
 * by a quick test as well. The next commit takes the other half, or perhaps the same one again. Two hashes that differ
 * in their eighth digit by one take one half each. All classes run that are {@link OneJdk}, and without a hash each.
 * Registered by its service file where JUnit searches for extensions.
 */
public final class Half implements ExecutionCondition {
    /** The system property: the hash of a commit, or its first eight digits. */
    public static final String COMMIT = "belfry.half";

    /** For the JUnit platform. */
    public Half() {}

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        String commit = System.getProperty(COMMIT);
        boolean isSlowClass = context.getElement().orElse(null) instanceof Class
                && context.getTags().contains("Slow")
                && !context.getTags().contains("OneJdk");
        return commit == null || !isSlowClass || has(outermost(context), commit)
                ? ConditionEvaluationResult.enabled("its half")
                : ConditionEvaluationResult.disabled("runs on this JDK on other commits than " + commit);
    }

    /** A nested class runs where the class does that has it, or it would run nowhere. */
    private static Class<?> outermost(ExtensionContext context) {
        ExtensionContext outer = context;
        while (outer.getParent().flatMap(ExtensionContext::getTestClass).isPresent())
            outer = outer.getParent().orElseThrow();
        return outer.getRequiredTestClass();
    }

    private static boolean has(Class<?> type, String commit) {
        int digits = Integer.parseUnsignedInt(commit.substring(0, Math.min(8, commit.length())), 16);
        return (digits + type.getName().hashCode()) % 2 == 0;
    }
}
