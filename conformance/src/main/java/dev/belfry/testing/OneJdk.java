package dev.belfry.testing;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;

/**
 * A test whose answer no JDK changes: simulated schedules and crashes, models, texts, plain Java
 * over the heap, what another process decides. It runs wherever {@code mvn verify} does, but the
 * part of {@code .ci/run} on a newer JDK leaves it out. Never on what makes native calls, reads
 * memory off the heap, races, uses virtual threads, modules or flags, or starts or kills a JVM. The
 * JUnit tag is {@code OneJdk}.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Documented
@Tag("OneJdk")
public @interface OneJdk {}
