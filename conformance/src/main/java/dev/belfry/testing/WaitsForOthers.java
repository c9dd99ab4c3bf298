package dev.belfry.testing;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;

/**
 * A test that waits for other processes, for other threads, or for time: on a very busy machine
 * even a generous patience ends. It may be run again when it fails. A deterministic test never may,
 * and never has this annotation. The JUnit tag is {@code Waits}.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Documented
@Tag("Waits")
public @interface WaitsForOthers {}
