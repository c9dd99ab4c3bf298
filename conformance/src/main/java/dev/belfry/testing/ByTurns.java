package dev.belfry.testing;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Tests of tests: planted mistakes that others must notice, models that are searched again. Each
 * commit would show the same unless it changed just them. So {@code .ci/run} takes a third of the
 * invocations of each method, which {@link Turn} chooses by the commit's hash. All other builds run
 * them all. A factory of such tests returns {@link Turn#of}. A plain test has turns where its method
 * has this annotation, not its class: it may be what planted ones are compared with. So have builds
 * of users, which take minutes, each with a framework of its own.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Documented
@ExtendWith(Turn.class)
public @interface ByTurns {}
