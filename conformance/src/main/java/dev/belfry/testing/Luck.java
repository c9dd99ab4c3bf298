package dev.belfry.testing;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A test whose verdict depends on luck or on the clock: a race that has to be hit, a limit on time
 * or on processor time. It runs with {@code -Pluck} only, see {@link Depth#LUCK}, and is skipped
 * otherwise. The JUnit tag is {@code Luck}.
 *
 * <p>A test that may also be repeated has {@link Seeded} beside it, with or without a use for the
 * seed: each repetition is then a test of its own, for as long as {@code -Dbelfry.luck=} says.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Documented
@Tag("Luck")
@ExtendWith(Luck.OnlyThere.class)
public @interface Luck {
    /** Skips what is tagged, in any other depth. */
    final class OnlyThere implements ExecutionCondition {
        private OnlyThere() {}

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            return Depth.chosen() == Depth.LUCK
                    ? ConditionEvaluationResult.enabled("this is -Pluck")
                    : ConditionEvaluationResult.disabled("needs -Pluck");
        }
    }
}
