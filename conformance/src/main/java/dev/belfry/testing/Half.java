package dev.belfry.testing;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Takes every second class of tests, as the hash of a commit says. Two hashes that differ in their eighth digit by one
 * take one half each. The next commit takes the other half, or perhaps the same one again. Without a hash each runs. By
 * halves are
 * <ul>
 * <li>classes that are {@link Slow}: each JDK runs each promise by a quick test as well;
 * <li>those that are {@link OneJdk}, too, so that no JDK runs them on every second commit: only in modules that did
 * not change, see {@link #CHANGED};
 * <li>quick ones, only in modules that run them on another JDK on each commit, see {@link #BOTH}.
 * </ul>
 * A slow test of a quick class runs where its class does: JUnit makes an instance for a test that it skips, and closes
 * nothing of it. Registered by its service file where JUnit searches for extensions.
 */
public final class Half implements ExecutionCondition {
    /**
     * The system property, or parameter of a run: the hash of a commit, or its first eight digits. Empty: all. A test
     * that runs tests with a defect says so, or on some commits it would run none.
     */
    public static final String COMMIT = "belfry.half";

    /** Likewise: the modules that changed, by commas. All did where it is not given. */
    public static final String CHANGED = "belfry.changed";

    /** Likewise: the modules whose quick classes run on both JDKs, by commas. All do where it is not given. */
    public static final String BOTH = "belfry.both";

    /** For the JUnit platform. */
    public Half() {}

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        String commit = context.getConfigurationParameter(COMMIT).orElse("");
        return commit.isEmpty() || !isByHalves(context) || has(outermost(context), commit)
                ? ConditionEvaluationResult.enabled("its half")
                : ConditionEvaluationResult.disabled("runs on this JDK on other commits than " + commit);
    }

    private static boolean isByHalves(ExtensionContext context) {
        if (!(context.getElement().orElse(null) instanceof Class)) return false;
        if (!context.getTags().contains("Slow")) return !names(context, BOTH);
        return !context.getTags().contains("OneJdk") || !names(context, CHANGED);
    }

    /** Whether the module whose tests run is among them. */
    private static boolean names(ExtensionContext context, String modules) {
        String module = Checkout.root().relativize(Path.of("").toAbsolutePath()).toString();
        return context.getConfigurationParameter(modules)
                .map(names -> List.of(names.split(",")).contains(module))
                .orElse(true);
    }

    /** Nested classes run where the class does that has them, or would run nowhere. So do those that a test runs. */
    private static Class<?> outermost(ExtensionContext context) {
        ExtensionContext outer = context;
        while (outer.getParent().flatMap(ExtensionContext::getTestClass).isPresent())
            outer = outer.getParent().orElseThrow();
        return outer.getRequiredTestClass().getNestHost();
    }

    private static boolean has(Class<?> type, String commit) {
        int digits = Integer.parseUnsignedInt(commit.substring(0, Math.min(8, commit.length())), 16);
        return (digits + type.getName().hashCode()) % 2 == 0;
    }
}
