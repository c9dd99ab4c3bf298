package dev.belfry.testing;

import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Takes every second class of the tests that are {@link Slow}, as the hash of a commit says: each JDK runs each promise
 * by a quick test as well. The next commit takes the other half, or perhaps the same one again. Two hashes that differ
 * in their eighth digit by one take one half each. All classes run that are {@link OneJdk}, and without a hash each.
 * A slow test of a quick class runs always: JUnit makes an instance for a test that it skips, and closes nothing of it.
 * Registered by its service file where JUnit searches for extensions.
 */
public final class Half implements ExecutionCondition {
    /**
     * The system property, or parameter of a run: the hash of a commit, or its first eight digits. Empty: all. A test
     * that runs tests with a defect says so, or on some commits it would run none.
     */
    public static final String COMMIT = "belfry.half";

    /** For the JUnit platform. */
    public Half() {}

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        String commit = context.getConfigurationParameter(COMMIT).orElse("");
        boolean isSlowClass = context.getElement().orElse(null) instanceof Class
                && context.getTags().contains("Slow")
                && !context.getTags().contains("OneJdk");
        return commit.isEmpty() || !isSlowClass || has(outermost(context), commit)
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
