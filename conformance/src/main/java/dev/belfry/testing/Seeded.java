package dev.belfry.testing;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Instead of {@code @Test}: a search with a seed, which the method may take as its parameter
 * {@code long seed}.
 * <ul>
 * <li>It runs once with each seed written here: the same search each time.
 * <li>With {@code -Pluck}, see {@link Depth#LUCK}, it runs with fresh seeds instead, one after the
 * other. It ends when the time of {@code -Dbelfry.luck=} for each method has passed (by default 30
 * s), or when it fails. The last seed may take longer.
 * <li>{@code -Dbelfry.seed=N} runs only that seed, in any depth.
 * </ul> The seed is in the test's name. A fresh one is printed before it runs, as a test that hangs
 * or kills its JVM has no name. The JUnit tag is {@code Seeded}. With {@link Luck} beside it, a
 * test is repeated and runs only with {@code -Pluck}.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@TestTemplate
@Tag("Seeded")
@ExtendWith(Seeds.class)
public @interface Seeded {
    /** The seeds of the gate, chosen so that each operation and each planted mistake is met. */
    long[] value();

    /** Property with the one seed to run. */
    String SEED = "belfry.seed";

    /** The property that says for how long fresh seeds are tried, such as {@code 10min}. */
    String TIME = "belfry.luck";
}
