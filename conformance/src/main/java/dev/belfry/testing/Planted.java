package dev.belfry.testing;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Tests that another test runs, to see them fail. They are skipped unless its launcher request sets
 * {@link #TWIN}: whatever a build selects, it finds no planted defect.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@ExtendWith(Planted.OnlyThere.class)
public @interface Planted {
    /** The configuration parameter of JUnit that must be {@code true}. */
    String TWIN = "belfry.twin";

    /** Skips them everywhere else. */
    final class OnlyThere implements ExecutionCondition {
        private OnlyThere() {}

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            return context.getConfigurationParameter(TWIN, Boolean::valueOf).orElse(false)
                    ? ConditionEvaluationResult.enabled("a test runs it")
                    : ConditionEvaluationResult.disabled("planted for another test, which runs it");
        }
    }
}
