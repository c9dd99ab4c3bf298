package dev.belfry.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Which of the tests that are {@link ByTurns} a run takes: every third, from the first, second or
 * third one, as the commit's hash says. The others are skipped, with a reason that names the hash.
 * Without a hash it takes all.
 */
public final class Turn implements ExecutionCondition {
    /** The system property: the hash of a commit, or its first eight digits. */
    public static final String COMMIT = "belfry.turn";

    private static final int TURNS = 3;
    private static final Pattern INVOCATION = Pattern.compile("\\[test-template-invocation:#(\\d+)]$");

    private Turn() {}

    /** Whether the test with this number has its turn; numbers begin with 0. */
    public static boolean has(int number) {
        String commit = System.getProperty(COMMIT);
        if (commit == null) return true;
        int digits = Integer.parseUnsignedInt(commit.substring(0, Math.min(8, commit.length())), 16);
        return number % TURNS == Integer.remainderUnsigned(digits, TURNS);
    }

    /** For what a factory returns, which JUnit asks no condition about. */
    public static Stream<DynamicTest> of(Stream<DynamicTest> all) {
        AtomicInteger number = new AtomicInteger();
        return all.map(test -> has(number.getAndIncrement())
                ? test
                : DynamicTest.dynamicTest(test.getDisplayName(), () -> assumeTrue(false, reason())));
    }

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        Matcher invocation = INVOCATION.matcher(context.getUniqueId());
        int number = invocation.find() ? Integer.parseInt(invocation.group(1)) - 1 : among(context.getElement());
        return number < 0 ? ConditionEvaluationResult.enabled("without turns") : result(number);
    }

    static ConditionEvaluationResult result(int number) {
        return has(number)
                ? ConditionEvaluationResult.enabled("its turn")
                : ConditionEvaluationResult.disabled(reason());
    }

    /** Which of its class's plain tests that are by turns a method is; -1 if it is none of them. */
    private static int among(Optional<AnnotatedElement> element) {
        if (!(element.orElse(null) instanceof Method method)) return -1;
        return Stream.of(method.getDeclaringClass().getDeclaredMethods())
                .filter(one -> one.isAnnotationPresent(Test.class))
                .filter(one -> AnnotationSupport.findRepeatableAnnotations(one, ExtendWith.class).stream()
                        .anyMatch(with -> List.of(with.value()).contains(Turn.class)))
                .map(Method::getName)
                .sorted()
                .toList()
                .indexOf(method.getName());
    }

    private static String reason() {
        return "has its turn on other commits than " + System.getProperty(COMMIT);
    }
}
