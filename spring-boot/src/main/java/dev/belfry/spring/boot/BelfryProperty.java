package dev.belfry.spring.boot;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A parameter of a listener that gets a property of the message: a String, boolean, int, long or double. An
 * object is null where there is none; for a primitive type the message then counts as failed.
 * @since 0.1
 */
@Documented
@Target(ElementType.PARAMETER)
@Retention(RetentionPolicy.RUNTIME)
public @interface BelfryProperty {
    /** In place of a name: the position of the message, for a long. */
    String POSITION = "@position";

    /** The property's name. */
    String value();
}
