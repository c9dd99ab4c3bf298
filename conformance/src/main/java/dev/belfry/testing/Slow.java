package dev.belfry.testing;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;

/**
 * A test that costs more time than a person waits for, and whose promise a quicker one holds, too.
 * The quick form of the tests, {@code mvn verify}, leaves it to {@code -Prest}; {@code -Pgate} runs
 * both. On a class, a nested one or a method. The JUnit tag is {@code Slow}.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Documented
@Tag("Slow")
public @interface Slow {}
