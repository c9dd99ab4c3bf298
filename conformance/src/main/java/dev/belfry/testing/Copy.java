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
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * A class that searches again what another one does, with one thing changed: records that have trailers. There are
 * three such classes: {@code .ci/run} takes one, as the commit's hash says. All other builds run each.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@ExtendWith(Copy.Condition.class)
public @interface Copy {
    /** Tells the three apart: 0, 1 or 2. */
    int value();

    /** Reads the number of a class, whose nested ones run where it does. */
    final class Condition implements ExecutionCondition {
        /** For the JUnit platform. */
        public Condition() {}

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            return AnnotationSupport.findAnnotation(context.getElement(), Copy.class)
                    .map(copy -> Turn.result(copy.value()))
                    .orElseGet(() -> ConditionEvaluationResult.enabled("inside a copy"));
        }
    }
}
