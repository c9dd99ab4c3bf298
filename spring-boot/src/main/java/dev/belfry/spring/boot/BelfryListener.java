package dev.belfry.spring.boot;

import dev.belfry.api.AckMode;
import dev.belfry.api.Codec;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A method of a bean that gets every message of a queue, one after the other, in a thread of its own.
 * It is {@code queue.createSubscriber(codec, options).setListener(...)}. It takes the value, and as
 * far as it wants them the {@code Message}, its {@code MessageProperties}, single ones by
 * {@link BelfryProperty}, and the {@code Subscriber}, for acknowledge. If it throws, the message comes again.
 *
 * <p>The type of the value is that of each message. So a parameter {@code List<Order>} takes messages that are lists,
 * and no batch of messages: they come one at a time. Such a listener fails at a message that is a single order.
 *
 * <p>Queues do not share work, so there is no concurrency: a second listener gets every message,
 * too. Use Jakarta Messaging and {@code @JmsListener} to share work among threads or processes.
 * @since 0.1
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface BelfryListener {
    /** The queue's name below {@code belfry.queues}. Or that of a bean that is a MessageQueue. */
    String queue();

    /**
     * The name of the subscription, which goes on where it stopped. Else each start begins at
     * {@code subscriber.start-at}.
     */
    String name() default "";

    /** By which {@link BelfryListeners} and the actuator stop and start it. Each has one of its own, or none. */
    String id() default "";

    /** {@code false}: it waits for {@link BelfryListeners#start}. */
    String autoStartup() default "true";

    /**
     * The queue, named as {@link #queue}, to which it publishes what it returns: then it answers the requests of a
     * {@code Requester}. Null is no answer.
     */
    String answers() default "";

    /**
     * A bean of this class, or else a new object. Default: the bean that is a {@code Codec} of the
     * value's type; or text, bytes, or JSON by {@code belfry-jackson}.
     */
    @SuppressWarnings("rawtypes")
    Class<? extends Codec> codec() default Codec.class;

    /** At most one; AUTO if none. */
    AckMode[] ack() default {};

    /**
     * After the last redelivery of a message at which it throws: {@code stop}, {@code skip}, or
     * {@code moveTo(shm:failed)}. Default: stop.
     */
    String onFailure() default "";
}
